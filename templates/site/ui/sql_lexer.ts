/**
 * A lexer for SQL with Jinja in it, good enough for colours.
 *
 * It never fails: what it does not know is plain text. Tokens joined give the text back, exactly.
 */

/** The class of a token: keyword, string, number, comment, Jinja, function, or plain. */
export type TokenKind = "k" | "s" | "n" | "c" | "j" | "f" | "";

/** A piece of text and its class. */
export type Token = [kind: TokenKind, text: string];

const KEYWORDS = new Set(
  (
    "all and any array as asc between by case cast cluster create cross current current_date current_timestamp date delete desc distinct drop else end " +
    "escape except exclude exists extract false fetch filter first following for from full grant group grouping having if ilike in inner insert intersect " +
    "interval into is join last lateral left like limit materialized merge natural not null nulls offset on or order outer over partition preceding " +
    "primary qualify range recursive replace right rollup row rows safe_cast select set similar struct table tablesample then time timestamp true " +
    "try_cast unbounded union unique unnest update using values view when where window with within without"
  ).split(" "),
);

// One alternative for each class, in the order in which they are tried.
const PATTERN = new RegExp(
  [
    "(\\{#[\\s\\S]*?(?:#\\}|$)|--[^\\n]*|/\\*[\\s\\S]*?(?:\\*/|$))", // comments
    "(\\{\\{[\\s\\S]*?(?:\\}\\}|$)|\\{%[\\s\\S]*?(?:%\\}|$))", // Jinja
    "('(?:[^'\\\\]|''|\\\\.)*(?:'|$))", // strings
    '("(?:[^"]|"")*"|`[^`]*`)', // quoted names
    "(\\b\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?\\b)", // numbers
    "([\\p{L}_][\\p{L}\\p{N}_$]*)", // words
  ].join("|"),
  "gu",
);

/** The tokens of a text. */
export function lexSql(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const found of text.matchAll(PATTERN)) {
    if (found.index > end) tokens.push(["", text.slice(end, found.index)]);
    end = found.index + found[0].length;
    tokens.push([kindOf(found, text, end), found[0]]);
  }
  if (end < text.length) tokens.push(["", text.slice(end)]);
  return tokens;
}

/** The tokens of each line. A token that spans lines is cut at their ends. */
export function lexLines(text: string): Token[][] {
  const lines: Token[][] = [[]];
  for (const [kind, piece] of lexSql(text)) {
    piece.split("\n").forEach((part, at) => {
      if (at > 0) lines.push([]);
      if (part) lines[lines.length - 1].push([kind, part]);
    });
  }
  if (lines.length > 1 && lines[lines.length - 1].length === 0) lines.pop();
  return lines;
}

function kindOf(found: RegExpMatchArray, text: string, end: number): TokenKind {
  const [, comment, jinja, string, , digits, word] = found;
  if (comment !== undefined) return "c";
  if (jinja !== undefined) return "j";
  if (string !== undefined) return "s";
  if (digits !== undefined) return "n";
  if (word === undefined) return "";
  if (KEYWORDS.has(word.toLowerCase())) return "k";
  return text[end] === "(" ? "f" : "";
}
