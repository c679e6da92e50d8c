/** The address holds what is seen: links, reloading, Back and Forward bring it back. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { check } from "./check";
import { difference } from "./picture_difference";
import { go, hash, settled } from "./place";
import { sweep, visit } from "./site";
import { nodesOf, routesOf } from "./site_data";

/** A screenshot without what blinks and without the mark of the focus, which a reload does not keep. */
async function seen(page: Page): Promise<Buffer> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.mouse.move(0, 0);
  return page.screenshot({ animations: "disabled", caret: "hide" });
}

/** Explorer states with everything that can be chosen. */
function explorerStates(site: string): [string, string][] {
  const id = (name: string) => nodesOf(site).find((node) => node.name === name)!.id;
  const [orders, customers] = [id("fact_orders"), id("dim_customers")];
  const lineage = (query: Record<string, string>) => hash(["lineage"], query);
  return [
    ["a lens", lineage({ q: "1+fact_orders+1", lens: "coverage" })],
    ["folded, one group open", lineage({ q: "*", by: "folder", open: encodeURIComponent("folder:gold:gold") })],
    ["columns of two nodes", lineage({ q: "1+fact_orders+1", focus: orders, cols: [orders, customers].map(encodeURIComponent).join("~") })],
    ["a column with influences", lineage({ q: "+fact_orders+", focus: orders, cols: encodeURIComponent(orders), col: [orders, "net_revenue_eur"].map(encodeURIComponent).join("~"), inf: "1" })],
    ["impact", lineage({ q: "1+dim_customers+1", focus: customers, impact: "1" })],
    ["a view", lineage({ q: "+fact_orders+", focus: orders, view: "-310,-40,0.75" })],
  ];
}

check("12. Reloading any state of the address restores the view (screenshots differ by less than 0.1 %)", ["SITE_EXAMPLE"], async (t, site) => {
  let worst = 0;
  await sweep(site, {}, [...routesOf(site), ...explorerStates(site)], async (page, name) => {
    const [before, at] = [await seen(page), page.url()];
    await page.reload();
    await settled(page);
    const share = await difference(before, await seen(page));
    worst = Math.max(worst, share);
    assert.ok(share < 0.001, `${name}: ${(share * 100).toFixed(2)} % differ`);
    assert.equal(page.url(), at, `the address of ${name}`);
    // The next state is arrived at from nothing, as after the reload: a selection with a fault leaves the picture before it in place.
    await go(page, "#/nowhere");
  });
  t.diagnostic(`at most ${(worst * 100).toFixed(3)} % differ`);
});

check("12d. Theme and language of an address hold, also after a reload", ["SITE_EXAMPLE"], async (_, site) => {
  await visit(site, hash(["lineage"], { q: "2+fact_orders", theme: "dark", lang: "fr" }), {}, async ({ page }) => {
    const before = await seen(page);
    await page.reload();
    await settled(page);
    assert.deepEqual([await page.locator("html").getAttribute("data-theme"), await page.locator("html").getAttribute("lang")], ["dark", "fr"]);
    assert.ok((await difference(before, await seen(page))) < 0.001);
  });
});

check("12b. What was chosen by hand is in the address: a new page shows the same", ["SITE_EXAMPLE"], async (_, site) => {
  await visit(site, hash(["lineage"], { q: "1+fact_orders+1" }), {}, async ({ page }) => {
    await page.locator(".lineage-choice select").first().selectOption("duration");
    await settled(page);
    await page.locator('.lineage-svg [data-box="2"]').dispatchEvent("click");
    await page.keyboard.press("c");
    await settled(page);
    await page.locator(".lineage-columns button").nth(1).click();
    await settled(page);
    await page.keyboard.press("i");
    await settled(page);
    await page.locator(".lineage-stage").hover();
    await page.mouse.wheel(0, -300);
    await settled(page);
    await page.waitForTimeout(500);
    const [before, at] = [await seen(page), page.url()];
    for (const part of ["lens=duration", "focus=", "cols=", "col=", "impact=1", "view="]) assert.ok(at.includes(part), `${part} is in ${at}`);
    const other = await page.context().newPage();
    await other.goto(at);
    await settled(other);
    const share = await difference(before, await seen(other));
    assert.ok(share < 0.001, `${(share * 100).toFixed(2)} % differ`);
  });
});

check("12c. Back and Forward are exact", ["SITE_EXAMPLE"], async (_, site) => {
  await visit(site, "#/", {}, async ({ page }) => {
    const heading = () => page.locator("main h1").first().innerText();
    const trail: { url: string; heading: string; picture: Buffer }[] = [];
    const note = async () => {
      await settled(page);
      trail.push({ url: page.url(), heading: await heading(), picture: await seen(page) });
    };
    await note();
    const steps = [
      () => page.locator('nav.side a[href="#/search"]').click(),
      () => page.locator('main a[href^="#/n/"]').nth(5).click(),
      () => page.locator('main a[href*="/c/"]').first().click(),
      () => page.locator('nav.side a[href="#/quality"]').click(),
      () => go(page, hash(["lineage"], { q: "1+fact_orders+1" })),
      () => page.locator(".lineage-choice select").first().selectOption("status"),
      () => page.locator(".lineage-actions a").first().click(),
      () => page.locator('nav.side a[href="#/runs"]').click(),
      () => page.locator('main a[href^="#/runs/"]').first().click(),
    ];
    for (const step of steps) {
      await step();
      await note();
    }
    const same = async (at: number, way: string) => {
      await settled(page);
      assert.equal(page.url(), trail[at].url, `${way} to step ${at}`);
      assert.equal(await heading(), trail[at].heading);
      const share = await difference(trail[at].picture, await seen(page));
      assert.ok(share < 0.001, `${way} to step ${at}, ${trail[at].url}: ${(share * 100).toFixed(2)} % differ`);
    };
    for (let at = trail.length - 2; at >= 0; at--) {
      await page.goBack({ waitUntil: "commit" });
      await same(at, "Back");
    }
    for (let at = 1; at < trail.length; at++) {
      await page.goForward({ waitUntil: "commit" });
      await same(at, "Forward");
    }
  });
});
