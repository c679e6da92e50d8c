/**
 * The order of boxes in their ranks, from top to bottom, with few crossings of edges.
 *
 * Each rank is sorted by the mean place of its neighbours in the rank before, then in the rank behind, and so on, downwards and upwards by turns.
 * What stood in the better order is kept. Sorting is stable, so that equal means stay as they are.
 */
import type { Graph } from "./graph";
import type { Ranked } from "./layout";

/** How often all ranks are sorted: more often in graphs that people look at in detail. */
const SWEEPS = 20;
const SWEEPS_OF_MANY = 6;
const MANY = 6000;

/** The members of each rank, from top to bottom. */
export function ordered(ranked: Ranked, isLoose: boolean[]): Int32Array[] {
  const first = begun(ranked, isLoose);
  const ranks: Int32Array[] = first.map((members) => Int32Array.from(members));
  const place = new Int32Array(ranked.count);
  for (const members of ranks) members.forEach((one, at) => (place[one] = at));
  let best = ranks.map((members) => members.slice());
  let fewest = crossings(ranked, ranks, place);
  const sweeps = ranked.count > MANY ? SWEEPS_OF_MANY : SWEEPS;
  let since = 0;
  for (let sweep = 0; sweep < sweeps && fewest > 0 && since < 6; sweep++) {
    const downwards = sweep % 2 === 0;
    for (let step = 1; step < ranks.length; step++) {
      const rank = downwards ? step : ranks.length - 1 - step;
      sort(ranks[rank], downwards ? ranked.edges.up : ranked.edges.down, place);
    }
    const now = crossings(ranked, ranks, place);
    since++;
    if (now >= fewest) continue;
    fewest = now;
    since = 0;
    best = ranks.map((members) => members.slice());
  }
  return best;
}

/** The first order: as a walk from the boxes at the left meets them, so that what belongs together begins together. */
function begun(ranked: Ranked, isLoose: boolean[]): number[][] {
  const ranks: number[][] = Array.from({ length: ranked.ranks }, () => []);
  const seen = new Uint8Array(ranked.count);
  const stack: number[] = [];
  const push = (one: number) => {
    if (seen[one]) return;
    seen[one] = 1;
    stack.push(one);
  };
  for (let root = 0; root < ranked.boxes; root++) {
    if (isLoose[root]) continue;
    push(root);
    // A walk in both directions keeps parts together that nothing joins.
    while (stack.length > 0) {
      const one = stack.pop()!;
      ranks[ranked.rank[one]].push(one);
      each(ranked.edges.up, one, push);
      each(ranked.edges.down, one, push);
    }
  }
  return ranks;
}

function sort(members: Int32Array, neighbours: Graph["up"], place: Int32Array): void {
  const mean = new Float64Array(members.length);
  members.forEach((one, at) => {
    let sum = 0;
    let count = 0;
    each(neighbours, one, (other) => {
      sum += place[other];
      count++;
    });
    mean[at] = count > 0 ? sum / count : -1;
  });
  // What has no neighbours there keeps its place relative to the one above it.
  for (let at = 0; at < mean.length; at++) if (mean[at] < 0) mean[at] = at > 0 ? mean[at - 1] : 0;
  const sorted = Array.from(members.keys()).sort((a, b) => mean[a] - mean[b] || a - b);
  const before = members.slice();
  sorted.forEach((from, to) => {
    members[to] = before[from];
    place[before[from]] = to;
  });
}

/** How many pairs of edges cross: counted with a tree of sums over the places of a rank. */
function crossings(ranked: Ranked, ranks: Int32Array[], place: Int32Array): number {
  let count = 0;
  for (let rank = 0; rank + 1 < ranks.length; rank++) {
    const size = ranks[rank + 1].length;
    const tree = new Int32Array(size + 1);
    let total = 0;
    for (const one of ranks[rank]) {
      const ends: number[] = [];
      each(ranked.edges.down, one, (other) => ends.push(place[other]));
      for (const end of ends) {
        let notAbove = 0;
        for (let at = end + 1; at > 0; at -= at & -at) notAbove += tree[at];
        count += total - notAbove;
      }
      for (const end of ends) {
        for (let at = end + 1; at <= size; at += at & -at) tree[at]++;
        total++;
      }
    }
  }
  return count;
}

function each({ start, list }: Graph["up"], one: number, call: (other: number) => void): void {
  for (let at = start[one]; at < start[one + 1]; at++) call(list[at]);
}
