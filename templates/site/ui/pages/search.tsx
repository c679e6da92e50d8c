/** Search with facets; without a query it is the catalogue of all nodes. */

import { useMemo } from "preact/hooks";
import type { Columns } from "../data";
import { byName, statusOf, wordsOf } from "../facts";
import { useFinder, wordHit } from "../finder";
import { fold, number, t, tMaybe, type TextKey } from "../i18n";
import { With } from "../parts/data";
import { Empty } from "../parts/empty";
import { Icon } from "../parts/icon";
import { layerColor } from "../parts/layer";
import { Marked } from "../parts/marked";
import { ColumnLink, NodeLink } from "../parts/node_link";
import { PageHead } from "../parts/page";
import { Status } from "../parts/status";
import { Table, type Head } from "../parts/table";
import { amend, type Route } from "../route";
import { search } from "../search";
import { core, has, useData } from "../store";

type Facet = "kind" | "layer" | "folder" | "owner" | "group" | "tag" | "materialized" | "status";

const FACETS: readonly [Facet, TextKey][] = [
  ["kind", "search.kind"],
  ["layer", "fold.layer"],
  ["folder", "search.folder"],
  ["owner", "fold.owner"],
  ["group", "node.group"],
  ["tag", "search.tag"],
  ["materialized", "search.materialized"],
  ["status", "lens.status"],
];

/** The page. */
export function SearchPage({ route }: { route: Route }) {
  const query = route.query.get("q") ?? "";
  const columns = route.query.get("in") === "columns";
  return (
    <>
      <PageHead title={t("page.search")} />
      <div class="filters" role="search">
        <input class="field" type="search" placeholder={t("search.hint")} aria-label={t("search.title")} value={query} onInput={(event) => amend({ q: event.currentTarget.value || undefined })} />
        <div class="switch" role="group" aria-label={t("search.in")}>
          <button type="button" aria-pressed={!columns} onClick={() => amend({ in: undefined })}>
            {t("search.nodes")}
          </button>
          {has("cols") && (
            <button type="button" aria-pressed={columns} onClick={() => amend({ in: "columns" })}>
              {t("search.columns")}
            </button>
          )}
        </div>
        {!columns && FACETS.map(([facet, label]) => <Choice key={facet} facet={facet} label={t(label)} chosen={route.query.get(facet) ?? ""} />)}
      </div>
      {columns ? <ColumnHits query={query} /> : <NodeHits query={query} route={route} />}
    </>
  );
}

function Choice({ facet, label, chosen }: { facet: Facet; label: string; chosen: string }) {
  const options = useMemo(() => {
    const { nodes, words } = core();
    const counts = new Map<string, number>();
    const count = (word: string | undefined) => word !== undefined && word !== "" && counts.set(word, (counts.get(word) ?? 0) + 1);
    if (facet === "tag") nodes.tags.forEach((tags) => tags.forEach((tag) => count(words.tag[tag])));
    else if (facet === "status") nodes.id.forEach((_, node) => count(statusOf(node) ?? undefined));
    else nodes[facet].forEach((place) => count(words[facet][place]));
    return [...counts].sort((a, b) => b[1] - a[1]);
  }, [facet]);
  if (options.length < 2) return null;
  return (
    <select class="field" aria-label={label} value={chosen} onChange={(event) => amend({ [facet]: event.currentTarget.value || undefined })}>
      <option value="">{label}</option>
      {options.map(([word, count]) => (
        <option key={word} value={word}>
          {facet === "kind" ? tMaybe("kinds", word) : facet === "status" ? tMaybe("status", word) : word} ({number(count)})
        </option>
      ))}
    </select>
  );
}

/** How many owners, groups, tags and terms are shown above the nodes. */
const WORDS = 12;

function NodeHits({ query, route }: { query: string; route: Route }) {
  const finder = useFinder(query !== "");
  const { found, words } = useMemo(() => {
    if (!query.trim() || !finder) return { found: byName([...core().nodes.id.keys()]), words: [] };
    const hits = search(finder, query);
    return { found: hits.flatMap((hit) => (hit.what === "node" ? [hit.at] : [])), words: hits.map(wordHit).filter((word) => word !== null).slice(0, WORDS) };
  }, [query, finder]);
  const shown = useMemo(() => found.filter((node) => matches(node, route.query)), [found, route.query.toString()]);
  const heads: Head<number>[] = [
    { key: "name", label: t("column.name"), sort: (node) => core().nodes.name[node], cell: (node) => <NodeLink node={node} clip /> },
    { key: "kind", label: t("search.kind"), sort: (node) => wordsOf(node).kind, cell: (node) => tMaybe("kind", wordsOf(node).kind) },
    { key: "layer", label: t("fold.layer"), sort: (node) => core().nodes.layer[node], cell: (node) => <Layer node={node} /> },
    { key: "head", label: t("column.description"), fill: true, cell: (node) => <span class="dim"><Marked text={core().nodes.head[node]} query={query} /></span> },
    { key: "owner", label: t("fold.owner"), sort: (node) => wordsOf(node).owner ?? "", cell: (node) => wordsOf(node).owner },
    { key: "tests", label: t("tab.tests"), number: true, sort: (node) => core().nodes.tests[node], cell: (node) => number(core().nodes.tests[node]) },
    { key: "status", label: t("lens.status"), sort: (node) => statusOf(node) ?? "", cell: (node) => <Outcome status={statusOf(node)} /> },
  ];
  return (
    <>
      {words.length > 0 && (
        <p class="badges result-count">
          {words.map((word) => (
            <a key={word.to} class="badge plain" href={word.to} title={t(word.kind)}>
              <Icon name={word.icon} size={14} />
              {word.name}
            </a>
          ))}
        </p>
      )}
      <p class="dim result-count" aria-live="polite">
        {t("search.count", { count: shown.length })}
      </p>
      {shown.length === 0 ? <Empty title={t("search.none")}>{t("search.none_text")}</Empty> : <Table caption={t("search.results")} rows={shown} keyOf={(node) => node} heads={heads} />}
    </>
  );
}

function Outcome({ status }: { status: string | null }) {
  return status === null ? null : <Status value={status} />;
}

function Layer({ node }: { node: number }) {
  const { layer } = wordsOf(node);
  return layer === null ? null : (
    <span class="nowrap">
      <i class="dot" style={{ color: layerColor(core().nodes.layer[node]) }} />
      {layer}
    </span>
  );
}

function matches(node: number, query: URLSearchParams): boolean {
  const words = wordsOf(node);
  return FACETS.every(([facet]) => {
    const wanted = query.get(facet);
    if (!wanted) return true;
    if (facet === "tag") return words.tags.includes(wanted);
    return (facet === "status" ? statusOf(node) : words[facet]) === wanted;
  });
}

/** How many columns of the project are listed at most. */
const MOST = 2000;

function ColumnHits({ query }: { query: string }) {
  const columns = useData<Columns>("cols");
  return <With data={columns}>{(value) => <ColumnTable columns={value} query={query} />}</With>;
}

function ColumnTable({ columns, query }: { columns: Columns; query: string }) {
  const rows = useMemo(() => {
    const wanted = fold(query.trim());
    const named = columns.names.map((name) => fold(name).includes(wanted));
    const found: { node: number; column: string }[] = [];
    columns.of.forEach((own, node) => own.forEach((column) => named[column] && found.push({ node, column: columns.names[column] })));
    const exact = (row: { column: string }) => (fold(row.column) === wanted ? 0 : 1);
    return found.sort((a, b) => exact(a) - exact(b));
  }, [columns, query]);
  const heads: Head<{ node: number; column: string }>[] = [
    { key: "column", label: t("search.column"), sort: (row) => row.column, cell: (row) => <ColumnLink node={row.node} column={row.column} /> },
    { key: "kind", label: t("search.kind"), cell: (row) => tMaybe("kind", wordsOf(row.node).kind) },
    { key: "layer", label: t("fold.layer"), sort: (row) => core().nodes.layer[row.node], cell: (row) => <Layer node={row.node} /> },
  ];
  return (
    <>
      <p class="dim result-count" aria-live="polite">
        {t("search.count", { count: rows.length })}
      </p>
      {rows.length === 0 ? <Empty title={t("search.none")}>{t("search.none_text")}</Empty> : <Table caption={t("search.columns")} rows={rows.slice(0, MOST)} keyOf={(row) => `${row.node}.${row.column}`} heads={heads} />}
      {rows.length > MOST && <p class="dim">{t("more", { count: rows.length - MOST })}</p>}
    </>
  );
}
