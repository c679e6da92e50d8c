/**
 * What can be typed next in the selector box: methods, their values, and names of nodes.
 */
import type { Core } from "../data";
import { METHODS, RESOURCE_TYPES, STATES, VERSIONS } from "./method";
import { operators } from "./selector";

/** A text that can be put in the place `from … to` of the box. */
export interface Candidate {
  text: string;
  from: number;
  to: number;
  what: "method" | "value" | "node";
}

/** How many are offered. */
const MOST = 12;

/** The methods that are worth offering: those that this site can answer. */
const OFFERED = METHODS.filter((method) => !["selector", "source_status", "test_name", "test_type", "unit_test"].includes(method));

/** What fits the term at the caret. `fold` makes texts alike that only case and accents tell apart. */
export function complete(core: Core, text: string, caret: number, fold: (text: string) => string): Candidate[] {
  const start = Math.max(text.lastIndexOf(" ", caret - 1), text.lastIndexOf(",", caret - 1)) + 1;
  const typed = text.slice(start, caret);
  const rest = operators(typed).rest;
  const from = start + typed.length - rest.length - (/\+\d*$/.exec(typed.slice(operatorLength(typed)))?.[0].length ?? 0);
  const behind = /^[^\s,+]*/.exec(text.slice(caret))![0].length;
  const colon = rest.indexOf(":");
  const place = { from, to: caret + behind };
  if (colon >= 0) {
    const values = valuesOf(core, rest.slice(0, colon));
    const value = fold(rest.slice(colon + 1));
    return best(values, value, fold).map((found) => ({ ...place, from: from + colon + 1, text: found, what: "value" }));
  }
  if (rest === "") return [];
  const written = (method: string) => (method === "config" ? "config.materialized:" : `${method}:`);
  const methods = OFFERED.filter((method) => method.startsWith(rest)).map((method): Candidate => ({ ...place, text: written(method), what: "method" }));
  const names = best(named(core), fold(rest), fold).map((found): Candidate => ({ ...place, text: found, what: "node" }));
  return [...methods.slice(0, 4), ...names].slice(0, MOST);
}

function operatorLength(typed: string): number {
  return /^@?(\d*\+)?/.exec(typed)![0].length;
}

/** Names that stand for one node: sources need their method. */
function named({ nodes, words }: Core): string[] {
  return nodes.name.map((name, node) => {
    const kind = words.kind[nodes.kind[node]];
    return ["source", "exposure", "metric"].includes(kind) ? `${kind}:${name}` : name;
  });
}

function valuesOf({ nodes, words }: Core, method: string): readonly string[] {
  const byKind = (kind: string) => nodes.name.filter((_, node) => words.kind[nodes.kind[node]] === kind);
  switch (method) {
    case "tag":
    case "config.tags":
      return words.tag;
    case "layer":
      return words.layer;
    case "package":
      return words.package;
    case "group":
    case "config.group":
      return words.group;
    case "config.materialized":
      return words.materialized;
    case "access":
      return ["public", "protected", "private"];
    case "resource_type":
      return RESOURCE_TYPES.filter((kind) => words.kind.includes(kind));
    case "state":
      return STATES;
    case "version":
      return VERSIONS;
    case "status":
      return [...new Set([...words.status, "pass", "warn", "fail"])];
    case "result":
      return words.status;
    case "path":
      return [...new Set(nodes.path.flatMap(folders))].sort();
    case "file":
      return nodes.path.map((path) => path.slice(path.lastIndexOf("/") + 1));
    case "source":
      return [...new Set(byKind("source").flatMap((name) => [name.split(".")[0], name]))];
    default:
      return byKind(method);
  }
}

function folders(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

/** What begins with the text, then what holds it. A text that is there already is not offered. */
function best(known: readonly string[], typed: string, fold: (text: string) => string): string[] {
  const begins: string[] = [];
  const holds: string[] = [];
  for (const text of known) {
    const at = fold(text).indexOf(typed);
    const isBegin = at === 0 || (at > 0 && text[at - 1] === ":");
    if (at < 0 || fold(text) === typed || /\s/.test(text)) continue;
    if (isBegin) begins.push(text);
    else if (holds.length < MOST) holds.push(text);
    if (begins.length >= MOST) break;
  }
  return [...new Set([...begins, ...holds])].slice(0, MOST);
}
