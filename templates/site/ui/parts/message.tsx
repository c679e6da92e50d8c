/** What is said of an outcome: errors and warnings of engines, which may be a word or a page. */

import { toneOf } from "./status";

/** Longer messages than this, in characters or lines, are opened by the reader. */
const LONG = 300;
const MANY_LINES = 5;

/** A message in the colour of its status, wrapped. A long one begins closed, with its first lines shown. */
export function Message({ text, status }: { text: string; status: string }) {
  const look = `message ${toneOf(status)}`;
  if (text.length <= LONG && text.split("\n").length <= MANY_LINES) return <span class={look}>{text}</span>;
  return (
    <details class={look}>
      <summary>
        <span>{text}</span>
      </summary>
    </details>
  );
}
