/** Ids and paths that the file of the core leaves out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Core } from "../ui/data";
import { expand } from "../ui/expand";

/** A core of these rows, with only what is asked for. */
function coreOf(rows: { id: string; name: string; kind: number; folder: number; path: string }[]): Core {
  const list = <K extends keyof (typeof rows)[number]>(key: K) => rows.map((row) => row[key]);
  return {
    words: { kind: ["model", "source"], package: ["shop"], folder: ["", "gold/sales", "raw"] },
    nodes: { id: list("id"), name: list("name"), kind: list("kind"), folder: list("folder"), path: list("path"), package: rows.map(() => 0) },
  } as unknown as Core;
}

test("what is usual is written out", () => {
  const core = coreOf([
    { id: "", name: "orders", kind: 0, folder: 1, path: "" },
    { id: "", name: "raw.orders", kind: 1, folder: 2, path: "models/raw.yml" },
    { id: "", name: "calendar", kind: 0, folder: 0, path: "" },
  ]);
  expand(core);
  assert.deepEqual(core.nodes.id, ["model.shop.orders", "source.shop.raw.orders", "model.shop.calendar"]);
  assert.deepEqual(core.nodes.path, ["models/gold/sales/orders.sql", "models/raw.yml", "models/calendar.sql"]);
});

test("what is written stays", () => {
  const core = coreOf([{ id: "model.shop.orders.v2", name: "orders.v2", kind: 0, folder: 1, path: "models/gold/sales/orders_v2.sql" }]);
  expand(core);
  assert.deepEqual(core.nodes.id, ["model.shop.orders.v2"]);
  assert.deepEqual(core.nodes.path, ["models/gold/sales/orders_v2.sql"]);
});

test("a core that is written out already does not change", () => {
  const core = coreOf([{ id: "", name: "orders", kind: 0, folder: 1, path: "" }]);
  expand(core);
  const once = structuredClone(core);
  expand(core);
  assert.deepEqual(core, once);
});
