/** Ways of columns across shards, and what a change reaches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Core, LineageShard } from "../ui/data";
import { columnPaths, ROWS, type ColumnPaths } from "../ui/graph/column_paths";
import { graph } from "../ui/graph/graph";
import { impactMarkdown, impactOf } from "../ui/graph/impact";

/** 0 → 1 → 200 → 201, over two shards; 300 is read by 200 and not understood. */
const nodes = graph(301, [0, 1, 200, 300], [1, 200, 201, 200]);
const shards: Record<number, LineageShard> = {
  0: { kinds: ["identity", "filter"], edges: [1, 7, 0, 7, 0, 1, 8, 0, 7, 1], rows: [], expressions: [], unknown: [] },
  1: { kinds: ["aggregate", "join"], edges: [200, 9, 1, 7, 0, 201, 9, 200, 9, 0], rows: [200, 300, 5, 1], expressions: [], unknown: [] },
  2: { kinds: [], edges: [], rows: [], expressions: [], unknown: [[300, "select *"]] },
};
const shardOf = (node: number) => Promise.resolve(shards[Math.floor(node / 128)] ?? null);

function names(paths: ColumnPaths): string {
  return [...paths.columns.keys()].join(" ");
}

test("flows are followed in both directions, over shards", async () => {
  const down = await columnPaths(nodes, [{ node: 0, column: 7 }], { direction: "down", influences: false }, shardOf);
  assert.equal(names(down), "0.7 1.7 200.9 201.9");
  assert.deepEqual(down.edges.map(({ kind }) => kind), ["identity", "aggregate", "aggregate"]);
  const up = await columnPaths(nodes, [{ node: 201, column: 9 }], { direction: "up", influences: false }, shardOf);
  assert.equal(names(up), "201.9 200.9 1.7 0.7");
  const one = await columnPaths(nodes, [{ node: 201, column: 9 }], { direction: "up", influences: false, steps: 1 }, shardOf);
  assert.equal(names(one), "201.9 200.9");
});

test("influences are followed when they are asked for, and what is unknown is told", async () => {
  const down = await columnPaths(nodes, [{ node: 0, column: 7 }], { direction: "down", influences: true }, shardOf);
  assert.ok(names(down).includes("1.8"));
  const rows = await columnPaths(nodes, [{ node: 300, column: 5 }], { direction: "down", influences: true }, shardOf);
  assert.equal(names(rows), `300.5 200.${ROWS} 201.9`);
  const up = await columnPaths(nodes, [{ node: 201, column: 9 }], { direction: "up", influences: true }, shardOf);
  assert.equal(up.unknown.get(300), "select *");
});

test("a shard that cannot be read is told, not taken for empty", async () => {
  const failing = (node: number) => (node >= 128 && node < 256 ? Promise.reject(new Error("no")) : shardOf(node));
  const down = await columnPaths(nodes, [{ node: 0, column: 7 }], { direction: "down", influences: false }, failing);
  assert.deepEqual(down.unread, [200]);
});

test("the impact is counted by layer, owner and test", () => {
  const core = {
    words: { kind: ["exposure", "model"], layer: ["silver", "gold"], owner: ["ana", "b|c"] },
    nodes: { id: ["a", "b", "c", "d"], name: ["a", "b", "c", "d"], kind: [1, 1, 1, 0], layer: [0, 0, 1, -1], owner: [-1, 0, 1, 1], tests: [9, 1, 2, 0] },
    edges: { src: [0, 1, 2], dst: [1, 2, 3] },
  } as unknown as Core;
  const impact = impactOf(core, [0]);
  assert.deepEqual(impact, { nodes: [1, 2, 3], layers: [["silver", 1], ["gold", 1]], exposures: [3], owners: [["b|c", 2], ["ana", 1]], tests: 3 });
  const words = { title: "Impact", counts: "3", layer: "Layer", noLayer: "none", nodes: "Nodes", exposures: "Exposures", owners: "Owners", tests: "Tests" };
  assert.ok(impactMarkdown(core, impact, words).includes("| gold | 1 |"));
});
