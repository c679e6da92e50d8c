/** Selections choose what the command line chooses: the cases of `src/graph/select/tests.rs`, and sets on a small project. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Columns, Core } from "../ui/data";
import { choose, type Knowledge } from "../ui/graph/choice";
import { complete } from "../ui/graph/completion";
import { members } from "../ui/graph/graph";
import { selectorOf } from "../ui/graph/naming";
import { isIn, namePattern, pathGlob, type Matcher } from "../ui/graph/pattern";
import { command, parse } from "../ui/graph/selector";

function project(): Core {
  const rows: [id: string, name: string, layer: number, folder: string, path: string, tags: number[], materialized: number][] = [
    ["exposure.shop.board", "board", -1, "", "models/exposures.yml", [], -1],
    ["model.other.orders", "orders", -1, "", "models/orders.sql", [], 0],
    ["model.shop.a b+", "a b+", 1, "silver", "models/silver/a b+.sql", [], 0],
    ["model.shop.fct_sales", "fct_sales", 2, "gold", "models/gold/fct_sales.sql", [0, 1], 1],
    ["model.shop.orders", "orders", 1, "silver", "models/silver/orders.sql", [0], 0],
    ["model.shop.stg_orders.v1", "stg_orders.v1", 0, "bronze", "models/bronze/stg_orders_v1.sql", [], 0],
    ["model.shop.stg_orders.v2", "stg_orders.v2", 0, "bronze", "models/bronze/stg_orders_v2.sql", [], 0],
    ["seed.shop.countries", "countries", -1, "", "seeds/countries.csv", [], -1],
    ["source.shop.raw.orders", "raw.orders", -1, "raw", "models/bronze/sources.yml", [1], -1],
    ["snapshot.shop.history", "history", -1, "", "snapshots/all.sql", [], -1],
  ];
  const kind = ["exposure", "model", "seed", "snapshot", "source"];
  const folder = [...new Set(rows.map((row) => row[3]))];
  const pack = ["other", "shop"];
  const each = <T>(of: (row: (typeof rows)[number]) => T) => rows.map(of);
  return {
    v: 1,
    meta: { project: "shop", generated: "", transform: "", target: "", engine: "", git: null, layers: ["bronze", "silver", "gold"], lang: null, files: [], sql: false, overview: "", counts: { nodes: 0, columns: 0, described_columns: 0, described_nodes: 0, tested_nodes: 0, tests: 0 } },
    words: { kind, layer: ["bronze", "silver", "gold"], folder, owner: [], tag: ["daily", "été"], materialized: ["view", "table"], package: pack, group: ["g"], status: ["success", "error"] },
    nodes: {
      id: each((row) => row[0]),
      name: each((row) => row[1]),
      kind: each((row) => kind.indexOf(row[0].split(".")[0])),
      layer: each((row) => row[2]),
      folder: each((row) => folder.indexOf(row[3])),
      owner: each(() => -1),
      tags: each((row) => row[5]),
      materialized: each((row) => row[6]),
      package: each((row) => pack.indexOf(row[0].split(".")[1])),
      group: each((row) => (row[1] === "fct_sales" ? 0 : -1)),
      path: each((row) => row[4]),
      access: each((row) => (row[1] === "fct_sales" ? 2 : row[0].startsWith("model") ? 1 : -1)),
      head: each(() => ""),
      status: each((row) => (row[1] === "fct_sales" ? 1 : 0)),
      tested: each(() => 0),
      tests: each(() => 0),
      took: each(() => -1),
    },
    edges: { src: [3, 4, 5, 6, 7, 8, 8], dst: [0, 3, 4, 4, 3, 5, 6] },
    freshness: [],
    glossary: [],
  };
}

function chosen(text: string, knowledge: Knowledge = {}, core = project()): string {
  const { query, problems } = parse(text);
  assert.deepEqual(problems, []);
  const found = choose(core, query, knowledge);
  assert.deepEqual(found.problems, []);
  return members(found.set).map((node) => core.nodes.id[node].split(".").slice(2).join(".")).join(" ");
}

function wrong(text: string): string {
  const { query, problems } = parse(text);
  return [...problems, ...choose(project(), query).problems].map(({ key, from, to }) => `${key} ${from}-${to}`).join(", ");
}

test("plus signs and numbers say how far", () => {
  const term = (text: string) => parse(text).query.select[0].terms[0];
  assert.deepEqual([term("+a").parents, term("+a").children], [Infinity, null]);
  assert.deepEqual([term("2+a").parents, term("2+a+3").children], [2, 3]);
  assert.equal(term("0+a").parents, Infinity);
  assert.equal(term("orders_2026").children, null);
  assert.ok(term("@a").childrensParents);
});

test("spaces join and commas intersect", () => {
  assert.deepEqual(parse("a b,c,d  e").query.select.map((part) => part.terms.length), [1, 3, 1]);
  assert.deepEqual(parse("--select 'a b' --exclude \"c\"").query.exclude.map((part) => [part.text, part.from]), [["c", 26]]);
});

test("what is wrong is told with its place", () => {
  assert.equal(wrong("x @a+"), "selector.both 2-5");
  assert.equal(wrong("+"), "selector.nothing 0-1");
  assert.equal(wrong("a tga:x"), "selector.method 2-7");
  assert.equal(wrong("path:[x"), "selector.pattern 0-7");
  assert.equal(wrong("a,,b"), "selector.comma 0-4");
  assert.equal(wrong("source:a.b.c.d"), "selector.source 0-14");
  assert.equal(wrong("resource_type:modle"), "selector.value 0-19");
  assert.equal(wrong("a --full"), "selector.option 2-8");
  assert.equal(wrong("config.enabled:true"), "selector.absent 0-19");
  assert.equal(wrong("orders,selector:x"), "selector.absent 7-17");
  assert.equal(wrong("state:modified"), "selector.absent 0-14");
  assert.equal(wrong("+test_type:unit"), "selector.absent 0-15");
  assert.equal(parse("tga:x").problems[0].params.known, "tag");
});

test("patterns are those of fnmatch", () => {
  const is = (pattern: string, text: string) => namePattern(pattern)(text);
  assert.ok(is("a*", "a.b/c") && is("a?c", "abc") && is("*", "") && is("a?c", "a😀c"));
  assert.ok(is("[ab]x", "bx") && is("[!ab]x", "cx") && !is("[!ab]x", "ax"));
  assert.ok(is("[a-c]", "b") && is("[]]", "]") && is("[x", "[x") && is("[-a]", "-") && is("[z-a]", "[z-a]"));
  assert.ok(!is("{a,b}", "a") && is("a.b*", "a.bc") && !is("a.b*", "axbc") && is("a-b*", "a-bc"));
});

test("paths are globs, and folders mean what is in them", () => {
  const is = (glob: string, path: string) => isIn(pathGlob(glob) as Matcher, path);
  assert.ok(is("models", "models/a/b.sql") && is("models/", "models/b.sql") && is("./models/*", "models/a/b.sql"));
  assert.ok(is("models/**/b.sql", "models/b.sql") && is("models/**/b.sql", "models/x/y/b.sql") && is("**/b.sql", "a/b.sql"));
  assert.ok(!is("model", "models/b.sql") && !is("a/*/c", "a/b/d/c") && is("a/**", "a/b/c") && !is("{a}", "a") && is("*", "a/b"));
});

test("methods choose what they say", () => {
  const cases: [string, string][] = [
    ["orders", "orders orders"],
    ["shop.silver.orders", "orders"],
    ["silver", "a b+ orders"],
    ["shop", "board a b+ fct_sales orders stg_orders.v1 stg_orders.v2 countries history"],
    ["stg_orders", "stg_orders.v1 stg_orders.v2"],
    ["stg_orders_v1 stg_orders.v2", "stg_orders.v1 stg_orders.v2"],
    ["stg_*", "stg_orders.v1 stg_orders.v2"],
    ["shop.*.orders", "orders"],
    ["all", "history"],
    ["raw.orders", ""],
    ["source:raw", "raw.orders"],
    ["source:raw.ord*+1", "stg_orders.v1 stg_orders.v2 raw.orders"],
    ["source:shop.raw.orders", "raw.orders"],
    ["tag:daily,tag:été", "fct_sales"],
    ["tag:daily --exclude tag:été", "orders"],
    ["layer:bronze", "stg_orders.v1 stg_orders.v2"],
    ["path:models/bronze", "stg_orders.v1 stg_orders.v2 raw.orders"],
    ["models/gold/*", "fct_sales"],
    ["file:orders.sql", "orders orders"],
    ["countries.csv", "countries"],
    ["package:other", "orders"],
    ["package:this,resource_type:seed", "countries"],
    ["exposure:board", "board"],
    ["exposure:shop.*", "board"],
    ["group:g", "fct_sales"],
    ["access:public", "fct_sales"],
    ["config.materialized:table", "fct_sales"],
    ["config.materialized:tab*", ""],
    ["version:none,layer:silver", "a b+ orders"],
    ["result:error", "fct_sales"],
    ["test_type:unit", ""],
    ["1+fct_sales", "fct_sales orders countries"],
    ["+fct_sales", "fct_sales orders stg_orders.v1 stg_orders.v2 countries raw.orders"],
    ["shop.silver.orders+", "board fct_sales orders"],
    ["@stg_orders_v1", "board fct_sales orders stg_orders.v1 stg_orders.v2 countries raw.orders"],
    ["+board,layer:gold", "fct_sales"],
  ];
  for (const [text, expected] of cases) assert.equal(chosen(text), expected, text);
});

test("without a selection everything is chosen that is not left out", () => {
  assert.equal(chosen("--exclude package:shop"), "orders");
});

test("tests lead on from what they read", () => {
  const core = { ...project(), together: [[2, 7]] };
  assert.equal(chosen("@silver.a?b?", {}, core), "a b+ countries");
});

test("states are those of the comparison", () => {
  const diff = { base: { generated: null, name: "main" }, added: [0, 2], removed: [], modified: [{ node: 4, reasons: ["body"], columns: [] }], impacted: [{ node: 3, reasons: [], columns: [] }] };
  assert.equal(chosen("state:modified", { diff }), "a b+ orders");
  assert.equal(chosen("state:new", { diff }), "board a b+");
  assert.equal(chosen("state:modified.configs", { diff }), "board a b+");
  assert.equal(chosen("state:modified+,layer:gold", { diff }), "fct_sales");
});

test("columns are found in any case of letters", () => {
  const columns: Columns = { names: ["amount", "id"], of: project().nodes.id.map((_, node) => (node === 3 ? [0] : [])) };
  assert.equal(chosen("column:fct_sales.AMOUNT", { columns }), "fct_sales");
});

test("every node has a selection that means it alone", () => {
  const core = project();
  core.nodes.id.forEach((_, node) => assert.deepEqual(members(choose(core, parse(selectorOf(core, node)).query).set), [node], selectorOf(core, node)));
});

test("the command is one for a shell", () => {
  assert.equal(command("1+orders+1"), "transform ls --select 1+orders+1");
  assert.equal(command("a* l'été --exclude tag:x"), "transform ls --select 'a* l'\\''été' --exclude tag:x");
  assert.equal(command("status:error"), "transform ls --select result:error --state path/to/earlier/target");
});

test("what can be typed next is offered", () => {
  const texts = (text: string, caret = text.length) => complete(project(), text, caret, (one) => one.toLowerCase()).map((found) => `${text.slice(0, found.from)}${found.text}${text.slice(found.to)}`);
  assert.deepEqual(texts("1+fct"), ["1+fct_sales"]);
  assert.deepEqual(texts("a,tag:d"), ["a,tag:daily"]);
  assert.ok(texts("ord").includes("orders") && texts("ord").includes("source:raw.orders"));
  assert.ok(texts("ta").includes("tag:"));
});
