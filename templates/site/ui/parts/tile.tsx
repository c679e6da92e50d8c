/** Tiles: one number each, with what it means and where it leads. */

import type { ComponentChildren } from "preact";
import type { Tone } from "./status";

/** A tile. */
export function Tile({ label, value, detail, tone, to }: { label: string; value: string; detail?: ComponentChildren; tone?: Tone; to?: string }) {
  const body = (
    <>
      <span class="label">{label}</span>
      <span class={`value ${tone ?? ""}`}>{value}</span>
      {detail && <span class="detail">{detail}</span>}
    </>
  );
  return to ? (
    <a class="tile" href={to}>
      {body}
    </a>
  ) : (
    <div class="tile">{body}</div>
  );
}
