/** The page of changes tells what `transform docs diff` tells. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { en } from "../../ui/texts/en";
import { check } from "./check";
import { isTest, readOracle } from "./oracle";
import { go } from "./place";
import { visit } from "./site";

/** The ids that the links of the page's tables and cards lead to. */
async function linked(page: Page): Promise<string[]> {
  const links = await page.locator('#tab-panel a.node-link[href^="#/n/"]').evaluateAll((all) => all.map((link) => decodeURIComponent((link as HTMLAnchorElement).hash.slice("#/n/".length))));
  return [...new Set(links)].sort();
}

check("24. Added, removed, modified and impacted are exact, and narrower types are breaking", ["SITE_DIFF", "ORACLE"], async (t, site, oracle) => {
  const { diff } = readOracle(oracle);
  const nodes = (ids: string[]) => ids.filter((id) => !isTest(id)).sort();
  const narrowed = diff.modified.flatMap(({ columns }) => columns).filter(({ change }) => change === "retyped");
  assert.ok(narrowed.length > 0 && narrowed.every(({ breaking }) => breaking), "the fixture has a narrower type, which breaks");
  await visit(site, "#/diff", {}, async ({ page }) => {
    assert.deepEqual(await linked(page), nodes(diff.modified.map(({ unique_id }) => unique_id)), "modified");
    const cards = await page.locator("#tab-panel section.card").evaluateAll((all) =>
      all.map((card) => ({
        id: decodeURIComponent(card.querySelector<HTMLAnchorElement>('a[href^="#/n/"]')!.hash.slice("#/n/".length)),
        rows: [...card.querySelectorAll("tr[data-row]")].map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent!.trim())),
      })),
    );
    for (const { unique_id, columns } of diff.modified.filter(({ unique_id }) => !isTest(unique_id))) {
      const found = cards.find(({ id }) => id === unique_id)!.rows;
      const expected = columns.map(({ name, change, from, to, breaking }) => [name, en[`change.${change}` as keyof typeof en], from ?? "", to ?? "", en[breaking ? "diff.breaking" : "diff.safe"]]);
      assert.deepEqual(found.sort(), expected.sort(), `the columns of ${unique_id}`);
    }
    await go(page, "#/diff?tab=added");
    assert.deepEqual(await linked(page), nodes(diff.added), "added");
    await go(page, "#/diff?tab=impacted");
    assert.deepEqual(await linked(page), nodes(diff.impacted.map(({ unique_id }) => unique_id)), "impacted");
    await go(page, "#/diff?tab=removed");
    const removed = await page.locator("#tab-panel td .mono").allInnerTexts();
    assert.deepEqual(removed.sort(), nodes(diff.removed.map(({ unique_id }) => unique_id)), "removed");
    const tiles = await page.locator(".tiles .tile").allInnerTexts();
    const breaking = [...diff.modified, ...diff.impacted].filter(({ unique_id, columns }) => !isTest(unique_id) && columns.some((column) => column.breaking)).length;
    const gone = diff.removed.filter(({ unique_id, breaking }) => breaking && !isTest(unique_id)).length;
    assert.match(tiles[4], new RegExp(`\\b${breaking + gone}\\b`), "what breaks");
  });
  t.diagnostic(`${diff.added.length} added, ${diff.removed.length} removed, ${diff.modified.length} modified, ${diff.impacted.length} impacted`);
});

check("24b. `state:modified+` chooses what is modified or new and what reads it", ["SITE_DIFF", "ORACLE"], async (_, site, oracle) => {
  const { diff } = readOracle(oracle);
  await visit(site, `#/lineage?q=${encodeURIComponent("state:modified+")}&lens=diff`, {}, async ({ page }) => {
    const ids = await page.locator('.lineage-records tr[data-row] td:first-child a[href^="#/n/"]').evaluateAll((all) => all.map((link) => decodeURIComponent((link as HTMLAnchorElement).hash.slice("#/n/".length))));
    // As in dbt, what is new counts as modified. What is gone cannot be drawn, so what read it alone is not in the graph.
    const changed = [...diff.added, ...diff.modified.map(({ unique_id }) => unique_id)].filter((id) => !isTest(id));
    assert.deepEqual(changed.filter((id) => !ids.includes(id)), []);
    assert.deepEqual(ids.filter((id) => !changed.includes(id) && !diff.impacted.some(({ unique_id }) => unique_id === id)), []);
  });
});
