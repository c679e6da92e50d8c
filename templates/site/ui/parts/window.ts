/** Which rows of a long list are drawn: those on the screen and some round them. Ten thousand rows cost as much as fifty. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows beyond the screen's edges that are drawn all the same. */
const MARGIN = 12;

/** Lists up to this length are drawn whole, so that the browser's own search finds everything in them. */
const WHOLE = 100;

/** On paper lists up to this length are whole. */
const ON_PAPER = 5000;

/** The rows to draw, and the heights in pixels of what is left out above and below. */
export interface Span {
  from: number;
  to: number;
  above: number;
  below: number;
}

/** The span of a list in an element whose rows are about `row` pixels high; the height is measured as soon as rows are there. */
export function useSpan(count: number, row: number) {
  const box = useRef<HTMLElement>(null);
  const height = useRef(row);
  const [range, setRange] = useState({ from: 0, to: Math.min(count, 60) });
  const printing = usePrinting();
  const whole = count <= (printing ? ON_PAPER : WHOLE);
  useLayoutEffect(() => {
    if (whole) return;
    const look = () => {
      const element = box.current;
      if (!element) return;
      const drawn = element.querySelectorAll<HTMLElement>("[data-row]");
      if (drawn.length > 1) {
        const top = drawn[0].getBoundingClientRect().top;
        const bottom = drawn[drawn.length - 1].getBoundingClientRect().bottom;
        height.current = Math.max(16, (bottom - top) / drawn.length);
      }
      const offset = -element.getBoundingClientRect().top;
      const from = Math.max(0, Math.min(count - 1, Math.floor(offset / height.current)) - MARGIN);
      const to = Math.min(count, Math.ceil((offset + innerHeight) / height.current) + MARGIN);
      setRange((old) => (old.from === from && old.to === to ? old : { from, to: Math.max(to, from + 1) }));
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [count, whole]);
  const from = whole ? 0 : Math.min(range.from, Math.max(0, count - 1));
  const to = whole ? count : Math.min(range.to, count);
  const span: Span = { from, to, above: from * height.current, below: (count - to) * height.current };
  return { box, span, whole };
}

/** Whether the page is being put on paper: what changes by that is drawn before it is. */
function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useLayoutEffect(() => {
    const begin = () => setPrinting(true);
    const end = () => setPrinting(false);
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
    return () => {
      removeEventListener("beforeprint", begin);
      removeEventListener("afterprint", end);
    };
  }, []);
  return printing;
}
