/**
 * Opening a site in a browser, strictly: no network, and every error of the console or the page and every request that leaves the disk fails
 * the check, unless the check expects it.
 */
import assert from "node:assert/strict";
import { after } from "node:test";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { address, go, settled } from "./place";

let started: Promise<Browser> | undefined;

after(async () => (await started)?.close());

/** The browser of this process. */
export function browser(): Promise<Browser> {
  return (started ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--font-render-hinting=none"],
  }));
}

/** How a site is opened. */
export interface Way extends BrowserContextOptions {
  /** Problems that are no fault here. */
  expected?: RegExp;
  /** What is done with the page before the site is in it. */
  before?: (page: Page) => Promise<unknown>;
  /** Whether the page's own first view is waited for. */
  unsettled?: boolean;
}

/** A site that is open. */
export interface Visit {
  page: Page;
  /** What was asked for, as addresses. */
  requests: string[];
}

/** Opens a site in a fresh context, looks at it, and fails if something was not as it should be. */
export async function visit<T>(site: string, hash: string, way: Way, look: (visit: Visit) => Promise<T>): Promise<T> {
  const { expected, before, unsettled, ...options } = way;
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 800 }, locale: "en", timezoneId: "UTC", offline: true, acceptDownloads: true, ...options });
  context.setDefaultTimeout(20_000);
  const problems: string[] = [];
  const requests: string[] = [];
  const problem = (text: string) => void (expected?.test(text) || problems.push(text));
  try {
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && problem(`console: ${message.text()}`));
    page.on("pageerror", (error) => problem(`page: ${error.name}: ${error.message}\n${error.stack ?? ""}`));
    page.on("request", (request) => {
      requests.push(request.url());
      if (!/^(file|data|blob):/.test(request.url())) problem(`request: ${request.url()}`);
    });
    await before?.(page);
    await page.goto(address(site, hash), { waitUntil: "commit" });
    if (!unsettled) await settled(page);
    const found = await look({ page, requests });
    assert.deepEqual(problems, [], "the browser complains");
    return found;
  } catch (error) {
    // What the browser said first is most often why the look failed.
    if (problems.length > 0 && error instanceof Error) error.message += `\nthe browser says:\n${problems.slice(0, 8).join("\n")}`;
    throw error;
  } finally {
    await context.close();
  }
}

/** Visits many places of a site, several at a time, each time with the same page settled at the place. */
export async function sweep<T>(site: string, way: Way, places: [name: string, hash: string][], look: (page: Page, name: string, hash: string) => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  const pages = Math.min(TOGETHER, places.length);
  const every = Array.from({ length: pages }, (_, first) =>
    visit(site, "", way, async ({ page }) => {
      for (let at = first; at < places.length; at += pages) {
        await go(page, places[at][1]);
        found[at] = await look(page, ...places[at]);
      }
    }),
  );
  await Promise.all(every);
  return found;
}

/** Does something for each of many, several at a time. */
export async function each<T>(all: T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const work = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one);
  };
  await Promise.all(Array.from({ length: TOGETHER }, work));
}

/** How many pages wait beside each other: most of the time of a visit is waiting. */
const TOGETHER = 3;

/** Tries until what is looked at is as it should be: on a slow machine pages are late, and that is no fault of theirs. */
export async function eventually(look: () => Promise<void>): Promise<void> {
  const until = Date.now() + 8_000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
