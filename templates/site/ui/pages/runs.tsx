/** The runs that are remembered, the newest first. */

import type { RunHead, Runs } from "../data";
import { Bars } from "../charts/bars";
import { duration, exactTime, number, t } from "../i18n";
import { With } from "../parts/data";
import { Empty } from "../parts/empty";
import { PageHead } from "../parts/page";
import { Status, toneOf } from "../parts/status";
import { Table, type Head } from "../parts/table";
import { href } from "../route";
import { has, useData } from "../store";

/** The page. */
export function RunsPage() {
  const runs = useData<Runs>(has("runs") ? "runs" : null);
  return (
    <>
      <PageHead title={t("page.runs")} />
      {has("runs") ? <With data={runs}>{(value) => <List runs={value.runs} />}</With> : <NoRuns />}
    </>
  );
}

/** What is shown when nothing ran yet. */
export function NoRuns() {
  return <Empty title={t("runs.none")}>{t("runs.none_text")}</Empty>;
}

/** How long a run took, in milliseconds. */
export function took(run: RunHead): number {
  return Math.max(0, Date.parse(run.end) - Date.parse(run.start));
}

function List({ runs }: { runs: RunHead[] }) {
  if (runs.length === 0) return <NoRuns />;
  const bars = [...runs].reverse().map((run) => ({ value: took(run), tone: toneOf(run.status), label: `${exactTime(run.start)}: ${duration(took(run))}` }));
  const heads: Head<RunHead>[] = [
    { key: "start", label: t("run.start"), sort: (run) => run.start, cell: (run) => <a href={href(["runs", run.id])}>{exactTime(run.start)}</a> },
    { key: "status", label: t("lens.status"), sort: (run) => run.status, cell: (run) => <Status value={run.status} /> },
    { key: "command", label: t("run.command"), sort: (run) => run.command, cell: (run) => <code>{run.command}</code> },
    { key: "took", label: t("lens.duration"), number: true, sort: took, cell: (run) => duration(took(run)) },
    { key: "nodes", label: t("search.nodes"), number: true, sort: total, cell: (run) => number(total(run)) },
    { key: "bad", label: t("run.failed"), number: true, sort: failed, cell: (run) => (failed(run) ? <span class="status bad">{number(failed(run))}</span> : "0") },
    { key: "target", label: t("run.target"), sort: (run) => run.target, cell: (run) => run.target },
    { key: "user", label: t("run.user"), sort: (run) => run.user ?? "", cell: (run) => run.user },
    { key: "commit", label: t("run.commit"), cell: (run) => run.commit && <span class="mono dim">{run.commit.slice(0, 8)}</span> },
  ];
  return (
    <>
      <Bars bars={bars} label={t("runs.durations")} />
      <Table caption={t("page.runs")} rows={runs} keyOf={(run) => run.id} heads={heads} />
    </>
  );
}

function total(run: RunHead): number {
  return Object.values(run.counts).reduce((sum, count) => sum + count, 0);
}

/** How many nodes of a run did not end well. */
export function failed(run: RunHead): number {
  return Object.entries(run.counts).reduce((sum, [status, count]) => sum + (toneOf(status) === "bad" ? count : 0), 0);
}
