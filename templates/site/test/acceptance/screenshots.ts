/**
 * Pictures of the site that SITE_EXAMPLE names, for the README: `npm run screenshots -- OUT`.
 *
 * They are 1280 × 800 with a palette of 256 colours at most, so that a repository can hold them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import type { Runs } from "../../ui/data";
import { paletted } from "./paletted_png";
import { address, go, hash, settled } from "./place";
import { nodesOf, readData } from "./site_data";

const [out] = process.argv.slice(2);
const site = process.env.SITE_EXAMPLE;
if (!out || !site) throw new Error("usage: SITE_EXAMPLE=… npm run screenshots -- OUT");

const id = nodesOf(site).find(({ name }) => name === "fact_orders")?.id ?? nodesOf(site)[0].id;
const run = readData<Runs>(site, "runs").runs[0].id;
const column = [id, "net_revenue_eur"].map(encodeURIComponent).join("~");

/** What is shown, and what is done before. */
const PICTURES: [name: string, hash: string, before?: (page: Page) => Promise<void>][] = [
  ["overview", "#/"],
  ["node", hash(["n", id])],
  ["lineage", hash(["lineage"], { q: "1+fact_orders+1", focus: id, col: column }), (page) => page.keyboard.press("f")],
  ["map", "#/map"],
  ["quality", "#/quality?tab=datasets"],
  ["run", hash(["runs", run])],
];

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"] });
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme, locale: "en", timezoneId: "UTC", offline: true });
    const page = await context.newPage();
    await page.goto(address(site));
    await settled(page);
    for (const [name, place, before] of PICTURES) {
      await go(page, place);
      await before?.(page);
      await page.waitForTimeout(400);
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      const picture = paletted(await page.screenshot({ animations: "disabled", caret: "hide" }));
      writeFileSync(join(out, `${name}-${colorScheme}.png`), picture);
      console.log(`${name}-${colorScheme}.png: ${(picture.length / 1000).toFixed(0)} kB`);
    }
    await context.close();
  }
} finally {
  await browser.close();
}
