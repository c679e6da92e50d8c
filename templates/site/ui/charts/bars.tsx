/** Bars over time, the oldest on the left. A table with the same numbers stands by every chart. */

import type { Tone } from "../parts/status";

/** One bar: its value, what colours it and what the pointer shows. */
export interface Bar {
  value: number;
  tone: Tone;
  label: string;
}

/** A chart of bars. */
export function Bars({ bars, label }: { bars: Bar[]; label: string }) {
  const top = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <div class="bars" role="img" aria-label={label}>
      {bars.map((bar, at) => (
        <span key={at} title={bar.label}>
          <i class={bar.tone} style={{ height: `${Math.max(3, (bar.value / top) * 100)}%` }} />
        </span>
      ))}
    </div>
  );
}
