/** What the explorer shows as texts for other programs: JSON, Mermaid and DOT (`src/docs/lineage/` writes the same for columns). */
import type { Core } from "../data";
import type { Picture } from "./picture";

/** The edges that Mermaid draws at most unless it is told otherwise, by `maxEdges`. */
export const MOST_MERMAID_EDGES = 500;

/** The visible nodes and edges as JSON. */
export function json(core: Core, picture: Picture): string {
  const { nodes, words } = core;
  const boxes = picture.boxes.map((box) => {
    if (box.isGroup) return { group: box.key, nodes: box.nodes.map((node) => nodes.id[node]) };
    const [node] = box.nodes;
    return { id: nodes.id[node], name: nodes.name[node], kind: box.kind, layer: words.layer[nodes.layer[node]] ?? null, path: nodes.path[node] };
  });
  const edges = picture.src.map((src, edge) => ({ from: picture.boxes[src].key, to: picture.boxes[picture.dst[edge]].key, count: picture.count[edge] }));
  return `${JSON.stringify({ nodes: boxes, edges }, null, 2)}\n`;
}

/** The rows of a table of edges; the first has the names. */
export function edgeRows(core: Core, picture: Picture): (string | number)[][] {
  const key = (box: number) => picture.boxes[box].key;
  const kind = (box: number) => picture.boxes[box].kind;
  const layer = (box: number) => core.words.layer[picture.boxes[box].layer] ?? "";
  const rows = picture.src.map((src, edge) => [key(src), kind(src), layer(src), key(picture.dst[edge]), kind(picture.dst[edge]), layer(picture.dst[edge]), picture.count[edge]]);
  return [["from", "from_kind", "from_layer", "to", "to_kind", "to_layer", "edges"], ...rows];
}

/** A flowchart of Mermaid. */
export function mermaid(picture: Picture): string {
  const lines = picture.boxes.map((box, at) => `    n${at}["${mermaidText(box.label)}"]`);
  const edges = picture.src.map((src, edge) => `    n${src} --> n${picture.dst[edge]}`);
  return ["flowchart LR", ...lines, ...edges, ""].join("\n");
}

/** What Mermaid would read as something else is written by its number. */
function mermaidText(text: string): string {
  return text.replace(/[#"<>&`*~]/g, (letter) => `#${letter.charCodeAt(0)};`).replace(/\p{Cc}/gu, " ");
}

/** A graph of Graphviz. */
export function dot(picture: Picture): string {
  const lines = picture.boxes.map((box) => `    ${dotText(box.key)} [label=${dotText(box.label)}];`);
  const edges = picture.src.map((src, edge) => `    ${dotText(picture.boxes[src].key)} -> ${dotText(picture.boxes[picture.dst[edge]].key)};`);
  return ["digraph lineage {", "    rankdir=LR;", "    node [shape=box];", ...lines, ...edges, "}", ""].join("\n");
}

function dotText(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replace(/\p{Cc}/gu, " ")}"`;
}
