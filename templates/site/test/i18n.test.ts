/** Texts, numbers and plurals in both languages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, duration, fill, fold, number, percent, startLang, t, tMaybe } from "../ui/i18n";
import { en } from "../ui/texts/en";
import { fr } from "../ui/texts/fr";

test("French writes numbers its own way", () => {
  startLang("fr");
  assert.equal(number(1234.5).replace(/\s/g, " "), "1 234,5");
  assert.equal(duration(12_400), "12,4 s");
  startLang("en");
  assert.equal(number(1234.5), "1,234.5");
});

test("plural forms follow the language", () => {
  startLang("en");
  assert.equal(t("search.count", { count: 0 }), "0 results");
  assert.equal(t("search.count", { count: 1 }), "1 result");
  startLang("fr");
  assert.equal(t("search.count", { count: 0 }), "0 résultat");
  assert.equal(t("search.count", { count: 2 }), "2 résultats");
  startLang("en");
});

test("places without a value stay, and values are never read as places", () => {
  assert.equal(fill("{a} {b}", { a: "{b}" }), "{b} {b}");
});

test("what is not all is never a hundred per cent", () => {
  assert.equal(percent(999, 1000), "99%");
  assert.equal(percent(1000, 1000), "100%");
  assert.equal(percent(0, 0), "–");
});

test("folding takes case and diacritics away", () => {
  assert.equal(fold("Pénalité ŒUVRE Straße"), "penalite oeuvre straße");
  assert.equal(fold("taux_d'escompte"), "taux_d'escompte");
});

test("names sort as people expect", () => assert.deepEqual(["v10", "v2", "été", "eta"].sort(compare), ["eta", "été", "v2", "v10"]));

test("durations", () => {
  assert.deepEqual([850, 12_400, 200_000, 600_000, 3_900_000, 86_400_000, 180_000_000].map(duration), ["850 ms", "12.4 s", "3 min 20 s", "10 min", "1 h 05 min", "1 d", "2 d 02 h"]);
});

test("words that the catalogue does not know are shown as they are", () => assert.equal(tMaybe("kind", "worm_hole"), "worm hole"));

test("both catalogues have the same places in every text", () => {
  const places = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].sort();
  for (const key of Object.keys(en) as (keyof typeof en)[]) assert.deepEqual(places(fr[key]), places(en[key]), key);
});
