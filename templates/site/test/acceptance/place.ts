/** Places in a site: their addresses, going there, and waiting until everything is drawn. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";

/** The address of a place in a site: a folder with an `index.html`, or a file. */
export function address(site: string, hash = ""): string {
  const file = statSync(site).isDirectory() ? join(site, "index.html") : site;
  return `${pathToFileURL(file).href}${hash}`;
}

/** The hash of a route: segments of the path, then the query. */
export function hash(path: string[], query: Record<string, string> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}

/** Goes to another place of the open site. */
export async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
  await settled(page);
}

/**
 * Waits until the page shows what it is going to show: a heading, nothing that loads, and no change for a while.
 * The while has frames in it too: what follows from a size that was observed begins with a frame, and those are late on a busy machine.
 */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const [QUIET, FRAMES] = [60, 4];
    const until = performance.now() + 15_000;
    let [last, frames] = [performance.now(), 0];
    const changed = () => void ([last, frames] = [performance.now(), 0]);
    const observer = new MutationObserver(changed);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    try {
      for (;;) {
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        frames += 1;
        const isReady = document.querySelector("main h1, main .notice") !== null && document.querySelector("main .loading") === null;
        if (!isReady) changed();
        else if (performance.now() - last > QUIET && frames >= FRAMES) return;
        if (performance.now() > until) throw new Error(`nothing settled at ${location.hash}`);
      }
    } finally {
      observer.disconnect();
    }
  });
}
