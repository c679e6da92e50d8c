/** The site for everybody: WCAG 2.2 AA, keyboard alone, narrow screens, themes, forced colours, no motion. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { check } from "./check";
import { difference } from "./picture_difference";
import { go, hash, settled } from "./place";
import { sweep, visit } from "./site";
import { nodesOf, routesOf } from "./site_data";

const AXE = readFileSync(createRequire(join(process.cwd(), "package.json")).resolve("axe-core/axe.min.js"), "utf8");

interface Axe {
  run(context: Document, options: object): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }>;
}

/** What axe finds against WCAG A and AA, a line for each rule. */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const options = { preload: false, resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };
    const { violations } = await (window as unknown as { axe: Axe }).axe.run(document, options);
    return violations.map(({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0].target.join(" ")}: ${nodes[0].failureSummary.split("\n")[1]?.trim().slice(0, 200)}`);
  });
}

// Words do not depend on the theme, nor colours on the language: every route is looked at in both themes and in both languages by two ways through.
for (const [theme, locale] of [["light", "en"], ["dark", "fr"]] as const) {
  check(`14. No WCAG violation on any route: ${theme}, ${locale}`, ["SITE_EXAMPLE", "SITE_DIFF"], async (t, site, diff) => {
    const way = { colorScheme: theme, locale, before: (page: Page) => page.addInitScript(AXE) };
    const look = async (page: Page, name: string) => (await violations(page)).map((line) => `${name}: ${line}`);
    const places: [string, [string, string][]][] = [[site, routesOf(site)], [diff, routesOf(diff).filter(([name]) => name.startsWith("diff"))]];
    const found: string[] = [];
    for (const [which, routes] of places) found.push(...(await sweep(which, way, routes, look)).flat());
    await visit(site, "", way, async ({ page }) => {
      for (const key of ["/", "?"]) {
        await page.keyboard.press(key);
        await page.locator("dialog[open]").waitFor();
        found.push(...(await look(page, `dialog ${key}`)));
        await page.keyboard.press("Escape");
        await page.waitForTimeout(200);
      }
    });
    assert.deepEqual(found, []);
    t.diagnostic(`${places[0][1].length + places[1][1].length} pages and 2 dialogs`);
  });
}

/** Whether one sees where the focus is: the place looks different without it. */
async function isFocusSeen(page: Page): Promise<boolean> {
  const box = await page.evaluate(() => {
    const { left, top, width, height } = document.activeElement!.getBoundingClientRect();
    return { left, top, width, height };
  });
  const size = page.viewportSize()!;
  const clip = { x: Math.max(0, box.left - 6), y: Math.max(0, box.top - 6), width: 0, height: 0 };
  clip.width = Math.min(size.width, box.left + box.width + 6) - clip.x;
  clip.height = Math.min(size.height, box.top + box.height + 6) - clip.y;
  if (clip.width < 4 || clip.height < 4) return false;
  const shot = () => page.screenshot({ clip, caret: "hide", animations: "disabled" });
  const focused = await shot();
  const handle = await page.evaluateHandle(() => document.activeElement as HTMLElement);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const without = await shot();
  await handle.evaluate((element) => {
    element.focus({ preventScroll: true });
  });
  return (await difference(focused, without)) > 0;
}

/** Presses Tab until what has the focus is wanted, and looks at the focus on the way. */
async function tabTo(page: Page, wanted: (text: string, href: string) => boolean, what: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    const { text, href, name } = await page.evaluate(() => {
      const at = document.activeElement as HTMLElement;
      return { text: (at.getAttribute("aria-label") ?? at.textContent ?? "").trim(), href: at.getAttribute("href") ?? "", name: at.outerHTML.slice(0, 100) };
    });
    assert.notEqual(name.slice(0, 5), "<body", `the focus is somewhere on the way to ${what}`);
    // Not every stop: two pictures each take their time.
    if (presses % 4 === 0 || wanted(text, href)) assert.ok(await isFocusSeen(page), `the focus is seen on ${name}`);
    if (wanted(text, href)) return;
  }
  assert.fail(`Tab does not lead to ${what}`);
}

check("15. With the keyboard alone: search, node, column, impact, export; the focus is always visible and Escape gives it back", ["SITE_EXAMPLE"], async (t, site) => {
  await visit(site, "#/", {}, async ({ page }) => {
    const steps: string[] = [];
    const at = () => page.evaluate(() => location.hash);
    // Search
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    const before = await page.evaluate(() => document.activeElement!.outerHTML);
    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement!.outerHTML), before, "Escape gives the focus back");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("fact_orders");
    await page.locator("[role=option]").first().waitFor();
    await page.keyboard.press("Enter");
    await settled(page);
    assert.equal(await page.locator("main h1").innerText(), "fact_orders");
    steps.push(await at());
    // Node → column
    await tabTo(page, (_, href) => href.endsWith("/c/net_revenue_eur"), "the column");
    await page.keyboard.press("Enter");
    await settled(page);
    assert.equal(await page.locator("main h1").innerText(), "net_revenue_eur");
    steps.push(await at());
    // Column → impact
    await tabTo(page, (_, href) => href.startsWith("#/lineage?focus="), "the explorer");
    await page.keyboard.press("Enter");
    await settled(page);
    await page.keyboard.press("i");
    await settled(page);
    assert.match(await at(), /impact=1/);
    assert.ok(await page.locator(".lineage-bars li").first().isVisible(), "the impact is shown");
    steps.push(await at());
    // The graph is walked by arrows.
    await tabTo(page, (text) => text.startsWith("fact_orders,"), "the marked node");
    await page.keyboard.press("ArrowRight");
    await settled(page);
    const child = await page.evaluate(() => document.activeElement!.textContent);
    assert.doesNotMatch(child ?? "", /^fact_orders,/);
    assert.ok(await isFocusSeen(page), "the focus is seen in the graph");
    await page.keyboard.press("ArrowLeft");
    await settled(page);
    await page.keyboard.press("c");
    await settled(page);
    // Export
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press("Shift+Tab");
      if (await page.evaluate(() => document.activeElement!.getAttribute("aria-haspopup") === "menu")) break;
    }
    await page.keyboard.press("Enter");
    await page.locator("[role=menu]").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement!.getAttribute("role")), "menuitem");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement!.getAttribute("aria-haspopup")), "menu", "Escape gives the focus back");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    assert.match(download.suggestedFilename(), /\.svg$/);
    // Escape leaves the column, then the impact.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await settled(page);
    assert.doesNotMatch(await at(), /col=|impact=/);
    t.diagnostic(steps.join(" → "));
  });
});

check("15c. A dialog opens right after another was closed", ["SITE_EXAMPLE"], async (_, site) => {
  await visit(site, "#/", {}, async ({ page }) => {
    for (let tries = 0; tries < 6; tries++) {
      for (const [key, kind] of [["?", "help"], ["/", "palette"], ["/", "palette"]]) {
        await page.keyboard.press(key);
        await page.locator(`dialog.${kind}[open]`).waitFor({ timeout: 3000 });
        await page.keyboard.press("Escape");
      }
    }
  });
});

check("15b. Every stop of the Tab key on every page is seen and has a name", ["SITE_EXAMPLE"], async (t, site) => {
  let stops = 0;
  await visit(site, "", {}, async ({ page }) => {
    for (const [name, place] of routesOf(site).filter(([name]) => /^(home|map|node|column|quality|run|lineage, a column|search)$/.test(name))) {
      await go(page, place);
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      for (let presses = 0; presses < 24; presses++) {
        await page.keyboard.press("Tab");
        const at = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement;
          return { html: element.outerHTML.slice(0, 120), text: (element.getAttribute("aria-label") ?? element.textContent ?? "").trim(), isBody: element === document.body, labelled: element.matches("input, select") };
        });
        if (at.isBody) break;
        stops++;
        assert.ok(at.text !== "" || at.labelled, `${name}: ${at.html} has a name`);
        if (presses % 3 === 0) assert.ok(await isFocusSeen(page), `${name}: the focus is seen on ${at.html}`);
      }
    }
  });
  t.diagnostic(`${stops} stops`);
});

check("17. At 320 px nothing scrolls sideways but graphs and code", ["SITE_EXAMPLE", "SITE_HOSTILE", "SITE_DIFF"], async (_, ...sites) => {
  const wide: string[] = [];
  for (const site of sites) {
    const places = [...routesOf(site), ...nodesOf(site).slice(0, 12).map(({ id }): [string, string] => [id, hash(["n", id])])];
    await sweep(site, { viewport: { width: 320, height: 640 } }, places, async (page, name) => {
      const over = await page.evaluate(() => {
        // Scrolls by as much as it can: what cannot be reached is not too wide.
        scrollTo(1000, 0);
        const by = scrollX;
        scrollTo(0, 0);
        const scrolling = [...document.querySelectorAll("main *")].filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && one.checkVisibility());
        const others = scrolling.filter((one) => !one.closest(".lineage-stage, .layer-map, .code, pre, code, .gantt, .heatmap, .tabs, .mono"));
        return { by, others: others.map((one) => one.outerHTML.slice(0, 90)) };
      });
      if (over.by > 0) wide.push(`${name}: scrolls by ${over.by}`);
      for (const one of over.others) wide.push(`${name}: ${one}`);
    });
  }
  assert.deepEqual(wide, []);
});

check("17d. At 2560 px the parts of a page stand below each other, in the middle", ["SITE_EXAMPLE", "SITE_DIFF"], async (_, ...sites) => {
  for (const site of sites) {
    await sweep(site, { viewport: { width: 2560, height: 1300 } }, routesOf(site), async (page, name) => {
      const beside = await page.evaluate(() => {
        const { left, width } = document.querySelector(".main")!.getBoundingClientRect();
        const parts = [...document.querySelectorAll<HTMLElement>(".main > *")].filter((part) => part.offsetWidth > 0);
        return parts.filter((part) => Math.abs(part.getBoundingClientRect().left + part.offsetWidth / 2 - left - width / 2) > 1).map((part) => part.className);
      });
      assert.deepEqual(beside, [], name);
    });
  }
});

check("17b. Forced colours: boxes, buttons and the focus are seen", ["SITE_EXAMPLE"], async (_, site) => {
  await visit(site, hash(["lineage"], { q: "1+fact_orders+1" }), { forcedColors: "active" }, async ({ page }) => {
    const contrast = await page.evaluate(() => {
      const frame = document.querySelector(".lineage-svg [data-box] > rect:last-of-type, .lineage-svg [data-box] rect")!;
      const { fill, stroke } = getComputedStyle(frame);
      const text = getComputedStyle(document.querySelector(".lineage-svg [data-box] text")!).fill;
      const line = getComputedStyle(document.querySelector(".lineage-svg > g > g[fill=none] path")!).stroke;
      const ground = getComputedStyle(document.body).backgroundColor;
      const buttons = [...document.querySelectorAll(".button:not(.quiet)")].filter((one) => one.checkVisibility());
      return { isForced: matchMedia("(forced-colors: active)").matches, fill, stroke, text, line, ground, bare: buttons.filter((one) => getComputedStyle(one).borderTopStyle === "none").length };
    });
    assert.ok(contrast.isForced);
    assert.notEqual(contrast.text, contrast.fill, "names stand out from their boxes");
    assert.notEqual(contrast.stroke, contrast.fill, "boxes have a frame");
    assert.notEqual(contrast.line, contrast.ground, "edges stand out");
    assert.equal(contrast.bare, 0, "buttons have a border");
    for (const [name, place] of routesOf(site).filter(([name]) => /^(home|node|quality|map)$/.test(name))) {
      await go(page, place);
      for (let presses = 0; presses < 6; presses++) await page.keyboard.press("Tab");
      assert.ok(await isFocusSeen(page), `the focus is seen on ${name}`);
    }
  });
});

check("17c. Reduced motion: nothing moves by itself", ["SITE_EXAMPLE"], async (_, site) => {
  await visit(site, "", { reducedMotion: "reduce" }, async ({ page }) => {
    for (const [name, place] of routesOf(site)) {
      await page.evaluate((to) => void (location.hash = to), place);
      await page.waitForTimeout(60);
      const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === "running" && Number(one.effect?.getComputedTiming().duration) > 20).length);
      assert.equal(moving, 0, name);
      await settled(page);
    }
    await go(page, hash(["lineage"], { q: "+fact_orders+" }));
    const jumps = await page.evaluate(async () => {
      const world = document.querySelector(".lineage-svg > g")!;
      const seen = new Set<string>();
      document.querySelector<HTMLElement>(".lineage-zoom button:last-child")!.click();
      for (let frame = 0; frame < 30; frame++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        if (frame > 0) seen.add(world.getAttribute("transform")!);
      }
      return seen.size;
    });
    assert.equal(jumps, 1, "the camera jumps");
  });
});

check("18. No flash of the wrong theme, and the choice is remembered", ["SITE_EXAMPLE", "SITE_SINGLE"], async (_, ...sites) => {
  for (const site of sites) {
    for (const [system, choice] of [["light", "dark"], ["dark", "light"], ["dark", null], ["light", null]] as const) {
      const wanted = choice ?? system;
      await visit(site, "#/", { colorScheme: system }, async ({ page }) => {
        if (choice) {
          const button = page.locator(".tools button").nth(1);
          for (let presses = 0; presses < 3 && (await page.locator("html").getAttribute("data-theme")) !== choice; presses++) await button.click();
          assert.equal(await page.locator("html").getAttribute("data-theme"), choice);
        }
        await page.addInitScript(() => {
          const seen: string[] = [];
          const look = () => {
            if (document.body) seen.push(`${document.documentElement.dataset.theme} ${getComputedStyle(document.body).backgroundColor}`);
            if (seen.length < 40) requestAnimationFrame(look);
          };
          new MutationObserver((_, observer) => {
            if (!document.body) return;
            observer.disconnect();
            seen.push(`${document.documentElement.dataset.theme} ${getComputedStyle(document.body).backgroundColor}`);
          }).observe(document, { childList: true, subtree: true });
          requestAnimationFrame(look);
          (window as unknown as { seen: string[] }).seen = seen;
        });
        await page.reload();
        await settled(page);
        const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
        assert.ok(seen.length > 3);
        assert.equal(new Set(seen).size, 1, `always the same: ${[...new Set(seen)].join(" then ")}`);
        assert.ok(seen[0].startsWith(wanted), `${seen[0]}, not ${wanted}`);
        const other = await page.context().newPage();
        await other.goto(page.url());
        await settled(other);
        assert.equal(await other.locator("html").getAttribute("data-theme"), wanted, "another page knows the choice");
      });
    }
  }
});
