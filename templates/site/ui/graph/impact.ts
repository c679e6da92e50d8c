/**
 * What a change reaches: all that is downstream of a node, counted by layer and kind, with the people and reports behind it.
 */
import type { Core } from "../data";
import { isAnalysis } from "./choice";
import { graphOf, members, reached, setOf, type Graph, type NodeSet } from "./graph";

/** What is downstream. Lists are of places, rising. */
export interface Impact {
  nodes: number[];
  /** How many nodes of each layer, in the order of layers; the last of those without one: `[name, count]`. */
  layers: [string, number][];
  exposures: number[];
  /** The owners with how many of the nodes are theirs, the most first. */
  owners: [string, number][];
  /** How many tests are on the nodes. */
  tests: number;
}

/** The places of all that is downstream of a node, or that `found` says. Analyses are left out, as on the command line: nothing builds them. */
export function downstream(core: Core, graph: Graph, from: number[], found = reached(graph, setOf(graph.count, from), "down")): number[] {
  return members(found).filter((node) => !isAnalysis(core, node) && !from.includes(node));
}

/** What is downstream of nodes; of these, `only` can keep those that a column leads to. */
export function impactOf(core: Core, from: number[], only?: NodeSet): Impact {
  const { nodes, words } = core;
  const list = downstream(core, graphOf(core), from, only);
  const isExposure = (node: number) => words.kind[nodes.kind[node]] === "exposure";
  const layers = words.layer.map((name, layer): [string, number] => [name, list.filter((node) => nodes.layer[node] === layer).length]);
  const without = list.filter((node) => nodes.layer[node] < 0 && !isExposure(node)).length;
  const owners = new Map<string, number>();
  for (const node of list) {
    const owner = words.owner[nodes.owner[node]];
    if (owner !== undefined) owners.set(owner, (owners.get(owner) ?? 0) + 1);
  }
  return {
    nodes: list,
    layers: [...layers, ["", without] as [string, number]].filter(([, count]) => count > 0),
    exposures: list.filter(isExposure),
    owners: [...owners].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)),
    tests: list.reduce((sum, node) => sum + nodes.tests[node], 0) - repeated(core, list),
  };
}

/** How many tests are counted more than once where those of all these nodes are added up. */
function repeated({ shared = [] }: Core, list: number[]): number {
  const among = new Set(list);
  return shared.reduce((sum, nodes) => sum + Math.max(0, nodes.filter((node) => among.has(node)).length - 1), 0);
}

/** The words of {@link impactMarkdown}, in the reader's language. */
export interface ImpactWords {
  title: string;
  counts: string;
  layer: string;
  noLayer: string;
  nodes: string;
  exposures: string;
  owners: string;
  tests: string;
}

/** The impact as Markdown, for a pull request or a message. */
export function impactMarkdown(core: Core, impact: Impact, words: ImpactWords): string {
  const name = (node: number) => `\`${core.nodes.name[node].replaceAll("`", "'")}\``;
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const lines = [`### ${words.title}`, "", words.counts, "", `| ${words.layer} | ${words.nodes} |`, "|---|---:|"];
  for (const [layer, count] of impact.layers) lines.push(`| ${cell(layer || words.noLayer)} | ${count} |`);
  lines.push("", `**${words.tests}**: ${impact.tests}`);
  if (impact.exposures.length > 0) lines.push("", `**${words.exposures}**: ${impact.exposures.map(name).join(", ")}`);
  if (impact.owners.length > 0) lines.push("", `**${words.owners}**: ${impact.owners.map(([owner, count]) => `${owner} (${count})`).join(", ")}`);
  return `${lines.join("\n")}\n`;
}
