/** A bar of shares of a whole. The numbers stand beside it, so it is hidden from screen readers. */

/** A bar: each part has a class that colours it. */
export function Meter({ parts, whole }: { parts: { tone?: string; value: number }[]; whole: number }) {
  return (
    <span class="meter" aria-hidden="true">
      {parts.map(({ tone, value }, at) => value > 0 && <i key={at} class={tone} style={{ width: `${(value / Math.max(whole, 1)) * 100}%` }} />)}
    </span>
  );
}
