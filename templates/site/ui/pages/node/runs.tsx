/** How a node ended in earlier runs. */

import type { NodePage, NodeRun, Runs } from "../../data";
import { Bars } from "../../charts/bars";
import { outcomeOf, wordsOf } from "../../facts";
import { duration, exactTime, number, t } from "../../i18n";
import { Empty } from "../../parts/empty";
import { Message } from "../../parts/message";
import { Status, toneOf } from "../../parts/status";
import { Table, type Head } from "../../parts/table";
import { href } from "../../route";
import { has, useData } from "../../store";

/** The runs of a node, as bars of their durations and as a table. */
export function NodeRuns({ node, page }: { node: number; page: NodePage }) {
  const runs = useData<Runs>(has("runs") ? "runs" : null);
  if (page.runs.length === 0) return <Empty title={t("runs.none")}>{t("runs.none_text")}</Empty>;
  const { kind } = wordsOf(node);
  const headOf = (run: NodeRun) => (runs.state === "ready" ? runs.value.runs[run.run] : undefined);
  // What was skipped never began: the run did.
  const begun = (run: NodeRun) => run.at ?? headOf(run)?.start;
  const began = (run: NodeRun) => {
    const at = begun(run);
    return at === undefined ? "–" : exactTime(at);
  };
  const took = (run: NodeRun) => (run.took === null ? "–" : duration(run.took));
  const heads: Head<NodeRun>[] = [
    {
      key: "at",
      label: t("run.start"),
      sort: (run) => begun(run) ?? "",
      cell: (run) => {
        const head = headOf(run);
        return head === undefined ? began(run) : <a href={href(["runs", head.id])}>{began(run)}</a>;
      },
    },
    {
      key: "status",
      label: t("lens.status"),
      fill: true,
      sort: (run) => run.status,
      cell: (run) => (
        <>
          <Status value={outcomeOf(kind, run.status)} />
          {run.message && <Message text={run.message} status={run.status} />}
        </>
      ),
    },
    { key: "took", label: t("lens.duration"), number: true, sort: (run) => run.took ?? -1, cell: took },
    { key: "rows", label: t("run.rows"), number: true, sort: (run) => run.rows ?? -1, cell: (run) => (run.rows === null ? "–" : number(run.rows)) },
  ];
  const bars = [...page.runs].reverse().map((run) => ({ value: run.took ?? 0, tone: toneOf(run.status), label: `${began(run)}: ${took(run)}` }));
  return (
    <>
      <Bars bars={bars} label={t("runs.durations")} />
      <Table caption={t("page.runs")} rows={page.runs} keyOf={(run) => run.run} heads={heads} />
    </>
  );
}
