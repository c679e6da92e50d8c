/**
 * How high boxes stand in their ranks, after Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001).
 *
 * Boxes are put in line with a neighbour in the middle, four times: seen from the left and the right, from above and below. Each box stands
 * between the two middle answers. Trunks, which run through bends, are kept straight before anything else.
 */
import type { Graph } from "./graph";
import { MARGIN, SPACING, type Ranked } from "./layout";

/** Between two lines that pass a rank, and between a line and a box. */
const LINES = 8;

/** Sets the top of each box and the height of each bend; returns the height of the whole. */
export function heights(ranked: Ranked, order: Int32Array[], y: Int32Array): number {
  const place = new Int32Array(ranked.count);
  for (const members of order) members.forEach((one, at) => (place[one] = at));
  const bad = conflicts(ranked, order, place);
  const answers: Int32Array[] = [];
  for (const fromLeft of [true, false]) {
    for (const fromTop of [true, false]) answers.push(answer(ranked, order, place, bad, fromLeft, fromTop));
  }
  level(answers, order);
  let top = 0x7fffffff;
  for (const members of order) {
    for (const one of members) {
      const four = answers.map((middle) => middle[one]).sort((a, b) => a - b);
      y[one] = ((four[1] + four[2]) >> 1) - (ranked.height[one] >> 1);
      top = Math.min(top, y[one]);
    }
  }
  let bottom = 0;
  for (const members of order) {
    for (const one of members) {
      y[one] += MARGIN - top;
      bottom = Math.max(bottom, y[one] + ranked.height[one]);
    }
  }
  return bottom + MARGIN;
}

/** Edges of boxes that cross a trunk: they must not pull it. Told by the pair's number, {@link pair}. */
function conflicts(ranked: Ranked, order: Int32Array[], place: Int32Array): Set<number> {
  const bad = new Set<number>();
  for (let rank = 1; rank < order.length; rank++) {
    const members = order[rank];
    let low = 0;
    let scanned = 0;
    for (let at = 0; at < members.length; at++) {
      const inner = innerParent(ranked, members[at]);
      if (inner < 0 && at + 1 < members.length) continue;
      const high = inner >= 0 ? place[inner] : order[rank - 1].length - 1;
      for (; scanned <= at; scanned++) {
        each(ranked.edges.up, members[scanned], (parent) => {
          const isOutside = place[parent] < low || place[parent] > high;
          if (isOutside && !(isBend(ranked, parent) && isBend(ranked, members[scanned]))) bad.add(pair(ranked, parent, members[scanned]));
        });
      }
      low = high;
    }
  }
  return bad;
}

/** The bend before a bend. */
function innerParent(ranked: Ranked, one: number): number {
  if (!isBend(ranked, one)) return -1;
  const parent = ranked.edges.up.list[ranked.edges.up.start[one]];
  return isBend(ranked, parent) ? parent : -1;
}

function isBend(ranked: Ranked, one: number): boolean {
  return one >= ranked.boxes;
}

function pair(ranked: Ranked, from: number, to: number): number {
  return from * ranked.count + to;
}

/** One of the four answers: the middle of each box. */
function answer(ranked: Ranked, order: Int32Array[], place: Int32Array, bad: Set<number>, fromLeft: boolean, fromTop: boolean): Int32Array {
  const root = aligned(ranked, order, place, bad, fromLeft, fromTop);
  return compacted(ranked, order, root, fromTop);
}

/** The first of the boxes that each is in line with. */
function aligned(ranked: Ranked, order: Int32Array[], place: Int32Array, bad: Set<number>, fromLeft: boolean, fromTop: boolean): Int32Array {
  const root = Int32Array.from({ length: ranked.count }, (_, one) => one);
  const taken = new Uint8Array(ranked.count);
  const neighbours = fromLeft ? ranked.edges.up : ranked.edges.down;
  const isBad = (one: number, other: number) => bad.has(fromLeft ? pair(ranked, other, one) : pair(ranked, one, other));
  for (let step = 1; step < order.length; step++) {
    const rank = fromLeft ? step : order.length - 1 - step;
    const members = order[rank];
    let last = fromTop ? -1 : 0x7fffffff;
    for (let at = 0; at < members.length; at++) {
      const one = members[fromTop ? at : members.length - 1 - at];
      const others = Array.from(neighbours.list.subarray(neighbours.start[one], neighbours.start[one + 1])).sort((a, b) => place[a] - place[b]);
      const middle = (others.length - 1) / 2;
      const candidates = [Math.floor(middle), Math.ceil(middle)];
      for (const candidate of fromTop ? candidates : candidates.reverse()) {
        const other = others[candidate];
        if (other === undefined || root[one] !== one || taken[other] || isBad(one, other)) continue;
        if (fromTop ? place[other] <= last : place[other] >= last) continue;
        root[one] = root[other];
        taken[other] = 1;
        last = place[other];
      }
    }
  }
  return root;
}

/** Lines of boxes as close to each other as they can be, then drawn towards what is beyond them. */
function compacted(ranked: Ranked, order: Int32Array[], root: Int32Array, fromTop: boolean): Int32Array {
  const src: number[] = [];
  const dst: number[] = [];
  const apart: number[] = [];
  for (const members of order) {
    for (let at = 1; at < members.length; at++) {
      src.push(root[members[at - 1]]);
      dst.push(root[members[at]]);
      apart.push(distance(ranked, members[at - 1], members[at]));
    }
  }
  const below = indexed(ranked.count, src);
  const waiting = new Int32Array(ranked.count);
  for (const to of dst) waiting[to]++;
  const sequence: number[] = [];
  for (const members of order) for (const one of members) if (root[one] === one && waiting[one] === 0) sequence.push(one);
  const height = new Int32Array(ranked.count);
  for (let done = 0; done < sequence.length; done++) {
    each(below, sequence[done], (edge) => {
      height[dst[edge]] = Math.max(height[dst[edge]], height[sequence[done]] + apart[edge]);
      if (--waiting[dst[edge]] === 0) sequence.push(dst[edge]);
    });
  }
  const bottom = sequence.reduce((most, one) => Math.max(most, height[one]), 0);
  const lowest = new Int32Array(ranked.count).fill(bottom);
  for (let at = sequence.length - 1; at >= 0; at--) {
    const one = sequence[at];
    const isFree = below.start[one] === below.start[one + 1];
    // Seen from above, lines that nothing is below stand as high as they can, and the others close to what is below them.
    if (isFree && fromTop) lowest[one] = height[one];
    each(below, one, (edge) => (lowest[one] = Math.min(lowest[one], lowest[dst[edge]] - apart[edge])));
  }
  return root.map((of) => lowest[of]);
}

function distance(ranked: Ranked, above: number, below: number): number {
  const gap = isBend(ranked, above) || isBend(ranked, below) ? LINES : SPACING;
  return Math.ceil((ranked.height[above] + ranked.height[below]) / 2) + 1 + gap;
}

/** Moves the answers to the one that needs the least room: those seen from above by their top, the others by their bottom. */
function level(answers: Int32Array[], order: Int32Array[]): void {
  const ends = answers.map((answer) => {
    let [top, bottom] = [0x7fffffff, -0x7fffffff];
    for (const members of order) {
      for (const one of members) {
        top = Math.min(top, answer[one]);
        bottom = Math.max(bottom, answer[one]);
      }
    }
    return { top, bottom };
  });
  const least = ends.reduce((best, end) => (end.bottom - end.top < best.bottom - best.top ? end : best));
  answers.forEach((answer, at) => {
    const isFromTop = at % 2 === 0;
    const move = isFromTop ? least.top - ends[at].top : least.bottom - ends[at].bottom;
    for (let one = 0; one < answer.length; one++) answer[one] += move;
  });
}

/** The edges of each source, in one list. */
function indexed(count: number, src: number[]): Graph["up"] {
  const start = new Int32Array(count + 1);
  for (const from of src) start[from + 1]++;
  for (let one = 0; one < count; one++) start[one + 1] += start[one];
  const list = new Int32Array(src.length);
  const next = start.slice(0, count);
  src.forEach((from, edge) => (list[next[from]++] = edge));
  return { start, list };
}

function each({ start, list }: Graph["up"], one: number, call: (other: number) => void): void {
  for (let at = start[one]; at < start[one + 1]; at++) call(list[at]);
}
