/** The SQL that makes a column: what stands behind the steps that lead to it. */

import type { LineageShard } from "../data";
import type { ColumnAt } from "../graph/column_paths";
import { t } from "../i18n";
import { lexSql } from "../sql_lexer";
import { has, shardKey, useData } from "../store";

/** The expressions of a column, one for each query that its rows come from; nothing where it is only passed on. */
export function Expressions({ of }: { of: ColumnAt }) {
  const key = shardKey("cll", of.node);
  const shard = useData<LineageShard>(has(key) ? key : null);
  if (shard.state !== "ready") return null;
  const found = shard.value.expressions.find(([node, column]) => node === of.node && column === of.column);
  return (
    <>
      {found?.[2].map((text, at) => (
        <pre key={at} class="code expression" tabIndex={0} role="region" aria-label={t("column.expression")}>
          {lexSql(text).map(([kind, part]) => (kind ? <span class={kind}>{part}</span> : part))}
        </pre>
      ))}
    </>
  );
}
