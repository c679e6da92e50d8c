/**
 * What the core leaves out because it follows from the rest: ids and paths that are as one expects.
 *
 * At ten thousand nodes they would be a third of the file that everything waits for.
 */

import type { Core } from "./data";

/** Writes out the ids and paths that are the empty text in the file, in place. */
export function expand({ nodes, words }: Core): void {
  const { id, name, kind, package: owner, folder, path } = nodes;
  for (let node = 0; node < id.length; node++) {
    if (id[node] === "") id[node] = `${words.kind[kind[node]] ?? ""}.${words.package[owner[node]] ?? ""}.${name[node]}`;
    if (path[node] !== "") continue;
    const within = words.folder[folder[node]];
    path[node] = `models/${within ? `${within}/` : ""}${name[node]}.sql`;
  }
}
