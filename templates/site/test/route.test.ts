/** Routes: what is in an address comes out as it went in. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { href, legacy, parseRoute } from "../ui/route";

test("names of any kind survive the way through an address", () => {
  for (const name of ["taux_d'escompte", "code postal", "n° facture", "montant_pénalité", "a/b?c#d%e&f", "</script>", "\u2028"]) {
    const { path } = parseRoute(href(["n", "model.shop.orders", "c", name]));
    assert.deepEqual(path, ["n", "model.shop.orders", "c", name]);
  }
});

test("queries lose what is empty", () => {
  assert.equal(href(["search"], { q: "été", kind: undefined, tag: "" }), "#/search?q=%C3%A9t%C3%A9");
  assert.equal(parseRoute("#/search?q=%C3%A9t%C3%A9").query.get("q"), "été");
});

test("the first page has no path", () => {
  assert.deepEqual(parseRoute("").path, []);
  assert.deepEqual(parseRoute("#/").path, []);
  assert.equal(href([]), "#/");
});

test("a mangled segment is kept as it is", () => assert.deepEqual(parseRoute("#/n/%E0%A4%A").path, ["n", "%E0%A4%A"]));

test("links of dbt docs lead to the same things", () => {
  assert.equal(legacy("#!/model/model.shop.orders"), "#/n/model.shop.orders");
  assert.equal(legacy("#!/source/source.shop.raw.orders?tab=x"), "#/n/source.shop.raw.orders");
  assert.equal(legacy("#!/test/test.shop.unique"), "#/test/test.shop.unique");
  assert.equal(legacy("#!/model/model.shop.orders?g_v=1&g_i=%2Borders%2B"), "#/lineage?q=%2Borders%2B");
  assert.equal(legacy("#!/overview"), "#/");
  assert.equal(legacy("#/n/x"), null);
});
