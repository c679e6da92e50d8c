/** The site opens from disk, with nothing but itself. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { check } from "./check";
import { go } from "./place";
import { visit } from "./site";
import { blocksOf, nodesOf, routesOf } from "./site_data";

/** What there is to say of a way through all pages of a site. */
interface Tour {
  requests: string[];
  pages: { name: string; heading: string; text: string; broken: number }[];
}

const tours = new Map<string, Promise<Tour>>();

/** Goes through all pages, once for all checks. The strictness of a visit is a part of them: no console error, no network. */
function tour(site: string, folder: string): Promise<Tour> {
  const known = tours.get(site);
  if (known) return known;
  const made = visit(site, "", { offline: true }, async ({ page, requests }) => {
    const pages: Tour["pages"] = [];
    for (const [name, hash] of routesOf(folder)) {
      await go(page, hash);
      const [heading, text] = [await page.locator("main h1").first().innerText(), await page.locator("main").innerText()];
      pages.push({ name, heading, text, broken: await page.locator("main .notice.bad").count() });
    }
    return { requests, pages };
  });
  tours.set(site, made);
  return made;
}

check("1. Opens from file:// in a path with spaces and accents; no console error", ["SITE_EXAMPLE"], async (t, site) => {
  assert.match(site, / /, "the path has a space");
  assert.match(site, /[^\x00-\x7f]/, "the path has an accent");
  const { pages } = await tour(site, site);
  for (const { name, heading } of pages) assert.ok(heading.trim(), `${name} has a heading`);
  t.diagnostic(`${pages.length} pages`);
});

check("2. The request log contains only file: URLs, with the network disabled", ["SITE_EXAMPLE"], async (t, site) => {
  const { requests } = await tour(site, site);
  assert.deepEqual(requests.filter((url) => !/^(file|blob|data):/.test(url)), []);
  const own = requests.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  assert.deepEqual(own.filter((file) => !file.startsWith(site)), [], "nothing beside the site is read");
  t.diagnostic(`${requests.length} requests`);
});

check("3. The single file passes 1 and 2, and is one file on disk", ["SITE_SINGLE", "SITE_EXAMPLE"], async (t, file, folder) => {
  assert.ok(statSync(file).isFile());
  assert.ok(blocksOf(file).has("core"), "the data is in the file");
  assert.match(dirname(file), /[^\x00-\x7f]/, "the path has an accent");
  const { pages, requests } = await tour(file, folder);
  for (const { name, heading, broken } of pages) assert.ok(heading.trim() && broken === 0, `${name} has what it needs`);
  const read = new Set(requests.filter((url) => url.startsWith("file:")).map((url) => url.replace(/#.*/, "")));
  assert.equal(read.size, 1, "only the file itself is read");
  t.diagnostic(`${(statSync(file).size / 1e6).toFixed(2)} MB, ${nodesOf(folder).length} nodes`);
});

check("3c. The project's own rules of style hold, and nothing in them ends the element that they are in", ["SITE_SINGLE", "SITE_EXAMPLE"], async (_, ...sites) => {
  for (const site of sites) {
    await visit(site, "", {}, async ({ page }) => {
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--of-the-project").trim()), "yes", site);
      assert.equal(await page.evaluate(() => "pwned" in window), false);
    });
  }
});

check("3b. The folder and the single file show the same", ["SITE_SINGLE", "SITE_EXAMPLE"], async (_, file, folder) => {
  // They were made one after the other: when, and how long after the last run, may differ.
  const lasting = (text: string) => text.replace(/^.*\b(generated|ago|now)\b.*$/gim, "");
  const [one, many] = [await tour(file, folder), await tour(folder, folder)];
  many.pages.forEach(({ name, text }, at) => {
    assert.ok(lasting(one.pages[at].text) === lasting(text), `${name} differs:\n${one.pages[at].text.slice(0, 600)}\n---\n${text.slice(0, 600)}`);
  });
});
