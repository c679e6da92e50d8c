/** The SQL of a node: as it is written and as it runs. */

import { useState } from "preact/hooks";
import type { NodePage } from "../../data";
import { t } from "../../i18n";
import { Empty } from "../../parts/empty";
import { Sql } from "../../sql";
import { core } from "../../store";

/** The two texts, one at a time on the screen and both on paper. */
export function NodeSql({ page }: { page: NodePage }) {
  const [shown, setShown] = useState<"source" | "compiled">("source");
  const { source, compiled } = page;
  if (source === null && compiled === null) {
    return <Empty title={t("sql.none")}>{core().meta.sql ? t("sql.none_text") : t("sql.left_out")}</Empty>;
  }
  const now = source === null ? "compiled" : compiled === null ? "source" : shown;
  return (
    <>
      {source !== null && compiled !== null && (
        <div class="switch screen-only" role="group" aria-label={t("tab.sql")}>
          {(["source", "compiled"] as const).map((text) => (
            <button key={text} type="button" aria-pressed={now === text} onClick={() => setShown(text)}>
              {t(`sql.${text}`)}
            </button>
          ))}
        </div>
      )}
      {source !== null && (
        <div class={now === "source" ? undefined : "paper-only"}>
          <Sql text={source} title={t("sql.source")} />
        </div>
      )}
      {compiled !== null && (
        <div class={now === "compiled" ? undefined : "paper-only"}>
          <Sql text={compiled} title={t("sql.compiled")} />
        </div>
      )}
    </>
  );
}
