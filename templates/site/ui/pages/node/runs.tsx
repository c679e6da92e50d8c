/** How a node ended in earlier runs. */

import type { NodePage, NodeRun, Runs } from "../../data";
import { Bars } from "../../charts/bars";
import { dateTime, duration, number, t } from "../../i18n";
import { Empty } from "../../parts/empty";
import { Status, toneOf } from "../../parts/status";
import { Table, type Head } from "../../parts/table";
import { href } from "../../route";
import { has, useData } from "../../store";

/** The runs of a node, as bars of their durations and as a table. */
export function NodeRuns({ page }: { page: NodePage }) {
  const runs = useData<Runs>(has("runs") ? "runs" : null);
  if (page.runs.length === 0) return <Empty title={t("runs.none")}>{t("runs.none_text")}</Empty>;
  const idOf = (run: NodeRun) => (runs.state === "ready" ? runs.value.runs[run.run]?.id : undefined);
  const heads: Head<NodeRun>[] = [
    {
      key: "at",
      label: t("run.start"),
      sort: (run) => run.at,
      cell: (run) => {
        const id = idOf(run);
        return id === undefined ? dateTime(run.at) : <a href={href(["runs", id])}>{dateTime(run.at)}</a>;
      },
    },
    { key: "status", label: t("lens.status"), sort: (run) => run.status, cell: (run) => <Status value={run.status} /> },
    { key: "took", label: t("lens.duration"), number: true, sort: (run) => run.took, cell: (run) => duration(run.took) },
    { key: "rows", label: t("run.rows"), number: true, sort: (run) => run.rows ?? -1, cell: (run) => (run.rows === null ? "–" : number(run.rows)) },
  ];
  const bars = [...page.runs].reverse().map((run) => ({ value: run.took, tone: toneOf(run.status), label: `${dateTime(run.at)}: ${duration(run.took)}` }));
  return (
    <>
      <Bars bars={bars} label={t("runs.durations")} />
      <Table caption={t("page.runs")} rows={page.runs} keyOf={(run) => run.run} heads={heads} />
    </>
  );
}
