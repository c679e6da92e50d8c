/** The page of a column: what it means, how it is tested, what it is made of and what is made of it. */

import { useEffect, useState } from "preact/hooks";
import type { Column, Columns, Quality } from "../data";
import { columnPaths, isFlow, type ColumnPaths } from "../graph/column_paths";
import { graphOf } from "../graph/graph";
import { number, t } from "../i18n";
import { Badge } from "../parts/badge";
import { ColumnEnd, EdgeBadge } from "../parts/column_step";
import { With } from "../parts/data";
import { Empty } from "../parts/empty";
import { Expressions } from "../parts/expression";
import { Icon } from "../parts/icon";
import { JsonFacts } from "../parts/json";
import { nodeHref } from "../parts/node_link";
import { Notice } from "../parts/notice";
import { PageHead } from "../parts/page";
import { Section } from "../parts/section";
import { Table } from "../parts/table";
import { TestTable } from "../parts/test_table";
import { href } from "../route";
import { core, has, lineageShard, useData, useNode } from "../store";
import { testsByNode } from "../tests";
import { crumbsOf } from "./node";
import { Description } from "./node/columns";

/** The page of the column `name` of the node at a place. */
export function ColumnPage({ node, name }: { node: number; name: string }) {
  const { nodes } = core();
  const page = useNode(node);
  const column = page.state === "ready" ? page.value.columns.find((known) => known.name === name) : undefined;
  return (
    <>
      <PageHead
        title={name}
        crumbs={[...crumbsOf(node), { label: nodes.name[node], to: nodeHref(node) }]}
        aside={
          <a class="button" href={href(["lineage"], { focus: nodes.id[node], column: name })}>
            <Icon name="lineage" />
            {t("keys.explore")}
          </a>
        }
      >
        {column && <Marks column={column} />}
      </PageHead>
      <With data={page}>
        {() => (column ? <Body node={node} column={column} /> : <Empty title={t("missing.title")}>{t("missing.text", { name })}</Empty>)}
      </With>
    </>
  );
}

/** The type of a column and what is declared about it. */
function Marks({ column }: { column: Column }) {
  return (
    <div class="badges">
      <Badge tone="plain">
        <span class="mono">{column.type ?? t("column.no_type")}</span>
      </Badge>
      {column.key && (
        <Badge tone="accent">
          <Icon name="key" size={14} />
          {t("column.key")}
        </Badge>
      )}
      {column.constraints.map((constraint) => (
        <Badge key={constraint} tone="plain">
          {constraint}
        </Badge>
      ))}
      {column.tags.map((tag) => (
        <Badge key={tag}>{tag}</Badge>
      ))}
    </div>
  );
}

function Body({ node, column }: { node: number; column: Column }) {
  const { nodes } = core();
  const quality = useData<Quality>(nodes.tests[node] > 0 && has("quality") ? "quality" : null);
  const tests = quality.state === "ready" ? (testsByNode(quality.value).get(node) ?? []).filter((test) => test.column === column.name) : [];
  return (
    <>
      <div class="description">{column.html ? <Description column={column} /> : <p class="dim">{t("column.no_description")}</p>}</div>
      {Object.keys(column.meta).length > 0 && (
        <Section title={t("config.meta")}>
          <JsonFacts values={column.meta} />
        </Section>
      )}
      {nodes.tests[node] > 0 && (
        <Section title={t("tab.tests")}>
          <With data={quality}>{() => (tests.length ? <TestTable tests={tests} caption={t("tab.tests")} withNode={false} /> : <p class="dim">{t("column.no_tests")}</p>)}</With>
        </Section>
      )}
      {has("cols") && <Lineage node={node} name={column.name} />}
    </>
  );
}

/** What a column comes from, one step up, and all that it leads to. */
interface Ways {
  up: ColumnPaths;
  down: ColumnPaths;
}

function Lineage({ node, name }: { node: number; name: string }) {
  const columns = useData<Columns>("cols");
  const [ways, setWays] = useState<Ways | null>(null);
  const place = columns.state === "ready" ? columns.value.names.indexOf(name) : -1;
  useEffect(() => {
    if (place < 0) return;
    let wanted = true;
    const graph = graphOf(core());
    const from = [{ node, column: place }];
    void Promise.all([
      columnPaths(graph, from, { direction: "up", influences: true, steps: 1 }, lineageShard),
      columnPaths(graph, from, { direction: "down", influences: false }, lineageShard),
    ]).then(([up, down]) => wanted && setWays({ up, down }));
    return () => {
      wanted = false;
    };
  }, [node, place]);
  return (
    <With data={columns}>
      {({ names }) =>
        ways ? (
          <div class="cards">
            <Section card title={t("column.upstream")}>
              <Expressions of={{ node, column: place }} />
              <Steps ways={ways.up} names={names} node={node} />
            </Section>
            <Section card title={t("column.downstream", { count: ways.down.columns.size - 1 })}>
              <Readers ways={ways.down} names={names} />
            </Section>
          </div>
        ) : (
          <div class="loading" />
        )
      }
    </With>
  );
}

function Steps({ ways, names, node }: { ways: ColumnPaths; names: string[]; node: number }) {
  const reason = ways.unknown.get(node);
  if (reason !== undefined) return <Notice tone="warn">{t("column.unknown", { reason })}</Notice>;
  if (ways.edges.length === 0) return <p class="dim">{t("column.origin")}</p>;
  const steps = [...ways.edges].sort((a, b) => Number(isFlow(b.kind)) - Number(isFlow(a.kind)));
  return (
    <ul class="steps">
      {steps.map(({ from, kind }, at) => (
        <li key={at}>
          <ColumnEnd at={from} names={names} />
          <EdgeBadge kind={kind} />
        </li>
      ))}
    </ul>
  );
}

function Readers({ ways, names }: { ways: ColumnPaths; names: string[] }) {
  const rows = [...ways.columns.values()].filter(({ steps }) => steps > 0).sort((a, b) => a.steps - b.steps);
  const unknown = [...ways.unknown.keys()];
  return (
    <>
      {rows.length === 0 && <p class="dim">{t("column.no_readers")}</p>}
      {rows.length > 0 && (
        <Table
          caption={t("column.downstream", { count: rows.length })}
          rows={rows}
          keyOf={({ at }) => `${at.node}.${at.column}`}
          heads={[
            { key: "column", label: t("search.column"), cell: ({ at }) => <ColumnEnd at={at} names={names} /> },
            { key: "steps", label: t("column.steps"), number: true, sort: ({ steps }) => steps, cell: ({ steps }) => number(steps) },
          ]}
        />
      )}
      {unknown.length > 0 && <Notice tone="warn">{t("column.unknown_below", { names: unknown.map((node) => core().nodes.name[node]).join(", ") })}</Notice>}
    </>
  );
}
