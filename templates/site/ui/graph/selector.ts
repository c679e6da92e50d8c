/**
 * Selections: the grammar of `--select` and `--exclude`, `[@][N+][method[.argument]:]value[+[N]]`; a space joins, a comma intersects.
 *
 * It is the grammar of the command line (`src/graph/select/grammar.rs`), so that what is typed here can be run there. The box holds what
 * stands behind `transform ls`: selections, and what is left out behind `--exclude`.
 */
import { parseMethod, type Method, type Said } from "./method";

/** Something wrong, and where: places in the text. */
export interface Problem extends Said {
  from: number;
  to: number;
}

/** One criterion. */
export interface Term {
  text: string;
  from: number;
  to: number;
  method: Method;
  /** `+` before: how many steps to what the matches read; null for none. */
  parents: number | null;
  /** `+` behind: the same to what reads them. */
  children: number | null;
  /** `@`: what reads the matches, and all that those read. */
  childrensParents: boolean;
}

/** Terms with commas between. */
export interface Part {
  text: string;
  from: number;
  to: number;
  terms: Term[];
}

/** What the box holds. */
export interface Query {
  select: Part[];
  exclude: Part[];
}

const OPTIONS: Record<string, "select" | "exclude"> = { "--select": "select", "-s": "select", "--exclude": "exclude" };

/** Parses the text of the box. All that is wrong is told; what is right is in the query. */
export function parse(text: string): { query: Query; problems: Problem[] } {
  const query: Query = { select: [], exclude: [] };
  const problems: Problem[] = [];
  let into: "select" | "exclude" = "select";
  for (const found of unquoted(text).matchAll(/\S+/g)) {
    const word = found[0];
    const from = found.index;
    if (OPTIONS[word]) {
      into = OPTIONS[word];
    } else if (word.startsWith("--")) {
      problems.push({ key: "selector.option", params: { option: word }, from, to: from + word.length });
    } else {
      const parsed = part(word, from);
      if ("key" in parsed) problems.push(parsed);
      else query[into].push(parsed);
    }
  }
  return { query, problems };
}

/** The text with blanks for the quotes of a shell, which people copy with the selection. */
function unquoted(text: string): string {
  return text.replace(/(^|\s)(["'])(.*?)\2(?=\s|$)/g, (_, before: string, __, inner: string) => `${before} ${inner} `);
}

function part(text: string, from: number): Part | Problem {
  const to = from + text.length;
  const pieces = text.split(",");
  if (pieces.includes("")) return { key: "selector.comma", params: { text }, from, to };
  const terms: Term[] = [];
  let at = from;
  for (const piece of pieces) {
    const parsed = term(piece, at);
    if ("key" in parsed) return parsed;
    terms.push(parsed);
    at += piece.length + 1;
  }
  return { text, from, to, terms };
}

function term(text: string, from: number): Term | Problem {
  const to = from + text.length;
  const { childrensParents, parents, children, rest } = operators(text);
  if (childrensParents && children !== null) return { key: "selector.both", params: { text }, from, to };
  if (rest === "") return { key: "selector.nothing", params: { text }, from, to };
  const method = parseMethod(rest);
  if ("key" in method) return { ...method, from, to };
  return { text, from, to, method, parents: steps(parents), children: steps(children), childrensParents };
}

/** The operators of a term and what is between them. */
export function operators(text: string): { childrensParents: boolean; parents: string | null; children: string | null; rest: string } {
  const childrensParents = text.startsWith("@");
  let rest = childrensParents ? text.slice(1) : text;
  const before = /^(\d*)\+/.exec(rest);
  if (before) rest = rest.slice(before[0].length);
  const behind = /\+(\d*)$/.exec(rest);
  if (behind) rest = rest.slice(0, -behind[0].length);
  return { childrensParents, parents: before?.[1] ?? null, children: behind?.[1] ?? null, rest };
}

/** No digits mean all the way, and so does 0, as in dbt. */
function steps(digits: string | null): number | null {
  if (digits === null) return null;
  return Number(digits) > 0 ? Number(digits) : Infinity;
}

/** The command that lists the same in a terminal. */
export function command(text: string): string {
  const { query } = parse(text);
  const words = (parts: Part[]) => quoted(parts.map(commandPart).join(" "));
  const select = query.select.length > 0 ? ` --select ${words(query.select)}` : "";
  const exclude = query.exclude.length > 0 ? ` --exclude ${words(query.exclude)}` : "";
  const terms = [...query.select, ...query.exclude].flatMap((part) => part.terms);
  const compares = terms.some(({ method }) => ["state", "result", "status"].includes(method.name) || isFresher(method));
  return `transform ls${select}${exclude}${compares ? " --state path/to/earlier/target" : ""}`;
}

function isFresher(method: Method): boolean {
  return method.name === "absent" && method.of === "source_status";
}

/** `status:` is of this site: the command line has `result:`, which tells tests from what they test. */
function commandPart(part: Part): string {
  return part.terms.map((term) => (term.method.name === "status" ? term.text.replace("status:", "result:") : term.text)).join(",");
}

/** A text as one word of a shell. */
function quoted(text: string): string {
  return /^[\w@+:.,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
