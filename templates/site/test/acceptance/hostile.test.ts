/** Names, texts and SQL of a project that wants to break out are shown, and nothing else; no secret is in the bytes of a site. */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import type { Page } from "playwright-core";
import type { Quality } from "../../ui/data";
import { check, INPUTS } from "./check";
import { readOracle } from "./oracle";
import { hash } from "./place";
import { sweep, visit } from "./site";
import { blocksOf, filesOf, nodesOf, readData, routesOf } from "./site_data";

/** What got into the page that must not: elements and attributes that run, load or cover something. */
async function intruders(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if ("pwned" in window) found.push("window.pwned is set");
    if ("polluted" in {}) found.push("Object.prototype is polluted");
    const app = document.getElementById("app")!;
    for (const element of app.querySelectorAll("*")) {
      if (/^(script|iframe|object|embed|style|link|base|meta|form|img|math)$/i.test(element.localName) && !element.closest(".lineage-selector")) found.push(`<${element.localName}> ${element.outerHTML.slice(0, 80)}`);
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on")) found.push(`${name}=${value.slice(0, 60)}`);
        if (/^(href|xlink:href|src|action|formaction)$/.test(name) && !/^(#|https?:|mailto:)/.test(value)) found.push(`${name}=${value.slice(0, 60)}`);
      }
      if (element.closest(".prose") && element.hasAttribute("style")) found.push(`style=${element.getAttribute("style")}`);
    }
    if (document.querySelectorAll("#app").length !== 1) found.push("a second #app");
    return found;
  });
}

check("13. Hostile names, descriptions, SQL and tags stay texts", ["SITE_HOSTILE"], async (t, site) => {
  const nodes = nodesOf(site);
  const tests = readData<Quality>(site, "quality").tests;
  const places: [string, string][] = [
    ...routesOf(site).map(([, route]) => route),
    ...nodes.flatMap(({ id }) => ["", "sql", "tests", "runs", "config", "lineage"].map((tab) => hash(["n", id], tab ? { tab } : {}))),
    ...nodes.flatMap(({ id, columns }) => columns.map((column) => hash(["n", id, "c", column]))),
    ...nodes.flatMap(({ id, columns }) => columns.map((column) => hash(["lineage"], { focus: id, column, impact: "1", inf: "1" }))),
    ...tests.map(({ id }) => hash(["test", id])),
    hash(["lineage"], { q: "</script><script>window.pwned=1</script>" }),
    hash(["search"], { q: "<img src=x onerror=window.pwned=1>" }),
    hash(["search"], { q: "script", in: "columns" }),
    hash(["tags"], { tag: "</script><script>window.pwned=1</script>" }),
    hash(["<img src=x onerror=window.pwned=1>"]),
  ].map((place) => [decodeURIComponent(place).slice(0, 120), place]);
  await sweep(site, {}, places, async (page, name) => assert.deepEqual(await intruders(page), [], name));
  await visit(site, "", {}, async ({ page }) => {
    for (const typed of ["script", "<img", "javascript:", "émoji", "nnnnnnnn"]) {
      await page.keyboard.press("Control+k");
      await page.locator("dialog input").fill(typed);
      await page.locator("[role=option]").first().waitFor();
      assert.deepEqual(await intruders(page), [], `the palette for ${typed}`);
      await page.keyboard.press("Escape");
      await page.locator("dialog[open]").waitFor({ state: "detached" });
    }
  });
  t.diagnostic(`${places.length} places`);
});

check("13b. Hostile columns round-trip in addresses", ["SITE_HOSTILE"], async (_, site) => {
  const places = nodesOf(site).flatMap(({ id, columns }) => columns.map((column): [string, string] => [column, hash(["n", id, "c", column])]));
  await sweep(site, {}, places, async (page, column) => assert.equal(await page.locator("main h1").textContent(), column));
});

check("13c. An injected probe raises a CSP violation and does not run", ["SITE_HOSTILE", "SITE_SINGLE"], async (_, ...sites) => {
  for (const site of sites) {
    await visit(site, "", { expected: /Content Security Policy|trusted|TrustedHTML|violates|^request: https:\/\/tracker\.invalid\//i }, async ({ page }) => {
      const told = await page.evaluate(async () => {
        const directives: string[] = [];
        document.addEventListener("securitypolicyviolation", (event) => directives.push(event.effectiveDirective));
        // What the debugger calls may do what the page must not: the probe runs as the page does.
        await new Promise((resolve) => setTimeout(resolve, 0));
        const attempt = (what: () => void) => {
          try {
            what();
          } catch {
            // Trusted Types throw at once.
          }
        };
        const body = document.body;
        attempt(() => void (body.appendChild(document.createElement("script")).textContent = "window.pwned = 'script'"));
        attempt(() => body.insertAdjacentHTML("beforeend", "<img src=x onerror=\"window.pwned='markup'\">"));
        attempt(() => {
          const image = body.appendChild(document.createElement("img"));
          image.setAttribute("onerror", "window.pwned = 'handler'");
          image.src = "data:image/png;base64,broken";
        });
        attempt(() => void (0, eval)("window.pwned = 'eval'"));
        attempt(() => void new Function("window.pwned = 'function'")());
        attempt(() => void (body.appendChild(document.createElement("iframe")).src = "data:text/html,<script>parent.pwned='frame'</script>"));
        attempt(() => void fetch("https://tracker.invalid/fetch").catch(() => undefined));
        attempt(() => void (new Image().src = "https://tracker.invalid/pixel.png"));
        const link = body.appendChild(document.createElement("a"));
        link.href = "javascript:window.pwned='link'";
        link.click();
        await new Promise((resolve) => setTimeout(resolve, 400));
        return { directives, pwned: (window as { pwned?: string }).pwned };
      });
      assert.equal(told.pwned, undefined);
      for (const directive of ["script-src", "img-src", "connect-src", "frame-src", "require-trusted-types-for"]) {
        assert.ok(told.directives.some((name) => name.startsWith(directive)), `${directive} is violated: ${told.directives.join(", ")}`);
      }
    });
  }
});

check("27. Secrets of environment, profile and absolute paths are in no byte of any site", ["ORACLE"], (t, oracle) => {
  const { secrets } = readOracle(oracle);
  assert.ok(secrets.length > 0);
  const sites = INPUTS.filter((name) => name.startsWith("SITE_") && process.env[name]).map((name) => process.env[name]!);
  let bytes = 0;
  for (const site of sites) {
    const texts: [string, Buffer][] = filesOf(site).map((file) => [file, readFileSync(file)]);
    if (statSync(site).isFile()) texts.push(...blocksOf(site));
    for (const [name, text] of texts) {
      bytes += text.length;
      for (const secret of secrets) assert.equal(text.indexOf(secret), -1, `${name} holds ${secret}`);
    }
  }
  assert.ok(sites.length > 0);
  t.diagnostic(`${(bytes / 1e6).toFixed(1)} MB in ${sites.length} sites, ${secrets.length} secrets`);
});
