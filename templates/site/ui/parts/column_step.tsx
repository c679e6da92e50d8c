/** The ends of a step between columns, and what kind of step it is. */

import type { EdgeKind } from "../data";
import { isFlow, ROWS, type ColumnAt } from "../graph/column_paths";
import { t } from "../i18n";
import { Badge } from "./badge";
import { ColumnLink, NodeLink } from "./node_link";

/** A column, or a node where it is about all its rows. */
export function ColumnEnd({ at, names }: { at: ColumnAt; names: string[] }) {
  return at.column === ROWS ? <NodeLink node={at.node} /> : <ColumnLink node={at.node} column={names[at.column] ?? "?"} />;
}

/** The kind of a step: what carries values stands out. */
export function EdgeBadge({ kind }: { kind: EdgeKind }) {
  return <Badge tone={isFlow(kind) ? "accent" : "plain"}>{t(`edge.${kind}`)}</Badge>;
}
