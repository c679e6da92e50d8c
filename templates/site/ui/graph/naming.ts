/**
 * Selections that mean one node, or a group of nodes: what a click writes into the selector box.
 */
import type { Core } from "../data";
import { choose, fqn, isAnalysis } from "./choice";
import { around, graphOf, members } from "./graph";
import { parse } from "./selector";

/** Methods that only mean nodes of one kind. */
const BY_KIND = new Set(["source", "exposure", "metric", "semantic_model", "saved_query", "function"]);

/** The shortest selection that means a node and no other; a name alone may also be a folder's, or that of another package's node. */
export function selectorOf(core: Core, node: number): string {
  const kind = core.words.kind[core.nodes.kind[node]];
  const name = safe(core.nodes.name[node]);
  const full = fqn(core, node).map((part) => safe(part)).join(".");
  const pack = core.words.package[core.nodes.package[node]] ?? "";
  const candidates = BY_KIND.has(kind) ? [`${kind}:${name}`, `${kind}:${pack}.${name}`] : [name, full, `${full},resource_type:${kind}`];
  return candidates.find((text) => means(core, text, node)) ?? `${candidates[0]},path:${safe(core.nodes.path[node], "/")}`;
}

/** A selection of a node with what is so many steps away. No selection names an analysis: of that it is what it reads. */
export function selectorRound(core: Core, node: number, up = 1, down = 1): string {
  const steps = (count: number) => (count === Infinity ? "" : String(count));
  if (isAnalysis(core, node)) return up > 0 ? [...around(graphOf(core), node, "up")].map((parent) => selectorRound(core, parent, up - 1, 0)).join(" ") : "";
  return `${up > 0 ? `${steps(up)}+` : ""}${selectorOf(core, node)}${down > 0 ? `+${steps(down)}` : ""}`;
}

/** The id of a node that a selection round it does not name, so that it is drawn besides; null where there is no need. */
export function besides(core: Core, node: number): string | null {
  return isAnalysis(core, node) ? core.nodes.id[node] : null;
}

function means(core: Core, text: string, node: number): boolean {
  const { query, problems } = parse(text);
  if (problems.length > 0) return false;
  const found = members(choose(core, query).set);
  return found.length === 1 && found[0] === node;
}

/** A name with wildcards for the letters that mean something in a selection. */
export function safe(name: string, kept = ""): string {
  return name.replace(/[\s,+@:*?[\]/"'\\-]/g, (letter) => (letter === "-" || kept.includes(letter) ? letter : "?"));
}
