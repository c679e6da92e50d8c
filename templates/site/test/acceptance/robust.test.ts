/** One bad record or file must not blank a page: the rest works, and a notice names the file. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Core } from "../../ui/data";
import { check } from "./check";
import { go, hash } from "./place";
import { each, visit, type Visit } from "./site";
import { dataFile, nodesOf, readData, routesOf, writeData } from "./site_data";

/** A copy of a site, harmed and then looked at. */
async function harmed(site: string, harm: (copy: string) => void, start: string, look: (visit: Visit) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "site-harmed-"));
  const copy = join(folder, "site");
  try {
    cpSync(site, copy, { recursive: true });
    harm(copy);
    // A file that is not there, or is no script, is told by the browser as well.
    await visit(copy, start, { expected: /ERR_FILE_NOT_FOUND|SyntaxError/ }, look);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function changeCore(copy: string, change: (core: Core) => void): void {
  const core = readData<Core>(copy, "core");
  change(core);
  writeData(copy, "core", core);
}

/** All pages show something, or say which file they miss, and the navigation is there. */
async function allWork({ page }: Visit, site: string): Promise<void> {
  for (const [name, place] of routesOf(site)) {
    await go(page, place);
    assert.ok((await page.locator("main h1, main .notice").first().textContent())?.trim(), `${name} shows something`);
    assert.ok((await page.locator("nav.side a").count()) > 5, `${name} has the navigation`);
  }
}

check("25. An unknown kind of node: every page works", ["SITE_EXAMPLE"], async (_, site) => {
  const id = nodesOf(site).find(({ name }) => name === "fact_orders")!.id;
  await harmed(
    site,
    (copy) =>
      changeCore(copy, (core) => {
        const at = core.nodes.name.indexOf("fact_orders");
        core.nodes.id[at] = id;
        core.nodes.path[at] = "models/gold/fact_orders.sql";
        core.nodes.kind[at] = core.words.kind.push("wormhole") - 1;
      }),
    "#/",
    async (open) => {
      await allWork(open, site);
      await go(open.page, hash(["n", id]));
      assert.equal(await open.page.locator("main h1").innerText(), "fact_orders");
      await go(open.page, hash(["lineage"], { q: "+fact_orders+" }));
      assert.ok((await open.page.locator(".lineage-svg [data-box]").count()) > 10);
    },
  );
});

check("25b. Edges that lead nowhere: the graph is drawn, and a notice says so", ["SITE_EXAMPLE"], async (_, site) => {
  await harmed(
    site,
    (copy) =>
      changeCore(copy, ({ edges }) => {
        edges.src.push(99_999, -1, 0);
        edges.dst.push(0, 2, 77_777);
      }),
    "#/map",
    async (open) => {
      assert.ok((await open.page.locator(".layer-map a").count()) > 2);
      assert.match((await open.page.locator(".notices").innerText()), /core\.js/);
      await allWork(open, site);
    },
  );
});

for (const [what, harm] of [
  ["missing", (file: string) => rmSync(file)],
  ["cut off", (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 500))],
  ["no JSON", (file: string) => writeFileSync(file, "T.put('x','{');")],
] as const) {
  check(`25c. A shard that is ${what}: the page works without it, and a notice names the file`, ["SITE_EXAMPLE"], async (_, site) => {
    const id = nodesOf(site).find(({ name }) => name === "fact_orders")!.id;
    const keys: [string, string][] = [
      ["n/000", hash(["n", id])],
      ["cll/000", hash(["n", id, "c", "order_id"])],
      ["cols", hash(["lineage"], { q: "1+fact_orders+1", cols: encodeURIComponent(id) })],
      ["quality", "#/quality"],
      ["runs", "#/runs"],
      ["t/000", routesOf(site).find(([name]) => name === "test")![1]],
    ];
    await each(keys, ([key, place]) =>
      harmed(site, (copy) => harm(dataFile(copy, key)), place, async ({ page }) => {
        const told = (await page.locator("main .notice").allInnerTexts()).join("\n");
        assert.ok(told.includes(`data/${key}.js`), `${key} ${what}: ${told || "no notice"}`);
        // The rest of the site is as good as ever.
        await go(page, "#/map");
        assert.ok((await page.locator(".layer-map a").count()) > 2);
      }),
    );
    await harmed(site, (copy) => keys.forEach(([key]) => harm(dataFile(copy, key))), "#/", (open) => allWork(open, site));
  });
}

check("25d. Without the core a notice names its file", ["SITE_EXAMPLE"], async (_, site) => {
  for (const harm of [(file: string) => rmSync(file), (file: string) => writeFileSync(file, "T.put('core','{\"v\":99}')"), (file: string) => writeFileSync(file, "")]) {
    await harmed(site, (copy) => harm(dataFile(copy, "core")), "#/", async ({ page }) => {
      assert.match(await page.locator(".notice").innerText(), /data\/core\.js/);
    });
  }
});
