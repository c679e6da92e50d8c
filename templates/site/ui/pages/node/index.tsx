/** The page of a node: what it is, what it is made of, how it fares. */

import { useMemo } from "preact/hooks";
import type { Diff, NodePage, Quality } from "../../data";
import { statusOf, versionWord, wordsOf } from "../../facts";
import { Html } from "../../html";
import { date, t, tMaybe } from "../../i18n";
import { useKey } from "../../keys";
import { EmbeddedLineage } from "../../lineage/embedded";
import { Badge, Kind, LayerBadge, Tag } from "../../parts/badge";
import { With } from "../../parts/data";
import { Icon } from "../../parts/icon";
import { Notice } from "../../parts/notice";
import { PageHead, type Crumb } from "../../parts/page";
import { StatusBadge } from "../../parts/status";
import { Tabs, type Tab } from "../../parts/tabs";
import { amend, go, href, type Route } from "../../route";
import { core, has, useData, useNode } from "../../store";
import { testsByNode } from "../../tests";
import { Columns } from "./columns";
import { Config } from "./config";
import { NodeDiff } from "./diff";
import { Rail } from "./rail";
import { NodeRuns } from "./runs";
import { NodeSql } from "./sql";
import { NodeTests } from "./tests";

/** The page of the node at a place. */
export function NodeView({ node, route }: { node: number; route: Route }) {
  const { nodes } = core();
  const page = useNode(node);
  const words = wordsOf(node);
  const status = statusOf(node);
  const version = versionWord(node);
  useKey("c", "search.columns", () => amend({ tab: undefined }));
  useKey("l", "keys.explore", () => go(href(["lineage"], { focus: nodes.id[node] })));
  return (
    <>
      <PageHead
        title={nodes.name[node]}
        crumbs={crumbsOf(node)}
        badges={
          <span class="badges">
            {status !== null && <StatusBadge value={status} />}
            {nodes.tested[node] > 1 && <StatusBadge value={nodes.tested[node] === 3 ? "tests_failed" : "tests_warned"} />}
          </span>
        }
        aside={
          <a class="button" href={href(["lineage"], { focus: nodes.id[node] })}>
            <Icon name="lineage" />
            {t("keys.explore")}
          </a>
        }
      >
        <div class="badges">
          <Kind name={words.kind} />
          <LayerBadge layer={nodes.layer[node]} />
          {words.materialized && <Badge tone="plain">{words.materialized}</Badge>}
          {page.state === "ready" && page.value.contract && <Badge tone="accent">{t("node.contract")}</Badge>}
          {nodes.access[node] >= 0 && <Badge tone="plain">{t(`access.${nodes.access[node] as 0 | 1 | 2}`)}</Badge>}
          {version && <Badge tone={version === "latest" ? "accent" : "plain"}>{t(`version.${version}`)}</Badge>}
          {words.tags.map((tag) => (
            <Tag key={tag} name={tag} />
          ))}
        </div>
      </PageHead>
      <div class="split">
        <div>
          <With data={page}>{(value) => <Body node={node} page={value} route={route} />}</With>
        </div>
        <Rail node={node} page={page} />
      </div>
    </>
  );
}

function Body({ node, page, route }: { node: number; page: NodePage; route: Route }) {
  const { nodes } = core();
  const quality = useData<Quality>(nodes.tests[node] > 0 && has("quality") ? "quality" : null);
  const diff = useData<Diff>(has("diff") ? "diff" : null);
  const tests = useMemo(() => (quality.state === "ready" ? (testsByNode(quality.value).get(node) ?? []) : []), [quality.state, node]);
  const tabs: Tab[] = [
    { key: "columns", label: t("search.columns"), count: page.columns.length, body: () => <Columns node={node} page={page} tests={tests} /> },
    { key: "lineage", label: t("page.lineage"), body: () => <EmbeddedLineage node={node} /> },
    { key: "sql", label: t("tab.sql"), body: () => <NodeSql page={page} /> },
    { key: "tests", label: t("tab.tests"), count: nodes.tests[node], body: () => <NodeTests tests={tests} data={quality} count={nodes.tests[node]} /> },
    { key: "runs", label: t("page.runs"), count: page.runs.length, body: () => <NodeRuns node={node} page={page} /> },
    { key: "config", label: t("tab.config"), body: () => <Config page={page} /> },
    { key: "diff", label: t("page.diff"), body: () => <NodeDiff node={node} diff={diff} /> },
  ];
  const built = ["model", "seed", "snapshot"].includes(wordsOf(node).kind);
  const useless = (key: string) =>
    (key === "columns" && page.columns.length === 0 && !built) || (key === "sql" && page.source === null && page.compiled === null && core().meta.sql) || (key === "runs" && page.runs.length === 0 && !built);
  return (
    <>
      {page.deprecation && <Notice tone="warn">{t(Date.parse(page.deprecation) < Date.now() ? "node.deprecated_since" : "node.deprecated", { date: date(page.deprecation) })}</Notice>}
      {page.html && (
        <div class="description">
          <Html html={page.html} />
        </div>
      )}
      <Tabs label={nodes.name[node]} tabs={tabs.filter((tab) => !useless(tab.key))} chosen={route.query.get("tab")} />
      <div class="paper-only">
        <Columns node={node} page={page} tests={tests} />
        <NodeSql page={page} />
      </div>
    </>
  );
}

/** The way to a node: its kind, then the folders that it is in. */
export function crumbsOf(node: number): Crumb[] {
  const words = wordsOf(node);
  const crumbs: Crumb[] = [{ label: tMaybe("kinds", words.kind), to: href(["search"], { kind: words.kind }) }];
  const folder = words.folder ?? "";
  if (folder) crumbs.push({ label: folder, to: href(["search"], { kind: words.kind, folder }) });
  return crumbs;
}
