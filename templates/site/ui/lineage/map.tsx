/**
 * The layer map: the whole project as the folders of its layers. It shows where data comes from and goes to, and where something fails.
 */
import { useEffect, useMemo, useState } from "preact/hooks";
import "../css/lineage.css";
import { number, t, tMaybe } from "../i18n";
import { Empty } from "../parts/empty";
import { layerColor } from "../parts/layer";
import { PageHead } from "../parts/page";
import { Table, type Head } from "../parts/table";
import { go, href } from "../route";
import { core } from "../store";
import { bundlesOf, placed, WIDE, type Placed } from "./map_layout";
import { Sign } from "./box_shape";
import { layerMap, regionSelector, type Bundle, type Region } from "./layer_map";
import { fitting, FAMILY } from "./measure";

/** The page. */
export function LayerMap() {
  const map = useMemo(() => layerMap(core()), []);
  const place = useMemo(() => placed(map), [map]);
  const [near, setNear] = useState(-1);
  useSelections(map.regions);
  const name = (region: Region) => nameOf(region);
  const heads: Head<Bundle>[] = [
    { key: "from", label: t("lineage.table.from"), cell: (bundle) => <RegionLink region={map.regions[bundle.from]} />, sort: (bundle) => name(map.regions[bundle.from]) },
    { key: "to", label: t("lineage.table.to"), cell: (bundle) => <RegionLink region={map.regions[bundle.to]} />, sort: (bundle) => name(map.regions[bundle.to]) },
    { key: "count", label: t("lineage.table.edges"), cell: (bundle) => number(bundle.count), sort: (bundle) => bundle.count, number: true },
  ];
  const failing = map.regions.reduce((sum, region) => sum + region.failing, 0);
  return (
    <div class="lineage wide">
      <PageHead
        title={t("page.map")}
        badges={
          <span class="dim small">
            {t("lineage.count.nodes", { count: core().nodes.id.length })} · {t("lineage.count.edges", { count: core().edges.src.length })}
            {failing > 0 && ` · ${t("map.failing", { count: failing })}`}
          </span>
        }
      >
        <p class="dim small">{t("map.text")}</p>
      </PageHead>
      {map.regions.length === 0 ? (
        <Empty title={t("map.empty")} />
      ) : (
        <>
          <div class="layer-map" onPointerLeave={() => setNear(-1)}>
            <svg viewBox={`0 0 ${place.width} ${place.height}`} width={place.width} height={place.height} font-family={FAMILY} role="group" aria-label={t("page.map")}>
              <Columns map={map} place={place} />
              <Bundles map={map} place={place} near={near} />
              {map.regions.map((region, at) => (
                <RegionShape key={at} region={region} x={place.x[at]} y={place.y[at]} height={place.high[at]} faded={near >= 0 && !isBeside(map.bundles, near, at)} onNear={() => setNear(at)} />
              ))}
              {near >= 0 && <Counts map={map} place={place} near={near} />}
            </svg>
          </div>
          <section class="section" aria-label={t("map.edges")}>
            <header>
              <h2>{t("map.edges")}</h2>
            </header>
            <Table caption={t("map.edges")} heads={heads} rows={map.bundles} keyOf={({ from, to }) => `${from} ${to}`} />
          </section>
        </>
      )}
    </div>
  );
}

/** Whether a region is another, or is bundled with it. */
function isBeside(bundles: Bundle[], near: number, at: number): boolean {
  return near === at || bundles.some(({ from, to }) => (from === near && to === at) || (to === near && from === at));
}

function Columns({ map, place }: { map: ReturnType<typeof layerMap>; place: Placed }) {
  const { words } = core();
  return (
    <g>
      {place.columns.map(({ column, x, width, count }) => {
        const layer = column - 1;
        const name = column === 0 ? t("map.none") : (words.layer[layer] ?? t(column < map.columns - 1 ? "kinds.model" : "lineage.band.consumers"));
        const color = layerColor(layer);
        return (
          <g key={column}>
            <rect x={x - 14} y={0} width={width + 28} height={place.height} rx={14} fill={color} opacity={0.06} />
            <text x={x} y={26} font-size={14} font-weight={600} fill={color}>
              {name}
            </text>
            <text x={x + width} y={26} font-size={12} text-anchor="end" fill="var(--text-3)">
              {number(count)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function Bundles({ map, place, near }: { map: ReturnType<typeof layerMap>; place: Placed; near: number }) {
  const isNear = ({ from, to }: Bundle) => from === near || to === near;
  const most = map.bundles.reduce((largest, { count }) => Math.max(largest, count), 1);
  const order = [...map.bundles].sort((a, b) => Number(isNear(a)) - Number(isNear(b)));
  return (
    <g fill="none" stroke-linecap="round">
      {order.map((bundle) => (
        <path
          key={`${bundle.from} ${bundle.to}`}
          d={bundlesOf(place, bundle)}
          stroke={isNear(bundle) ? "var(--accent)" : "var(--line-strong)"}
          stroke-width={weight(bundle.count, most)}
          opacity={near < 0 ? 0.14 + 0.46 * (bundle.count / most) : isNear(bundle) ? 0.85 : 0.08}
        />
      ))}
    </g>
  );
}

/** The counts of the bundles of a region, at their other ends. */
function Counts({ map, place, near }: { map: ReturnType<typeof layerMap>; place: Placed; near: number }) {
  return (
    <g font-size={11.5} font-weight={600} aria-hidden="true" class="layer-map-counts">
      {map.bundles.map(({ from, to, count }) => {
        if (from !== near && to !== near) return null;
        const other = from === near ? to : from;
        const text = number(count);
        const width = text.length * 7 + 12;
        const x = from === near ? place.x[other] - width / 2 - 6 : place.x[other] + WIDE + width / 2 + 6;
        const y = place.y[other] + place.high[other] / 2;
        return (
          <g key={`${from} ${to}`}>
            <rect x={x - width / 2} y={y - 10} width={width} height={20} rx={10} fill="var(--accent)" />
            <text x={x} y={y + 4} text-anchor="middle" fill="var(--on-accent)">
              {text}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** The width of a line, of which the thickest is for the most. */
function weight(count: number, most: number): number {
  return 1 + 5 * Math.sqrt(count / most);
}

function RegionShape({ region, x, y, height, faded, onNear }: { region: Region; x: number; y: number; height: number; faded: boolean; onNear: () => void }) {
  const name = nameOf(region);
  const heat = region.failing > 0 ? "bad" : region.warning > 0 ? "warn" : null;
  const share = Math.min(1, (region.failing || region.warning) / region.nodes.length);
  const said = region.failing > 0 ? t("map.failing", { count: region.failing }) : region.warning > 0 ? t("map.warning", { count: region.warning }) : "";
  const color = layerColor(region.column - 1);
  return (
    <g transform={`translate(${x} ${y})`} opacity={faded ? 0.35 : 1}>
      <a class="layer-map-region" href={regionHref(region)} onClick={(event) => follow(event, region)} onPointerEnter={onNear} onFocus={onNear}>
        <title>{[name, t("lineage.count.nodes", { count: region.nodes.length }), said].filter(Boolean).join(", ")}</title>
        <rect class="frame" width={WIDE} height={height} rx={9} fill="var(--surface)" stroke={heat ? `var(--${heat})` : "var(--line-strong)"} />
        {heat && <rect width={WIDE} height={height} rx={9} fill={`var(--${heat}-fill)`} opacity={0.08 + 0.3 * share} />}
        <rect x={0} y={10} width={3} height={height - 20} rx={1.5} fill={color} />
        <text x={14} y={heat ? 21 : 30} font-size={13} font-weight={600} fill="var(--text)">
          {fitting(name, WIDE - 62, `600 13px ${FAMILY}`)}
        </text>
        <text x={WIDE - 12} y={heat ? 21 : 30} font-size={12.5} text-anchor="end" fill="var(--text-2)">
          {number(region.nodes.length)}
        </text>
        {heat && (
          <g>
            <Sign name={heat} size={12} at="translate(14 29)" color={`var(--${heat})`} />
            <text x={30} y={39} font-size={11.5} fill={`var(--${heat})`}>
              {said}
            </text>
          </g>
        )}
      </a>
    </g>
  );
}

function RegionLink({ region }: { region: Region }) {
  const color = layerColor(region.column - 1);
  return (
    <a class="node-link clip" href={regionHref(region)} onClick={(event) => follow(event, region)}>
      <i class="dot" style={{ color }} />
      <span>{[...new Set([columnName(region.column), nameOf(region)])].filter(Boolean).join(" · ")}</span>
    </a>
  );
}

function columnName(column: number): string {
  return core().words.layer[column - 1] ?? "";
}

const selections = new WeakMap<Region, string>();

/** Finds the selections of regions after the map is drawn, one at a time, so that it never waits for them. */
function useSelections(regions: Region[]): void {
  const [, redraw] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const next = () => {
      const region = regions.find((one) => !selections.has(one));
      if (!region) return redraw(true);
      selectionOf(region);
      timer = setTimeout(next);
    };
    timer = setTimeout(next, 100);
    return () => clearTimeout(timer);
  }, [regions]);
}

function selectionOf(region: Region): string {
  const found = selections.get(region) ?? regionSelector(core(), region) ?? "";
  selections.set(region, found);
  return found;
}

function regionHref(region: Region): string {
  const q = selections.get(region);
  // No selection means analyses: they are only listed.
  return q === "" ? href(["search"], { kind: core().words.kind[core().nodes.kind[region.nodes[0]]] }) : href(["lineage"], { q });
}

/** Follows a link that was clicked before its selection was found. */
function follow(event: MouseEvent, region: Region): void {
  if (selections.has(region) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  selectionOf(region);
  go(regionHref(region));
}

/** What a region is called: its folder, or the kind of its nodes. */
function nameOf({ label, nodes, column }: Region): string {
  if (label === "\u0002") return t("map.others");
  if (label.startsWith("\u0001")) return tMaybe("kind", label.slice(1));
  return label || columnName(column) || tMaybe("kind", core().words.kind[core().nodes.kind[nodes[0]]] ?? "");
}
