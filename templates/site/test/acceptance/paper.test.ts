/** Pages on paper: all that is on them, and graphs in one piece. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import type { NodeShard } from "../../ui/data";
import { check } from "./check";
import { drawnIds } from "./explorer_page";
import { pdfPages, pdfText } from "./pdf_text";
import { go, hash } from "./place";
import { visit } from "./site";
import { nodesOf, readData, writeData } from "./site_data";

const paper = (page: Page) => page.pdf({ format: "A4", printBackground: true });

check("21. Print to PDF: all columns are on the paper", ["SITE_EXAMPLE"], async (t, site) => {
  const folder = mkdtempSync(join(tmpdir(), "site-paper-"));
  try {
    const copy = join(folder, "site");
    cpSync(site, copy, { recursive: true });
    const nodes = nodesOf(site);
    const [usual, wide] = ["fact_orders", "dim_dates"].map((name) => nodes.find((node) => node.name === name)!);
    // Tables so long that a screen draws only a part of them.
    const shard = readData<NodeShard>(copy, "n/000");
    const page = shard[nodes.indexOf(wide)];
    page.columns = Array.from({ length: 400 }, (_, at) => ({ ...page.columns[0], name: `wide_column_${at}_end` }));
    writeData(copy, "n/000", shard);
    await visit(copy, "", {}, async ({ page }) => {
      for (const [id, columns] of [[usual.id, usual.columns], [wide.id, Array.from({ length: 400 }, (_, at) => `wide_column_${at}_end`)]] as const) {
        for (const tab of ["", "sql"]) {
          await go(page, hash(["n", id], tab ? { tab } : {}));
          const file = await paper(page);
          const text = pdfText(file);
          t.diagnostic(`${id} ${tab}: ${pdfPages(file)} pages, ${text.length} letters`);
          const missing = columns.filter((column) => !text.includes(column));
          assert.deepEqual(missing.slice(0, 3), [], `${id}${tab && `, ${tab}`}: ${missing.length} of ${columns.length} columns are missing`);
        }
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

check("21b. Print to PDF: the graph is whole, and drawn as vectors", ["SITE_EXAMPLE"], async (t, site) => {
  const names = new Map(nodesOf(site).map(({ id, name }) => [id, name]));
  for (const colorScheme of ["light", "dark"] as const) {
    await visit(site, hash(["lineage"], { q: "+fact_orders+" }), { colorScheme }, async ({ page }) => {
      const ids = await drawnIds(page);
      // What a label shows of a name that is too long for its box.
      const labels = await page.locator(".lineage-svg [data-box]").evaluateAll((all) => all.map((box) => box.querySelector("text")!.textContent!));
      const file = await paper(page);
      const text = pdfText(file);
      for (const label of labels) assert.ok(text.includes(label.replace(/\s/g, "")), `${label} is on the paper`);
      for (const id of ids) assert.ok(text.includes(names.get(id)!), `the table has ${id}`);
      assert.ok(!file.toString("latin1").includes("/Subtype /Image"), "no picture of pixels");

      await page.emulateMedia({ media: "print", colorScheme });
      await page.setViewportSize({ width: 690, height: 1000 });
      const drawn = await page.evaluate(() => {
        dispatchEvent(new Event("beforeprint"));
        const svg = document.querySelector<SVGSVGElement>(".lineage-paper svg")!;
        const { left, right, width, height } = svg.getBoundingClientRect();
        const view = svg.viewBox.baseVal;
        const content = [...svg.querySelectorAll("rect, path, text")].map((one) => one.getBoundingClientRect());
        return {
          left, right, width, height, page: innerWidth, aspect: view.width / view.height,
          outside: content.filter((box) => box.left < left - 1 || box.right > right + 1).length,
          ground: getComputedStyle(document.body).backgroundColor,
        };
      });
      t.diagnostic(`${pdfPages(file)} pages; the graph is ${drawn.width.toFixed(0)} × ${drawn.height.toFixed(0)} on a page of ${drawn.page}`);
      assert.ok(drawn.left >= 0 && drawn.right <= drawn.page + 1, "the graph is on the page");
      assert.equal(drawn.outside, 0, "nothing is drawn beyond the graph's frame");
      assert.match(drawn.ground, /rgba?\((255, 255, 255|0, 0, 0, 0)/, "paper is white");
    });
  }
});
