/** Links to nodes and their columns, with the icon of the kind in the colour of the layer. */

import { core, place } from "../store";
import { href } from "../route";
import { Icon, kindIcon } from "./icon";
import { layerColor } from "./layer";
import { Name } from "./name";

/** The address of a node's page, or of a column's. */
export function nodeHref(node: number, column?: string, query?: Record<string, string | undefined>): string {
  const id = core().nodes.id[node];
  return href(column === undefined ? ["n", id] : ["n", id, "c", column], query);
}

/** The address of what a run ran: a node or a test; null for what has no page, such as a hook or a node that is no more. */
export function resultHref({ id, kind }: { id: string; kind: string }): string | null {
  if (place(id) !== undefined) return href(["n", id]);
  return kind === "test" || kind === "unit_test" ? href(["test", id]) : null;
}

/** A link to a node. `clip` cuts long names where a row has one line. */
export function NodeLink({ node, clip = false }: { node: number; clip?: boolean }) {
  const { nodes, words } = core();
  const style = { "--layer": layerColor(nodes.layer[node]) };
  return (
    <a class={clip ? "node-link clip" : "node-link"} href={nodeHref(node)} style={style} title={clip ? nodes.name[node] : undefined}>
      <Icon name={kindIcon(words.kind[nodes.kind[node]] ?? "")} />
      <span>{nodes.name[node]}</span>
    </a>
  );
}

/** A link to a column of a node: `orders.amount`. */
export function ColumnLink({ node, column }: { node: number; column: string }) {
  const { nodes, words } = core();
  return (
    <a class="node-link" href={nodeHref(node, column)} style={{ "--layer": layerColor(nodes.layer[node]) }}>
      <Icon name={kindIcon(words.kind[nodes.kind[node]] ?? "")} />
      <span>
        <span class="dim">
          <Name text={`${nodes.name[node]}.`} />
        </span>
        <Name text={column} />
      </span>
    </a>
  );
}
