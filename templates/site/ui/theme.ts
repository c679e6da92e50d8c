/**
 * Light or dark: the reader's choice, or the system's.
 *
 * The choice is on `<html data-theme>` before the body is drawn, so that no page flashes in the wrong colours.
 */

import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "./memory";

/** What the reader chose. */
export type ThemeChoice = "auto" | "light" | "dark";

const CHOICES: readonly ThemeChoice[] = ["auto", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let choice: ThemeChoice = "auto";

/** Applies the choice of the address (`theme=`), else the remembered one. */
export function startTheme(asked: string | null): void {
  const wanted = asked ?? kept("theme");
  choice = CHOICES.find((known) => known === wanted) ?? "auto";
  apply();
  system.addEventListener("change", apply);
}

/** Chooses a theme and remembers it. */
export function setTheme(to: ThemeChoice): void {
  choice = to;
  keep("theme", to);
  apply();
}

/** The theme, kept up to date: what was chosen, and whether the page is dark now (canvases have to know). */
export function useTheme(): { choice: ThemeChoice; dark: boolean; set: (to: ThemeChoice) => void } {
  const [, redraw] = useState(0);
  useEffect(() => {
    const changed = () => redraw((n) => n + 1);
    listeners.add(changed);
    return () => void listeners.delete(changed);
  }, []);
  return { choice, dark: isDark(), set: setTheme };
}

function isDark(): boolean {
  return choice === "dark" || (choice === "auto" && system.matches);
}

function apply(): void {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  listeners.forEach((call) => call());
}
