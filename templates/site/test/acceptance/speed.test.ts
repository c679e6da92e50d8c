/**
 * The budgets of `docs-site.md` §6, measured inside the page. On a machine that others use too single times mean little: what is compared is
 * the median of several tries, every figure is printed, and what was too slow is measured again a while later.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { check, type Input } from "./check";
import { go, hash, settled } from "./place";
import { visit } from "./site";
import { dataFile, nodesOf } from "./site_data";

/** The value that a share of all values does not exceed. */
function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Prints times in milliseconds, and holds their median against the budget. */
function hold(t: TestContext, what: string, times: number[], budget: number): void {
  const median = quantile(times, 0.5);
  t.diagnostic(`${what}: median ${median.toFixed(0)} ms of ${times.map((time) => time.toFixed(0)).join(", ")}; budget ${budget} ms`);
  assert.ok(median <= budget, `${what}: ${median.toFixed(0)} ms, more than ${budget} ms`);
}

/** How often a budget is looked at before it counts as broken. */
const ROUNDS = 3;

/** How long others on the machine get to come to an end before a budget is looked at again, in milliseconds. */
const REST = 5000;

/** A check of a budget. */
function budget(says: string, needs: Input[], body: (t: TestContext, ...given: string[]) => Promise<void>): void {
  check(says, needs, async (t, ...given) => {
    for (let round = 1; ; round++) {
      try {
        return await body(t, ...given);
      } catch (error) {
        if (round === ROUNDS || !(error instanceof assert.AssertionError)) throw error;
        t.diagnostic(`round ${round}: ${error.message}`);
        await new Promise((resolve) => setTimeout(resolve, REST));
      }
    }
  });
}

async function times(tries: number, one: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let at = 0; at < tries; at++) found.push(await one());
  return found;
}

/** Tells the page to wait for something to be drawn: until it is there, and the frame with it is over. */
async function installWatch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const afterFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const watch = {
      afterFrame,
      async drawn(selector: string, text = ""): Promise<number> {
        while (![...document.querySelectorAll(selector)].some((one) => one.textContent!.includes(text))) {
          if (performance.now() > 60_000) throw new Error(`no ${selector}`);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await afterFrame();
        return performance.now();
      },
      /** How long it takes from a change of the address until something is drawn. */
      async going(to: string, selector: string, text = ""): Promise<number> {
        const start = performance.now();
        location.hash = to;
        await new Promise((resolve) => addEventListener("hashchange", resolve, { once: true }));
        return (await watch.drawn(selector, text)) - start;
      },
      long: [] as { at: number; took: number }[],
    };
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => watch.long.push({ at: entry.startTime, took: entry.duration }))).observe({ type: "longtask", buffered: true });
    (window as unknown as { watch: typeof watch }).watch = watch;
  });
}

interface Watch {
  afterFrame(): Promise<void>;
  drawn(selector: string, text?: string): Promise<number>;
  going(to: string, selector: string, text?: string): Promise<number>;
  long: { at: number; took: number }[];
}

declare const watch: Watch;

budget("4. 10k: something is typed and its result shown within 1.0 s of the navigation (median of 5)", ["SITE_10K"], async (t, site) => {
  const name = nodesOf(site).filter(({ kind }) => kind === "model").at(-7)!.name;
  const one = () =>
    visit(site, "", { before: installWatch, unsettled: true }, async ({ page }) =>
      page.evaluate(async (typed) => {
        await watch.drawn("button.ask");
        document.querySelector<HTMLElement>("button.ask")!.click();
        await watch.drawn("dialog[open]");
        const input = document.querySelector<HTMLInputElement>("dialog input[role=combobox]")!;
        for (let length = 1; length <= typed.length; length++) {
          input.value = typed.slice(0, length);
          input.dispatchEvent(new InputEvent("input", { bubbles: true }));
        }
        return watch.drawn("[role=option] .what", typed);
      }, name),
    );
  await one(); // The first try of a browser starts its processes.
  hold(t, "first result", await times(5, one), 1000);
});

budget("4b. 10k: a keystroke takes 30 ms over models and 60 ms over columns too (95th percentile)", ["SITE_10K"], async (t, site) => {
  const nodes = nodesOf(site);
  const words = (all: string[]) => [0.1, 0.4, 0.9].map((share) => all[Math.floor(share * all.length)]).concat("penalite", "cusotmer");
  await visit(site, "", { before: installWatch }, async ({ page, requests }) => {
    const typing = (typed: string[]) =>
      page.evaluate(async (all) => {
        const input = document.querySelector<HTMLInputElement>("dialog input[role=combobox]")!;
        const took: number[] = [];
        for (const word of all) {
          for (let length = 1; length <= word.length; length++) {
            const start = performance.now();
            input.value = word.slice(0, length);
            input.dispatchEvent(new InputEvent("input", { bubbles: true }));
            // The work of a keystroke is what comes before the next task, and the layout of its results; waiting for a frame is not its own.
            await new Promise((resolve) => {
              const { port1, port2 } = new MessageChannel();
              port1.onmessage = resolve;
              port2.postMessage(null);
            });
            document.body.getBoundingClientRect();
            took.push(performance.now() - start);
            await watch.afterFrame();
          }
        }
        return took;
      }, typed);
    const median = async (what: string, typed: string[], budget: number) => {
      const tries = await times(3, async () => quantile(await typing(typed), 0.95));
      hold(t, what, tries, budget);
    };
    await page.keyboard.press("/");
    await page.locator("dialog[open] input").waitFor();
    await median("keystroke over models", words(nodes.map(({ name }) => name)), 30);
    // The columns come a little after the first letters.
    await page.waitForTimeout(1500);
    assert.ok(requests.some((url) => url.endsWith("data/cols.js")), "the columns are there");
    await median("keystroke with columns", words([...new Set(nodes.flatMap(({ columns }) => columns))]), 60);
  });
});

budget("5. 10k: the layer map is drawn within 500 ms, with 2,000 DOM nodes at most", ["SITE_10K"], async (t, site) => {
  const found: { warm: number; cold: number; nodes: number }[] = [];
  for (let at = 0; at < 5; at++) {
    const cold = await visit(site, "#/map", { before: installWatch, unsettled: true }, ({ page }) => page.evaluate(() => watch.drawn(".layer-map svg a")));
    await visit(site, "#/", { before: installWatch }, async ({ page }) => {
      const warm = await page.evaluate(() => watch.going("/map", ".layer-map svg a"));
      await settled(page);
      found.push({ warm, cold, nodes: await page.evaluate(() => document.querySelectorAll("*").length) });
    });
  }
  const nodes = Math.max(...found.map((one) => one.nodes));
  t.diagnostic(`${nodes} DOM nodes`);
  assert.ok(nodes <= 2000, `${nodes} DOM nodes`);
  hold(t, "layer map of an open site", found.map(({ warm }) => warm), 500);
  hold(t, "layer map from the navigation on", found.map(({ cold }) => cold), 1000);
});

/** Pans the explorer's picture over 60 frames, as a hand does, and gives how long each took. */
async function pan(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const stage = document.querySelector<HTMLElement>(".lineage-stage")!;
    const { left, top, width, height } = stage.getBoundingClientRect();
    const fire = (type: string, at: number) =>
      (stage.querySelector("canvas") ?? stage).dispatchEvent(
        new PointerEvent(type, { bubbles: true, cancelable: true, pointerId: 1, isPrimary: true, button: type === "pointermove" ? -1 : 0, buttons: 1, clientX: left + width / 2 + Math.sin(at / 6) * 180, clientY: top + height / 2 + at * 3 }),
      );
    const frames: number[] = [];
    fire("pointerdown", 0);
    let last = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
    for (let at = 1; at <= 60; at++) {
      fire("pointermove", at);
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      frames.push(now - last);
      last = now;
    }
    fire("pointerup", 60);
    return frames;
  });
}

budget("6. 10k: 60 frames of panning have a 95th percentile of 50 ms; no long task over 200 ms after the load", ["SITE_10K"], async (t, site) => {
  const found = { whole: [] as number[], close: [] as number[], tasks: [] as number[] };
  for (let at = 0; at < 3; at++) {
    await visit(site, "#/", { before: installWatch }, async ({ page }) => {
      await page.waitForTimeout(500);
      await page.evaluate(() => void (watch.long.length = 0));
      const opened = await page.evaluate(() => watch.going("/lineage?q=*+source:*", ".lineage-canvas"));
      await settled(page);
      const boxes = Number((await page.locator(".lineage-stage").getAttribute("aria-label"))!.replace(/[,\s]/g, "").match(/\d+/)![0]);
      assert.ok(boxes > 9_000, `${boxes} nodes are in the picture`);
      for (const how of ["whole", "close"] as const) {
        await page.keyboard.press("f");
        if (how === "close") for (let press = 0; press < 12; press++) await page.keyboard.press("+");
        await page.waitForTimeout(400);
        const before = await page.evaluate(() => location.hash);
        found[how].push(quantile(await pan(page), 0.95));
        await page.waitForTimeout(400);
        assert.notEqual(await page.evaluate(() => location.hash), before, "the picture has moved");
      }
      const long = await page.evaluate(() => watch.long.map(({ took }) => took));
      found.tasks.push(Math.max(0, ...long));
      t.diagnostic(`all ${boxes} nodes drawn after ${opened.toFixed(0)} ms; long tasks ${long.map((took) => took.toFixed(0)).join(", ") || "none"}`);
    });
  }
  hold(t, "95th percentile of 60 frames, whole picture", found.whole, 50);
  hold(t, "95th percentile of 60 frames, close to it", found.close, 50);
  hold(t, "longest task", found.tasks, 200);
});

budget("6b. 10k: no page has a long task over 200 ms, and a node page is there within 150 ms", ["SITE_10K"], async (t, site) => {
  const nodes = nodesOf(site).filter(({ kind }) => kind === "model");
  await visit(site, "#/", { before: installWatch }, async ({ page }) => {
    await page.waitForTimeout(800);
    const tasks: string[] = [];
    for (const place of ["/quality", "/quality?tab=tests", "/quality?tab=datasets", "/search", "/runs", "/owners", "/tags", "/exposures", "/map", "/"]) {
      await page.evaluate(() => void (watch.long.length = 0));
      await go(page, `#${place}`);
      const longest = Math.max(0, ...(await page.evaluate(() => watch.long.map(({ took }) => took))));
      if (longest > 0) t.diagnostic(`#${place}: long task of ${longest.toFixed(0)} ms`);
      if (longest > 200) tasks.push(`#${place}: ${longest.toFixed(0)} ms`);
    }
    const took: number[] = [];
    for (let at = 0; at < 15; at++) {
      const { id, name } = nodes[at * 3];
      took.push(await page.evaluate(([to, title]) => watch.going(to, "main:has([role=tabpanel]) h1", title), [hash(["n", id]).slice(1), name]));
    }
    hold(t, "node page, warm", took.slice(3), 150);
    assert.deepEqual(tasks, []);
  });
});

check("7. The heap is 60 MB at most at the start and 150 MB after 50 node pages; shards are let go of", ["SITE_10K"], async (t, site) => {
  const nodes = nodesOf(site);
  await visit(site, "#/", {}, async ({ page, requests }) => {
    const debug = await page.context().newCDPSession(page);
    const heap = async () => {
      await debug.send("HeapProfiler.collectGarbage");
      return (await debug.send("Runtime.getHeapUsage")).usedSize / 1e6;
    };
    const start = await heap();
    const SHARD = 128;
    const shards = Math.floor((nodes.length - 1) / SHARD);
    const place = (shard: number) => hash(["n", nodes[shard * SHARD].id]);
    for (let at = 0; at < 50; at++) await go(page, `${place(at % shards)}?tab=${["sql", "lineage", "tests"][at % 3]}`);
    const after = await heap();
    t.diagnostic(`${start.toFixed(0)} MB at the start, ${after.toFixed(0)} MB after 50 pages`);
    assert.ok(start <= 60, `${start.toFixed(0)} MB at the start`);
    assert.ok(after <= 150, `${after.toFixed(0)} MB after 50 pages`);
    const reads = () => requests.filter((url) => url.endsWith("data/n/000.js")).length;
    const before = reads();
    await go(page, place(0));
    assert.equal(reads(), before + 1, "the first shard is read again, because it was let go of");
  });
});

budget("7b. A selection of 1,000 nodes is laid out within 300 ms, off the main thread", ["SITE_1K"], async (t, site) => {
  const one = () =>
    visit(
      site,
      "#/",
      {
        before: (page) =>
          page.addInitScript(() => {
            const told = { sent: 0, back: 0 };
            const Original = Worker;
            window.Worker = class extends Original {
              constructor(url: string | URL) {
                super(url);
                this.addEventListener("message", () => void (told.back = performance.now()));
              }
              override postMessage(message: unknown, transfer?: unknown) {
                told.sent = performance.now();
                super.postMessage(message, transfer as Transferable[]);
              }
            };
            (window as unknown as { told: typeof told }).told = told;
          }),
      },
      async ({ page }) => {
        await go(page, "#/lineage?q=*+source:*");
        const told = await page.evaluate(() => (window as unknown as { told: { sent: number; back: number } }).told);
        assert.ok(told.sent > 0 && told.back > told.sent, "a worker laid it out");
        return told.back - told.sent;
      },
    );
  hold(t, `layout of ${nodesOf(site).length} nodes in a worker, its start included`, await times(5, one), 300);
});

check("Budget: the first bytes of a folder at 10k are 1.6 MB at most, 0.4 MB packed", ["SITE_10K"], (t, site) => {
  const files = [join(site, "index.html"), join(site, "assets/app.js"), join(site, "assets/app.css"), dataFile(site, "core")].map((file) => readFileSync(file));
  const raw = files.reduce((sum, file) => sum + file.length, 0) / 1e6;
  const packed = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0) / 1e6;
  t.diagnostic(`${raw.toFixed(2)} MB, ${packed.toFixed(2)} MB packed`);
  assert.ok(raw <= 1.6, `${raw.toFixed(2)} MB`);
  assert.ok(packed <= 0.4, `${packed.toFixed(2)} MB packed`);
});
