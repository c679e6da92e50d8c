/** The names of the bands that boxes stand in: the layers, and what comes before and behind them. */
import type { Core } from "../data";
import { t } from "../i18n";
import { SOURCES } from "./picture";

/** The name of a band of `layoutInput`. */
export function bandName({ words }: Core, band: number): string {
  if (band === SOURCES) return t("kinds.source");
  return words.layer[band - 1] ?? t("lineage.band.consumers");
}
