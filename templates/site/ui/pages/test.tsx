/** The page of a test: what it wants, how it ended, and how it did before. */

import { useMemo } from "preact/hooks";
import type { Quality, Runs, Test, TestPage as Page } from "../data";
import { Html } from "../html";
import { dateTime, number, t, tMaybe } from "../i18n";
import { Badge } from "../parts/badge";
import { CopyButton } from "../parts/copy";
import { With } from "../parts/data";
import { Empty } from "../parts/empty";
import { JsonFacts } from "../parts/json";
import { Name } from "../parts/name";
import { ColumnLink, NodeLink } from "../parts/node_link";
import { Notice } from "../parts/notice";
import { PageHead } from "../parts/page";
import { Section } from "../parts/section";
import { Status, StatusBadge, toneOf } from "../parts/status";
import { Strip } from "../parts/strip";
import { Table } from "../parts/table";
import { href } from "../route";
import { Sql } from "../sql";
import { core, has, useData, useTest, type Loaded } from "../store";
import { failuresOf, isFlaky, severityOf } from "../tests";
import { Missing } from "./missing";

/** The page of the test with an id. */
export function TestPage({ id }: { id: string }) {
  const quality = useData<Quality>(has("quality") ? "quality" : null);
  if (!has("quality")) return <Missing name={id} />;
  return (
    <With data={quality}>
      {(value) => {
        const place = value.tests.findIndex((known) => known.id === id);
        return place < 0 ? <Missing name={id} /> : <Body test={value.tests[place]} place={place} />;
      }}
    </With>
  );
}

function Body({ test, place }: { test: Test; place: number }) {
  const page = useTest(place);
  return (
    <>
      <PageHead title={test.name} crumbs={[{ label: t("page.quality"), to: href(["quality"]) }, { label: tMaybe("dimension", test.dimension) }]} badges={<StatusBadge value={test.status} />}>
        <div class="badges">
          <Badge tone="plain">{test.type}</Badge>
          <Badge tone="plain">{t(`severity.${severityOf(test)}`)}</Badge>
          {isFlaky(test) && <Badge tone="warn">{t("test.flaky")}</Badge>}
        </div>
      </PageHead>
      {test.message && <Notice tone={toneOf(test.status) === "bad" ? "bad" : "warn"}>{test.message}</Notice>}
      {page.state === "ready" && page.value.html && (
        <div class="description">
          <Html html={page.value.html} />
        </div>
      )}
      <div class="cards">
        <Section card title={t("node.facts")}>
          <Facts test={test} path={page.state === "ready" ? page.value.path : null} />
        </Section>
        <Arguments page={page} />
      </div>
      {page.state === "ready" && <Query page={page.value} />}
      <Section title={t("test.history")} aside={<Strip outcomes={test.history.map(([, verdict]) => verdict)} />}>
        <History test={test} />
      </Section>
    </>
  );
}

function Arguments({ page }: { page: Loaded<Page> }) {
  if (page.state === "ready" && Object.keys(page.value.config).length === 0) return null;
  return (
    <Section card title={t("test.arguments")}>
      <With data={page}>{({ config }) => <JsonFacts values={config} />}</With>
    </Section>
  );
}

/** What a test asks, and where what it finds is kept. */
function Query({ page: { sql, stored } }: { page: Page }) {
  if (sql === null && stored === null) return null;
  return (
    <Section title={t("test.query")}>
      {stored !== null && (
        <p class="badges stored">
          {t("test.stored")}
          <code>
            <Name text={stored} />
          </code>
          <CopyButton text={stored} bare />
        </p>
      )}
      {sql !== null && <Sql text={sql} title={t("tab.sql")} />}
    </Section>
  );
}

function Facts({ test, path }: { test: Test; path: string | null }) {
  const failures = failuresOf(test);
  const tested = test.node < 0 ? null : test.column === undefined ? <NodeLink node={test.node} /> : <ColumnLink node={test.node} column={test.column} />;
  return (
    <dl class="facts">
      {tested && core().nodes.id[test.node] !== undefined && [<dt>{t("test.node")}</dt>, <dd>{tested}</dd>]}
      {test.also && test.also.length > 0 && [
        <dt>{t("test.also")}</dt>,
        <dd>
          <ul>
            {test.also.map((node) => (
              <li key={node}>
                <NodeLink node={node} />
              </li>
            ))}
          </ul>
        </dd>,
      ]}
      <dt>{t("test.dimension")}</dt>
      <dd>{tMaybe("dimension", test.dimension)}</dd>
      {failures !== null && [<dt>{t("test.failures")}</dt>, <dd>{number(failures)}</dd>]}
      {test.at && [<dt>{t("home.last_run")}</dt>, <dd>{dateTime(test.at)}</dd>]}
      {test.since && [<dt>{t("test.since")}</dt>, <dd>{dateTime(test.since)} <span class="dim">({t("test.streak", { count: test.streak })})</span></dd>]}
      {path !== null && [<dt>{t("node.file")}</dt>, <dd class="mono"><Name text={path} /></dd>]}
    </dl>
  );
}

function History({ test }: { test: Test }) {
  const runs = useData<Runs>(has("runs") ? "runs" : null);
  const heads = useMemo(() => (runs.state === "ready" ? runs.value.runs : []), [runs.state]);
  if (test.history.length === 0) return <Empty title={t("test.no_history")}>{t("runs.none_text")}</Empty>;
  return (
    <Table
      caption={t("test.history")}
      rows={test.history}
      keyOf={([run]) => run}
      heads={[
        { key: "run", label: t("run.start"), cell: ([run]) => (heads[run] ? <a href={href(["runs", heads[run].id])}>{dateTime(heads[run].start)}</a> : number(run)) },
        { key: "status", label: t("lens.status"), cell: ([, verdict]) => <Status value={verdict} /> },
        { key: "failures", label: t("test.failures"), number: true, cell: ([, , failures]) => (failures === null ? "–" : number(failures)) },
      ]}
    />
  );
}
