/**
 * The ways of columns: which are made of which, across the shards of `cll`.
 *
 * A shard holds what its own nodes are made of. So a walk upstream asks the shard of the node, and a walk downstream the shards of all that
 * read the node. Flows carry values; influences (filters, joins, groups) only decide about them and are followed only when they are asked for.
 * What decides about the rows of a node is an edge to the node's {@link ROWS}, which stand for all its columns.
 */
import { FLOWS, SHARD, type EdgeKind, type LineageShard } from "../data";
import { around, type Direction, type Graph } from "./graph";

/** A column: the place of its node, and of its name in `Columns.names`. */
export interface ColumnAt {
  node: number;
  column: number;
}

/** In place of a column: the rows of a node. */
export const ROWS = -1;

/** One step: the column `to` is made of `from`, or is decided about by it. */
export interface ColumnEdge {
  from: ColumnAt;
  to: ColumnAt;
  kind: EdgeKind;
}

/** What a walk found. */
export interface ColumnPaths {
  /** The columns on the ways with how many steps they are away, those from which it began included. */
  columns: Map<string, { at: ColumnAt; steps: number }>;
  edges: ColumnEdge[];
  /** Nodes on the way whose SQL is not understood, with the reason: the walk ends there without having come to an end. */
  unknown: Map<number, string>;
  /** Nodes whose shard could not be read. */
  unread: number[];
}

/** Where a walk goes and what it follows. */
export interface Walk {
  direction: Direction;
  /** Whether influences are followed as well. */
  influences: boolean;
  steps?: number;
}

/** Gives the shard of a node, or null where there is none. */
export type ShardOf = (node: number) => Promise<LineageShard | null>;

/** A column as a key. */
export function columnKey({ node, column }: ColumnAt): string {
  return `${node}.${column}`;
}

/** Whether an edge carries values. */
export function isFlow(kind: EdgeKind): boolean {
  return FLOWS.includes(kind);
}

/** A shard, indexed by the node that is made. */
interface Indexed {
  edges: Map<number, ColumnEdge[]>;
  unknown: Map<number, string>;
}

const indexed = new WeakMap<LineageShard, Indexed>();

/** Follows columns in one direction. */
export async function columnPaths(graph: Graph, from: ColumnAt[], walk: Walk, shardOf: ShardOf): Promise<ColumnPaths> {
  const paths: ColumnPaths = { columns: new Map(), edges: [], unknown: new Map(), unread: [] };
  for (const at of from) paths.columns.set(columnKey(at), { at, steps: 0 });
  const shards = new Shards(shardOf, paths);
  const drawn = new Set<string>();
  let frontier = from;
  for (let steps = 1; frontier.length > 0 && steps <= (walk.steps ?? Infinity); steps++) {
    const nodes = [...new Set(frontier.map(({ node }) => node))];
    // What is read is in the node's own shard; what reads is in those of its readers.
    const makers = walk.direction === "up" ? nodes : [...new Set(nodes.flatMap((node) => [...around(graph, node, "down")]))];
    await shards.load(makers);
    const next: ColumnAt[] = [];
    for (const edge of shards.leading(graph, frontier, walk)) {
      const key = `${columnKey(edge.from)} ${columnKey(edge.to)} ${edge.kind}`;
      if (!drawn.has(key)) {
        drawn.add(key);
        paths.edges.push(edge);
      }
      const end = walk.direction === "up" ? edge.from : edge.to;
      if (paths.columns.has(columnKey(end))) continue;
      paths.columns.set(columnKey(end), { at: end, steps });
      next.push(end);
    }
    frontier = next;
  }
  return paths;
}

/** The shards that a walk has read. */
class Shards {
  private readonly read = new Map<number, Indexed | null>();

  constructor(
    private readonly shardOf: ShardOf,
    private readonly paths: ColumnPaths,
  ) {}

  async load(nodes: number[]): Promise<void> {
    const wanted = [...new Set(nodes.map((node) => Math.floor(node / SHARD)))].filter((shard) => !this.read.has(shard));
    await Promise.all(
      wanted.map(async (shard) => {
        const found = await this.shardOf(shard * SHARD).catch(() => undefined);
        this.read.set(shard, found ? indexOf(found) : null);
        if (found === undefined) this.paths.unread.push(...nodes.filter((node) => Math.floor(node / SHARD) === shard));
      }),
    );
  }

  /** The edges that lead on from some columns. */
  leading(graph: Graph, from: ColumnAt[], { direction, influences }: Walk): ColumnEdge[] {
    const good = (edge: ColumnEdge) => influences || isFlow(edge.kind);
    if (direction === "up") return from.flatMap((at) => this.made(at.node).filter((edge) => good(edge) && makes(edge, at)));
    return from.flatMap((at) =>
      [...around(graph, at.node, "down")].flatMap((reader) => this.made(reader).filter((edge) => good(edge) && reads(edge, at))),
    );
  }

  /** What a node is made of. That nothing is known is told. */
  private made(node: number): ColumnEdge[] {
    const shard = this.read.get(Math.floor(node / SHARD));
    const why = shard?.unknown.get(node);
    if (why !== undefined) this.paths.unknown.set(node, why);
    return shard?.edges.get(node) ?? [];
  }
}

/** The rows of a node are a part of each of its columns. */
function makes({ to }: ColumnEdge, at: ColumnAt): boolean {
  return to.column === at.column || to.column === ROWS || at.column === ROWS;
}

function reads({ from }: ColumnEdge, at: ColumnAt): boolean {
  return from.node === at.node && (from.column === at.column || at.column === ROWS);
}

function indexOf(shard: LineageShard): Indexed {
  const found = indexed.get(shard);
  if (found) return found;
  const edges = new Map<number, ColumnEdge[]>();
  const add = (edge: ColumnEdge) => {
    const known = edges.get(edge.to.node);
    if (known) known.push(edge);
    else edges.set(edge.to.node, [edge]);
  };
  const { edges: five, rows: four, kinds } = shard;
  for (let at = 0; at + 4 < five.length; at += 5) {
    add({ to: { node: five[at], column: five[at + 1] }, from: { node: five[at + 2], column: five[at + 3] }, kind: kinds[five[at + 4]] });
  }
  for (let at = 0; at + 3 < four.length; at += 4) {
    add({ to: { node: four[at], column: ROWS }, from: { node: four[at + 1], column: four[at + 2] }, kind: kinds[four[at + 3]] });
  }
  const made = { edges, unknown: new Map(shard.unknown) };
  indexed.set(shard, made);
  return made;
}
