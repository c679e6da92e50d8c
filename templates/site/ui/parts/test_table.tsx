/** Tables of tests, as the quality page and the pages of nodes show them. */

import { useMemo } from "preact/hooks";
import type { Test, Verdict } from "../data";
import { number, t, tMaybe } from "../i18n";
import { href } from "../route";
import { failuresOf, isFlaky } from "../tests";
import { Badge } from "./badge";
import { Name } from "./name";
import { NodeLink } from "./node_link";
import { Status } from "./status";
import { Strip } from "./strip";
import { Table, type Head } from "./table";

const ORDER: Record<Verdict, number> = { error: 0, fail: 1, warn: 2, not_run: 3, skipped: 4, pass: 5 };

/** A table of tests, the worst first. `withNode` adds what is tested. */
export function TestTable({ tests, caption, withNode }: { tests: Test[]; caption: string; withNode: boolean }) {
  const rows = useMemo(() => [...tests].sort((a, b) => ORDER[a.status] - ORDER[b.status]), [tests]);
  const heads: Head<Test>[] = [
    { key: "status", label: t("lens.status"), sort: (test) => ORDER[test.status], cell: (test) => <Status value={test.status} /> },
    { key: "name", label: t("test.name"), sort: (test) => test.type, cell: (test) => <TestName test={test} /> },
    { key: "column", label: t("search.column"), sort: (test) => test.column ?? "", cell: (test) => <span class="mono">{test.column}</span> },
    { key: "dimension", label: t("test.dimension"), sort: (test) => test.dimension, cell: (test) => tMaybe("dimension", test.dimension) },
    { key: "failures", label: t("test.failures"), number: true, sort: (test) => failuresOf(test) ?? -1, cell: (test) => <Failures test={test} /> },
    { key: "history", label: t("test.history"), cell: (test) => <Strip outcomes={test.history.map(([, verdict]) => verdict)} /> },
  ];
  if (withNode) heads.splice(2, 0, { key: "node", label: t("test.node"), fill: true, cell: (test) => (test.node < 0 ? "–" : <NodeLink node={test.node} clip />) });
  return <Table caption={caption} rows={rows} keyOf={(test) => test.id} heads={heads} />;
}

/** How many rows are wrong. */
export function Failures({ test }: { test: Test }) {
  const count = failuresOf(test);
  return <>{count === null ? "–" : number(count)}</>;
}

/** The name of a test, which leads to its page, and whether it can be relied on. */
export function TestName({ test }: { test: Test }) {
  return (
    <span class="badges">
      <a href={href(["test", test.id])} title={test.name}>
        {test.type === "singular" || test.type === "unit" ? <Name text={test.name} /> : test.type}
      </a>
      {isFlaky(test) && <Badge tone="warn">{t("test.flaky")}</Badge>}
    </span>
  );
}
