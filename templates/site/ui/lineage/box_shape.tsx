/**
 * A box of a picture as SVG: on the page, on paper and in files. It draws; what happens on a click is the business of who uses it.
 */
import { number, t, tMaybe } from "../i18n";
import { Icon, kindIcon, type IconName } from "../parts/icon";
import { layerColor, layerName } from "../parts/layer";
import { core } from "../store";
import type { Told } from "./lens";
import { FAMILY, fitting } from "./measure";
import type { Paint } from "./paint";
import { HEAD, ROW, WIDTH, type Box, type Row } from "./picture";

const NAME = 12.5;
const NOTE = 11;
const NAME_FONT = `550 ${NAME}px ${FAMILY}`;
const NOTE_FONT = `400 ${NOTE}px ${FAMILY}`;

/** How a box looks among the others. */
export interface Look {
  told: Told | null;
  focused: boolean;
  dimmed: boolean;
  paint: Paint;
}

/** The head of a box: frame, name, and a line about it. */
export function BoxShape({ box, look }: { box: Box; look: Look }) {
  const { told, paint } = look;
  const tone = told && told.tone !== "idle" ? `var(--${told.tone})` : "var(--text-3)";
  const room = WIDTH - 44;
  const outline = look.focused ? "var(--accent)" : told && told.tone === "bad" ? "var(--bad)" : "var(--line-strong)";
  return (
    <>
      {box.isGroup && <rect x={4} y={-4} width={WIDTH - 8} height={box.height} rx={8} fill={paint("var(--sunken)")} stroke={paint("var(--line-strong)")} />}
      {look.focused && <rect x={-4} y={-4} width={WIDTH + 8} height={box.height + 8} rx={11} fill={paint("var(--accent-soft)")} stroke={paint("var(--accent)")} stroke-width={2} />}
      <rect width={WIDTH} height={box.height} rx={8} fill={paint("var(--surface)")} stroke={paint(outline)} />
      <rect x={0} y={8} width={3} height={HEAD - 16} rx={1.5} fill={paint(layerColor(box.layer))} />
      <Sign name={box.isGroup ? "map" : kindIcon(box.kind)} size={14} at="translate(12 8)" color={paint(layerColor(box.layer))} />
      <text x={34} y={19.5} font-size={NAME} font-weight={550} fill={paint("var(--text)")}>
        {fitting(box.label, room, NAME_FONT)}
      </text>
      {told && <Sign name={signOf(told)} size={12} at="translate(34 26)" color={paint(tone)} />}
      <text x={told ? 50 : 34} y={35.5} font-size={NOTE} fill={paint(told ? tone : "var(--text-3)")}>
        {fitting(told ? told.text : noteOf(box), told ? room - 16 : room, NOTE_FONT)}
      </text>
      {told?.share !== undefined && <rect x={34} y={40} width={Math.max(2, Math.round(told.share * (WIDTH - 48)))} height={2} rx={1} fill={paint(tone)} />}
      {(box.rows.length > 0 || box.unknown !== null) && <path d={`M0 ${HEAD}H${WIDTH}`} stroke={paint("var(--line)")} />}
      {box.unknown !== null && (
        <text x={14} y={box.height - 7} font-size={NOTE} fill={paint("var(--warn)")}>
          {fitting(`? ${t("lineage.unknown")}`, WIDTH - 24, NOTE_FONT)}
        </text>
      )}
      {box.more > 0 && (
        <text x={14} y={HEAD + box.rows.length * ROW + 15} font-size={NOTE} fill={paint("var(--text-3)")}>
          {t("lineage.columns.more", { count: box.more })}
        </text>
      )}
    </>
  );
}

/** An icon in a picture. Its colour is an attribute, because pictures that leave the page have no style sheet. */
export function Sign({ name, size, at, color }: { name: IconName; size: number; at: string; color: string }) {
  return (
    <g transform={at} {...{ color }}>
      <Icon name={name} size={size} />
    </g>
  );
}

/** A column in a box. */
export function RowShape({ row, at, chosen, paint }: { row: Row; at: number; chosen: boolean; paint: Paint }) {
  const top = HEAD + at * ROW;
  return (
    <>
      <rect x={4} y={top + 1} width={WIDTH - 8} height={ROW - 2} rx={4} fill={chosen ? paint("var(--accent)") : row.onPath ? paint("var(--accent-soft)") : "transparent"} />
      <text x={14} y={top + 15} font-size={NOTE + 0.5} font-weight={row.onPath ? 550 : 400} fill={paint(chosen ? "var(--on-accent)" : row.onPath ? "var(--accent)" : "var(--text-2)")}>
        {fitting(row.name, WIDTH - 28, NOTE_FONT)}
      </text>
    </>
  );
}

/** The line below the name where no lens is on: layer and folder of a node, the size of a group. */
export function noteOf(box: Box): string {
  if (box.isGroup) return t("lineage.count.nodes", { count: box.nodes.length });
  const { nodes, words } = core();
  const folder = words.folder[nodes.folder[box.nodes[0]]] ?? "";
  const layer = layerName(box.layer);
  if (box.kind !== "model") return tMaybe("kind", box.kind);
  if (layer === null) return folder || tMaybe("kind", box.kind);
  return folder.startsWith(layer) || folder === "" ? folder || layer : `${layer} · ${folder}`;
}

/** What a box says to who does not see it. */
export function spoken(box: Box, told: Told | null): string {
  const what = box.isGroup ? t("lineage.count.nodes", { count: box.nodes.length }) : tMaybe("kind", box.kind);
  const layer = layerName(box.layer);
  const around = t("lineage.around", { up: number(box.up), down: number(box.down) });
  return [box.label, what, layer, told?.text, around].filter(Boolean).join(", ");
}

/** The sign of what a lens says. */
export function signOf(told: Told): IconName {
  return told.tone === "accent" ? (told.share === undefined ? "idle" : "clock") : told.tone;
}
