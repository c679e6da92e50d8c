/** One step of a column's way: what it is made of, and what is done to it. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Columns } from "../data";
import { ROWS, type ColumnAt, type ColumnEdge, type ColumnPaths } from "../graph/column_paths";
import { t } from "../i18n";
import { ColumnEnd, EdgeBadge } from "../parts/column_step";
import { Expressions } from "../parts/expression";
import { Name } from "../parts/name";
import { nodeHref } from "../parts/node_link";
import { core } from "../store";

/** A step as the address tells it: id and column of what is read, then of what is made. */
export type StepName = [from: string, column: string, to: string, column: string];

/** The name of a step. */
export function stepName({ from, to }: ColumnEdge, { names }: Columns): StepName {
  const { id } = core().nodes;
  return [id[from.node], names[from.column] ?? "", id[to.node], names[to.column] ?? ""];
}

/** The edges of a step: a column can be read for its value and to decide about it at once. */
export function edgesOf(name: StepName | null, paths: ColumnPaths | null, columns: Columns | null): ColumnEdge[] {
  if (!name || !paths || !columns) return [];
  const wanted = name.join("\n");
  return paths.edges.filter((edge) => stepName(edge, columns).join("\n") === wanted);
}

/** What is known of the step that was chosen. */
export function StepPart({ edges, columns, onClose }: { edges: ColumnEdge[]; columns: Columns; onClose: () => void }) {
  const [{ from, to }] = edges;
  const part = useRef<HTMLElement>(null);
  // A step is chosen in the picture as well: the panel shows what is said of it, and the page stays where it is.
  useLayoutEffect(() => {
    const [element, panel] = [part.current!, part.current!.parentElement!];
    const hidden = element.getBoundingClientRect().bottom - panel.getBoundingClientRect().bottom;
    if (hidden > 0) panel.scrollBy(0, hidden);
  }, [edges]);
  return (
    <section ref={part} aria-label={t("lineage.step")}>
      <h3 class="lineage-panel-part">
        {t("lineage.step")}
        <button type="button" class="button quiet" onClick={onClose}>
          {t("close")}
        </button>
      </h3>
      <p>
        <ColumnEnd at={from} names={columns.names} /> → <ColumnEnd at={to} names={columns.names} />
      </p>
      {edges.map(({ kind }) => (
        <p class="small" key={kind}>
          <EdgeBadge kind={kind} /> {t(`lineage.step.${kind}`)}
        </p>
      ))}
      <Expressions of={to} />
      {core().meta.sql && (
        <div class="lineage-actions">
          <a class="button" href={nodeHref(to.node, undefined, { tab: "sql" })}>
            {t("lineage.step.sql", { name: core().nodes.name[to.node] })}
          </a>
        </div>
      )}
    </section>
  );
}

/** The steps that begin or end at a column, to choose one of them without a mouse. */
export function StepList({ column, paths, chosen, columns, onChoose }: { column: ColumnAt; paths: { up: ColumnPaths; down: ColumnPaths }; chosen: ColumnEdge[]; columns: Columns; onChoose: (edge: ColumnEdge | null) => void }) {
  const is = (at: ColumnAt) => at.node === column.node && (at.column === column.column || at.column === ROWS);
  const steps = [...paths.up.edges.filter(({ to }) => is(to)), ...paths.down.edges.filter(({ from }) => is(from))];
  if (steps.length === 0) return null;
  const label = ({ node, column: of }: ColumnAt) => [core().nodes.name[node], columns.names[of]].filter(Boolean).join(".");
  return (
    <ul class="lineage-columns small" aria-label={t("lineage.steps")}>
      {steps.map((edge, at) => (
        <li key={at}>
          <button type="button" aria-pressed={chosen.includes(edge)} onClick={() => onChoose(chosen.includes(edge) ? null : edge)}>
            <Name text={is(edge.to) ? `← ${label(edge.from)}` : `→ ${label(edge.to)}`} /> <span class="dim">{t(`edge.${edge.kind}`)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
