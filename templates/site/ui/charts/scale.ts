/** The time axis of charts: which part of a run is shown, and where the marks are. */

/** A part of a run, in milliseconds since its start. */
export interface Range {
  from: number;
  to: number;
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000];

/** The marks of a range, about one in `gap` pixels. */
export function ticks(range: Range, width: number, gap = 90): number[] {
  const wanted = ((range.to - range.from) / Math.max(1, width)) * gap;
  const step = STEPS.find((size) => size >= wanted) ?? STEPS[STEPS.length - 1];
  const marks: number[] = [];
  for (let at = Math.ceil(range.from / step) * step; at <= range.to; at += step) marks.push(at);
  return marks;
}

/** A range made narrower or wider round a moment, within the whole. */
export function zoomed(range: Range, whole: Range, factor: number, around: number): Range {
  const from = around - (around - range.from) * factor;
  const to = around + (range.to - around) * factor;
  return to - from >= whole.to - whole.from ? whole : moved({ from, to: Math.max(to, from + 1) }, whole, 0);
}

/** A range moved by some milliseconds, within the whole. */
export function moved(range: Range, whole: Range, by: number): Range {
  const length = range.to - range.from;
  const from = Math.min(Math.max(whole.from, range.from + by), whole.to - length);
  return { from, to: from + length };
}
