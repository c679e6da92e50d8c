/**
 * The width of texts, to cut what does not fit: SVG and canvas have no ellipsis of their own.
 */

let context: CanvasRenderingContext2D | null | undefined;
const cut = new Map<string, string>();

/** The family of letters in pictures. */
export const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif';

/** The text, cut in its middle where it is wider than the room: names often differ at their ends. */
export function fitting(text: string, room: number, font: string): string {
  const key = `${font}|${room}|${text}`;
  const known = cut.get(key);
  if (known !== undefined) return known;
  const made = shortened(text.slice(0, 300), room, font);
  if (cut.size > 40_000) cut.clear();
  cut.set(key, made);
  return made;
}

function shortened(text: string, room: number, font: string): string {
  const width = measure(text, font);
  if (width <= room) return text;
  const letters = [...text];
  let low = 1;
  let high = letters.length - 1;
  const at = (count: number) => `${letters.slice(0, Math.ceil(count * 0.6)).join("")}…${letters.slice(letters.length - Math.floor(count * 0.4)).join("")}`;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(at(middle), font) <= room) low = middle;
    else high = middle - 1;
  }
  return at(low);
}

function measure(text: string, font: string): number {
  context ??= document.createElement("canvas").getContext("2d");
  if (!context) return text.length * 7;
  context.font = font;
  return context.measureText(text).width;
}
