/** The freshness of all sources, the latest first. */

import { useMemo } from "preact/hooks";
import type { Freshness } from "../data";
import { freshnessWord } from "../facts";
import { duration, t } from "../i18n";
import { Empty } from "../parts/empty";
import { NodeLink } from "../parts/node_link";
import { Status, toneOf } from "../parts/status";
import { Table, type Head } from "../parts/table";
import { When } from "../parts/when";
import { core } from "../store";

type Row = [node: number, freshness: Freshness];

const RANK = { bad: 0, warn: 1, idle: 2, ok: 3 };

/** The table. */
export function FreshnessTable() {
  const rows = useMemo(() => [...core().freshness].sort((a, b) => rank(a) - rank(b)), []);
  if (rows.length === 0) return <Empty title={t("freshness.none")}>{t("freshness.none_text")}</Empty>;
  const seconds = (value: number | null) => (value === null ? "–" : duration(value * 1000));
  const heads: Head<Row>[] = [
    { key: "status", label: t("lens.status"), sort: rank, cell: ([, { status }]) => <Status value={freshnessWord(status)} /> },
    { key: "node", label: t("test.node"), fill: true, sort: ([node]) => core().nodes.name[node], cell: ([node]) => <NodeLink node={node} clip /> },
    { key: "age", label: t("freshness.age"), number: true, sort: ([, { age }]) => age ?? -1, cell: ([, { age }]) => seconds(age) },
    { key: "warn", label: t("freshness.warn"), number: true, cell: ([, { warn_after }]) => seconds(warn_after) },
    { key: "error", label: t("freshness.error"), number: true, cell: ([, { error_after }]) => seconds(error_after) },
    { key: "loaded", label: t("freshness.loaded"), sort: ([, { loaded }]) => loaded ?? "", cell: ([, { loaded }]) => (loaded ? <When at={loaded} /> : "–") },
  ];
  return <Table caption={t("lens.freshness")} rows={rows} keyOf={([node]) => node} heads={heads} />;
}

function rank([, { status }]: Row): number {
  return RANK[toneOf(status)];
}
