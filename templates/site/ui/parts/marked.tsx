/** A name with the words of a query marked in it. */

import { fold } from "../i18n";

/** Marks where the words of `query` are in `text`. Folding may change the length of a text; then nothing is marked. */
export function Marked({ text, query }: { text: string; query: string }) {
  const folded = fold(text);
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (folded.length !== text.length || words.length === 0) return <>{text}</>;
  const on = new Array<boolean>(text.length).fill(false);
  for (const word of words) {
    const at = folded.indexOf(word);
    if (at >= 0) on.fill(true, at, at + word.length);
  }
  const parts: { text: string; on: boolean }[] = [];
  for (let at = 0; at < text.length; at++) {
    const last = parts[parts.length - 1];
    if (last && last.on === on[at]) last.text += text[at];
    else parts.push({ text: text[at], on: on[at] });
  }
  return <>{parts.map((part) => (part.on ? <mark>{part.text}</mark> : part.text))}</>;
}
