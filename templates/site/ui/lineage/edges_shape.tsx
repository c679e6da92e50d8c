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
      {countPlaces(picture).map(({ edge, x, y, anchor }) => (
        <text key={edge} x={x} y={y} text-anchor={anchor} font-size={COUNT} fill={look.paint("var(--text-2)")}>
          {number(count[edge])}
        </text>
      ))}
    </g>
  );
}

/** The size of the numbers at edges. */
const COUNT = 11;

/**
 * Where it says how many edges run together: near the box that they enter. Where several such edges enter a box it is further back, where they
 * are apart, and never on another number.
 */
function countPlaces({ src, dst, count, layout }: Picture): { edge: number; x: number; y: number; anchor: "start" | "end" }[] {
  const { route, points } = layout;
  const taken: [x: number, y: number, width: number][] = [];
  const entering = new Map<number, number>();
  src.forEach((_, edge) => count[edge] > 1 && entering.set(dst[edge], (entering.get(dst[edge]) ?? 0) + 1));
  return src.flatMap((_, edge) => {
    if (count[edge] < 2) return [];
    const loop = isLoop(layout, edge);
    const [fromX, fromY, toX, toY] = points.subarray(route[edge + 1] - 4, route[edge + 1]);
    const width = number(count[edge]).length * 7;
    // On the last curve of an edge, counted from its end; a loop is at the right of its boxes.
    const places = (entering.get(dst[edge]) === 1 ? [0, 0.35, 0.7] : [0.7, 0.5, 0.3, 0]).map((back): [number, number, number] => [
      loop ? toX + 8 : toX - 8 - back * (toX - fromX),
      Math.round(toY - 5 + back * back * (3 - 2 * back) * (fromY - toY)),
      width,
    ]);
    const left = (x: number) => (loop ? x : x - width);
    const isFree = ([x, y]: [number, number, number]) => taken.every(([otherX, otherY, other]) => Math.abs(y - otherY) >= COUNT || left(x) + width <= otherX || otherX + other <= left(x));
    const [x, y] = places.find(isFree) ?? places[0];
    taken.push([left(x), y, width]);
    return [{ edge, x, y, anchor: loop ? "start" : "end" }];
  });
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
