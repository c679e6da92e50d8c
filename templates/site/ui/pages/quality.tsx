/** The quality of the data: the verdict and what changed, alerts, data sets by dimension, all tests, freshness. */

import { useMemo } from "preact/hooks";
import type { Quality, Test } from "../data";
import { Heatmap } from "../charts/heatmap";
import { Trend } from "../charts/trend";
import { graphOf } from "../graph/graph";
import { downstream } from "../graph/impact";
import { number, percent, t, tMaybe } from "../i18n";
import { Badge } from "../parts/badge";
import { Coverage } from "../parts/coverage";
import { With } from "../parts/data";
import { Empty } from "../parts/empty";
import { Icon } from "../parts/icon";
import { NodeLink } from "../parts/node_link";
import { PageHead } from "../parts/page";
import { csv, saveFile } from "../parts/save";
import { Section } from "../parts/section";
import { useSlices } from "../parts/slices";
import { Status } from "../parts/status";
import { Table, type Head } from "../parts/table";
import { Tabs, type Tab } from "../parts/tabs";
import { Failures, TestName, TestTable } from "../parts/test_table";
import { Tile } from "../parts/tile";
import type { Route } from "../route";
import { core, has, useData } from "../store";
import { alertRuns, alertState, changes, countVerdicts, failuresOf, isAlert, isFlaky, score, severityOf, urgency } from "../tests";
import { FreshnessTable } from "./freshness";

/** The page. */
export function QualityPage({ route }: { route: Route }) {
  const quality = useData<Quality>(has("quality") ? "quality" : null);
  const loaded = quality.state === "ready" ? quality.value : null;
  return (
    <>
      <PageHead
        title={t("page.quality")}
        aside={
          loaded && (
            <button type="button" class="button" onClick={() => saveFile(`${core().meta.project}-tests.csv`, asCsv(loaded.tests))}>
              <Icon name="save" />
              {t("quality.csv")}
            </button>
          )
        }
      />
      {has("quality") ? <With data={quality}>{(value) => <Dashboard quality={value} route={route} />}</With> : <Empty title={t("tests.none")}>{t("tests.none_text")}</Empty>}
    </>
  );
}

function Dashboard({ quality, route }: { quality: Quality; route: Route }) {
  const { tests } = quality;
  const alerts = useAlerts(tests);
  const flaky = useMemo(() => tests.filter(isFlaky), [quality]);
  const tabs: Tab[] = [
    { key: "alerts", label: t("quality.alerts"), count: alerts?.length, body: () => (alerts ? <Alerts alerts={alerts} ran={score(tests) !== null} /> : <div class="loading" role="status" aria-label={t("load.waiting")} />) },
    { key: "datasets", label: t("quality.datasets"), body: () => <Heatmap tests={tests} /> },
    { key: "tests", label: t("quality.all_tests"), count: tests.length, body: () => <TestTable tests={tests} caption={t("quality.all_tests")} withNode /> },
    { key: "flaky", label: t("quality.flaky"), count: flaky.length, body: () => (flaky.length ? <TestTable tests={flaky} caption={t("quality.flaky")} withNode /> : <Empty title={t("quality.no_flaky")} />) },
    { key: "freshness", label: t("lens.freshness"), body: () => <FreshnessTable /> },
  ];
  return (
    <>
      <VerdictTiles tests={tests} />
      <div class="cards quality-top">
        <Section card title={t("quality.trend")}>
          <Trend quality={quality} />
        </Section>
        <Section card title={t("coverage.title")}>
          <Coverage />
        </Section>
      </div>
      <Tabs label={t("page.quality")} tabs={tabs} chosen={route.query.get("tab")} />
    </>
  );
}

function VerdictTiles({ tests }: { tests: Test[] }) {
  const counts = countVerdicts(tests);
  const { worse, better } = changes(tests);
  const share = score(tests);
  const bad = counts.fail + counts.error;
  return (
    <div class="tiles">
      <Tile label={t("quality.score")} value={share === null ? "–" : percent(share, 1)} tone={share === null ? "idle" : bad ? "bad" : counts.warn ? "warn" : "ok"} detail={<abbr title={t("quality.formula")}>{t("quality.how")}</abbr>} />
      <Tile label={tMaybe("status", "fail")} value={number(bad)} tone={bad ? "bad" : undefined} detail={t("quality.errors", { count: counts.error })} />
      <Tile label={tMaybe("status", "warn")} value={number(counts.warn)} tone={counts.warn ? "warn" : undefined} />
      <Tile label={tMaybe("status", "pass")} value={number(counts.pass)} tone={counts.pass ? "ok" : undefined} detail={t("quality.of", { count: tests.length })} />
      <Tile label={tMaybe("status", "not_run")} value={number(counts.not_run + counts.skipped)} tone="idle" detail={t("quality.skipped", { count: counts.skipped })} />
      <Tile label={t("quality.changes")} value={`${number(worse.length)} / ${number(better.length)}`} tone={worse.length ? "bad" : better.length ? "ok" : undefined} detail={t("quality.changes_text")} />
    </div>
  );
}

/** An alert, with what is downstream of what is tested. */
interface Alert {
  test: Test;
  downstream: number;
  exposures: number;
}

/** The alerts, the most urgent first; null while what is downstream of them is counted, which takes a walk for each node. */
function useAlerts(tests: Test[]): Alert[] | null {
  const found = useMemo(() => tests.filter((test) => isAlert(test.status)), [tests]);
  const nodes = useMemo(() => [...new Set(found.map((test) => test.node))], [found]);
  const below = useSlices(nodes, impact);
  return useMemo(() => {
    if (!below) return null;
    const of = new Map(nodes.map((node, at) => [node, below[at]]));
    const alerts = found.map((test) => ({ test, ...of.get(test.node)! }));
    return alerts.sort((a, b) => urgency(b.test, b.downstream) - urgency(a.test, a.downstream));
  }, [found, below]);
}

function impact(node: number): { downstream: number; exposures: number } {
  if (node < 0) return { downstream: 0, exposures: 0 };
  const { nodes, words } = core();
  const exposure = words.kind.indexOf("exposure");
  const list = downstream(core(), graphOf(core()), [node]);
  return { downstream: list.length, exposures: list.filter((at) => nodes.kind[at] === exposure).length };
}

function Alerts({ alerts, ran }: { alerts: Alert[]; ran: boolean }) {
  if (!ran) return <Empty title={t("quality.not_run")}>{t("runs.none_text")}</Empty>;
  if (alerts.length === 0) return <Empty title={t("quality.no_alerts")}>{t("quality.no_alerts_text")}</Empty>;
  const heads: Head<Alert>[] = [
    { key: "status", label: t("lens.status"), sort: ({ test }) => test.status, cell: ({ test }) => <Status value={test.status} /> },
    { key: "test", label: t("test.name"), sort: ({ test }) => test.type, cell: ({ test }) => <TestName test={test} /> },
    { key: "node", label: t("test.node"), fill: true, cell: ({ test }) => test.node >= 0 && <NodeLink node={test.node} clip /> },
    { key: "column", label: t("search.column"), sort: ({ test }) => test.column ?? "", cell: ({ test }) => <span class="mono">{test.column}</span> },
    { key: "severity", label: t("test.severity"), sort: ({ test }) => severityOf(test), cell: ({ test }) => t(`severity.${severityOf(test)}`) },
    { key: "state", label: t("test.state"), sort: ({ test }) => alertRuns(test), cell: ({ test }) => <State test={test} /> },
    { key: "failures", label: t("test.failures"), number: true, sort: ({ test }) => failuresOf(test) ?? -1, cell: ({ test }) => <Failures test={test} /> },
    { key: "impact", label: t("test.impact"), number: true, sort: ({ downstream }) => downstream, cell: (alert) => <span title={t("test.exposures", { count: alert.exposures })}>{number(alert.downstream)}</span> },
  ];
  return <Table caption={t("quality.alerts")} rows={alerts} keyOf={({ test }) => test.id} heads={heads} />;
}

function State({ test }: { test: Test }) {
  const state = alertState(test);
  return <Badge tone={state === "new" ? "bad" : undefined}>{state === "new" ? t("test.new") : t("test.ongoing", { count: alertRuns(test) })}</Badge>;
}

function asCsv(tests: Test[]): Blob {
  const { nodes } = core();
  const head = ["id", "name", "type", "node", "column", "dimension", "severity", "status", "failures", "at", "since", "streak", "flaky", "message"];
  const rows = tests.map((test) => [
    test.id, test.name, test.type, nodes.id[test.node] ?? "", test.column, test.dimension, severityOf(test), test.status, failuresOf(test), test.at, test.since, test.streak, String(isFlaky(test)), test.message,
  ]);
  return csv([head, ...rows]);
}
