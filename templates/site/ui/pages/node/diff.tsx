/** What became of a node since the state that the site is compared with. */

import type { Diff, Differing } from "../../data";
import { t } from "../../i18n";
import { With } from "../../parts/data";
import { Empty } from "../../parts/empty";
import { Notice } from "../../parts/notice";
import { ColumnChanges, NotCompared, Reasons } from "../../parts/changes";
import { has, type Loaded } from "../../store";

/** The changes of one node. */
export function NodeDiff({ node, diff }: { node: number; diff: Loaded<Diff> }) {
  if (!has("diff")) return <Empty title={t("diff.none")}>{t("diff.none_text")}</Empty>;
  return <With data={diff}>{(value) => <Changes node={node} diff={value} />}</With>;
}

function Changes({ node, diff }: { node: number; diff: Diff }) {
  const modified = diff.modified.find((entry) => entry.node === node);
  if (modified) {
    return (
      <>
        <Reasons reasons={modified.reasons} />
        <ColumnsOf entry={modified} />
      </>
    );
  }
  if (diff.added.includes(node)) return <Notice>{t("diff.is_added", { base: diff.base.name })}</Notice>;
  const impacted = diff.impacted.find((entry) => entry.node === node);
  if (impacted) {
    return (
      <>
        <Notice tone="warn">{t("diff.is_impacted")}</Notice>
        <ColumnsOf entry={impacted} />
      </>
    );
  }
  return <Empty title={t("diff.same")}>{t("diff.same_text", { base: diff.base.name })}</Empty>;
}

function ColumnsOf({ entry: { columns } }: { entry: Differing }) {
  if (columns === null) {
    return (
      <p class="badges">
        <NotCompared />
      </p>
    );
  }
  return columns.length > 0 ? <ColumnChanges changes={columns} /> : null;
}
