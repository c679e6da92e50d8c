/** The colours of layers: those of the medals for the usual names, others by their place. */

import { core } from "../store";

const MEDALS: [RegExp, string][] = [
  [/bronze|raw|landing|staging|^stg$/i, "bronze"],
  [/silver|intermediate|^int$|core|conform/i, "silver"],
  [/gold|mart|serving|report/i, "gold"],
];

/** The colour of a layer (a place in `words.layer`, or -1) as a CSS value: `var(--layer-gold)`. */
export function layerColor(layer: number): string {
  const name = core().words.layer[layer];
  if (name === undefined) return "var(--layer-none)";
  const medal = MEDALS.find(([pattern]) => pattern.test(name));
  return `var(--layer-${medal ? medal[1] : (layer % 3) + 1})`;
}

/** The name of a layer, or null for nodes without one. */
export function layerName(layer: number): string | null {
  return core().words.layer[layer] ?? null;
}
