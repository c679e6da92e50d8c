/** What a selection chooses, with the data files that it asks for loaded first. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Columns, Diff } from "../data";
import { choose, columnPlace, columnTerms, needs, type Chosen } from "../graph/choice";
import { columnPaths, type ColumnAt, type ColumnPaths } from "../graph/column_paths";
import { graphOf, members, type NodeSet } from "../graph/graph";
import { parse, type Problem } from "../graph/selector";
import { core, has, lineageShard, useData } from "../store";

/** The set that is shown, which is that of the last selection without problems, and what is to be said of the present one. */
export interface Shown {
  set: NodeSet | null;
  problems: Problem[];
  warnings: Problem[];
  waiting: boolean;
}

/** Follows a selection. Nothing is chosen by an empty text. */
export function useChosen(text: string): Shown {
  const { query, problems } = useMemo(() => parse(text), [text]);
  const wanted = useMemo(() => needs(query), [query]);
  const diff = useData<Diff>(wanted.diff && has("diff") ? "diff" : null);
  const columns = useData<Columns>(wanted.columns && has("cols") ? "cols" : null);
  const reach = useReach(query, columns.state === "ready" ? columns.value : null);
  const waiting = (wanted.diff && has("diff") && diff.state === "loading") || (wanted.columns && has("cols") && columns.state === "loading") || reach === null;
  const last = useRef<NodeSet | null>(null);
  const chosen = useMemo((): Chosen | null => {
    if (waiting || text.trim() === "") return null;
    const knowledge = { diff: diff.state === "ready" ? diff.value : null, columns: columns.state === "ready" ? columns.value : null, columnReach: reach ?? undefined };
    return choose(core(), query, knowledge);
  }, [query, waiting, diff.state, columns.state, reach]);
  const all = [...problems, ...(chosen?.problems ?? [])];
  if (chosen && all.length === 0) last.current = chosen.set;
  if (text.trim() === "") last.current = null;
  return { set: last.current, problems: all, warnings: chosen?.warnings ?? [], waiting };
}

/** Where the columns of a selection lead: null while that is worked out. */
function useReach(query: ReturnType<typeof parse>["query"], columns: Columns | null): ReadonlyMap<string, NodeSet> | null {
  const terms = useMemo(() => (columns ? columnTerms(core(), query, columns) : []), [query, columns]);
  const [found, setFound] = useState<{ terms: typeof terms; reach: Map<string, NodeSet> } | null>(null);
  useEffect(() => {
    if (terms.length === 0 || !columns) return;
    let wanted = true;
    const walk = async () => {
      const reach = new Map<string, NodeSet>();
      for (const { key, nodes, column, direction, steps } of terms) {
        const from = members(nodes).map((node): ColumnAt => ({ node, column: columnPlace(columns, node, column) }));
        const set = new Uint8Array(core().nodes.id.length);
        // As on the command line, what decides about rows and values leads on as well.
        const paths = await columnPaths(graphOf(core()), from, { direction, influences: true, steps }, lineageShard);
        for (const { at, steps: away } of paths.columns.values()) if (away > 0) set[at.node] = 1;
        reach.set(key, set);
      }
      if (wanted) setFound({ terms, reach });
    };
    void walk();
    return () => {
      wanted = false;
    };
  }, [terms]);
  if (terms.length === 0) return EMPTY;
  return found?.terms === terms ? found.reach : null;
}

const EMPTY: ReadonlyMap<string, NodeSet> = new Map();

/** The ways of a column in both directions; null while they are looked up, and without a column. */
export function useColumnPaths(column: ColumnAt | null, influences: boolean): { up: ColumnPaths; down: ColumnPaths } | null {
  const key = column ? `${column.node}.${column.column} ${influences}` : "";
  const [found, setFound] = useState<{ key: string; up: ColumnPaths; down: ColumnPaths } | null>(null);
  useEffect(() => {
    if (!column) return;
    let wanted = true;
    const graph = graphOf(core());
    const walk = (direction: "up" | "down") => columnPaths(graph, [column], { direction, influences }, lineageShard);
    void Promise.all([walk("up"), walk("down")]).then(([up, down]) => wanted && setFound({ key, up, down }));
    return () => {
      wanted = false;
    };
  }, [key]);
  return found && found.key === key ? found : null;
}

/** Both directions as one. */
export function bothWays({ up, down }: { up: ColumnPaths; down: ColumnPaths }): ColumnPaths {
  return {
    columns: new Map([...up.columns, ...down.columns]),
    edges: [...up.edges, ...down.edges],
    unknown: new Map([...up.unknown, ...down.unknown]),
    unread: [...up.unread, ...down.unread],
  };
}

/** The nodes that ways touch. */
export function touched(paths: ColumnPaths): Set<number> {
  const nodes = new Set<number>(paths.unknown.keys());
  for (const { at } of paths.columns.values()) nodes.add(at.node);
  return nodes;
}
