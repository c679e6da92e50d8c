/** The ranker: what is found, and in which order. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Columns, Core } from "../ui/data";
import { distance, indexOf, search, withColumns } from "../ui/search";

const names = ["orders", "orders_daily", "raw.orders", "stg_orders", "reorders", "montant_pénalité", "customers"];
const columns: Columns = { names: ["amount", "order_id", "région"], of: [[0, 1], [0], [1], [], [], [2], [1]] };

function core(): Core {
  const same = names.map(() => 0);
  return {
    nodes: { name: names, id: names.map((name) => `model.shop.${name}`), head: names.map((name) => (name === "customers" ? "One row per client." : "")), tags: names.map((name) => (name === "customers" ? [0] : [])), kind: same },
    words: { tag: ["rgpd"], owner: ["Équipe Données"], group: ["finance"] },
    edges: { src: [0, 0, 1], dst: [1, 4, 4] },
    glossary: [{ name: "Churn", html: "" }],
  } as unknown as Core;
}

const index = withColumns(indexOf(core()), columns);
const found = (query: string) => search(index, query).filter((hit) => hit.what === "node").map((hit) => names[hit.at]);

test("exact comes first, then prefix, start of a word, substring", () => {
  assert.deepEqual(found("orders"), ["orders", "orders_daily", "raw.orders", "stg_orders", "reorders"]);
});

test("diacritics do not matter, either way", () => {
  assert.deepEqual(found("penalite"), ["montant_pénalité"]);
  assert.deepEqual(found("PÉNALITÉ"), ["montant_pénalité"]);
  assert.deepEqual(found("region"), ["montant_pénalité"]);
});

test("descriptions, tags, ids and columns are found", () => {
  assert.deepEqual(found("client"), ["customers"]);
  assert.deepEqual(found("rgpd"), ["customers"]);
  assert.equal(found("model.shop.customers")[0], "customers");
  assert.ok(found("order_id").includes("customers"));
  assert.ok(search(index, "amount").some((hit) => hit.what === "column" && hit.at === 0));
  assert.ok(search(index, "churn").some((hit) => hit.what === "term"));
});

test("owners, groups and tags are found by name", () => {
  const words = (query: string) => search(index, query).filter((hit) => hit.what !== "node").map((hit) => [hit.what, hit.at]);
  assert.deepEqual(words("equipe"), [["owner", 0]]);
  assert.deepEqual(words("Fin"), [["group", 0]]);
  assert.deepEqual(words("rgpd"), [["tag", 0]]);
});

test("all words must be found", () => {
  assert.deepEqual(found("orders daily"), ["orders_daily"]);
  assert.deepEqual(found("orders nothing"), []);
});

test("a slip of the finger still finds something", () => {
  assert.deepEqual(found("custmoers"), ["customers"]);
  assert.deepEqual(found("cstomers"), ["customers"]);
  assert.deepEqual(found("zzzzzzz"), []);
});

test("distances within a bound are what the whole table says", () => {
  const table = (a: string, b: string) => {
    const d = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)));
    for (let i = 1; i <= a.length; i++) {
      for (let j = 1; j <= b.length; j++) {
        d[i][j] = Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + Number(a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
    return d[a.length][b.length];
  };
  // All texts of up to five letters of two.
  const texts = [0, 1, 2, 3, 4, 5].flatMap((length) => Array.from({ length: 2 ** length }, (_, bits) => bits.toString(2).padStart(length, "0").slice(0, length)));
  for (const a of texts) for (const b of texts) for (const bound of [1, 2]) assert.equal(distance(a, b, bound), Math.min(table(a, b), bound + 1), `${a} ${b} ${bound}`);
});

test("an empty query finds nothing", () => assert.deepEqual(search(index, "  "), []));

test("edit distance stops at its bound and counts a swap once", () => {
  assert.equal(distance("abcd", "abdc", 2), 1);
  assert.equal(distance("kitten", "sitting", 3), 3);
  assert.equal(distance("kitten", "sitting", 2), 3);
  assert.equal(distance("a", "abcdef", 2), 3);
});
