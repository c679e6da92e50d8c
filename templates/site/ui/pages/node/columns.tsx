/** The columns of a node: name, type, what it means, how it is tested. */

import { useMemo, useState } from "preact/hooks";
import type { Column, NodePage, Test } from "../../data";
import { Html } from "../../html";
import { fold, t } from "../../i18n";
import { Badge } from "../../parts/badge";
import { Empty } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { ColumnLink, nodeHref } from "../../parts/node_link";
import { Status } from "../../parts/status";
import { Table, type Head } from "../../parts/table";
import { href } from "../../route";

/** From how many columns on they can be filtered. */
const MANY = 12;

/** The table of columns. */
export function Columns({ node, page, tests }: { node: number; page: NodePage; tests: Test[] }) {
  const [filter, setFilter] = useState("");
  const byColumn = useMemo(() => group(tests), [tests]);
  if (page.columns.length === 0) return <Empty title={t("columns.none")}>{page.unread === null ? t("columns.none_text") : t("columns.unread", { reason: page.unread })}</Empty>;
  const wanted = fold(filter.trim());
  const rows = wanted ? page.columns.filter((column) => fold(`${column.name} ${column.html}`).includes(wanted)) : page.columns;
  return (
    <>
      {page.columns.length > MANY && (
        <div class="filters screen-only">
          <input class="field" type="search" placeholder={t("columns.filter")} aria-label={t("columns.filter")} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        </div>
      )}
      <Table caption={t("search.columns")} rows={rows} keyOf={(column) => column.name} heads={headsOf(node, byColumn)} />
    </>
  );
}

function headsOf(node: number, tests: Map<string | undefined, Test[]>): Head<Column>[] {
  return [
    { key: "name", label: t("column.name"), sort: (column) => column.name, cell: (column) => <Name node={node} column={column} /> },
    { key: "type", label: t("column.type"), sort: (column) => column.type ?? "", cell: (column) => <TypeName name={column.type} /> },
    { key: "text", label: t("column.description"), fill: true, cell: (column) => <Description column={column} /> },
    {
      key: "tests",
      label: t("tab.tests"),
      cell: (column) => {
        const own = tests.get(column.name);
        return own && (
          <span class="badges">
            {own.map((test) => (
              <a key={test.id} href={href(["test", test.id])} title={test.name}>
                <TestMark test={test} />
              </a>
            ))}
          </span>
        );
      },
    },
  ];
}

/** A type, whose precision and scale stay on one line. */
function TypeName({ name }: { name: string | null }) {
  return <span class="mono dim">{name?.toLowerCase().replace(/(?<=\d), (?=\d)/g, ",\u00a0") ?? t("column.no_type")}</span>;
}

function TestMark({ test }: { test: Test }) {
  return (
    <span class="test-mark">
      <Status value={test.status} />
      <span class="dim small">{test.type}</span>
    </span>
  );
}

function Name({ node, column }: { node: number; column: Column }) {
  return (
    <span class="column-name">
      <a class="node-link clip mono" href={nodeHref(node, column.name)} title={column.name}>
        <span>{column.name}</span>
        {column.key && (
          <span class="key" title={t("column.key")}>
            <Icon name="key" size={14} />
            <span class="unseen">{t("column.key")}</span>
          </span>
        )}
      </a>
      {column.tags.length > 0 && (
        <span class="badges">
          {column.tags.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </span>
      )}
    </span>
  );
}

/** What a column means, and from where that was taken over. */
export function Description({ column }: { column: Column }) {
  if (!column.html) return <span class="dim">–</span>;
  return (
    <>
      <Html html={column.html} tight />
      {column.from && (
        <span class="dim small">
          {t("column.inherited")} <ColumnLink node={column.from[0]} column={column.from[1]} />
        </span>
      )}
    </>
  );
}

function group(tests: Test[]): Map<string | undefined, Test[]> {
  const map = new Map<string | undefined, Test[]>();
  for (const test of tests) map.set(test.column, [...(map.get(test.column) ?? []), test]);
  return map;
}
