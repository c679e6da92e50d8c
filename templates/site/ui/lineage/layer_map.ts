/**
 * The project from far away: the folders of each layer as few large boxes, with the edges between them bundled.
 */
import type { Core } from "../data";
import { CONSUMERS } from "./picture";
import { choose } from "../graph/choice";
import { graph, graphOf, around, members } from "../graph/graph";
import { ranks } from "../graph/layouts";
import { safe } from "../graph/naming";
import { parse } from "../graph/selector";

/** A folder of a layer. */
export interface Region {
  /** The column that it stands in: see {@link columnOf}. */
  column: number;
  /** Without the layer in front; empty for the top. */
  label: string;
  nodes: number[];
  failing: number;
  warning: number;
  /** The folder as it is written; null for several together. */
  prefix: string | null;
}

/** Bundled edges between regions. */
export interface Bundle {
  from: number;
  to: number;
  count: number;
}

/** The map. */
export interface LayerMapData {
  regions: Region[];
  bundles: Bundle[];
  /** How many columns there are: one for each layer, one before and one behind. */
  columns: number;
  /** Whether the columns between are layers. In a project without any its folders of models stand there, in the order in which they are read. */
  isLayered: boolean;
}

/** So many regions can be taken in at a glance. */
export const MOST = 60;

/** The kinds that stand in the first column of a project without layers. */
const INPUTS = ["source", "seed"];

/** The column of a node: first sources and all that has no layer, then the layers, last the consumers. Without layers all models are in one. */
export function columnOf({ nodes, words }: Core, node: number): number {
  const kind = words.kind[nodes.kind[node]] ?? "";
  if (CONSUMERS.includes(kind)) return Math.max(1, words.layer.length) + 1;
  return words.layer.length > 0 ? nodes.layer[node] + 1 : INPUTS.includes(kind) ? 0 : 1;
}

/** Makes the map. Folders are cut to as many steps as fit; where one step is too much, the smallest of a layer go together. */
export function layerMap(core: Core): LayerMapData {
  const { nodes, words } = core;
  const failed = words.status.map((status) => /error|fail/.test(status));
  const depths = [3, 2, 1].map((depth) => group(core, depth));
  const groups = depths.find((found) => found.size <= MOST) ?? merged(depths[2]);
  const isLayered = words.layer.length > 0;
  const columns = isLayered ? words.layer.length + 2 : spread(core, [...groups.values()]);
  const regions: Region[] = [];
  const regionOf = new Int32Array(nodes.id.length).fill(-1);
  const sorted = [...groups.values()].sort((a, b) => a.column - b.column || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  for (const { column, label, members: list, prefix } of sorted) {
    for (const node of list) regionOf[node] = regions.length;
    const failing = list.filter((node) => failed[nodes.status[node]] || nodes.tested[node] === 3).length;
    const warning = list.filter((node) => nodes.tested[node] === 2 || words.status[nodes.status[node]] === "warn").length;
    regions.push({ column, label, nodes: list, failing, warning, prefix });
  }
  return { regions, bundles: bundles(core, regionOf, regions.length), columns, isLayered };
}

/** Gives the groups of a project without layers their columns: those of models stand behind what they mostly read. Returns how many there are. */
function spread(core: Core, groups: Group[]): number {
  const groupOf = new Int32Array(core.nodes.id.length);
  groups.forEach(({ members: list }, at) => list.forEach((node) => (groupOf[node] = at)));
  const all = bundles(core, groupOf, groups.length).filter(({ from, to }) => groups[from].column === 1 && groups[to].column === 1);
  const counts = new Map(all.map(({ from, to, count }) => [from * groups.length + to, count]));
  const kept = all.filter(({ from, to, count }) => count >= (counts.get(to * groups.length + from) ?? 0));
  const rank = ranks(graph(groups.length, kept.map(({ from }) => from), kept.map(({ to }) => to)));
  const last = groups.reduce((most, { column }, at) => (column === 1 ? Math.max(most, rank[at] + 1) : most), 1);
  groups.forEach((group, at) => (group.column = group.column === 1 ? rank[at] + 1 : group.column === 0 ? 0 : last + 1));
  return last + 2;
}

interface Group {
  column: number;
  label: string;
  /** The folder as it is written; null for several together. */
  prefix: string | null;
  members: number[];
}

function group(core: Core, depth: number): Map<string, Group> {
  const { nodes, words } = core;
  const layers = words.layer.length;
  const groups = new Map<string, Group>();
  for (let node = 0; node < nodes.id.length; node++) {
    const column = columnOf(core, node);
    const layer = words.layer[nodes.layer[node]] ?? "";
    const kind = words.kind[nodes.kind[node]] ?? "";
    // The folders of other packages may be called as those of the project.
    const pack = kind === "model" && layers === 0 ? (words.package[nodes.package[node]] ?? "") : "";
    const isOther = pack !== "" && pack !== core.meta.project;
    const parts = `${isOther ? `${pack}/` : ""}${words.folder[nodes.folder[node]] ?? ""}`.split("/").filter(Boolean);
    const inside = parts[0] === layer ? parts.slice(1) : parts;
    const steps = kind === "source" ? 1 : depth;
    // Where there is no layer the kind says more than the folder.
    const isKind = layers === 0 ? kind !== "model" && kind !== "source" : column > layers || (column === 0 && kind !== "source");
    const label = isKind ? `\u0001${kind}` : inside.slice(0, steps).join("/");
    const prefix = parts.slice(0, parts.length - inside.length + Math.min(inside.length, steps)).join("/");
    const key = `${column} ${label}`;
    const known = groups.get(key);
    if (known) known.members.push(node);
    else groups.set(key, { column, label, prefix, members: [node] });
  }
  return groups;
}

/** Puts the smallest groups of each column together until few are left. */
function merged(groups: Map<string, Group>): Map<string, Group> {
  const bySize = [...groups.values()].sort((a, b) => b.members.length - a.members.length || (a.label < b.label ? -1 : 1));
  const columns = new Set(bySize.map(({ column }) => column)).size;
  const kept = new Map<string, Group>();
  for (const one of bySize) {
    if (kept.size < MOST - columns) {
      kept.set(`${one.column} ${one.label}`, one);
      continue;
    }
    const rest = kept.get(`${one.column} \u0002`);
    if (rest) rest.members.push(...one.members);
    else kept.set(`${one.column} \u0002`, { column: one.column, label: "\u0002", prefix: null, members: [...one.members] });
  }
  for (const one of kept.values()) one.members.sort((a, b) => a - b);
  return kept;
}

/** The first selection that means exactly the nodes of a region; null where there is none that comes near. It takes a while to find. */
export function regionSelector(core: Core, { column, prefix, nodes: list }: Region): string | null {
  const { words, nodes } = core;
  const layer = words.layer[column - 1];
  const kind = words.kind[nodes.kind[list[0]]] ?? "";
  const path = prefix === null ? "" : safe(prefix.replaceAll("/", ".")).replaceAll("..", ".");
  const candidates = [
    ...(kind === "source" && prefix !== null ? [`source:${safe(prefix)}`] : []),
    ...(layer && path ? [`layer:${layer},${path}`, `layer:${layer},path:*/${safe(prefix ?? "", "/")}`] : []),
    ...(layer ? [`layer:${layer}`] : []),
    ...(path ? [path, `path:*/${safe(prefix ?? "", "/")}`] : []),
    `resource_type:${kind}`,
    ...(path ? [`resource_type:${kind},${path}`, `resource_type:${kind},${path} --exclude ${path}.*.*`, `package:${path}`] : []),
    ...(column === 0 ? [`resource_type:${kind} --exclude layer:*`] : []),
  ];
  const wanted = list.join();
  const exact = candidates.find((text) => members(choose(core, parse(text).query).set).join() === wanted);
  return exact ?? candidates.find((text) => choose(core, parse(text).query).set.some(Boolean)) ?? null;
}

function bundles(core: Core, regionOf: Int32Array, regions: number): Bundle[] {
  const graph = graphOf(core);
  const counts = new Map<number, number>();
  for (let node = 0; node < graph.count; node++) {
    for (const reader of around(graph, node, "down")) {
      if (regionOf[node] === regionOf[reader]) continue;
      const key = regionOf[node] * regions + regionOf[reader];
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts].map(([key, count]) => ({ from: Math.floor(key / regions), to: key % regions, count })).sort((a, b) => a.from - b.from || a.to - b.to);
}
