/** Beside the page of a node: facts, freshness, and its neighbours as plain links. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { NodePage } from "../../data";
import { freshnessOf, isWeb, neighbours, versionsOf, wordsOf } from "../../facts";
import { duration, number, t, tMaybe } from "../../i18n";
import { CopyButton } from "../../parts/copy";
import { FreshnessGauge } from "../../parts/freshness";
import { Icon } from "../../parts/icon";
import { Name } from "../../parts/name";
import { NodeLink } from "../../parts/node_link";
import { href } from "../../route";
import { core, type Loaded } from "../../store";

/** How many neighbours are listed before the rest is asked for. */
const SHOWN = 12;

/** The column at the side. */
export function Rail({ node, page }: { node: number; page: Loaded<NodePage> }) {
  const freshness = freshnessOf(node);
  const versions = versionsOf(node).filter((of) => of !== node);
  return (
    <aside class="rail" aria-label={t("node.facts")}>
      <NodeFacts node={node} page={page.state === "ready" ? page.value : null} />
      {freshness && (
        <section>
          <h2>{t("lens.freshness")}</h2>
          <FreshnessGauge freshness={freshness} />
        </section>
      )}
      {versions.length > 0 && <Neighbours title={t("node.versions")} nodes={versions} />}
      <Neighbours title={t("node.reads")} nodes={neighbours(node, "up")} />
      <Neighbours title={t("node.read_by")} nodes={neighbours(node, "down")} />
    </aside>
  );
}

function NodeFacts({ node, page }: { node: number; page: NodePage | null }) {
  const { nodes } = core();
  const words = wordsOf(node);
  const facts: [string, ComponentChildren][] = [];
  if (words.owner) facts.push([t("fold.owner"), <a href={href(["owners"], { owner: words.owner })}>{words.owner}</a>]);
  for (const [label, text] of page?.facts ?? []) facts.push([tMaybe("fact", label), <Fact label={label} text={text} />]);
  if (page?.url && isWeb(page.url)) facts.push([t("node.link"), <a href={page.url} target="_blank" rel="noopener noreferrer">{page.url}</a>]);
  if (words.group) facts.push([t("node.group"), words.group]);
  facts.push([t("node.package"), words.package], [t("node.file"), <Path text={nodes.path[node]} />]);
  if (nodes.took[node] >= 0) facts.push([t("lens.duration"), duration(nodes.took[node])]);
  return (
    <section>
      <dl class="facts">
        {facts.map(([label, value]) => [<dt key={label}>{label}</dt>, <dd key={`${label}=`}>{value}</dd>])}
      </dl>
      {page?.relation && (
        <div class="relation">
          <Path text={page.relation} />
          <CopyButton text={page.relation} bare />
        </div>
      )}
    </section>
  );
}

/** What is a word of dbt is said in the reader's language, what is a name or code is not. */
function Fact({ label, text }: { label: string; text: string }) {
  if (label === "type" || label === "maturity") return <>{tMaybe(`fact.${label}`, text)}</>;
  return ["formula", "patch", "unique_key"].includes(label) ? <Path text={text} /> : <Name text={text} />;
}

function Path({ text }: { text: string }) {
  return (
    <code>
      <Name text={text} />
    </code>
  );
}

function Neighbours({ title, nodes }: { title: string; nodes: number[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? nodes : nodes.slice(0, SHOWN);
  return (
    <section>
      <h2>
        {title} <span class="dim">{number(nodes.length)}</span>
      </h2>
      {nodes.length === 0 && <p class="dim">{t("node.nobody")}</p>}
      <ul class="links">
        {shown.map((node) => (
          <li key={node}>
            <NodeLink node={node} clip />
          </li>
        ))}
      </ul>
      {nodes.length > shown.length && (
        <button type="button" class="button quiet" onClick={() => setAll(true)}>
          <Icon name="down" size={14} />
          {t("more", { count: nodes.length - shown.length })}
        </button>
      )}
    </section>
  );
}
