/** The pages of runs show what ran, as `transform runs` tells it. */
import assert from "node:assert/strict";
import { en } from "../../ui/texts/en";
import { check } from "./check";
import { readOracle } from "./oracle";
import { go, hash } from "./place";
import { eventually, visit } from "./site";
import { nodesOf } from "./site_data";

/** A bar as it was drawn on the canvas. */
interface Bar {
  x: number;
  y: number;
  width: number;
  fill: string;
}

check("22. Gantt bars equal the run's results, and the critical path equals that of the command line", ["SITE_EXAMPLE", "ORACLE"], async (t, site, oracle) => {
  const { run } = readOracle(oracle);
  const began = Date.parse(run.started_at);
  const expected = run.results
    .filter(({ began_at, finished_at, thread }) => began_at && finished_at && thread)
    .map((result) => ({ result, start: Date.parse(result.began_at!) - began, end: Date.parse(result.finished_at!) - began }));
  const way = {
    before: (page: import("playwright-core").Page) =>
      page.addInitScript(() => {
        // What is on the canvas is told by the calls that draw it; a new width begins a new drawing.
        const drawn = { bars: [] as Bar[] };
        const width = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, "width")!;
        Object.defineProperty(HTMLCanvasElement.prototype, "width", {
          ...width,
          set(this: HTMLCanvasElement, value: number) {
            if (this.closest(".gantt")) drawn.bars = [];
            width.set!.call(this, value);
          },
        });
        const roundRect = CanvasRenderingContext2D.prototype.roundRect;
        CanvasRenderingContext2D.prototype.roundRect = function (x, y, w, h, radii) {
          drawn.bars.push({ x, y, width: w, fill: String(this.fillStyle) });
          roundRect.call(this, x, y, w, h, radii);
        };
        (window as unknown as { drawn: typeof drawn }).drawn = drawn;
      }),
    viewport: { width: 2200, height: 1000 },
  };
  await visit(site, hash(["runs", run.invocation_id]), way, async ({ page }) => {
    let bars: Bar[] = [];
    await eventually(async () => {
      bars = await page.evaluate(() => (window as unknown as { drawn: { bars: Bar[] } }).drawn.bars);
      assert.equal(bars.length, expected.length, "as many bars as results that ran");
    });
    const accent = await page.evaluate(() => {
      const pen = document.createElement("canvas").getContext("2d")!;
      pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--accent");
      return String(pen.fillStyle);
    });

    // The axis is found from the first and the last bar; then every bar has to lie where its times say.
    const [first, last] = [Math.min(...expected.map(({ start }) => start)), Math.max(...expected.map(({ end }) => end))];
    const [left, right] = [Math.min(...bars.map(({ x }) => x)), Math.max(...bars.map(({ x, width }) => x + width))];
    const scale = (right - left) / (last - first);
    const free = new Set(bars);
    const lanes = new Map<string, number>();
    const critical: string[] = [];
    for (const { result, start, end } of [...expected].sort((a, b) => b.end - b.start - (a.end - a.start))) {
      const [x, width] = [left + (start - first) * scale, (end - start) * scale];
      // A millisecond, and half a pixel between bars, is what may be lost by rounding.
      const slop = scale + 2;
      const isIts = (bar: Bar) => Math.abs(bar.x - x) <= slop && Math.abs(bar.width - width) <= slop && (lanes.get(result.thread!) ?? bar.y) === bar.y && (bar.fill === accent) === result.is_critical;
      const bar = [...free].find(isIts);
      assert.ok(bar, `a bar of ${result.unique_id} at ${x.toFixed(1)}, ${width.toFixed(1)} px wide`);
      free.delete(bar);
      lanes.set(result.thread!, bar.y);
      if (bar.fill === accent) critical.push(result.name);
    }
    assert.equal(new Set(lanes.values()).size, lanes.size, "a lane for each thread");
    assert.deepEqual(critical.sort(), run.results.filter(({ is_critical }) => is_critical).map(({ name }) => name).sort());

    await go(page, hash(["runs", run.invocation_id], { show: "critical" }));
    const names = await page.locator("tr[data-row] .run-name .node-link").allInnerTexts();
    assert.deepEqual(names.map((name) => name.trim()).sort(), run.results.filter(({ is_critical }) => is_critical).map(({ name }) => name).sort());
    t.diagnostic(`${bars.length} bars in ${lanes.size} lanes, ${critical.length} on the critical path`);
  });
});

check("22b. The table of a run has all results with their statuses", ["SITE_EXAMPLE", "ORACLE"], async (_, site, oracle) => {
  const { run } = readOracle(oracle);
  await visit(site, hash(["runs", run.invocation_id]), { viewport: { width: 1600, height: run.results.length * 60 + 1000 } }, async ({ page }) => {
    const rows = await page.locator("tr[data-row]").evaluateAll((all) => all.map((row) => [row.querySelector(".run-name .node-link")!.textContent!.trim(), row.querySelector(".status")!.textContent!.trim()]));
    const word = (status: string) => en[`status.${status}` as keyof typeof en] ?? status;
    assert.deepEqual(rows.map((row) => row.join(" ")).sort(), run.results.map(({ name, status }) => `${name} ${word(status)}`).sort());
  });
});

check("22c. Without runs there is an empty state", ["SITE_EMPTY"], async (_, site) => {
  await visit(site, "#/runs", {}, async ({ page }) => {
    assert.equal(await page.locator(".empty strong").innerText(), en["runs.none"]);
    await go(page, "#/");
    assert.equal(await page.locator(".tile .value.ok").count(), 0, "nothing is green that never ran");
    await go(page, hash(["n", nodesOf(site).find(({ kind }) => kind === "model")!.id], { tab: "runs" }));
    assert.ok((await page.locator("#tab-panel").innerText()).length > 0);
    await go(page, hash(["runs", "no-such-run"]));
    assert.equal(await page.locator("main h1").count(), 1);
  });
});
