/** The project against an earlier state: what is new, gone, different, and what that reaches. */

import type { Diff, Differing } from "../data";
import { byName } from "../facts";
import { dateTime, number, t, tMaybe } from "../i18n";
import { ColumnChanges, NotCompared, Reasons, Verdict } from "../parts/changes";
import { Badge } from "../parts/badge";
import { With } from "../parts/data";
import { Empty } from "../parts/empty";
import { NodeLink } from "../parts/node_link";
import { Notice } from "../parts/notice";
import { PageHead } from "../parts/page";
import { Table } from "../parts/table";
import { Tabs } from "../parts/tabs";
import { Tile } from "../parts/tile";
import type { Route } from "../route";
import { core, has, useData } from "../store";

/** The page. */
export function DiffPage({ route }: { route: Route }) {
  const diff = useData<Diff>(has("diff") ? "diff" : null);
  return (
    <>
      <PageHead title={t("page.diff")}>
        {diff.state === "ready" && (
          <p class="dim">
            {t("diff.against", { base: diff.value.base.name })}
            {diff.value.base.generated && ` · ${dateTime(diff.value.base.generated)}`}
          </p>
        )}
      </PageHead>
      {has("diff") ? <With data={diff}>{(value) => <Body diff={value} route={route} />}</With> : <Empty title={t("diff.none")}>{t("diff.none_text")}</Empty>}
    </>
  );
}

function Body({ diff, route }: { diff: Diff; route: Route }) {
  const breaking = [...diff.modified, ...diff.impacted].filter(isBreaking).length + diff.removed.filter((removed) => removed.breaking).length;
  const unknown = [...diff.modified, ...diff.impacted].filter(({ columns }) => columns === null).length;
  const modified = [...diff.modified].sort((a, b) => Number(isBreaking(b)) - Number(isBreaking(a)));
  return (
    <>
      {unknown > 0 && (
        <div class="notices">
          <Notice tone="warn">{t("diff.unknown", { count: unknown })}</Notice>
        </div>
      )}
      <div class="tiles">
        <Tile label={t("diff.added")} value={number(diff.added.length)} tone={diff.added.length ? "ok" : undefined} />
        <Tile label={t("diff.removed")} value={number(diff.removed.length)} tone={diff.removed.length ? "bad" : undefined} />
        <Tile label={t("diff.modified")} value={number(diff.modified.length)} tone={diff.modified.length ? "warn" : undefined} />
        <Tile label={t("diff.impacted")} value={number(diff.impacted.length)} />
        <Tile label={t("diff.breaking")} value={number(breaking)} tone={breaking ? "bad" : unknown ? "idle" : "ok"} detail={unknown ? t("diff.not_compared", { count: unknown }) : t("diff.breaking_text")} />
      </div>
      <Tabs
        label={t("page.diff")}
        chosen={route.query.get("tab")}
        tabs={[
          { key: "modified", label: t("diff.modified"), count: modified.length, body: () => <Cards entries={modified} /> },
          { key: "added", label: t("diff.added"), count: diff.added.length, body: () => <Nodes nodes={diff.added} caption={t("diff.added")} /> },
          { key: "removed", label: t("diff.removed"), count: diff.removed.length, body: () => <Removed entries={diff.removed} /> },
          { key: "impacted", label: t("diff.impacted"), count: diff.impacted.length, body: () => <Impacted entries={diff.impacted} /> },
        ]}
      />
    </>
  );
}

function isBreaking(entry: Differing): boolean {
  return entry.columns?.some((column) => column.breaking) ?? false;
}

/** How many nodes are shown with their columns; a list of all is one click away in the explorer. */
const SHOWN = 100;

function Cards({ entries }: { entries: Differing[] }) {
  if (entries.length === 0) return <Empty title={t("run.nothing")} />;
  return (
    <div class="terms">
      {entries.slice(0, SHOWN).map((entry) => (
        <section key={entry.node} class="card">
          <header>
            <h2>
              <NodeLink node={entry.node} />
            </h2>
            {isBreaking(entry) && <Badge tone="bad">{t("diff.breaking")}</Badge>}
            {entry.columns === null && <NotCompared />}
            <span class="aside">
              <Reasons reasons={entry.reasons} />
            </span>
          </header>
          {entry.columns && entry.columns.length > 0 && <ColumnChanges changes={entry.columns} />}
        </section>
      ))}
      {entries.length > SHOWN && <p class="dim">{t("more", { count: entries.length - SHOWN })}</p>}
    </div>
  );
}

/** What only reads what differs: first those whose own columns are others by that. */
function Impacted({ entries }: { entries: Differing[] }) {
  const changed = entries.filter(({ columns }) => columns && columns.length > 0);
  const same = entries.filter(({ columns }) => !columns?.length);
  const unknown = new Set(same.filter(({ columns }) => columns === null).map(({ node }) => node));
  return (
    <>
      {changed.length > 0 && <Cards entries={changed} />}
      {(same.length > 0 || changed.length === 0) && <Nodes nodes={same.map(({ node }) => node)} caption={t("diff.impacted")} unknown={unknown} />}
    </>
  );
}

/** A list of nodes; of `unknown` ones it says that their columns are not compared. */
function Nodes({ nodes, caption, unknown }: { nodes: number[]; caption: string; unknown?: Set<number> }) {
  if (nodes.length === 0) return <Empty title={t("run.nothing")} />;
  return (
    <Table
      caption={caption}
      rows={byName([...nodes])}
      keyOf={(node) => node}
      heads={[
        { key: "name", label: t("column.name"), cell: (node) => <NodeLink node={node} clip /> },
        ...(unknown?.size ? [{ key: "columns", label: t("search.columns"), cell: (node: number) => unknown.has(node) && <NotCompared /> }] : []),
        { key: "head", label: t("column.description"), fill: true, cell: (node) => <span class="dim">{core().nodes.head[node]}</span> },
      ]}
    />
  );
}

function Removed({ entries }: { entries: Diff["removed"] }) {
  if (entries.length === 0) return <Empty title={t("run.nothing")} />;
  return (
    <Table
      caption={t("diff.removed")}
      rows={entries}
      keyOf={(entry) => entry.id}
      heads={[
        { key: "name", label: t("column.name"), sort: (entry) => entry.name, cell: (entry) => entry.name },
        { key: "kind", label: t("search.kind"), sort: (entry) => entry.kind, cell: (entry) => tMaybe("kind", entry.kind) },
        { key: "id", label: t("diff.id"), cell: (entry) => <span class="mono dim">{entry.id}</span> },
        { key: "breaking", label: t("diff.verdict"), sort: (entry) => (entry.breaking ? 0 : 1), cell: (entry) => <Verdict breaking={entry.breaking} /> },
      ]}
    />
  );
}
