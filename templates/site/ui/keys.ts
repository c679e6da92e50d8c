/**
 * Keyboard shortcuts: a registry of what can be pressed now, which the help dialog lists.
 *
 * Keys are single (`c`, `?`, `ArrowLeft`), sequences (`g l`) or combined (`mod+k`: Ctrl, on a Mac Command). Those without a modifier can be
 * switched off (WCAG 2.1.4), and none of them works while a text is typed or a dialog is open.
 */

import { useEffect, useRef } from "preact/hooks";
import type { TextKey } from "./i18n";
import { keep, kept } from "./memory";

/** A shortcut that works now. */
export interface Shortcut {
  key: string;
  label: TextKey;
  action: () => void;
}

/** How long the second key of a sequence may take, in milliseconds. */
const PATIENCE = 1200;

const shortcuts: Shortcut[] = [];
let enabled = true;
let prefix = "";
let since = 0;

/** Offers a shortcut while the component is on the page. */
export function useKey(key: string, label: TextKey, action: () => void): void {
  const latest = useRef(action);
  latest.current = action;
  useEffect(() => {
    const shortcut: Shortcut = { key, label, action: () => latest.current() };
    shortcuts.push(shortcut);
    return () => void shortcuts.splice(shortcuts.indexOf(shortcut), 1);
  }, [key, label]);
}

/** The shortcuts that work now, in the order in which they came. */
export function activeShortcuts(): readonly Shortcut[] {
  return shortcuts;
}

/** Whether shortcuts without a modifier work. */
export function singleKeys(): boolean {
  return enabled;
}

/** Switches shortcuts without a modifier on or off, and remembers it. */
export function setSingleKeys(on: boolean): void {
  enabled = on;
  keep("keys", on ? "on" : "off");
}

/** Begins to listen. To be called once. */
export function watchKeys(): void {
  enabled = kept("keys") !== "off";
  document.addEventListener("keydown", pressed);
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const combined = event.ctrlKey || event.metaKey;
  if (!combined && (!enabled || isTyping(event.target) || document.querySelector("dialog[open]"))) return;
  const name = combined ? `mod+${event.key.toLowerCase()}` : event.key;
  const sequence = event.timeStamp - since < PATIENCE && prefix ? `${prefix} ${name}` : "";
  prefix = "";
  const found = findLast(sequence) ?? findLast(name);
  if (found) {
    event.preventDefault();
    found.action();
  } else if (shortcuts.some((shortcut) => shortcut.key.startsWith(`${name} `))) {
    prefix = name;
    since = event.timeStamp;
  }
}

/** The newest shortcut of a key wins: what is nearest to the reader was drawn last. */
function findLast(key: string): Shortcut | undefined {
  return shortcuts.findLast((shortcut) => shortcut.key === key);
}

function isTyping(target: EventTarget | null): boolean {
  // The focus stays for a moment in a dialog that was closed.
  if (!(target instanceof HTMLElement) || target.closest("dialog:not([open])")) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
