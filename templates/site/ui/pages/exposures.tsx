/** What the data is for: dashboards, notebooks, applications. */

import { neighbours, ofKind, wordsOf } from "../facts";
import { number, t } from "../i18n";
import { Empty } from "../parts/empty";
import { NodeLink } from "../parts/node_link";
import { PageHead } from "../parts/page";
import { Table } from "../parts/table";
import { Status } from "../parts/status";
import { core } from "../store";

/** The page. */
export function ExposuresPage() {
  const rows = ofKind("exposure");
  return (
    <>
      <PageHead title={t("kinds.exposure")} />
      {rows.length === 0 && <Empty title={t("exposures.none")}>{t("exposures.none_text")}</Empty>}
      {rows.length > 0 && (
        <Table
          caption={t("kinds.exposure")}
          rows={rows}
          keyOf={(node) => node}
          heads={[
            { key: "name", label: t("column.name"), sort: (node) => core().nodes.name[node], cell: (node) => <NodeLink node={node} /> },
            { key: "head", label: t("column.description"), fill: true, cell: (node) => <span class="dim">{core().nodes.head[node]}</span> },
            { key: "owner", label: t("fold.owner"), sort: (node) => wordsOf(node).owner ?? "", cell: (node) => wordsOf(node).owner },
            { key: "reads", label: t("node.reads"), number: true, sort: (node) => neighbours(node, "up").length, cell: (node) => number(neighbours(node, "up").length) },
            { key: "health", label: t("exposures.health"), cell: (node) => <Health node={node} /> },
          ]}
        />
      )}
    </>
  );
}

/** The worst that is known of what an exposure reads directly. */
function Health({ node }: { node: number }) {
  const worst = Math.max(0, ...neighbours(node, "up").map((parent) => core().nodes.tested[parent]));
  return <Status value={(["not_run", "pass", "warn", "fail"] as const)[worst] ?? "not_run"} />;
}
