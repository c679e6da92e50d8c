/** The same nodes and edges as in the picture, as tables: for who does not see it, and for who wants to sort. */
import { useMemo, useState } from "preact/hooks";
import { number, t, tMaybe } from "../i18n";
import { layerName } from "../parts/layer";
import { NodeLink } from "../parts/node_link";
import { Table, type Head } from "../parts/table";
import { core } from "../store";
import { told, type Lens, type LensData } from "./lens";
import type { Box, Picture } from "./picture";

/** The tables, one at a time. */
export function Records({ picture, lens, lensData, focus, onFocus }: { picture: Picture; lens: Lens; lensData: LensData; focus: string | null; onFocus: (key: string) => void }) {
  const [of, choose] = useState<"nodes" | "edges">("nodes");
  const marked = (box: Box) => (
    <button type="button" class="button quiet" aria-pressed={box.key === focus} onClick={() => onFocus(box.key)}>
      {t("lineage.mark")}
    </button>
  );
  const nodes: Head<Box>[] = [
    { key: "name", label: t("column.name"), cell: (box) => <BoxName box={box} />, sort: (box) => box.label },
    { key: "kind", label: t("search.kind"), cell: kindOf, sort: kindOf },
    { key: "layer", label: t("fold.layer"), cell: (box) => layerName(box.layer) ?? "", sort: (box) => box.layer },
    ...(lens === "none" ? [] : [{ key: "lens", label: t(`lens.${lens}`), cell: (box: Box) => told(core(), box, lens, lensData)?.text ?? "", sort: (box: Box) => told(core(), box, lens, lensData)?.text ?? "" }]),
    { key: "up", label: t("lineage.up"), cell: (box) => shownOf(box.up, box.hiddenUp), sort: (box) => box.up, number: true },
    { key: "down", label: t("lineage.down"), cell: (box) => shownOf(box.down, box.hiddenDown), sort: (box) => box.down, number: true },
    { key: "mark", label: t("lineage.table.mark"), cell: marked },
  ];
  const all = useMemo(() => picture.src.map((_, edge) => edge), [picture]);
  const [from, to] = [(edge: number) => picture.boxes[picture.src[edge]], (edge: number) => picture.boxes[picture.dst[edge]]];
  const edges: Head<number>[] = [
    { key: "from", label: t("lineage.table.from"), cell: (edge) => <BoxName box={from(edge)} />, sort: (edge) => from(edge).label },
    { key: "to", label: t("lineage.table.to"), cell: (edge) => <BoxName box={to(edge)} />, sort: (edge) => to(edge).label },
    { key: "count", label: t("lineage.table.edges"), cell: (edge) => number(picture.count[edge]), sort: (edge) => picture.count[edge], number: true },
  ];
  return (
    <section class="section lineage-records" aria-label={t("lineage.table")}>
      <header>
        <h2>{t("lineage.table")}</h2>
        <div class="lineage-switch" role="group" aria-label={t("lineage.table")}>
          <button type="button" class="button quiet" aria-pressed={of === "nodes"} onClick={() => choose("nodes")}>
            {t(picture.boxes.some(({ isGroup }) => isGroup) ? "lineage.count.boxes" : "lineage.count.nodes", { count: picture.boxes.length })}
          </button>
          <button type="button" class="button quiet" aria-pressed={of === "edges"} onClick={() => choose("edges")}>
            {t("lineage.count.edges", { count: picture.src.length })}
          </button>
        </div>
      </header>
      {of === "nodes" ? (
        <Table key="nodes" caption={t("lineage.table.nodes")} heads={nodes} rows={picture.boxes} keyOf={(box) => box.key} />
      ) : (
        <Table key="edges" caption={t("lineage.table.edges")} heads={edges} rows={all} keyOf={(edge) => edge} />
      )}
    </section>
  );
}

function BoxName({ box }: { box: Box }) {
  return box.isGroup ? <span>{box.label}</span> : <NodeLink node={box.nodes[0]} clip />;
}

function kindOf(box: Box): string {
  return box.isGroup ? t("lineage.count.nodes", { count: box.nodes.length }) : tMaybe("kind", box.kind);
}

/** How many neighbours there are, and how many are in the picture where these are fewer. */
function shownOf(all: number, hidden: number): string {
  return hidden === 0 ? number(all) : t("lineage.table.shown", { shown: all - hidden, all });
}
