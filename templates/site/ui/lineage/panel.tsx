/** What there is to know and to do about the marked box, beside the picture. */
import type { ComponentChildren } from "preact";
import type { Columns } from "../data";
import { isAnalysis } from "../graph/choice";
import type { ColumnEdge, ColumnPaths } from "../graph/column_paths";
import { around, graphOf, setOf } from "../graph/graph";
import { impactMarkdown, impactOf } from "../graph/impact";
import { duration, number, t, tMaybe } from "../i18n";
import { LayerBadge } from "../parts/badge";
import { CopyButton } from "../parts/copy";
import { Icon, kindIcon } from "../parts/icon";
import { layerColor } from "../parts/layer";
import { ColumnLink, nodeHref, NodeLink } from "../parts/node_link";
import { Status } from "../parts/status";
import { core } from "../store";
import type { Box } from "./picture";
import { StepList, StepPart } from "./step";

/** What the panel can change. */
export interface PanelActions {
  centre: (node: number) => void;
  focus: (key: string) => void;
  openColumns: (node: number) => void;
  column: (node: number, column: number) => void;
  noColumn: () => void;
  step: (edge: ColumnEdge | null) => void;
  impact: (on: boolean) => void;
  influences: (on: boolean) => void;
  openGroup: (key: string) => void;
}

/** What the panel is about. */
export interface PanelProps {
  box: Box | null;
  isOpen: boolean;
  columns: Columns | null;
  column: { node: number; column: number } | null;
  paths: { up: ColumnPaths; down: ColumnPaths } | null;
  influences: boolean;
  /** The edges of the step that was chosen. */
  steps: ColumnEdge[];
  impact: boolean;
  actions: PanelActions;
}

/** How many names a list shows before it only counts. */
const MOST = 8;

/** The panel. */
export function Panel(props: PanelProps) {
  const { box, column, actions } = props;
  return (
    <aside class="lineage-panel" aria-label={t("lineage.panel")}>
      {box === null ? <p class="dim small">{t("lineage.panel.none")}</p> : box.isGroup ? <GroupPart box={box} actions={actions} /> : <NodePart {...props} node={box.nodes[0]} />}
      {column && <ColumnPart {...props} column={column} />}
      {props.columns && props.steps.length > 0 && <StepPart edges={props.steps} columns={props.columns} onClose={() => actions.step(null)} />}
      {props.impact && box && <ImpactPart box={box} column={column} paths={props.paths} actions={actions} />}
    </aside>
  );
}

function NodePart({ node, isOpen, impact, columns, column, actions }: PanelProps & { node: number }) {
  const { nodes, words } = core();
  const status = words.status[nodes.status[node]];
  const graph = graphOf(core());
  const readers = around(graph, node, "down").filter((reader) => !isAnalysis(core(), reader));
  const owner = words.owner[nodes.owner[node]];
  return (
    <section aria-label={nodes.name[node]}>
      <h2 class="lineage-panel-name">
        <Icon name={kindIcon(words.kind[nodes.kind[node]] ?? "")} />
        {nodes.name[node]}
      </h2>
      <div class="badges">
        <span class="dim small">{tMaybe("kind", words.kind[nodes.kind[node]] ?? "")}</span>
        <LayerBadge layer={nodes.layer[node]} />
        {status && <Status value={status} />}
      </div>
      {nodes.head[node] && <p class="small">{nodes.head[node]}</p>}
      <dl class="facts small">
        {owner && <Fact label={t("fold.owner")}>{owner}</Fact>}
        {nodes.materialized[node] >= 0 && <Fact label={t("lineage.fact.materialized")}>{words.materialized[nodes.materialized[node]]}</Fact>}
        {nodes.took[node] >= 0 && <Fact label={t("home.last_run")}>{duration(nodes.took[node])}</Fact>}
        <Fact label={t("tab.tests")}>{number(nodes.tests[node])}</Fact>
        <Fact label={t("lineage.fact.around")}>{t("lineage.around", { up: around(graph, node, "up").length, down: readers.length })}</Fact>
      </dl>
      <div class="lineage-actions">
        <a class="button" href={nodeHref(node)}>
          {t("lineage.open")}
        </a>
        <button type="button" class="button" onClick={() => actions.centre(node)}>
          {t("lineage.centre")}
        </button>
        <button type="button" class="button" aria-pressed={isOpen} disabled={columns !== null && (columns.of[node]?.length ?? 0) === 0} onClick={() => actions.openColumns(node)}>
          {t("search.columns")}
        </button>
        <button type="button" class="button" aria-pressed={impact} onClick={() => actions.impact(!impact)}>
          {t("lineage.impact")}
        </button>
      </div>
      {isOpen && columns && (
        <ul class="lineage-columns small" aria-label={t("search.columns")}>
          {(columns.of[node] ?? []).map((at) => (
            <li key={at}>
              <button type="button" aria-pressed={column?.node === node && column.column === at} onClick={() => actions.column(node, at)}>
                {columns.names[at]}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function GroupPart({ box, actions }: { box: Box; actions: PanelActions }) {
  return (
    <section aria-label={box.label}>
      <h2 class="lineage-panel-name">
        <Icon name="map" />
        {box.label}
      </h2>
      <p class="small">{t("lineage.count.nodes", { count: box.nodes.length })}</p>
      <button type="button" class="button" onClick={() => actions.openGroup(box.key)}>
        {t("lineage.group.open")}
      </button>
      <NodeList nodes={box.nodes} />
    </section>
  );
}

function ColumnPart({ column, columns, paths, steps, influences, actions }: PanelProps & { column: { node: number; column: number } }) {
  const name = columns?.names[column.column] ?? "";
  const unknown = paths ? [...new Map([...paths.up.unknown, ...paths.down.unknown])] : [];
  const unread = paths ? [...paths.up.unread, ...paths.down.unread] : [];
  return (
    <section aria-label={t("search.column")}>
      <h3 class="lineage-panel-part">
        {t("search.column")}
        <button type="button" class="button quiet" onClick={actions.noColumn}>
          {t("close")}
        </button>
      </h3>
      <p>
        <ColumnLink node={column.node} column={name} />
      </p>
      {paths && (
        <>
          <p class="small dim">{t("lineage.column.counts", { up: paths.up.columns.size - 1, down: paths.down.columns.size - 1 })}</p>
          {paths.up.edges.length === 0 && paths.down.edges.length === 0 && unknown.length === 0 && <p class="small">{t("lineage.column.alone")}</p>}
        </>
      )}
      {paths && columns && <StepList column={column} paths={paths} chosen={steps} columns={columns} onChoose={actions.step} />}
      <label class="lineage-check small">
        <input type="checkbox" checked={influences} onChange={() => actions.influences(!influences)} />
        <span>{t("lineage.influences")}</span>
      </label>
      <p class="lineage-legend small dim">
        <svg width="28" height="8" aria-hidden="true">
          <path d="M0 4h28" stroke="var(--accent)" stroke-width="2" />
        </svg>
        {t("lineage.legend.flow")}
        <svg width="28" height="8" aria-hidden="true">
          <path d="M1 4h28" stroke="var(--accent)" stroke-width="2" stroke-dasharray="1 5" stroke-linecap="round" />
        </svg>
        {t("lineage.legend.influence")}
      </p>
      {unknown.map(([node, why]) => (
        <p class="notice warn small" key={node}>
          <span>
            <NodeLink node={node} /> {t("lineage.unknown.why", { why })}
          </span>
        </p>
      ))}
      {unread.length > 0 && <p class="notice bad small">{t("lineage.unread", { count: unread.length })}</p>}
    </section>
  );
}

function ImpactPart({ box, column, paths }: { box: Box; column: PanelProps["column"]; paths: PanelProps["paths"]; actions: PanelActions }) {
  const { nodes, words } = core();
  const isColumn = column !== null && paths !== null && box.nodes[0] === column.node;
  const only = isColumn ? setOf(nodes.id.length, [...paths.down.columns.values()].map(({ at }) => at.node)) : undefined;
  const impact = impactOf(core(), box.nodes, only);
  const tests = t("impact.tests");
  const title = t(isColumn ? "impact.title.column" : "impact.title", { name: box.label });
  const counts = t("impact.counts", { nodes: impact.nodes.length, exposures: impact.exposures.length });
  const markdown = impactMarkdown(core(), impact, {
    title, counts, tests, layer: t("fold.layer"), noLayer: t("impact.layer.none"), nodes: t("search.nodes"), exposures: t("kinds.exposure"), owners: t("impact.owners"),
  });
  const most = Math.max(1, ...impact.layers.map(([, count]) => count));
  return (
    <section aria-label={t("lineage.impact")}>
      <h3 class="lineage-panel-part">
        {t("lineage.impact")}
        <CopyButton text={markdown} label={t("impact.copy")} />
      </h3>
      <p class="small">{counts}</p>
      <ul class="lineage-bars small">
        {impact.layers.map(([layer, count]) => (
          <li key={layer}>
            <span>{layer || t("impact.layer.none")}</span>
            <i style={{ width: `${(count / most) * 100}%`, "--layer": barColor(words.layer.indexOf(layer)) }} />
            <b>{number(count)}</b>
          </li>
        ))}
      </ul>
      <dl class="facts small">
        <Fact label={tests}>{number(impact.tests)}</Fact>
        {impact.owners.length > 0 && (
          <Fact label={t("impact.owners")}>
            {impact.owners
              .slice(0, MOST)
              .map(([owner, count]) => `${owner} (${number(count)})`)
              .join(", ")}
          </Fact>
        )}
      </dl>
      {impact.exposures.length > 0 && (
        <>
          <h4 class="small">{t("kinds.exposure")}</h4>
          <NodeList nodes={impact.exposures} />
        </>
      )}
    </section>
  );
}

function barColor(layer: number): string {
  return layer < 0 ? "var(--layer-none)" : layerColor(layer);
}

function NodeList({ nodes }: { nodes: number[] }) {
  return (
    <ul class="links">
      {nodes.slice(0, MOST).map((node) => (
        <li key={node}>
          <NodeLink node={node} clip />
        </li>
      ))}
      {nodes.length > MOST && <li class="dim small">{t("lineage.more", { count: nodes.length - MOST })}</li>}
    </ul>
  );
}

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}
