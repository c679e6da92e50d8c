/** What changed in a node: the reasons, and the columns with what breaks their readers. */

import type { ColumnChange } from "../data";
import { t, tMaybe } from "../i18n";
import { Badge } from "./badge";
import { Table } from "./table";

/** Why a node counts as modified. */
export function Reasons({ reasons }: { reasons: string[] }) {
  return (
    <p class="badges">
      {reasons.map((reason) => (
        <Badge key={reason} tone="accent">
          {tMaybe("reason", reason)}
        </Badge>
      ))}
    </p>
  );
}

/** Says that the columns of a node are not known, then or now. */
export function NotCompared() {
  return <Badge tone="plain">{t("diff.columns_not_compared")}</Badge>;
}

/** Whether readers of what changed may fail. */
export function Verdict({ breaking }: { breaking: boolean }) {
  return <Badge tone={breaking ? "bad" : "ok"}>{t(breaking ? "diff.breaking" : "diff.safe")}</Badge>;
}

/** The changes of columns, those that break readers told by word and colour. */
export function ColumnChanges({ changes }: { changes: ColumnChange[] }) {
  return (
    <Table
      caption={t("search.columns")}
      rows={changes}
      keyOf={(change) => `${change.name} ${change.change}`}
      heads={[
        { key: "name", label: t("column.name"), sort: (change) => change.name, cell: (change) => <span class="mono">{change.name}</span> },
        { key: "change", label: t("diff.change"), sort: (change) => change.change, cell: (change) => t(`change.${change.change}`) },
        { key: "from", label: t("diff.from"), cell: (change) => <span class="mono dim">{change.from}</span> },
        { key: "to", label: t("diff.to"), cell: (change) => <span class="mono dim">{change.to}</span> },
        { key: "breaking", label: t("diff.verdict"), sort: (change) => (change.breaking ? 0 : 1), cell: (change) => <Verdict breaking={change.breaking} /> },
      ]}
    />
  );
}
