/**
 * The methods of a selection: what a value is compared with (`src/graph/select/method/` of the command line).
 *
 * A method is parsed with its value, so that what is wrong is known before anything is chosen.
 */
import { distance } from "../search";
import { fromHere, namePattern, pathGlob, type Matcher } from "./pattern";

/** What is wrong, as a text of the catalogue with its parameters. */
export interface Said {
  key: `selector.${string}`;
  params: Record<string, string>;
}

/** Which of the later steps knows what a method means. */
export type Method =
  | { name: "fqn"; wanted: string; matcher: Matcher }
  | { name: "tag" | "group" | "file" | "layer"; matcher: Matcher }
  | { name: "package"; wanted: string; matcher: Matcher }
  | { name: "path"; wanted: string; matcher: Matcher }
  | { name: "source"; package: Matcher; source: Matcher; table: Matcher }
  | { name: "named"; kind: string; package: Matcher; named: Matcher }
  | { name: "access" | "resource_type" | "result" | "status"; wanted: string }
  | { name: "config"; keys: string; wanted: string }
  | { name: "column"; node: Method; column: string }
  | { name: "state" | "version"; wanted: string }
  | { name: "tests"; of: string }
  | { name: "absent"; of: string };

/** The methods of the command line, and `status`, which only this site has. */
export const METHODS = [
  "access",
  "column",
  "config",
  "exposure",
  "file",
  "fqn",
  "function",
  "group",
  "layer",
  "metric",
  "package",
  "path",
  "resource_type",
  "result",
  "saved_query",
  "selector",
  "semantic_model",
  "source",
  "source_status",
  "state",
  "status",
  "tag",
  "test_name",
  "test_type",
  "unit_test",
  "version",
] as const;

/** dbt's words for kinds of resource. */
export const RESOURCE_TYPES = [
  "analysis",
  "exposure",
  "function",
  "metric",
  "model",
  "saved_query",
  "seed",
  "semantic_model",
  "snapshot",
  "source",
  "test",
  "unit_test",
];

/** How a resource may compare with an earlier state. */
export const STATES = [
  "new",
  "old",
  "modified",
  "unmodified",
  "modified.body",
  "modified.configs",
  "modified.relation",
  "modified.persisted_descriptions",
  "modified.macros",
  "modified.contract",
];

const TEST_TYPES = ["generic", "singular", "data", "unit", "schema"];
export const VERSIONS = ["latest", "prerelease", "old", "none"];

/** The name of the method and the value. Without a name something with a `/` is a path, something with a file ending a file, else a name. */
export function split(text: string): [method: string, value: string] {
  const colon = text.indexOf(":");
  if (colon > 0 && /^[\p{Alphabetic}\p{N}_.]+$/u.test(text.slice(0, colon))) return [text.slice(0, colon), text.slice(colon + 1)];
  if (text.includes("/")) return ["path", text];
  return [/\.(sql|csv|py)$/i.test(text) ? "file" : "fqn", text];
}

/** Parses `[method[.argument]:]value`. */
export function parseMethod(text: string): Method | Said {
  const [full, value] = split(text);
  const point = full.indexOf(".");
  const [name, argument] = point < 0 ? [full, ""] : [full.slice(0, point), full.slice(point + 1)];
  const matcher = () => namePattern(value);
  switch (name) {
    case "fqn":
      return { name, wanted: value, matcher: matcher() };
    case "package":
      return { name, wanted: value, matcher: matcher() };
    case "tag":
    case "group":
    case "file":
    case "layer":
      return { name, matcher: matcher() };
    case "access":
    case "result":
    case "status":
      return { name, wanted: value };
    case "resource_type":
      return RESOURCE_TYPES.includes(value) ? { name, wanted: value } : notOneOf(name, value, RESOURCE_TYPES);
    case "state":
      return STATES.includes(value) ? { name, wanted: value } : notOneOf(name, value, STATES);
    case "version":
      return VERSIONS.includes(value) ? { name, wanted: value } : notOneOf(name, value, VERSIONS);
    case "config":
      return { name, keys: argument, wanted: value };
    case "path": {
      const glob = pathGlob(value);
      return typeof glob === "string"
        ? { key: "selector.pattern", params: { value, why: glob } }
        : { name, wanted: fromHere(value), matcher: glob };
    }
    case "source":
      return source(value);
    case "exposure":
    case "function":
    case "metric":
    case "saved_query":
    case "semantic_model":
      return named(name, value);
    case "unit_test": {
      const parsed = named(name, value);
      return "key" in parsed ? parsed : { name: "tests", of: name };
    }
    case "test_name":
      return { name: "tests", of: name };
    case "test_type":
      return TEST_TYPES.includes(value) ? { name: "tests", of: name } : notOneOf(name, value, TEST_TYPES);
    case "source_status":
      return value === "fresher" ? { name: "absent", of: name } : notOneOf(name, value, ["fresher"]);
    case "selector":
      return { name: "absent", of: name };
    case "column":
      return column(value);
    default:
      return { key: "selector.method", params: { method: name, known: near(name, METHODS) ?? METHODS.join(", ") } };
  }
}

function source(value: string): Method | Said {
  const parts = value.split(".");
  if (parts.length > 3) return { key: "selector.source", params: { value } };
  const [pack, name, table] = parts.length === 1 ? ["*", value, "*"] : parts.length === 2 ? ["*", ...parts] : parts;
  return { name: "source", package: namePattern(pack), source: namePattern(name), table: namePattern(table) };
}

/** `name` or `package.name`. */
function named(kind: string, value: string): Method | Said {
  const parts = value.split(".");
  if (parts.length > 2) return { key: "selector.named", params: { kind, value } };
  const [pack, name] = parts.length === 1 ? ["*", value] : parts;
  return { name: "named", kind, package: namePattern(pack), named: namePattern(name) };
}

/** `orders.amount`: what is before the last point is a selection of its own. */
function column(value: string): Method | Said {
  const point = value.lastIndexOf(".");
  if (point <= 0 || point + 1 === value.length) return { key: "selector.column", params: { value } };
  const node = parseMethod(value.slice(0, point));
  return "key" in node ? node : { name: "column", node, column: value.slice(point + 1) };
}

function notOneOf(method: string, value: string, allowed: readonly string[]): Said {
  return { key: "selector.value", params: { method, value, known: near(value, allowed) ?? allowed.join(", ") } };
}

/** The word that was probably meant. */
export function near(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const apart = distance(word, candidate, least - 1);
    if (apart < least) [best, least] = [candidate, apart];
  }
  return best;
}
