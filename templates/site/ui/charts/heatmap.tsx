/** Data sets against the dimensions of quality: each cell tells the worst outcome and how many tests there are. */

import { useMemo } from "preact/hooks";
import type { Dimension, Test, Verdict } from "../data";
import { number, t, tMaybe } from "../i18n";
import { Icon } from "../parts/icon";
import { NodeLink } from "../parts/node_link";
import { toneOf, type Tone } from "../parts/status";
import { Table, type Head } from "../parts/table";

const DIMENSIONS: readonly Dimension[] = ["completeness", "uniqueness", "validity", "accuracy", "consistency", "integrity", "timeliness"];
const WORST: readonly Verdict[] = ["error", "fail", "warn", "not_run", "skipped", "pass"];

interface Row {
  node: number;
  cells: Partial<Record<Dimension, Test[]>>;
  worst: number;
}

/** The heatmap, as a table: the worst data sets first. */
export function Heatmap({ tests }: { tests: Test[] }) {
  const rows = useMemo(() => rowsOf(tests), [tests]);
  const heads: Head<Row>[] = [
    { key: "node", label: t("test.node"), fill: true, cell: (row) => <NodeLink node={row.node} clip /> },
    ...DIMENSIONS.map((dimension): Head<Row> => ({ key: dimension, label: tMaybe("dimension", dimension), sort: (row) => rank(row.cells[dimension]), cell: (row) => <Cell tests={row.cells[dimension]} /> })),
  ];
  return <Table caption={t("quality.datasets")} rows={rows} keyOf={(row) => row.node} heads={heads} />;
}

function Cell({ tests }: { tests: Test[] | undefined }) {
  if (!tests) return null;
  const worst = WORST[rank(tests)];
  const tone: Tone = toneOf(worst);
  const bad = tests.filter((test) => test.status === worst).length;
  return (
    <span class={`heat ${tone}`} title={`${tMaybe("status", worst)}: ${number(bad)} / ${number(tests.length)}`}>
      <Icon name={tone} size={14} />
      <span class="unseen">{tMaybe("status", worst)}</span>
      {bad === tests.length ? number(bad) : `${number(bad)}/${number(tests.length)}`}
    </span>
  );
}

/** The place of the worst outcome in {@link WORST}; behind all when there are no tests. */
function rank(tests: Test[] | undefined): number {
  if (!tests) return WORST.length;
  return Math.min(...tests.map((test) => WORST.indexOf(test.status)));
}

function rowsOf(tests: Test[]): Row[] {
  const rows = new Map<number, Row>();
  for (const test of tests) {
    if (test.node < 0) continue;
    let row = rows.get(test.node);
    if (!row) rows.set(test.node, (row = { node: test.node, cells: {}, worst: WORST.length }));
    (row.cells[test.dimension] ??= []).push(test);
    row.worst = Math.min(row.worst, WORST.indexOf(test.status));
  }
  return [...rows.values()].sort((a, b) => a.worst - b.worst);
}
