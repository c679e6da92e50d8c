/** How far the picture reaches up- and downstream, where the selection is a single term. */
import { operators, parse } from "../graph/selector";
import { number, t } from "../i18n";

/** A term with its operators apart. Infinity is all the way. */
export interface Depth {
  rest: string;
  up: number;
  down: number;
}

/** The depth of a selection; null where it is more than one term. */
export function depthOf(text: string): Depth | null {
  const { query, problems } = parse(text);
  const term = query.select[0]?.terms[0];
  const isOne = problems.length === 0 && query.select.length === 1 && query.exclude.length === 0 && query.select[0].terms.length === 1;
  if (!isOne || term.childrensParents) return null;
  return { rest: operators(term.text).rest, up: term.parents ?? 0, down: term.children ?? 0 };
}

/** The selection of a depth. */
export function withDepth({ rest, up, down }: Depth): string {
  const digits = (steps: number) => (steps === Infinity ? "" : String(steps));
  return `${up > 0 ? `${digits(up)}+` : ""}${rest}${down > 0 ? `+${digits(down)}` : ""}`;
}

/** Buttons for one step more or less in each direction, and for everything. */
export function Reach({ depth, all, onChange }: { depth: Depth; all: string; onChange: (depth: Depth) => void }) {
  const isAll = depth.up === Infinity && depth.down === Infinity;
  return (
    <span class="lineage-reach small">
      <Steps label={t("lineage.up")} steps={depth.up} onChange={(up) => onChange({ ...depth, up })} />
      <Steps label={t("lineage.down")} steps={depth.down} onChange={(down) => onChange({ ...depth, down })} />
      <button type="button" class="button quiet" aria-pressed={isAll} onClick={() => onChange({ ...depth, up: isAll ? 1 : Infinity, down: isAll ? 1 : Infinity })}>
        {t("lineage.all", { count: all })}
      </button>
    </span>
  );
}

function Steps({ label, steps, onChange }: { label: string; steps: number; onChange: (steps: number) => void }) {
  return (
    <span class="lineage-steps" role="group" aria-label={label}>
      <span class="dim">{label}</span>
      <button type="button" class="button quiet" aria-label={t("lineage.less", { label })} disabled={steps === 0} onClick={() => onChange(steps === Infinity ? 1 : steps - 1)}>
        −
      </button>
      <output>{steps === Infinity ? "∞" : number(steps)}</output>
      <button type="button" class="button quiet" aria-label={t("lineage.more.steps", { label })} disabled={steps === Infinity} onClick={() => onChange(steps + 1)}>
        +
      </button>
    </span>
  );
}
