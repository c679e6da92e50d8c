/**
 * What the explorer draws: boxes for nodes and for groups of nodes, with the edges between them and the columns that are open.
 *
 * A picture is made of a selection and of what the reader has opened or folded; where its boxes stand is found by the layout.
 */
import type { Columns, Core } from "../data";
import { isAnalysis } from "../graph/choice";
import { ROWS, type ColumnPaths } from "../graph/column_paths";
import { around, edgesWithin, graphOf, members, type NodeSet } from "../graph/graph";
import type { Layout, LayoutInput } from "../graph/layout";
import { tMaybe } from "../i18n";

/** What nodes are folded by. */
export const FOLDS = ["layer", "folder", "tag", "owner"] as const;
export type Fold = (typeof FOLDS)[number];

/** A line of a box: a column. */
export interface Row {
  column: number;
  name: string;
  /** Whether it is on the way that is shown. */
  onPath: boolean;
}

/** A node, or a group of nodes that stands for them. */
export interface Box {
  /** The node's id, or of a group what it is folded by and its name. */
  key: string;
  label: string;
  /** The nodes: one, unless it is a group. */
  nodes: number[];
  isGroup: boolean;
  layer: number;
  kind: string;
  rows: Row[];
  /** How many columns are not shown for want of room. */
  more: number;
  /** How many neighbours there are, and how many of them the picture leaves out. */
  up: number;
  hiddenUp: number;
  down: number;
  hiddenDown: number;
  /** Why nothing is known of what its columns are made of, where a way ends at it. */
  unknown: string | null;
  height: number;
}

/** Boxes and edges, without places. */
export interface Draft {
  boxes: Box[];
  src: number[];
  dst: number[];
  /** How many edges of the graph run together. */
  count: number[];
  /** The box of a node. */
  boxOf: Map<number, number>;
  byKey: Map<string, number>;
}

/** A draft with its layout. `scene` tells pictures of different questions apart. */
export interface Picture extends Draft {
  layout: Layout;
  scene: string;
}

/** What the reader has opened and folded. */
export interface Opened {
  fold: Fold | null;
  /** The groups that are open although the picture is folded. */
  groups: ReadonlySet<string>;
  /** The nodes whose columns are shown. */
  nodes: ReadonlySet<number>;
  columns: Columns | null;
  paths: ColumnPaths | null;
}

export const WIDTH = 190;
export const HEAD = 46;
export const ROW = 22;
/** How many columns of a node are shown at most, besides those on the way. */
const MOST_ROWS = 40;

/** The bands besides layers: what is read but not made, and what only reads. */
export const SOURCES = 0;
export const CONSUMERS = ["exposure", "metric", "semantic_model", "saved_query", "analysis"];

/** Makes the boxes and edges of a selection. */
export function draft(core: Core, set: NodeSet, opened: Opened): Draft {
  const graph = graphOf(core);
  const boxes: Box[] = [];
  const boxOf = new Map<number, number>();
  const byKey = new Map<string, number>();
  const path = new Map<number, Set<number>>();
  for (const { at } of opened.paths?.columns.values() ?? []) {
    if (at.column !== ROWS) path.set(at.node, (path.get(at.node) ?? new Set()).add(at.column));
  }
  for (const node of members(set)) {
    const group = opened.fold && groupOf(core, node, opened.fold);
    const isGroup = group !== null && !opened.groups.has(group.key);
    const key = isGroup ? group.key : core.nodes.id[node];
    let at = byKey.get(key);
    if (at === undefined) {
      at = boxes.length;
      byKey.set(key, at);
      boxes.push({ ...EMPTY, key, isGroup, nodes: [], rows: [], label: isGroup ? group.label : core.nodes.name[node] });
    }
    boxes[at].nodes.push(node);
    boxOf.set(node, at);
  }
  for (const box of boxes) {
    const [first] = box.nodes;
    const layer = core.nodes.layer[first];
    box.layer = box.nodes.every((node) => core.nodes.layer[node] === layer) ? layer : -1;
    box.kind = box.isGroup ? "group" : (core.words.kind[core.nodes.kind[first]] ?? "");
    if (!box.isGroup) addRows(box, first, opened, path.get(first));
    for (const node of box.nodes) {
      for (const parent of around(graph, node, "up")) {
        box.up++;
        if (!set[parent]) box.hiddenUp++;
      }
      for (const child of around(graph, node, "down")) {
        // What no selection can show is not missed either.
        if (!set[child] && isAnalysis(core, child)) continue;
        box.down++;
        if (!set[child]) box.hiddenDown++;
      }
      box.unknown ??= opened.paths?.unknown.get(node) ?? null;
    }
    if (box.unknown !== null) box.height += ROW;
  }
  return { boxes, boxOf, byKey, ...joined(core, set, boxOf, boxes.length) };
}

const EMPTY = { layer: -1, kind: "", more: 0, up: 0, hiddenUp: 0, down: 0, hiddenDown: 0, unknown: null, height: HEAD };

function addRows(box: Box, node: number, { nodes, columns }: Opened, path: Set<number> | undefined): void {
  const all = columns?.of[node] ?? [];
  const isOpen = nodes.has(node);
  const wanted = all.filter((column, at) => path?.has(column) || (isOpen && at < MOST_ROWS));
  box.rows = wanted.map((column) => ({ column, name: columns?.names[column] ?? "", onPath: path?.has(column) === true }));
  box.more = isOpen ? all.length - wanted.length : 0;
  if (box.rows.length > 0) box.height += (box.rows.length + (box.more > 0 ? 1 : 0)) * ROW + 6;
}

/** The edges between boxes, each once. */
function joined(core: Core, set: NodeSet, boxOf: Map<number, number>, boxes: number): { src: number[]; dst: number[]; count: number[] } {
  const within = edgesWithin(graphOf(core), set);
  const known = new Map<number, number>();
  const made = { src: [] as number[], dst: [] as number[], count: [] as number[] };
  within.src.forEach((from, edge) => {
    const [src, dst] = [boxOf.get(from)!, boxOf.get(within.dst[edge])!];
    if (src === dst) return;
    const at = known.get(src * boxes + dst);
    if (at !== undefined) {
      made.count[at]++;
      return;
    }
    known.set(src * boxes + dst, made.src.length);
    made.src.push(src);
    made.dst.push(dst);
    made.count.push(1);
  });
  return made;
}

/** The group of a node; null where it has none. Groups do not reach over layers, so that they stand where their nodes do. */
export function groupOf({ nodes, words }: Core, node: number, fold: Fold): { key: string; label: string } | null {
  const layer = words.layer[nodes.layer[node]];
  const kind = words.kind[nodes.kind[node]] ?? "";
  if (fold === "layer") return { key: layer === undefined ? `kind:${kind}` : `layer:${layer}`, label: layer ?? tMaybe("kinds", kind) };
  const name = words[fold][fold === "tag" ? (nodes.tags[node]?.[0] ?? -1) : nodes[fold][node]];
  return name ? { key: `${fold}:${layer ?? kind}:${name}`, label: name } : null;
}

/** What the layout asks of a draft. */
export function layoutInput(core: Core, { boxes, src, dst }: Draft): LayoutInput {
  const band = boxes.map((box) => {
    if (box.layer >= 0) return box.layer + 1;
    const kind = box.isGroup ? (core.words.kind[core.nodes.kind[box.nodes[0]]] ?? "") : box.kind;
    return kind === "source" ? SOURCES : CONSUMERS.includes(kind) ? core.words.layer.length + 1 : -1;
  });
  return { width: boxes.map(() => WIDTH), height: boxes.map(({ height }) => height), src, dst, band, port: HEAD / 2 };
}

/** How far the middle of a column's line is below the top of its box; the rows of a node are its head. */
export function rowMiddle(box: Box, column: number): number {
  const at = box.rows.findIndex((row) => row.column === column);
  return at < 0 ? HEAD / 2 : HEAD + at * ROW + ROW / 2;
}

/** The path of an edge along its route, as SVG writes it. Curves and lines take turns. */
export function edgePath(layout: Layout, edge: number, lift: [from: number, to: number] = [0, 0]): string {
  const { route, points } = layout;
  const [first, end] = [route[edge], route[edge + 1]];
  let text = `M${points[first]} ${points[first + 1] + lift[0]}`;
  if (isLoop(layout, edge)) {
    const out = Math.max(points[first], points[first + 2]) + LOOP;
    return `${text}C${out} ${points[first + 1] + lift[0]} ${out} ${points[first + 3] + lift[1]} ${points[first + 2]} ${points[first + 3] + lift[1]}`;
  }
  for (let at = first + 2; at < end; at += 2) {
    const [x, y] = [points[at], points[at + 1] + (at + 2 === end ? lift[1] : 0)];
    if ((at - first) % 4 === 0) {
      text += `H${x}`;
      continue;
    }
    const [px, py] = [points[at - 2], points[at - 1] + (at - 2 === first ? lift[0] : 0)];
    // A line that hardly climbs is drawn straight: a curve of a pixel only looks unclean.
    const middle = (px + x) >> 1;
    text += y === py ? `H${x}` : `C${middle} ${py} ${middle} ${y} ${x} ${y}`;
  }
  return text;
}

/** How far a loop stands out. */
export const LOOP = 44;

/** Whether an edge joins two boxes of the same rank. */
export function isLoop({ route, points }: Layout, edge: number): boolean {
  return route[edge + 1] - route[edge] === 4 && points[route[edge] + 2] <= points[route[edge]];
}
