/** The quality pages tell every verdict, and never more than is known. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { Quality } from "../../ui/data";
import { en } from "../../ui/texts/en";
import { check } from "./check";
import { isTest, readOracle } from "./oracle";
import { go, hash, settled } from "./place";
import { visit } from "./site";
import { nodesOf, readData, writeData } from "./site_data";

/** The tests of the page's table with the class and word of their status. */
async function rowsOf(page: Page): Promise<{ id: string; tone: string; word: string }[]> {
  return page.locator("#tab-panel tr[data-row]").evaluateAll((all) =>
    all.map((row) => ({
      id: decodeURIComponent(row.querySelector<HTMLAnchorElement>('a[href^="#/test/"]')!.hash.slice("#/test/".length)),
      tone: row.querySelector(".status")!.className.replace("status", "").trim(),
      word: row.querySelector(".status")!.textContent!.trim(),
    })),
  );
}

const word = (verdict: string) => en[`status.${verdict}` as keyof typeof en] ?? verdict;

check("23. Every verdict of the last run appears", ["SITE_EXAMPLE", "ORACLE"], async (t, site, oracle) => {
  const results = readOracle(oracle).run.results.filter(({ unique_id }) => isTest(unique_id));
  const expected = results.map(({ unique_id, status }) => `${unique_id} ${word(status)}`).sort();
  // A window as high as the table draws all of it.
  await visit(site, "#/quality?tab=tests", { viewport: { width: 1600, height: results.length * 60 + 1200 } }, async ({ page }) => {
    assert.deepEqual((await rowsOf(page)).map(({ id, word }) => `${id} ${word}`).sort(), expected);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: en["quality.csv"] }).click()]);
    const lines = readFileSync(await download.path(), "utf8").replace(/^\ufeff/, "").trim().split("\r\n");
    const at = lines[0].split(",").indexOf("status");
    const ids = lines.slice(1).map((line) => line.split(",")[0]);
    assert.deepEqual(ids.sort(), results.map(({ unique_id }) => unique_id).sort(), "all tests are in the CSV file");
    assert.ok(at > 0);

    const alerts = results.filter(({ status }) => status === "warn" || status === "fail" || status === "error");
    await go(page, "#/quality");
    assert.deepEqual((await rowsOf(page)).map(({ id }) => id).sort(), alerts.map(({ unique_id }) => unique_id).sort(), "the alerts");
    for (const { unique_id, status } of [...alerts, results[0]]) {
      await go(page, hash(["test", unique_id]));
      assert.ok((await page.locator(".page-head .badge").allInnerTexts()).includes(word(status)), unique_id);
    }
    t.diagnostic(`${results.length} tests, ${alerts.length} alerts`);
  });
});

check("23b. What was not run is never green", ["SITE_EMPTY"], async (t, site) => {
  const tests = readData<Quality>(site, "quality").tests;
  assert.ok(tests.every(({ status }) => status === "not_run"));
  await visit(site, "#/quality?tab=tests", { viewport: { width: 1600, height: tests.length * 60 + 1200 } }, async ({ page }) => {
    const rows = await rowsOf(page);
    assert.equal(rows.length, tests.length);
    for (const { id, tone, word: said } of rows) assert.deepEqual([tone, said], ["idle", word("not_run")], id);
    const node = nodesOf(site)[tests.find(({ node }) => node >= 0)!.node].id;
    for (const place of ["#/", "#/quality", "#/quality?tab=datasets", "#/quality?tab=tests", hash(["n", node], { tab: "tests" }), hash(["test", tests[0].id]), hash(["lineage"], { q: "*", lens: "status" })]) {
      await go(page, place);
      const green = await page.evaluate(() => {
        const probe = document.body.appendChild(document.createElement("span"));
        const colors = ["--ok", "--ok-fill"].map((name) => {
          probe.style.color = `var(${name})`;
          return getComputedStyle(probe).color;
        });
        probe.remove();
        return [...document.querySelectorAll("main *")]
          .filter((one) => one.checkVisibility())
          .filter((one) => {
            const { color, backgroundColor, fill } = getComputedStyle(one);
            return colors.some((ok) => ok === backgroundColor || (ok === color && one.childElementCount === 0 && one.textContent!.trim() !== "") || (one.localName === "rect" && ok === fill));
          })
          .map((one) => one.outerHTML.slice(0, 120));
      });
      assert.deepEqual(green, [], place);
    }
  });
  t.diagnostic(`${tests.length} tests`);
});

check("23c. 3,000 tests are there within 1 s", ["SITE_EXAMPLE"], async (t, site) => {
  const folder = mkdtempSync(join(tmpdir(), "site-tests-"));
  try {
    cpSync(site, join(folder, "site"), { recursive: true });
    const quality = readData<Quality>(site, "quality");
    const many = Array.from({ length: 3000 }, (_, at) => ({ ...quality.tests[at % quality.tests.length], id: `${quality.tests[at % quality.tests.length].id}.${at}` }));
    writeData(join(folder, "site"), "quality", { ...quality, tests: many.sort((a, b) => (a.id < b.id ? -1 : 1)) });
    const times: number[] = [];
    for (let at = 0; at < 5; at++) {
      await visit(join(folder, "site"), "#/glossary", {}, async ({ page }) => {
        const took = await page.evaluate(async () => {
          const start = performance.now();
          location.hash = "/quality?tab=tests";
          while (document.querySelectorAll("#tab-panel tr[data-row]").length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
          await new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          return performance.now() - start;
        });
        times.push(took);
        await settled(page);
        assert.equal(await page.locator("#tab-panel table").getAttribute("aria-rowcount"), "3001");
      });
    }
    const median = times.sort((a, b) => a - b)[2];
    t.diagnostic(`median ${median.toFixed(0)} ms of ${times.map((time) => time.toFixed(0)).join(", ")}; budget 1000 ms`);
    assert.ok(median <= 1000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
