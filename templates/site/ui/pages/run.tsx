/** The page of a run: who did what when, what the time went to, and what is different from the run before. */

import { useMemo } from "preact/hooks";
import type { Run, RunHead, RunResult, Runs } from "../data";
import { Gantt } from "../charts/gantt";
import { outcomeOf } from "../facts";
import { duration, exactTime, number, percent, t } from "../i18n";
import { With } from "../parts/data";
import { Empty } from "../parts/empty";
import { Icon, kindIcon } from "../parts/icon";
import { Message } from "../parts/message";
import { resultHref } from "../parts/node_link";
import { PageHead } from "../parts/page";
import { StatusBadge, Status, toneOf } from "../parts/status";
import { Table, type Head } from "../parts/table";
import { Tile } from "../parts/tile";
import { amend, go, href, type Route } from "../route";
import { has, useData } from "../store";
import { Missing } from "./missing";
import { failed, NoRuns, took } from "./runs";

/** The page of the run with an id. */
export function RunPage({ id, route }: { id: string; route: Route }) {
  const runs = useData<Runs>(has("runs") ? "runs" : null);
  if (!has("runs")) return <NoRuns />;
  return (
    <With data={runs}>
      {(value) => {
        const at = value.runs.findIndex((run) => run.id === id);
        return at < 0 ? <Missing name={id} /> : <Body key={id} head={value.runs[at]} at={at} route={route} />;
      }}
    </With>
  );
}

function Body({ head, at, route }: { head: RunHead; at: number; route: Route }) {
  const run = useData<Run>(head.detail ? `run/${at}` : null);
  return (
    <>
      <PageHead title={`${head.command} · ${exactTime(head.start)}`} crumbs={[{ label: t("page.runs"), to: href(["runs"]) }]} badges={<StatusBadge value={head.status} />}>
        <p class="dim">
          {t("run.target")} {head.target}
          {head.user && ` · ${head.user}`}
          {head.commit && " · "}
          {head.commit && <span class="mono">{head.commit.slice(0, 8)}</span>}
          {" · "}
          <span class="mono">{head.id}</span>
        </p>
      </PageHead>
      {head.detail ? <With data={run}>{(value) => <Detail head={head} run={value} route={route} />}</With> : <Empty title={t("run.no_detail")}>{t("run.no_detail_text")}</Empty>}
    </>
  );
}

type Shown = "all" | "critical" | "failed" | "slower";

const SHOWN: readonly Shown[] = ["all", "critical", "failed", "slower"];

/** From how much longer than before a node counts as slower: a tenth and a second at least. */
function isSlower(result: RunResult): boolean {
  const now = time(result);
  return now !== null && result.before !== null && now > result.before * 1.1 && now - result.before > 1000;
}

function Detail({ head, run, route }: { head: RunHead; run: Run; route: Route }) {
  const lists = useMemo<Record<Shown, RunResult[]>>(
    () => ({
      all: [...run.results].sort((a, b) => (a.start ?? Infinity) - (b.start ?? Infinity)),
      critical: run.critical.map((place) => run.results[place]).filter((result) => result !== undefined),
      failed: run.results.filter((result) => toneOf(result.status) !== "ok"),
      slower: run.results.filter(isSlower).sort((a, b) => change(b) - change(a)),
    }),
    [run],
  );
  const shown = SHOWN.find((name) => name === route.query.get("show")) ?? "all";
  if (run.results.length === 0) return <Empty title={t("run.empty")} />;
  return (
    <>
      <Tiles head={head} run={run} critical={lists.critical} slower={lists.slower.length} />
      <Gantt run={run} onOpen={(result) => go(resultHref(result) ?? location.hash)} />
      <div class="filters">
        <div class="switch" role="group" aria-label={t("run.show")}>
          {SHOWN.map((name) => (
            <button key={name} type="button" aria-pressed={shown === name} onClick={() => amend({ show: name === "all" ? undefined : name })}>
              {t(`run.show.${name}`)} <span class="dim">{number(lists[name].length)}</span>
            </button>
          ))}
        </div>
      </div>
      {lists[shown].length === 0 ? <Empty title={t("run.nothing")} /> : <Results results={lists[shown]} critical={new Set(lists.critical)} />}
    </>
  );
}

function Tiles({ head, run, critical, slower }: { head: RunHead; run: Run; critical: RunResult[]; slower: number }) {
  const sum = (of: (result: RunResult) => number) => run.results.reduce((all, result) => all + of(result), 0);
  const work = busy(run.results);
  const queue = sum((result) => waited(result) ?? 0);
  const whole = took(head);
  const bad = failed(head);
  return (
    <div class="tiles">
      <Tile label={t("lens.duration")} value={duration(whole)} detail={t("run.threads", { count: head.threads })} />
      <Tile label={t("run.show.critical")} value={duration(critical.reduce((all, result) => all + (time(result) ?? 0), 0))} detail={t("run.steps", { count: critical.length })} />
      <Tile label={t("run.work")} value={duration(work)} detail={t("run.busy", { share: percent(work, whole * Math.max(1, head.threads)) })} />
      <Tile label={t("run.queue_mean")} value={duration(queue / run.results.length)} detail={t("run.queue_text")} />
      <Tile label={t("run.failed")} value={number(bad)} tone={bad ? "bad" : "ok"} detail={t("quality.of", { count: run.results.length })} />
      <Tile label={t("run.show.slower")} value={number(slower)} detail={t("run.slower_text")} />
    </div>
  );
}

/** How long the workers worked, in milliseconds: what one of them did at the same time, such as the tests of a table, counts once. */
function busy(results: RunResult[]): number {
  const until = new Map<number, number>();
  let all = 0;
  for (const { start, end, lane } of [...results].sort((a, b) => (a.start ?? 0) - (b.start ?? 0))) {
    if (start === null || end === null || lane < 0) continue;
    const from = Math.max(start, until.get(lane) ?? start);
    all += Math.max(0, end - from);
    until.set(lane, Math.max(end, from));
  }
  return all;
}

function Results({ results, critical }: { results: RunResult[]; critical: Set<RunResult> }) {
  const heads: Head<RunResult>[] = [
    { key: "name", label: t("column.name"), fill: true, sort: (result) => result.name, cell: (result) => <Name result={result} critical={critical.has(result)} /> },
    { key: "status", label: t("lens.status"), sort: (result) => result.status, cell: (result) => <Status value={outcomeOf(result.kind, result.status)} /> },
    { key: "start", label: t("run.began"), number: true, sort: (result) => result.start ?? -1, cell: (result) => shown(result.start) },
    { key: "queue", label: t("run.queue"), number: true, sort: (result) => waited(result) ?? -1, cell: (result) => shown(waited(result)) },
    { key: "took", label: t("lens.duration"), number: true, sort: (result) => time(result) ?? -1, cell: (result) => shown(time(result)) },
    { key: "before", label: t("run.before"), number: true, sort: change, cell: (result) => <Change result={result} /> },
    { key: "slack", label: t("run.slack"), number: true, sort: (result) => result.slack ?? -1, cell: (result) => shown(result.slack) },
    { key: "rows", label: t("run.rows"), number: true, sort: (result) => result.rows ?? -1, cell: (result) => (result.rows === null ? "–" : number(result.rows)) },
  ];
  return <Table caption={t("search.results")} rows={results} keyOf={(result) => result.id} heads={heads} />;
}

function Name({ result, critical }: { result: RunResult; critical: boolean }) {
  const to = resultHref(result);
  const body = (
    <>
      <Icon name={kindIcon(result.kind)} />
      <span>{result.name}</span>
    </>
  );
  return (
    <div class="run-name">
      {to === null ? <span class="node-link clip" title={result.name}>{body}</span> : <a class="node-link clip" href={to} title={result.name}>{body}</a>}
      {critical && <span class="critical-mark">{t("run.on_critical")}</span>}
      {result.message && <Message text={result.message} status={result.status} />}
    </div>
  );
}

/** How much longer than in the run before it took, in per cent; colour comes with a sign. */
function Change({ result }: { result: RunResult }) {
  const now = time(result);
  if (now === null || result.before === null) return <>–</>;
  const share = result.before === 0 ? 0 : Math.round(((now - result.before) / result.before) * 100);
  return <span class={isSlower(result) ? "status bad" : share < -10 ? "status ok" : "dim"}>{share > 0 ? "+" : share < 0 ? "−" : "±"}{number(Math.abs(share))} %</span>;
}

function time({ start, end }: RunResult): number | null {
  return start === null || end === null ? null : end - start;
}

function waited({ ready, start }: RunResult): number | null {
  return ready === null || start === null ? null : Math.max(0, start - ready);
}

function change(result: RunResult): number {
  const now = time(result);
  return now === null || result.before === null ? -Infinity : now - result.before;
}

function shown(ms: number | null): string {
  return ms === null ? "–" : duration(ms);
}
