/** How much of each layer is described and tested. */

import { number, percent, t } from "../i18n";
import { core } from "../store";
import { layerColor } from "./layer";
import { Meter } from "./meter";

interface Row {
  layer: number;
  name: string;
  all: number;
  described: number;
  tested: number;
}

/** A table with a bar for each layer; what has no layer comes last. */
export function Coverage() {
  const rows = coverage();
  return (
    <table class="coverage">
      <thead>
        <tr>
          <th scope="col">{t("fold.layer")}</th>
          <th scope="col">{t("coverage.described")}</th>
          <th scope="col">{t("coverage.tested")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">
              <i class="dot" style={{ color: layerColor(row.layer) }} /> {row.name} <span class="dim">{number(row.all)}</span>
            </th>
            <Share part={row.described} whole={row.all} />
            <Share part={row.tested} whole={row.all} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Share({ part, whole }: { part: number; whole: number }) {
  return (
    <td>
      <span class="share">
        <Meter whole={whole} parts={[{ value: part }]} />
        <span>{percent(part, whole)}</span>
      </span>
    </td>
  );
}

/** Only what holds rows counts: nobody tests a dashboard. */
const COUNTED = ["model", "source", "seed", "snapshot"];

function coverage(): Row[] {
  const { nodes, words } = core();
  const counted = new Set(COUNTED.map((kind) => words.kind.indexOf(kind)));
  const rows = [...words.layer.keys(), -1].map((layer): Row => ({ layer, name: words.layer[layer] ?? t("coverage.without"), all: 0, described: 0, tested: 0 }));
  nodes.layer.forEach((layer, node) => {
    if (!counted.has(nodes.kind[node])) return;
    const row = rows[layer] ?? rows[rows.length - 1];
    row.all++;
    if (nodes.head[node]) row.described++;
    if (nodes.tests[node] > 0) row.tested++;
  });
  return rows.filter((row) => row.all > 0);
}
