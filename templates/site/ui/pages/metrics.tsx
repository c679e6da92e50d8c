/** Figures and what they mean: formula, grain, owner, where they come from. */

import { neighbours, ofKind, wordsOf } from "../facts";
import { t, tMaybe } from "../i18n";
import { Empty } from "../parts/empty";
import { NodeLink } from "../parts/node_link";
import { PageHead } from "../parts/page";
import { core, useNode } from "../store";

/** How many figures have a card; the rest is in the search. */
const SHOWN = 60;

/** The page. */
export function MetricsPage() {
  const rows = ofKind("metric");
  return (
    <>
      <PageHead title={t("kinds.metric")} />
      {rows.length === 0 && <Empty title={t("metrics.none")}>{t("metrics.none_text")}</Empty>}
      <div class="cards">
        {rows.slice(0, SHOWN).map((node) => (
          <Metric key={node} node={node} />
        ))}
      </div>
      {rows.length > SHOWN && (
        <p class="section">
          <a href="#/search?kind=metric">{t("more", { count: rows.length - SHOWN })}</a>
        </p>
      )}
    </>
  );
}

function Metric({ node }: { node: number }) {
  const page = useNode(node);
  const { owner } = wordsOf(node);
  return (
    <section class="card">
      <header>
        <h2>
          <NodeLink node={node} />
        </h2>
      </header>
      {core().nodes.head[node] && <p class="dim">{core().nodes.head[node]}</p>}
      <dl class="facts">
        {page.state === "ready" && page.value.facts.map(([label, text]) => [<dt key={label}>{tMaybe("fact", label)}</dt>, <dd key={`${label}=`}>{label === "formula" ? <code>{text}</code> : text}</dd>])}
        {owner && [<dt>{t("fold.owner")}</dt>, <dd>{owner}</dd>]}
        <dt>{t("node.reads")}</dt>
        <dd>
          <ul>
            {neighbours(node, "up").map((parent) => (
              <li key={parent}>
                <NodeLink node={parent} />
              </li>
            ))}
          </ul>
        </dd>
      </dl>
    </section>
  );
}
