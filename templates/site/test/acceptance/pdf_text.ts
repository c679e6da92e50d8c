/**
 * The text of a PDF that Chromium printed: enough of the format for that, and no more.
 *
 * Fonts are named for their objects (`/F5`); strings are numbers of glyphs, which the font's `ToUnicode` table turns into letters.
 */
import { inflateSync } from "node:zlib";

/** The text of all pages, without white space: where words end depends on places that are not looked at. */
export function pdfText(file: Buffer): string {
  const raw = file.toString("latin1");
  const objects = new Map<number, { head: string; stream: string }>();
  for (const found of raw.matchAll(/(?:^|\n)(\d+) 0 obj\s([\s\S]*?)endobj/g)) {
    const at = found[2].indexOf("stream");
    const body = at < 0 ? "" : found[2].slice(at).replace(/^stream\r?\n/, "").replace(/\r?\nendstream\s*$/, "");
    const head = at < 0 ? found[2] : found[2].slice(0, at);
    objects.set(Number(found[1]), { head, stream: body && /FlateDecode/.test(head) ? inflated(body) : body });
  }
  const fonts = new Map<string, Map<string, string>>();
  for (const [, name, object] of raw.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    const table = /\/ToUnicode (\d+) 0 R/.exec(objects.get(Number(object))?.head ?? "");
    if (table) fonts.set(name, letters(objects.get(Number(table[1]))?.stream ?? ""));
  }
  let text = "";
  for (const { stream } of objects.values()) {
    if (!/ T[jJ]\b/.test(stream)) continue;
    let font: Map<string, string> | undefined;
    for (const part of stream.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>/g)) {
      if (part[1]) font = fonts.get(part[1]);
      else for (const glyph of part[2].match(/.{4}/g) ?? []) text += font?.get(glyph.toUpperCase()) ?? "";
    }
  }
  return text.replace(/\s/g, "");
}

/** How many pages there are. */
export function pdfPages(file: Buffer): number {
  return file.toString("latin1").match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;
}

function inflated(text: string): string {
  try {
    return inflateSync(Buffer.from(text, "latin1")).toString("latin1");
  } catch {
    return "";
  }
}

/** Reads a table of glyphs: `<0003> <0020>` and `<0003> <0005> <0041>`. */
function letters(table: string): Map<string, string> {
  const found = new Map<string, string>();
  const decoded = (hex: string) => Buffer.from(hex, "hex").swap16().toString("utf16le");
  for (const [, block] of table.matchAll(/beginbfchar([\s\S]*?)endbfchar/g)) {
    for (const [, glyph, letter] of block.matchAll(/<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>/g)) found.set(glyph.toUpperCase(), decoded(letter));
  }
  for (const [, block] of table.matchAll(/beginbfrange([\s\S]*?)endbfrange/g)) {
    for (const [, from, to, letter] of block.matchAll(/<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>/g)) {
      for (let glyph = parseInt(from, 16); glyph <= parseInt(to, 16); glyph++) {
        found.set(glyph.toString(16).padStart(4, "0").toUpperCase(), String.fromCharCode(parseInt(letter, 16) + glyph - parseInt(from, 16)));
      }
    }
  }
  return found;
}
