/** Small labels: tags, layers, kinds. */

import type { ComponentChildren } from "preact";
import { tMaybe } from "../i18n";
import { href } from "../route";
import { Icon, kindIcon } from "./icon";
import { layerColor, layerName } from "./layer";

/** A label. */
export function Badge({ tone, children }: { tone?: "ok" | "warn" | "bad" | "accent" | "plain"; children: ComponentChildren }) {
  return <span class={`badge ${tone ?? ""}`}>{children}</span>;
}

/** A tag, which leads to what else has it. */
export function Tag({ name }: { name: string }) {
  return (
    <a class="badge plain" href={href(["tags"], { tag: name })}>
      {name}
    </a>
  );
}

/** The layer of a node; nothing for nodes without one. */
export function LayerBadge({ layer }: { layer: number }) {
  const name = layerName(layer);
  if (name === null) return null;
  return (
    <span class="badge plain">
      <i class="dot" style={{ color: layerColor(layer) }} />
      {name}
    </span>
  );
}

/** The kind of a node, with its icon. */
export function Kind({ name }: { name: string }) {
  return (
    <span class="badge plain">
      <Icon name={kindIcon(name)} size={14} />
      {tMaybe("kind", name)}
    </span>
  );
}
