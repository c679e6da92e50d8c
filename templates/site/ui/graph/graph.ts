/**
 * The graph of nodes: who reads whom, and walks over it.
 *
 * Neighbours are in flat arrays, so that ten thousand nodes are walked in a few milliseconds. A set of nodes is a {@link NodeSet}: a byte
 * for each node of the project, because sets are made, joined and asked far more often than they are listed.
 */
import type { Core } from "../data";

/** Nodes by their place: 1 for those that are in. */
export type NodeSet = Uint8Array;

/** Where a walk goes: to what is read, or to what reads. */
export type Direction = "up" | "down";

/** The neighbours of all nodes in one direction: those of `n` are `list[start[n]] … list[start[n + 1] - 1]`, rising. */
export interface Neighbours {
  start: Int32Array;
  list: Int32Array;
}

/** The project's graph. */
export interface Graph {
  count: number;
  up: Neighbours;
  down: Neighbours;
}

const known = new WeakMap<Core, Graph>();

/** The graph of a core, made once. */
export function graphOf(core: Core): Graph {
  const found = known.get(core);
  if (found) return found;
  const made = graph(core.nodes.id.length, core.edges.src, core.edges.dst);
  known.set(core, made);
  return made;
}

/** A graph of so many nodes. Edges that lead nowhere, or from a node to itself, are left out. */
export function graph(count: number, src: ArrayLike<number>, dst: ArrayLike<number>): Graph {
  return { count, up: neighbours(count, dst, src), down: neighbours(count, src, dst) };
}

function neighbours(count: number, of: ArrayLike<number>, to: ArrayLike<number>): Neighbours {
  const isEdge = (at: number) => of[at] >= 0 && of[at] < count && to[at] >= 0 && to[at] < count && of[at] !== to[at];
  const start = new Int32Array(count + 1);
  for (let at = 0; at < of.length; at++) if (isEdge(at)) start[of[at] + 1]++;
  for (let node = 0; node < count; node++) start[node + 1] += start[node];
  const list = new Int32Array(start[count]);
  const next = start.slice(0, count);
  for (let at = 0; at < of.length; at++) if (isEdge(at)) list[next[of[at]]++] = to[at];
  for (let node = 0; node < count; node++) list.subarray(start[node], start[node + 1]).sort();
  return { start, list };
}

/** The neighbours of a node, rising. */
export function around(graph: Graph, node: number, direction: Direction): Int32Array {
  const { start, list } = graph[direction];
  return list.subarray(start[node], start[node + 1]);
}

/** What so many steps lead to from the nodes of a set. The set itself is only in it as far as its nodes lead to each other. */
export function reached(graph: Graph, from: NodeSet, direction: Direction, steps = Infinity): NodeSet {
  const found = new Uint8Array(graph.count);
  let frontier = members(from);
  for (let step = 0; step < steps && frontier.length > 0; step++) {
    const next: number[] = [];
    for (const node of frontier) {
      for (const neighbour of around(graph, node, direction)) {
        if (found[neighbour]) continue;
        found[neighbour] = 1;
        next.push(neighbour);
      }
    }
    frontier = next;
  }
  return found;
}

/** The set of some nodes. */
export function setOf(count: number, nodes: Iterable<number>): NodeSet {
  const set = new Uint8Array(count);
  for (const node of nodes) set[node] = 1;
  return set;
}

/** The nodes of a set, rising. */
export function members(set: NodeSet): number[] {
  const found: number[] = [];
  for (let node = 0; node < set.length; node++) if (set[node]) found.push(node);
  return found;
}

/** How many nodes a set has. */
export function size(set: NodeSet): number {
  let count = 0;
  for (let node = 0; node < set.length; node++) count += set[node];
  return count;
}

/** The edges between nodes of a set, sorted by source, then target. */
export function edgesWithin(graph: Graph, set: NodeSet): { src: number[]; dst: number[] } {
  const src: number[] = [];
  const dst: number[] = [];
  for (let node = 0; node < graph.count; node++) {
    if (!set[node]) continue;
    for (const reader of around(graph, node, "down")) {
      if (!set[reader]) continue;
      src.push(node);
      dst.push(reader);
    }
  }
  return { src, dst };
}
