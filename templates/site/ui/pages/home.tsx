/** The first page: is all well, and where to look if not. */

import type { Run, RunHead, RunResult, Runs } from "../data";
import { freshnessWord, statusOf, unsorted } from "../facts";
import { around, graphOf } from "../graph/graph";
import { downstream } from "../graph/impact";
import { Html } from "../html";
import { dateTime, duration, number, percent, t, tMaybe } from "../i18n";
import { Coverage } from "../parts/coverage";
import { With } from "../parts/data";
import { Empty } from "../parts/empty";
import { Meter } from "../parts/meter";
import { NodeLink, resultHref } from "../parts/node_link";
import { PageHead } from "../parts/page";
import { Section } from "../parts/section";
import { Status, StatusBadge, toneOf } from "../parts/status";
import { Tile } from "../parts/tile";
import { When } from "../parts/when";
import { href } from "../route";
import { core, has, useData } from "../store";

/** How many nodes a list on this page has. */
const SHOWN = 8;

/** Of how many what is downstream is counted, to put first what matters most. */
const WEIGHED = 40;

/** The page. */
export function HomePage() {
  const { meta } = core();
  return (
    <>
      <PageHead title={meta.project}>
        <p class="dim">
          {t("home.target", { target: meta.target, engine: meta.engine })} · {t("home.generated", { when: dateTime(meta.generated) })}
        </p>
      </PageHead>
      <Tiles />
      <div class="cards home">
        <Attention />
        {has("runs") && <LastRun />}
        <Section card title={t("coverage.title")}>
          <Coverage />
        </Section>
        {meta.overview && (
          <Section card title={t("home.overview")}>
            <Html html={meta.overview} />
          </Section>
        )}
      </div>
    </>
  );
}

function Tiles() {
  const { nodes, words, meta } = core();
  const { counts } = meta;
  const models = unsorted("model").length;
  const sources = unsorted("source");
  const stale = sources.filter((node) => toneOf(words.status[nodes.status[node]] ?? "") !== "ok" && nodes.status[node] >= 0);
  const failing = nodes.tested.filter((worst) => worst === 3).length;
  return (
    <div class="tiles">
      <Tile label={tMaybe("kinds", "model")} value={number(models)} detail={t("home.sources", { count: sources.length })} to={href(["search"], { kind: "model" })} />
      <Tile label={t("home.failing")} value={number(failing)} tone={failing ? "bad" : counts.tests && nodes.tested.some((worst) => worst > 0) ? "ok" : "idle"} detail={t("home.of_tested", { count: counts.tested_nodes })} to={href(["quality"])} />
      <Tile label={t("home.stale")} value={number(stale.length)} tone={stale.length ? "warn" : sources.some((node) => nodes.status[node] >= 0) ? "ok" : "idle"} detail={t("home.sources", { count: sources.length })} to={href(["quality"], { tab: "freshness" })} />
      <Tile label={t("coverage.described")} value={percent(counts.described_nodes, counts.nodes)} detail={t("home.columns", { share: percent(counts.described_columns, counts.columns) })} />
      <Tile label={t("coverage.tested")} value={percent(counts.tested_nodes, counts.nodes)} detail={t("home.tests", { count: counts.tests })} to={href(["quality"], { tab: "tests" })} />
    </div>
  );
}

/** What somebody should look at: what failed to build, what fails its tests, what is late. What has the most below it comes first. */
function Attention() {
  const { nodes } = core();
  const reason = (node: number): string | null => {
    const status = statusOf(node) ?? "";
    if (toneOf(status) === "bad") return status;
    if (nodes.tested[node] === 3) return "tests_failed";
    if (toneOf(status) === "warn") return status;
    return nodes.tested[node] === 2 ? "tests_warned" : null;
  };
  const graph = graphOf(core());
  const weight = (node: number) => downstream(core(), graph, [node]).length;
  const found = [...nodes.id.keys()].map((node) => ({ node, reason: reason(node) })).filter((entry): entry is { node: number; reason: string } => entry.reason !== null);
  const rank = ({ reason }: { reason: string }) => (toneOf(reason) === "bad" ? 0 : reason === "tests_failed" ? 1 : 2);
  // All that is below takes a walk; how many read a node directly tells well enough which walks are worth it.
  const readers = (node: number) => around(graph, node, "down").length;
  const urgent = found.sort((a, b) => rank(a) - rank(b) || readers(b.node) - readers(a.node)).slice(0, WEIGHED);
  const shown = urgent.map((entry) => ({ ...entry, below: weight(entry.node) })).sort((a, b) => rank(a) - rank(b) || b.below - a.below);
  return (
    <Section card title={t("home.attention")} aside={<span class="dim">{number(found.length)}</span>}>
      {found.length === 0 && <Empty title={t(nodes.status.some((status) => status >= 0) || nodes.tested.some((worst) => worst > 0) ? "home.calm" : "home.unknown")} />}
      <ul class="rows">
        {shown.slice(0, SHOWN).map(({ node, reason, below }) => (
          <li key={node}>
            <NodeLink node={node} clip />
            <span class="dim small">{t("home.below", { count: below })}</span>
            <Status value={reason} />
          </li>
        ))}
      </ul>
      {found.length > SHOWN && (
        <p>
          <a href={href(["quality"])}>{t("more", { count: found.length - SHOWN })}</a>
        </p>
      )}
    </Section>
  );
}

function LastRun() {
  const runs = useData<Runs>("runs");
  return (
    <Section card title={t("home.last_run")} aside={<a href={href(["runs"])}>{t("home.all_runs")}</a>}>
      <With data={runs}>
        {(value) => (value.runs.length > 0 ? <RunCard run={value.runs[0]} place={0} /> : <Empty title={t("runs.none")}>{t("runs.none_text")}</Empty>)}
      </With>
    </Section>
  );
}

function RunCard({ run, place }: { run: RunHead; place: number }) {
  const detail = useData<Run>(run.detail ? `run/${place}` : null);
  const wordOf = (status: string) => (run.command.endsWith("freshness") ? freshnessWord(status) : status);
  const whole = Object.values(run.counts).reduce((sum, count) => sum + count, 0);
  const counts = Object.entries(run.counts).sort((a, b) => b[1] - a[1]);
  const longest = detail.state === "ready" ? detail.value.results.filter((result) => result.start !== null && result.end !== null && result.kind !== "test") : [];
  longest.sort((a, b) => b.end! - b.start! - (a.end! - a.start!));
  return (
    <>
      <p class="badges">
        <StatusBadge value={run.status} />
        <a href={href(["runs", run.id])}>
          <code>{run.command}</code> <When at={run.start} />
        </a>
        <span class="dim">{duration(Date.parse(run.end) - Date.parse(run.start))}</span>
      </p>
      <Meter whole={whole} parts={counts.map(([status, value]) => ({ tone: toneOf(status), value }))} />
      <p class="badges small">
        {counts.map(([status, count]) => (
          <span key={status} class="badges">
            <Status value={wordOf(status)} /> {number(count)}
          </span>
        ))}
      </p>
      {longest.length > 0 && (
        <>
          <h3>{t("home.longest")}</h3>
          <ul class="rows">
            {longest.slice(0, 4).map((result) => (
              <li key={result.id}>
                <Ran result={result} />
                <span class="dim">{duration(result.end! - result.start!)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** What a run ran, as a link where it has a page. */
function Ran({ result }: { result: RunResult }) {
  const name = <span>{result.name}</span>;
  const to = resultHref(result);
  return to === null ? (
    <span class="node-link clip" title={result.name}>
      {name}
    </span>
  ) : (
    <a class="node-link clip" href={to} title={result.name}>
      {name}
    </a>
  );
}
