/**
 * The project from far away: the folders of each layer as few large boxes, with the edges between them bundled.
 */
import type { Core } from "../data";
import { CONSUMERS } from "./picture";
import { choose } from "../graph/choice";
import { graphOf, around, members } from "../graph/graph";
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
}

/** So many regions can be taken in at a glance. */
export const MOST = 60;

/** The column of a node: first sources and all that has no layer, then the layers, last the consumers. */
export function columnOf({ nodes, words }: Core, node: number): number {
  const kind = words.kind[nodes.kind[node]] ?? "";
  if (CONSUMERS.includes(kind)) return words.layer.length + 1;
  return nodes.layer[node] + 1;
}

/** Makes the map. Folders are cut to as many steps as fit; where one step is too much, the smallest of a layer go together. */
export function layerMap(core: Core): LayerMapData {
  const { nodes, words } = core;
  const failed = words.status.map((status) => /error|fail/.test(status));
  const depths = [3, 2, 1].map((depth) => group(core, depth));
  const groups = depths.find((found) => found.size <= MOST) ?? merged(depths[2]);
  const regions: Region[] = [];
  const regionOf = new Int32Array(nodes.id.length).fill(-1);
  const sorted = [...groups.values()].sort((a, b) => a.column - b.column || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  for (const { column, label, members: list, prefix } of sorted) {
    for (const node of list) regionOf[node] = regions.length;
    const failing = list.filter((node) => failed[nodes.status[node]] || nodes.tested[node] === 3).length;
    const warning = list.filter((node) => nodes.tested[node] === 2 || words.status[nodes.status[node]] === "warn").length;
    regions.push({ column, label, nodes: list, failing, warning, prefix });
  }
  return { regions, bundles: bundles(core, regionOf, regions.length), columns: words.layer.length + 2 };
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
  const groups = new Map<string, Group>();
  for (let node = 0; node < nodes.id.length; node++) {
    const column = columnOf(core, node);
    const layer = words.layer[nodes.layer[node]] ?? "";
    const kind = words.kind[nodes.kind[node]] ?? "";
    const parts = (words.folder[nodes.folder[node]] ?? "").split("/").filter(Boolean);
    const inside = parts[0] === layer ? parts.slice(1) : parts;
    const steps = kind === "source" ? 1 : depth;
    // Where there is no layer the kind says more than the folder.
    const isKind = column > words.layer.length || (column === 0 && kind !== "source");
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
    ...(path ? [`resource_type:${kind},${path}`] : []),
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
