/**
 * Where the boxes of a graph stand: in ranks from left to right, each right of all that it reads.
 *
 * Four steps (after Sugiyama): ranks by longest path, kept apart by layer where that is possible; trunks for edges that pass ranks, one for all
 * long edges of a box, so that they run together; an order in each rank by barycentres; heights after Brandes and Köpf. Ranks with very
 * many boxes are broken into several columns instead, because a picture a hundred times as high as it is wide shows nothing.
 *
 * Coordinates are whole pixels, and nothing depends on the machine: equal graphs have equal pictures.
 */
import { graph, type Graph } from "./graph";
import { heights } from "./heights";
import { ordered } from "./order";

/** What is to be laid out. Boxes are told by their place. */
export interface LayoutInput {
  width: ArrayLike<number>;
  height: ArrayLike<number>;
  src: ArrayLike<number>;
  dst: ArrayLike<number>;
  /** The layer of each box, rising from left to right; -1 for none. */
  band?: ArrayLike<number>;
  /** Edges leave and enter boxes this far below their top; half their height where there is none. */
  port?: number;
}

/** Where everything stands. */
export interface Layout {
  /** The corners at the left and top. */
  x: Int32Array;
  y: Int32Array;
  width: number;
  height: number;
  /** The points of the edge `e` are `points[route[e]] … points[route[e + 1] - 1]`: x, y, x, y. Curves and lines take turns; a curve is first.
   * An edge of two points that does not lead to the right is a loop. */
  route: Int32Array;
  points: Int32Array;
  /** The columns of layers that stand apart from each other. */
  bands: { band: number; x: number; width: number }[];
  /** How high the part is that they stand behind. */
  bandsHeight: number;
}

/** The graph between the steps: boxes first, then the bends of trunks. */
export interface Ranked {
  /** How many boxes there are; what is behind them are bends. */
  boxes: number;
  count: number;
  rank: Int32Array;
  ranks: number;
  /** Between neighbouring ranks only. */
  edges: Graph;
  height: Int32Array;
}

/** Between boxes of a rank, and between ranks, where the edges are drawn. */
export const SPACING = 16;
const GAP = 68;
/** The space round the picture. */
export const MARGIN = 24;
/** In a rank with more boxes than this they stand in several columns; in large graphs the number is larger. */
const TALL = 100;
/** Boxes without edges stand below the others, in lines. */
const LOOSE_GAP = 40;

/** Lays a graph out. */
export function layout(input: LayoutInput): Layout {
  const count = input.width.length;
  const whole = graph(count, input.src, input.dst);
  const rank = ranks(whole, input.band);
  const isLoose = Array.from({ length: count }, (_, box) => whole.up.start[box] === whole.up.start[box + 1] && whole.down.start[box] === whole.down.start[box + 1]);
  const anyJoined = isLoose.includes(false);
  const perRank = new Map<number, number>();
  for (let box = 0; box < count; box++) if (!isLoose[box]) perRank.set(rank[box], (perRank.get(rank[box]) ?? 0) + 1);
  const most = Math.max(TALL, Math.ceil(2.5 * Math.sqrt(count)));
  const isWide = [...perRank.values()].some((boxes) => boxes > most);
  const ranked = rankedGraph(input, whole, squeezed(rank, isLoose), isLoose);
  const withBends = ordered(ranked, isLoose);
  // Lines through a rank of several columns would pass boxes wherever they ran: they run straight.
  const order = isWide ? withBends.map((members) => members.filter((one) => one < count)) : withBends;
  const x = new Int32Array(ranked.count);
  const y = new Int32Array(ranked.count);
  const widths = columns(input, ranked, order, isWide ? most : Infinity, x);
  const tall = isWide ? stacked(ranked, order, most, y) : anyJoined ? heights(ranked, order, y) : 0;
  const [wide, high] = loose(input, isLoose, anyJoined, { x, y, width: widths.total, height: tall });
  return {
    x: x.slice(0, count),
    y: y.slice(0, count),
    width: wide,
    height: high,
    ...routes(input, ranked, widths, { x, y }, isWide),
    bands: bands(input, ranked, isLoose, widths),
    bandsHeight: tall,
  };
}

/** The rank of each box of a graph. Boxes that lead round in a circle, which groups of nodes do, stand in one rank. */
export function ranks(whole: Graph, band?: ArrayLike<number>): Int32Array {
  const { circle, circles } = circlesOf(whole);
  if (circles === whole.count) return ranksOf(whole, band);
  const src: number[] = [];
  const dst: number[] = [];
  const bands = new Int32Array(circles).fill(-1);
  for (let box = 0; box < whole.count; box++) {
    if (band) bands[circle[box]] = Math.max(bands[circle[box]], band[box]);
    for (const reader of neighbours(whole.down, box)) {
      src.push(circle[box]);
      dst.push(circle[reader]);
    }
  }
  const rank = ranksOf(graph(circles, src, dst), band && bands);
  return circle.map((of) => rank[of]);
}

/**
 * The rank of each box of a graph without ways round: right of all it reads and, where edges do not forbid it, right of all boxes of earlier
 * layers. Boxes with and without a layer share no rank.
 */
function ranksOf(whole: Graph, band: ArrayLike<number> | undefined): Int32Array {
  const sequence = sequenceOf(whole);
  const rank = new Int32Array(whole.count);
  const push = (box: number) => {
    for (const parent of neighbours(whole.up, box)) rank[box] = Math.max(rank[box], rank[parent] + 1);
  };
  sequence.forEach(push);
  const slot = band && slots(whole, sequence, band);
  const last = slot && keepApart(whole, sequence, slot, rank, push);
  // Boxes that nothing leads to stand just left of what reads them: a seed that is joined late is not drawn at the very left.
  for (let at = sequence.length - 1; at >= 0; at--) {
    const box = sequence[at];
    if (neighbours(whole.up, box).length > 0 || (band && band[box] >= 0)) continue;
    const readers = neighbours(whole.down, box);
    const end = (slot && last?.get(slot[box])) ?? Infinity;
    if (readers.length > 0) rank[box] = Math.max(rank[box], Math.min(end, readers.reduce((least, reader) => Math.min(least, rank[reader]), Infinity) - 1));
  }
  return band ? rank.map((one, box) => 2 * one + (band[box] < 0 ? 1 : 0)) : rank;
}

/**
 * What stands apart: the layers, with odd numbers, and between them the boxes without one. Such a box stands before the first layer that it
 * leads to, else behind all that leads to it; -1 where that is within a layer, or where it has to do with none.
 */
function slots(whole: Graph, sequence: Int32Array, band: ArrayLike<number>): Int32Array {
  const NONE = 0x7fffffff;
  const slot = new Int32Array(whole.count).fill(-1);
  const before = new Int32Array(whole.count).fill(NONE);
  const behind = new Int32Array(whole.count).fill(-1);
  for (let at = sequence.length - 1; at >= 0; at--) {
    const box = sequence[at];
    for (const reader of neighbours(whole.down, box)) before[box] = Math.min(before[box], band[reader] < 0 ? before[reader] : 2 * band[reader]);
  }
  for (const box of sequence) {
    for (const parent of neighbours(whole.up, box)) behind[box] = Math.max(behind[box], behind[parent], slot[parent]);
    if (band[box] >= 0) slot[box] = 2 * band[box] + 1;
    else if (before[box] < NONE) slot[box] = behind[box] <= before[box] ? before[box] : -1;
    else if (behind[box] >= 0) slot[box] = behind[box] + (behind[box] % 2);
  }
  return slot;
}

/** Moves the slots apart, in their order, and finds the last rank of each. A box that is read by an earlier one stays where its readers need it. */
function keepApart(whole: Graph, sequence: Int32Array, slot: Int32Array, rank: Int32Array, push: (box: number) => void): Map<number, number> {
  const slotsThere = [...new Set(slot)].filter((one) => one >= 0).sort((a, b) => a - b);
  // What leads to an earlier slot cannot stand right of it.
  const least = new Int32Array(whole.count).fill(0x7fffffff);
  for (let at = sequence.length - 1; at >= 0; at--) {
    const box = sequence[at];
    if (slot[box] >= 0) least[box] = slot[box];
    for (const reader of neighbours(whole.down, box)) least[box] = Math.min(least[box], least[reader]);
  }
  const last = new Map<number, number>();
  let start = 0;
  for (const one of slotsThere) {
    for (const box of sequence) {
      if (slot[box] === one && least[box] >= one) rank[box] = Math.max(rank[box], start);
    }
    sequence.forEach(push);
    for (const box of sequence) if (slot[box] === one) start = Math.max(start, rank[box] + 1);
    last.set(one, start - 1);
  }
  return last;
}

/** The boxes such that each stands behind all that it reads. */
function sequenceOf(whole: Graph): Int32Array {
  const waiting = new Int32Array(whole.count);
  const sequence = new Int32Array(whole.count);
  let filled = 0;
  for (let box = 0; box < whole.count; box++) {
    waiting[box] = neighbours(whole.up, box).length;
    if (waiting[box] === 0) sequence[filled++] = box;
  }
  for (let done = 0; done < filled; done++) {
    for (const reader of neighbours(whole.down, sequence[done])) if (--waiting[reader] === 0) sequence[filled++] = reader;
  }
  return sequence;
}

/** Which boxes lead to each other in both directions, after Tarjan: the number of its circle for each box. Most are alone in theirs. */
function circlesOf(whole: Graph): { circle: Int32Array; circles: number } {
  const circle = new Int32Array(whole.count).fill(-1);
  const found = new Int32Array(whole.count).fill(-1);
  const lowest = new Int32Array(whole.count);
  const next = whole.down.start.slice(0, whole.count);
  const open: number[] = [];
  const way: number[] = [];
  let seen = 0;
  let circles = 0;
  const enter = (box: number) => {
    found[box] = lowest[box] = seen++;
    open.push(box);
    way.push(box);
  };
  for (let root = 0; root < whole.count; root++) {
    if (found[root] < 0) enter(root);
    while (way.length > 0) {
      const box = way[way.length - 1];
      if (next[box] < whole.down.start[box + 1]) {
        const reader = whole.down.list[next[box]++];
        if (found[reader] < 0) enter(reader);
        else if (circle[reader] < 0) lowest[box] = Math.min(lowest[box], found[reader]);
        continue;
      }
      way.pop();
      if (way.length > 0) lowest[way[way.length - 1]] = Math.min(lowest[way[way.length - 1]], lowest[box]);
      if (lowest[box] !== found[box]) continue;
      for (let one = -1; one !== box; ) {
        one = open.pop()!;
        circle[one] = circles;
      }
      circles++;
    }
  }
  return { circle, circles };
}

/** Ranks without gaps. */
function squeezed(rank: Int32Array, isLoose: boolean[]): Int32Array {
  const used = [...new Set(rank.filter((_, box) => !isLoose[box]))].sort((a, b) => a - b);
  const to = new Map(used.map((old, at) => [old, at]));
  return rank.map((old, box) => (isLoose[box] ? 0 : to.get(old)!));
}

/** The graph with bends: each box has one trunk, which all its edges follow that end behind the next rank. */
function rankedGraph(input: LayoutInput, whole: Graph, rank: Int32Array, isLoose: boolean[]): Ranked {
  const boxes = whole.count;
  const ranks = rank.reduce((most, one, box) => (isLoose[box] ? most : Math.max(most, one + 1)), 0);
  const src: number[] = [];
  const dst: number[] = [];
  const bendRank: number[] = [];
  for (let box = 0; box < boxes; box++) {
    const readers = neighbours(whole.down, box).filter((reader) => rank[reader] > rank[box]).sort((a, b) => rank[a] - rank[b] || a - b);
    let end = box;
    let at = rank[box] + 1;
    for (const reader of readers) {
      for (; at < rank[reader]; at++) {
        const bend = boxes + bendRank.length;
        bendRank.push(at);
        src.push(end);
        dst.push(bend);
        end = bend;
      }
      src.push(end);
      dst.push(reader);
    }
  }
  const count = boxes + bendRank.length;
  const height = new Int32Array(count);
  const all = new Int32Array(count);
  for (let box = 0; box < boxes; box++) height[box] = input.height[box];
  all.set(rank);
  all.set(bendRank, boxes);
  return { boxes, count, rank: all, ranks, edges: graph(count, src, dst), height };
}

/** Where the ranks begin, and how wide each is. */
interface Widths {
  left: Int32Array;
  wide: Int32Array;
  total: number;
}

/** The left of each box. Boxes of a rank that is too tall stand in several columns. */
function columns(input: LayoutInput, ranked: Ranked, order: Int32Array[], most: number, x: Int32Array): Widths {
  const left = new Int32Array(ranked.ranks);
  const wide = new Int32Array(ranked.ranks);
  let at = MARGIN;
  order.forEach((members, rank) => {
    const beside = Math.max(1, Math.ceil(members.length / most));
    let widest = 0;
    for (const one of members) if (one < ranked.boxes) widest = Math.max(widest, input.width[one]);
    members.forEach((one, position) => (x[one] = at + (position % beside) * (widest + SPACING * 2)));
    left[rank] = at;
    wide[rank] = beside * widest + (beside - 1) * SPACING * 2;
    at += wide[rank] + GAP;
  });
  return { left, wide, total: order.length > 0 ? at - GAP + MARGIN : 2 * MARGIN };
}

/** Heights in a graph that is too tall: boxes stand as close as they can, round the middle. */
function stacked(ranked: Ranked, order: Int32Array[], most: number, y: Int32Array): number {
  const talls = order.map((members) => {
    const beside = Math.max(1, Math.ceil(members.length / most));
    const filled = new Int32Array(beside);
    members.forEach((one, position) => {
      y[one] = filled[position % beside];
      filled[position % beside] += ranked.height[one] + SPACING;
    });
    return filled.reduce((tallest, one) => Math.max(tallest, one - SPACING), 0);
  });
  const tallest = Math.max(...talls);
  order.forEach((members, rank) => {
    const down = MARGIN + ((tallest - talls[rank]) >> 1);
    for (const one of members) y[one] += down;
  });
  return tallest + 2 * MARGIN;
}

/** Boxes without edges, in lines below the others. Returns the size of the whole. */
function loose(input: LayoutInput, isLoose: boolean[], below: boolean, to: { x: Int32Array; y: Int32Array; width: number; height: number }): [number, number] {
  const boxes = isLoose.flatMap((is, box) => (is ? [box] : []));
  if (boxes.length === 0) return [to.width, to.height];
  const widest = boxes.reduce((most, box) => Math.max(most, input.width[box]), 0) + SPACING * 2;
  const room = Math.floor((to.width - 2 * MARGIN + SPACING * 2) / widest);
  const across = Math.max(1, room, Math.ceil(Math.sqrt(boxes.length / 3)));
  let top = below ? to.height - MARGIN + LOOSE_GAP : MARGIN;
  for (let first = 0; first < boxes.length; first += across) {
    const line = boxes.slice(first, first + across);
    line.forEach((box, at) => {
      to.x[box] = MARGIN + at * widest;
      to.y[box] = top;
    });
    top += line.reduce((most, box) => Math.max(most, input.height[box]), 0) + SPACING;
  }
  return [Math.max(to.width, 2 * MARGIN + Math.min(across, boxes.length) * widest - SPACING * 2), top - SPACING + MARGIN];
}

/** The way of each edge: from the right of a box along its trunk to the left of the other. */
function routes(input: LayoutInput, ranked: Ranked, { left, wide }: Widths, { x, y }: { x: Int32Array; y: Int32Array }, straight: boolean): { route: Int32Array; points: Int32Array } {
  const trunk = trunks(ranked);
  const edges = input.src.length;
  const route = new Int32Array(edges + 1);
  const points: number[] = [];
  const port = (box: number) => y[box] + (input.port ?? input.height[box] >> 1);
  for (let edge = 0; edge < edges; edge++) {
    const [from, to] = [input.src[edge], input.dst[edge]];
    points.push(x[from] + input.width[from], port(from));
    let bend = straight ? -1 : trunk[from];
    while (bend >= 0 && ranked.rank[bend] < ranked.rank[to]) {
      const rank = ranked.rank[bend];
      points.push(left[rank], y[bend], left[rank] + wide[rank], y[bend]);
      bend = trunk[bend];
    }
    // Boxes of one rank are joined by a loop at their right.
    points.push(ranked.rank[from] === ranked.rank[to] ? x[to] + input.width[to] : x[to], port(to));
    route[edge + 1] = points.length;
  }
  return { route, points: Int32Array.from(points) };
}

/** The bend that follows each box or bend; -1 for none. */
function trunks(ranked: Ranked): Int32Array {
  const next = new Int32Array(ranked.count).fill(-1);
  for (let one = 0; one < ranked.count; one++) {
    for (const after of neighbours(ranked.edges.down, one)) if (after >= ranked.boxes) next[one] = after;
  }
  return next;
}

/** The ranks that only boxes of one layer stand in, as far as they follow each other. */
function bands(input: LayoutInput, ranked: Ranked, isLoose: boolean[], { left, wide }: Widths): Layout["bands"] {
  if (!input.band) return [];
  const [EMPTY, MIXED] = [-3, -2];
  const of = new Int32Array(ranked.ranks).fill(EMPTY);
  for (let box = 0; box < ranked.boxes; box++) {
    if (isLoose[box]) continue;
    const rank = ranked.rank[box];
    of[rank] = of[rank] === EMPTY || of[rank] === input.band[box] ? input.band[box] : MIXED;
  }
  const found: Layout["bands"] = [];
  for (let rank = 0; rank < ranked.ranks; rank++) {
    const last = found.at(-1);
    const end = left[rank] + wide[rank] + (GAP >> 1);
    if (of[rank] < 0) continue;
    if (last && last.band === of[rank] && of[rank - 1] === of[rank]) last.width = end - last.x;
    else found.push({ band: of[rank], x: left[rank] - (GAP >> 1), width: end - left[rank] + (GAP >> 1) });
  }
  return found;
}

function neighbours({ start, list }: Graph["up"], one: number): Int32Array {
  return list.subarray(start[one], start[one + 1]);
}
