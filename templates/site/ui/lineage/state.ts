/**
 * What the explorer shows, as the query of its address: a link shows what its sender saw.
 */
import { href } from "../route";
import { LENSES, type Lens } from "./lens";
import type { View } from "./camera";
import { FOLDS, type Fold } from "./picture";
import type { StepName } from "./step";

/** Everything that can be chosen in the explorer. */
export interface Shown {
  q: string;
  /** The id of a node that is drawn with the selection: an analysis, which no selection names. */
  besides: string | null;
  /** The key of the box that is marked. */
  focus: string | null;
  lens: Lens;
  fold: Fold | null;
  /** Groups that are open. */
  open: string[];
  /** The ids of nodes whose columns are shown. */
  columns: string[];
  /** The column whose ways are shown: id of its node and name. */
  column: [string, string] | null;
  /** The step between two columns that was chosen. */
  step: StepName | null;
  influences: boolean;
  impact: boolean;
  view: View | null;
}

/** Reads the query of an address. What makes no sense is left out. */
export function shownOf(query: URLSearchParams): Shown {
  const lens = LENSES.find((known) => known === query.get("lens"));
  const fold = FOLDS.find((known) => known === query.get("by"));
  const column = list(query.get("col"));
  const step = list(query.get("step"));
  const [x, y, k] = (query.get("view") ?? "").split(",").map(Number);
  const exclude = query.get("exclude");
  return {
    q: `${query.get("q") ?? ""}${exclude ? ` --exclude ${exclude}` : ""}`.trim(),
    besides: query.get("with"),
    focus: query.get("focus"),
    lens: lens ?? "none",
    fold: fold ?? null,
    open: list(query.get("open")),
    columns: list(query.get("cols")),
    column: column.length === 2 ? [column[0], column[1]] : null,
    step: step.length === 4 ? (step as StepName) : null,
    influences: query.get("inf") === "1",
    impact: query.get("impact") === "1",
    view: Number.isFinite(x + y + k) && k > 0 ? { x, y, k } : null,
  };
}

/** The address of what is shown. */
export function addressOf(shown: Shown, rest: Record<string, string | undefined> = {}): string {
  const { view } = shown;
  return href(["lineage"], {
    ...rest,
    q: shown.q,
    with: shown.besides ?? undefined,
    focus: shown.focus ?? undefined,
    lens: shown.lens === "none" ? undefined : shown.lens,
    by: shown.fold ?? undefined,
    open: written(shown.open),
    cols: written(shown.columns),
    col: shown.column ? written(shown.column) : undefined,
    step: shown.step ? written(shown.step) : undefined,
    inf: shown.influences ? "1" : undefined,
    impact: shown.impact ? "1" : undefined,
    view: view ? viewText(view) : undefined,
  });
}

/** A view as an address holds it. */
export function viewText({ x, y, k }: View): string {
  return `${x},${y},${k}`;
}

function written(texts: string[]): string | undefined {
  return texts.length > 0 ? texts.map((text) => encodeURIComponent(text).replaceAll("~", "%7E")).join("~") : undefined;
}

function list(text: string | null): string[] {
  if (!text) return [];
  try {
    return text.split("~").map(decodeURIComponent);
  } catch {
    return [];
  }
}
