/** How something ended: an icon, a word and a colour, never the colour alone. */

import { tMaybe } from "../i18n";
import { Icon } from "./icon";

/** What a status means to a reader. */
export type Tone = "ok" | "warn" | "bad" | "idle";

const TONES: Record<string, Tone> = {
  success: "ok", pass: "ok", "no-op": "ok", reused: "ok", fresh: "ok",
  warn: "warn", tests_warned: "warn", stale: "warn", "partial success": "warn", interrupted: "warn",
  error: "bad", fail: "bad", failed: "bad", "runtime error": "bad", late: "bad", tests_failed: "bad",
};

/** The tone of a status. What is not known, not run or skipped is never good. */
export function toneOf(status: string): Tone {
  return TONES[status] ?? "idle";
}

/** A status as icon and word. */
export function Status({ value }: { value: string }) {
  const tone = toneOf(value);
  return (
    <span class={`status ${tone}`}>
      <Icon name={tone} />
      <span>{tMaybe("status", value)}</span>
    </span>
  );
}

/** A status as a filled badge, for heads of pages. */
export function StatusBadge({ value }: { value: string }) {
  const tone = toneOf(value);
  return (
    <span class={`badge ${tone}`}>
      <Icon name={tone} size={14} />
      {tMaybe("status", value)}
    </span>
  );
}
