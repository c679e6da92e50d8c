/** The edges, layer bands and ways of columns of a picture as SVG. */
import { number } from "../i18n";
import { columnKey, isFlow, ROWS, type ColumnEdge } from "../graph/column_paths";
import { layerColor } from "../parts/layer";
import { core } from "../store";
import type { Paint } from "./paint";
import { bandName } from "./bands";
import { edgePath, HEAD, isLoop, rowMiddle, type Picture } from "./picture";

/** The quiet stripes that say which layer stands where. */
export function BandsShape({ picture, paint }: { picture: Picture; paint: Paint }) {
  const { bands, bandsHeight } = picture.layout;
  return (
    <g>
      {bands.map(({ band, x, width }) => {
        const color = paint(band >= 1 ? layerColor(band - 1) : "var(--layer-none)");
        return (
          <g key={x}>
            <rect x={x + 6} y={-26} width={width - 12} height={bandsHeight + 32} rx={12} fill={color} opacity={0.07} />
            <text x={x + 20} y={-7} font-size={11.5} font-weight={600} fill={color}>
              {bandName(core(), band)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

/** Which edges stand out. */
export interface EdgeLook {
  focus: number;
  /** Whether all edges between nodes step back, because a column's ways are shown. */
  dimmed: boolean;
  paint: Paint;
}

/** The edges between boxes; those of the marked box are drawn last, so that they lie on top. */
export function EdgesShape({ picture, look }: { picture: Picture; look: EdgeLook }) {
  const { src, dst, count, layout } = picture;
  const isNear = (edge: number) => src[edge] === look.focus || dst[edge] === look.focus;
  const order = src.map((_, edge) => edge).sort((a, b) => Number(isNear(a)) - Number(isNear(b)));
  return (
    <g fill="none">
      {order.map((edge) => {
        const near = isNear(edge) && !look.dimmed;
        return (
          <path
            key={edge}
            d={edgePath(layout, edge)}
            stroke={look.paint(near ? "var(--accent)" : "var(--line-strong)")}
            stroke-width={near ? 1.75 : count[edge] > 1 ? 2 : 1.25}
            opacity={look.dimmed ? 0.3 : near ? 1 : 0.75}
          />
        );
      })}
      {src.map((_, edge) => count[edge] > 1 && <CountShape key={edge} picture={picture} edge={edge} paint={look.paint} />)}
    </g>
  );
}

/** How many edges run together, near the box that they enter. */
function CountShape({ picture, edge, paint }: { picture: Picture; edge: number; paint: Paint }) {
  const { route, points } = picture.layout;
  const [x, y] = [points[route[edge + 1] - 2], points[route[edge + 1] - 1]];
  return (
    <text x={x + (isLoop(picture.layout, edge) ? 8 : -8)} y={y - 5} text-anchor={isLoop(picture.layout, edge) ? "start" : "end"} font-size={11} fill={paint("var(--text-2)")}>
      {number(picture.count[edge])}
    </text>
  );
}

/** Steps that can be chosen, and those that are. */
export interface StepChoice {
  chosen: ColumnEdge[];
  choose: (edge: ColumnEdge) => void;
}

/** The ways of columns: whole lines carry values, dotted ones only decide about them. */
export function ColumnEdgesShape({ picture, edges, paint, steps }: { picture: Picture; edges: ColumnEdge[]; paint: Paint; steps?: StepChoice }) {
  const at = new Map(picture.src.map((src, edge) => [src * picture.boxes.length + picture.dst[edge], edge]));
  return (
    <g fill="none" stroke={paint("var(--accent)")}>
      {edges.map((edge) => {
        const [from, to] = [picture.boxOf.get(edge.from.node), picture.boxOf.get(edge.to.node)];
        if (from === undefined || to === undefined) return null;
        const route = at.get(from * picture.boxes.length + to);
        if (route === undefined) return null;
        const lift = (box: number, column: number) => (column === ROWS ? 0 : rowMiddle(picture.boxes[box], column) - HEAD / 2);
        const line = edgePath(picture.layout, route, [lift(from, edge.from.column), lift(to, edge.to.column)]);
        const thick = isFlow(edge.kind) ? 1.75 : 1.5;
        return (
          <g key={`${columnKey(edge.from)} ${columnKey(edge.to)} ${edge.kind}`} class={steps && "lineage-edge"} onClick={() => steps?.choose(edge)}>
            {steps && <path d={line} stroke="transparent" stroke-width={14} />}
            <path d={line} stroke-width={steps?.chosen.includes(edge) ? 3.5 : thick} stroke-linecap="round" stroke-dasharray={isFlow(edge.kind) ? undefined : "1 5"} />
          </g>
        );
      })}
    </g>
  );
}
