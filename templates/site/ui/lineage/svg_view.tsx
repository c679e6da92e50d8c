/**
 * A picture of up to a few hundred boxes as SVG on the page: every box, column and stub is an element of its own that takes the focus.
 */
import { useEffect, useRef } from "preact/hooks";
import { number, t } from "../i18n";
import type { ColumnEdge, ColumnPaths } from "../graph/column_paths";
import { BoxShape, RowShape, spoken } from "./box_shape";
import type { Camera } from "./camera";
import { BandsShape, ColumnEdgesShape, EdgesShape } from "./edges_shape";
import { told, type Lens, type LensData } from "./lens";
import { FAMILY } from "./measure";
import { onPage } from "./paint";
import { HEAD, WIDTH, type Box, type Picture } from "./picture";
import { core } from "../store";

/** Up to so many boxes are drawn as elements of the page. */
export const MOST_ELEMENTS = 400;

/** What can be done with a picture. */
export interface Actions {
  focus: (key: string) => void;
  open: (key: string) => void;
  column: (node: number, column: number) => void;
  widen: (node: number, direction: "up" | "down") => void;
  step: (edge: ColumnEdge | null) => void;
}

/** What both ways of drawing need. */
export interface Drawn {
  picture: Picture;
  camera: Camera;
  focus: string | null;
  lens: Lens;
  lensData: LensData;
  paths: ColumnPaths | null;
  /** The column whose ways are shown: node and column. */
  column: { node: number; column: number } | null;
  /** The edges of the step that was chosen. */
  steps: ColumnEdge[];
  /** The keys of boxes that stand back. */
  dimmed: ReadonlySet<string>;
  actions: Actions;
}

/** The picture. */
export function SvgView(drawn: Drawn) {
  const { picture, camera, focus, lens, lensData, paths, column, steps, dimmed, actions } = drawn;
  const world = useRef<SVGGElement>(null);
  useEffect(() => {
    const place = () => {
      const { x, y, k } = camera.view;
      world.current?.setAttribute("transform", `translate(${x} ${y}) scale(${k})`);
    };
    place();
    return camera.follow(place);
  }, [camera, picture]);
  const marked = focus === null ? -1 : (picture.byKey.get(focus) ?? -1);
  const first = marked >= 0 ? marked : 0;
  return (
    <svg class="lineage-svg" width="100%" height="100%" font-family={FAMILY}>
      <g ref={world}>
        <BandsShape picture={picture} paint={onPage} />
        <EdgesShape picture={picture} look={{ focus: marked, dimmed: paths !== null, paint: onPage }} />
        {paths && <ColumnEdgesShape picture={picture} edges={paths.edges} paint={onPage} steps={{ chosen: steps, choose: actions.step }} />}
        {picture.boxes.map((box, at) => {
          const said = told(core(), box, lens, lensData);
          return (
            <g key={box.key} transform={`translate(${picture.layout.x[at]} ${picture.layout.y[at]})`} opacity={dimmed.has(box.key) ? 0.4 : 1}>
              <g
                class="lineage-node"
                role="button"
                tabindex={at === first ? 0 : -1}
                data-box={at}
                aria-pressed={at === marked}
                onFocus={() => at !== marked && actions.focus(box.key)}
                onClick={() => actions.focus(box.key)}
                onDblClick={() => actions.open(box.key)}
              >
                <title>{spoken(box, said)}</title>
                <BoxShape box={box} look={{ told: said, focused: at === marked, dimmed: dimmed.has(box.key), paint: onPage }} />
              </g>
              {box.rows.map((row, line) => (
                <g
                  key={row.column}
                  class="lineage-row"
                  role="button"
                  tabindex={0}
                  aria-pressed={column?.node === box.nodes[0] && column.column === row.column}
                  onClick={() => actions.column(box.nodes[0], row.column)}
                  onKeyDown={(event) => {
                    if (event.key !== "Enter" && event.key !== " ") return;
                    event.preventDefault();
                    event.stopPropagation();
                    actions.column(box.nodes[0], row.column);
                  }}
                >
                  <title>{t("lineage.column.show", { column: row.name, node: box.label })}</title>
                  <RowShape row={row} at={line} chosen={column?.node === box.nodes[0] && column.column === row.column} paint={onPage} />
                </g>
              ))}
              <Stub box={box} direction="up" marked={at === first} widen={actions.widen} />
              <Stub box={box} direction="down" marked={at === first} widen={actions.widen} />
            </g>
          );
        })}
      </g>
    </svg>
  );
}

/** Says how many neighbours are left out, and shows them on a click. Those of the marked box can be reached by Tab. */
function Stub({ box, direction, marked, widen }: { box: Box; direction: "up" | "down"; marked: boolean; widen: Actions["widen"] }) {
  const hidden = direction === "up" ? box.hiddenUp : box.hiddenDown;
  if (hidden === 0 || box.isGroup) return null;
  const all = direction === "up" ? box.up : box.down;
  const label = `+${number(hidden)}`;
  const width = 10 + label.length * 6.5;
  const x = direction === "up" ? -width - 4 : WIDTH + 4;
  const text = t(direction === "up" ? "lineage.stub.up" : "lineage.stub.down", { shown: all - hidden, all, node: box.label });
  const show = () => widen(box.nodes[0], direction);
  return (
    <g
      class="lineage-stub"
      role="button"
      tabindex={marked ? 0 : -1}
      transform={`translate(${x} ${HEAD - 17})`}
      onClick={show}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.stopPropagation();
        show();
      }}
    >
      <title>{text}</title>
      <rect x={-4} y={-3} width={width + 8} height={24} fill="transparent" />
      <rect class="lineage-pill" width={width} height={18} rx={9} fill="var(--bg)" stroke="var(--line-strong)" stroke-dasharray="2 2" />
      <text x={width / 2} y={13} text-anchor="middle" font-size={10.5} fill="var(--text-2)">
        {label}
      </text>
    </g>
  );
}
