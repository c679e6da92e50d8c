/** What pages ask about the core: words of nodes, lists by kind, neighbours. */

import type { Freshness } from "./data";
import { compare } from "./i18n";
import { around, graphOf } from "./graph/graph";
import { core } from "./store";

/** The words of a node, where it has them. */
export interface NodeWords {
  kind: string;
  layer: string | null;
  folder: string | null;
  owner: string | null;
  tags: string[];
  materialized: string | null;
  package: string | null;
  group: string | null;
  status: string | null;
}

/** The words of a node. */
export function wordsOf(node: number): NodeWords {
  const { nodes, words } = core();
  return {
    kind: words.kind[nodes.kind[node]] ?? "",
    layer: words.layer[nodes.layer[node]] ?? null,
    folder: words.folder[nodes.folder[node]] ?? null,
    owner: words.owner[nodes.owner[node]] ?? null,
    tags: nodes.tags[node].map((tag) => words.tag[tag]).filter((tag) => tag !== undefined),
    materialized: words.materialized[nodes.materialized[node]] ?? null,
    package: words.package[nodes.package[node]] ?? null,
    group: words.group[nodes.group[node]] ?? null,
    status: words.status[nodes.status[node]] ?? null,
  };
}

/** How sources stand: dbt's words for their freshness are those of tests, which would say the wrong thing beside a table. */
const FRESHNESS: Record<string, string> = { pass: "fresh", warn: "stale", error: "late" };

/** How a node ended last, as the catalogue of texts calls it; null where that is not known. */
export function statusOf(node: number): string | null {
  const { kind, status } = wordsOf(node);
  return status === null ? null : outcomeOf(kind, status);
}

/** How something of a kind ended, as the catalogue of texts calls it. */
export function outcomeOf(kind: string, status: string): string {
  return kind === "source" ? freshnessWord(status) : status;
}

/** The word for a freshness. */
export function freshnessWord(status: string): string {
  return FRESHNESS[status] ?? status;
}

/** The versions of the model that a node is one of, itself included, sorted by name; none for what has no versions. */
export function versionsOf(node: number): number[] {
  const { nodes } = core();
  const versions = (nodes.versions ?? []).map(([of]) => of);
  const model = (of: number) => nodes.name[of].slice(0, nodes.name[of].lastIndexOf(".v"));
  return versions.includes(node) ? byName(versions.filter((of) => nodes.package[of] === nodes.package[node] && model(of) === model(node))) : [];
}

/** What a version is beside the one that `ref` means; undefined for what has no versions. */
export function versionWord(node: number): "latest" | "old" | "prerelease" | undefined {
  return core().nodes.versions?.find(([of]) => of === node)?.[1];
}

/** How fresh a source was found to be last; undefined where nobody looked. */
export function freshnessOf(node: number): Freshness | undefined {
  return core().freshness.find(([of]) => of === node)?.[1];
}

/** The places of all nodes of a kind, sorted by name. */
export function ofKind(kind: string): number[] {
  return byName(unsorted(kind));
}

/** The places of all nodes of a kind. Sorting ten thousand names as a language does takes longer than drawing a page. */
export function unsorted(kind: string): number[] {
  const { nodes, words } = core();
  const wanted = words.kind.indexOf(kind);
  return [...nodes.kind.keys()].filter((node) => nodes.kind[node] === wanted);
}

/** Nodes sorted by name, as the language sorts. */
export function byName(list: number[]): number[] {
  const { name } = core().nodes;
  return list.sort((a, b) => compare(name[a], name[b]));
}

/** What a node reads (`up`) or what reads it (`down`), sorted by name. */
export function neighbours(node: number, direction: "up" | "down"): number[] {
  return byName([...around(graphOf(core()), node, direction)]);
}

/** Whether a text is the address of something on the web. Other schemes could be code. */
export function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
