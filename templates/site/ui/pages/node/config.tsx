/** The configuration of a node, and its `meta`. */

import type { NodePage } from "../../data";
import { t } from "../../i18n";
import { Empty } from "../../parts/empty";
import { JsonFacts } from "../../parts/json";
import { Section } from "../../parts/section";

/** Configs and `meta` side by side. */
export function Config({ page }: { page: NodePage }) {
  const empty = (values: object) => Object.keys(values).length === 0;
  if (empty(page.config) && empty(page.meta)) return <Empty title={t("config.none")} />;
  return (
    <div class="cards">
      {!empty(page.config) && (
        <Section card title={t("tab.config")}>
          <JsonFacts values={page.config} />
        </Section>
      )}
      {!empty(page.meta) && (
        <Section card title={t("config.meta")}>
          <JsonFacts values={page.meta} />
        </Section>
      )}
    </div>
  );
}
