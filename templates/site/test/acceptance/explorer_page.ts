/** What the explorer shows, read from the page. */
import type { Page } from "playwright-core";
import { en } from "../../ui/lineage/texts/en";
import { settled } from "./place";

/** The ids of the nodes in the table below the graph, in its order; none where the selection is empty. Scrolls through tables that are long. */
export async function chosenIds(page: Page): Promise<string[]> {
  const wrong = await page.locator(".lineage-wrong").allInnerTexts();
  if (wrong.length > 0) throw new Error(`${page.url()}: ${wrong.join()}`);
  return page.evaluate(() => {
    const rows = document.querySelectorAll<HTMLAnchorElement>('.lineage-records tr[data-row] td:first-child a[href^="#/n/"]');
    return [...rows].map((link) => decodeURIComponent(link.hash.slice("#/n/".length)));
  });
}

/** The ids of the boxes in the picture, in their order. A box says its name and its neighbours alone: which node it is says a click on it. */
export async function drawnIds(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const ids: string[] = [];
    for (const box of document.querySelectorAll(".lineage-svg [data-box]")) {
      box.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve, 0));
      ids[Number((box as SVGElement).dataset.box)] = new URLSearchParams(location.hash.split("?")[1]).get("focus") ?? "";
    }
    return ids;
  });
}

/** The edges in the table below the graph. */
export async function edgePairs(page: Page): Promise<string[]> {
  const switches = page.locator(".lineage-records .lineage-switch button");
  await switches.nth(1).click();
  await settled(page);
  // Long tables draw only what is near the screen: a tall window makes it all of them.
  const size = page.viewportSize()!;
  const count = await page.locator(".lineage-records table").getAttribute("aria-rowcount");
  await page.setViewportSize({ width: size.width, height: Math.max(size.height, Number(count) * 60) });
  await settled(page);
  const pairs = await page.evaluate(() =>
    [...document.querySelectorAll(".lineage-records tr[data-row]")].map((row) =>
      [...row.querySelectorAll<HTMLAnchorElement>('a[href^="#/n/"]')].map((link) => decodeURIComponent(link.hash.slice("#/n/".length))).join(" "),
    ),
  );
  await page.setViewportSize(size);
  await switches.nth(0).click();
  await settled(page);
  return pairs;
}

/** The columns that are drawn, and whether they are highlighted: in the accent colour or on it. */
export async function drawnColumns(page: Page): Promise<{ id: string; column: string; marked: boolean }[]> {
  const ids = await chosenIds(page);
  const [before, between, behind] = en["lineage.column.show"].split(/\{column\}|\{node\}/);
  const rows = await page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement("span"));
    const accents = ["var(--accent)", "var(--on-accent)"].map((color) => {
      probe.style.color = color;
      return getComputedStyle(probe).color;
    });
    probe.remove();
    return [...document.querySelectorAll(".lineage-svg .lineage-row")].map((row) => ({
      box: Number(row.parentElement!.querySelector<SVGElement>("[data-box]")!.dataset.box),
      title: row.querySelector("title")!.textContent!,
      marked: accents.includes(getComputedStyle(row.querySelector("text")!).fill),
    }));
  });
  return rows.map(({ box, title, marked }) => ({ id: ids[box], column: title.slice(before.length, title.length - behind.length).split(between)[0], marked }));
}

/** The nodes that do not stand back. */
export async function undimmed(page: Page): Promise<string[]> {
  const ids = await chosenIds(page);
  const boxes = await page.evaluate(() =>
    [...document.querySelectorAll<SVGElement>(".lineage-svg [data-box]")].filter((box) => Number(getComputedStyle(box.parentElement!).opacity) > 0.9).map((box) => Number(box.dataset.box)),
  );
  return boxes.map((box) => ids[box]);
}

/** How many ways of columns are drawn as whole and as dotted lines. */
export async function lines(page: Page): Promise<{ whole: number; dotted: number }> {
  return page.evaluate(() => {
    // What only widens the place for a click is not seen.
    const paths = [...document.querySelectorAll('.lineage-svg g[stroke="var(--accent)"] path')].filter((path) => !/^(transparent|none|rgba\(0, 0, 0, 0\))$/.test(getComputedStyle(path).stroke));
    const dotted = paths.filter((path) => getComputedStyle(path).strokeDasharray !== "none").length;
    return { whole: paths.length - dotted, dotted };
  });
}
