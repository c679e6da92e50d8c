/** What the explorer keeps in its address, and what it hands to other programs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Core } from "../ui/data";
import { Camera } from "../ui/lineage/camera";
import { dot, mermaid } from "../ui/lineage/formats";
import { GridIndex } from "../ui/lineage/grid_index";
import { layerMap, MOST } from "../ui/lineage/layer_map";
import type { Picture } from "../ui/lineage/picture";
import { depthOf, withDepth } from "../ui/lineage/reach";
import { addressOf, shownOf } from "../ui/lineage/state";
import { parseRoute } from "../ui/route";

test("the address holds all that is shown", () => {
  const shown = {
    q: "1+a~b+1 --exclude tag:x", besides: "analysis.shop.a", focus: "model.shop.a~b", lens: "status", fold: "owner", open: ["owner:gold:A, B"], columns: ["model.shop.é", "x~y"],
    column: ["model.shop.a~b", "prénom d'usage"], step: ["model.shop.a~b", "prénom d'usage", "model.shop.c", ""], influences: true, impact: true, view: { x: -12, y: 30, k: 0.5 },
  } as const;
  const address = addressOf({ ...shown, open: [...shown.open], columns: [...shown.columns], column: [...shown.column], step: [...shown.step] });
  assert.deepEqual(shownOf(parseRoute(address).query), shown);
});

test("what makes no sense in an address is left out", () => {
  const shown = shownOf(new URLSearchParams("q=a&lens=x&by=y&view=1,2&col=%25&cols=%E0%A4%A"));
  assert.deepEqual([shown.lens, shown.fold, shown.view, shown.column, shown.columns], ["none", null, null, null, []]);
});

test("the depth of a single term can be changed", () => {
  assert.deepEqual(depthOf("1+orders+"), { rest: "orders", up: 1, down: Infinity });
  assert.equal(withDepth({ rest: "orders", up: Infinity, down: 0 }), "+orders");
  assert.equal(depthOf("a b"), null);
  assert.equal(depthOf("@a"), null);
});

test("names cannot break out of texts for other programs", () => {
  const picture = { boxes: [{ key: 'a"\\', label: 'x"] --> y\n#`' }, { key: "b", label: "b" }], src: [0], dst: [1], count: [1] } as unknown as Picture;
  assert.equal(mermaid(picture), 'flowchart LR\n    n0["x#34;] --#62; y #35;#96;"]\n    n1["b"]\n    n0 --> n1\n');
  assert.ok(dot(picture).includes('    "a\\"\\\\" [label="x\\"] --> y #`"];'));
});

test("the layer map has few regions and all edges between them", () => {
  const count = 900;
  const folders = Array.from({ length: 300 }, (_, at) => `f${at % 100}/g${at}`);
  const nodes = Array.from({ length: count }, (_, at) => at);
  const core = {
    words: { kind: ["model"], layer: ["silver", "gold"], folder: folders, status: ["error"] },
    nodes: { id: nodes.map((at) => `model.p.m${at}`), kind: nodes.map(() => 0), layer: nodes.map((at) => at % 2), folder: nodes.map((at) => at % 300), status: nodes.map((at) => (at < 9 ? 0 : -1)), tested: nodes.map(() => 0) },
    edges: { src: nodes.slice(0, -1), dst: nodes.slice(1) },
  } as unknown as Core;
  const map = layerMap(core);
  assert.ok(map.regions.length <= MOST);
  assert.equal(map.regions.reduce((sum, region) => sum + region.nodes.length, 0), count);
  assert.equal(map.regions.reduce((sum, region) => sum + region.failing, 0), 9);
  assert.equal(map.bundles.reduce((sum, bundle) => sum + bundle.count, 0), count - 1);
});

test("without layers the folders of models stand in the order in which they are read", () => {
  const core = {
    meta: { project: "p" },
    words: { kind: ["source", "model", "exposure"], layer: [], folder: ["raw", "staging", "marts", ""], status: [], package: ["p", "q"] },
    nodes: { id: ["s", "a", "b", "c", "d", "e"], kind: [0, 1, 1, 1, 1, 2], layer: new Array(6).fill(-1), folder: [0, 1, 2, 1, 2, 3], package: [0, 0, 0, 1, 0, 0], status: new Array(6).fill(-1), tested: new Array(6).fill(0) },
    // A mart that staging reads does not turn the order round.
    edges: { src: [0, 0, 1, 1, 2, 2, 3], dst: [1, 3, 2, 4, 5, 1, 4] },
  } as unknown as Core;
  const map = layerMap(core);
  assert.deepEqual(map.regions.map(({ column, label }) => [column, label]), [[0, "raw"], [1, "q/staging"], [1, "staging"], [2, "marts"], [3, "\u0001exposure"]]);
  assert.deepEqual([map.columns, map.isLayered], [4, false]);
});

test("the grid finds what is in a part of the picture", () => {
  const grid = new GridIndex(100, (at) => ({ x: at * 100, y: 0, width: 50, height: 50 }));
  const found = grid.in({ x: 1000, y: 0, width: 200, height: 10 });
  assert.ok([10, 11, 12].every((at) => found.includes(at)) && found.length < 20);
  assert.equal(grid.in({ x: -1e6, y: -1e6, width: 2e6, height: 2e6 }).length, 100);
});

test("the camera keeps the point that is zoomed at", () => {
  const camera = new Camera();
  camera.stage = { width: 400, height: 300 };
  camera.world = { width: 4000, height: 100 };
  camera.fit();
  const { x, k } = camera.view;
  camera.zoom(2, 100, 100);
  assert.ok(Math.abs((100 - x) / k - (100 - camera.view.x) / camera.view.k) < 1 / k);
  camera.stop();
});
