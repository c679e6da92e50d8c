/** Where the regions of the layer map stand: a column for each layer, in an order that keeps bundles short. */
import type { Bundle, LayerMapData } from "./layer_map";

export const WIDE = 188;
const HIGH = 50;
const GAP = 84;
const SPACING = 12;
const TOP = 44;
const MARGIN = 16;
/** Right of the last column, for bundles within it. */
const LOOP = 28;

/** The places of regions. */
export interface Placed {
  x: number[];
  y: number[];
  high: number[];
  width: number;
  height: number;
  /** The columns that have regions: with how many nodes. Those of a project without layers are one between the first and the last. */
  columns: { column: number; x: number; width: number; count: number }[];
}

/** Places the regions. */
export function placed(map: LayerMapData): Placed {
  const { regions, bundles } = map;
  const order: number[][] = Array.from({ length: map.columns }, () => []);
  regions.forEach(({ column }, at) => order[column].push(at));
  const used = order.filter((column) => column.length > 0);
  sweep(used, bundles, regions.length);
  const tallest = Math.max(...used.map((column) => column.length));
  const height = TOP + tallest * (HIGH + SPACING) + MARGIN;
  const place: Placed = { x: [], y: [], high: regions.map(() => HIGH), width: 0, height, columns: [] };
  used.forEach((column, at) => {
    const x = MARGIN + at * (WIDE + GAP);
    // A column with few regions spreads a little, so that bundles do not all run to one corner.
    const free = (tallest - column.length) * (HIGH + SPACING);
    const spread = Math.min(HIGH, free / (column.length + 1));
    let y = TOP + (free - spread * (column.length - 1)) / 2;
    for (const region of column) {
      place.x[region] = x;
      place.y[region] = Math.round(y);
      y += HIGH + SPACING + spread;
    }
    const count = column.reduce((sum, region) => sum + regions[region].nodes.length, 0);
    const number = regions[column[0]].column;
    const last = place.columns.at(-1);
    if (last && last.column > 0 && !map.isLayered && number < map.columns - 1) {
      last.width = x + WIDE - last.x;
      last.count += count;
    } else place.columns.push({ column: number, x, width: WIDE, count });
  });
  place.width = MARGIN * 2 + used.length * WIDE + (used.length - 1) * GAP + LOOP;
  return place;
}

/** Sorts each column by the weighted middle of what its regions are bundled with, back and forth. */
function sweep(columns: number[][], bundles: Bundle[], regions: number): void {
  const at = new Float64Array(regions);
  const settle = (column: number[]) => column.forEach((region, place) => (at[region] = (place + 0.5) / column.length));
  columns.forEach(settle);
  for (let round = 0; round < 8; round++) {
    for (const column of round % 2 === 0 ? columns : [...columns].reverse()) {
      const middle = new Map(
        column.map((region) => {
          let [sum, weight] = [0, 0];
          for (const { from, to, count } of bundles) {
            if (from !== region && to !== region) continue;
            sum += at[from === region ? to : from] * count;
            weight += count;
          }
          return [region, weight > 0 ? sum / weight : at[region]];
        }),
      );
      column.sort((a, b) => middle.get(a)! - middle.get(b)! || a - b);
      settle(column);
    }
  }
}

/** The path of a bundle: to the right between columns, round the outside within one or back. */
export function bundlesOf({ x, y, high }: Placed, { from, to }: Bundle): string {
  const [startY, endY] = [y[from] + high[from] / 2, y[to] + high[to] / 2];
  const startX = x[from] + WIDE;
  if (x[to] > x[from]) {
    const middle = (startX + x[to]) / 2;
    return `M${startX} ${startY}C${middle} ${startY} ${middle} ${endY} ${x[to]} ${endY}`;
  }
  if (x[to] === x[from]) return `M${startX} ${startY}C${startX + 44} ${startY} ${startX + 44} ${endY} ${startX} ${endY}`;
  const left = x[to] + WIDE;
  return `M${x[from]} ${startY}C${x[from] - 40} ${startY} ${left + 40} ${endY} ${left} ${endY}`;
}
