/** The words of the project and what they mean. */

import { useEffect } from "preact/hooks";
import { Html } from "../html";
import { fold, t } from "../i18n";
import { Empty } from "../parts/empty";
import { PageHead } from "../parts/page";
import { amend, type Route } from "../route";
import { core } from "../store";

/** The page. `term` in the address names the entry that is shown first. */
export function GlossaryPage({ route }: { route: Route }) {
  const { glossary } = core();
  const filter = route.query.get("q") ?? "";
  const term = route.query.get("term");
  useEffect(() => document.getElementById(`term-${term}`)?.scrollIntoView({ block: "center" }), [term]);
  const shown = glossary.filter((entry) => fold(entry.name).includes(fold(filter.trim())));
  return (
    <>
      <PageHead title={t("page.glossary")} />
      {glossary.length === 0 && <Empty title={t("glossary.none")}>{t("glossary.none_text")}</Empty>}
      {glossary.length > 8 && (
        <div class="filters">
          <input class="field" type="search" placeholder={t("glossary.filter")} aria-label={t("glossary.filter")} value={filter} onInput={(event) => amend({ q: event.currentTarget.value || undefined })} />
        </div>
      )}
      <div class="terms">
        {shown.map((entry) => (
          <section key={entry.name} class={entry.name === term ? "card chosen" : "card"} id={`term-${entry.name}`}>
            <header>
              <h2>{entry.name}</h2>
            </header>
            <Html html={entry.html} />
          </section>
        ))}
      </div>
    </>
  );
}
