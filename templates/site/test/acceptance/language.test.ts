/** The site in French: nothing is left in English, numbers are French, and accents need not be typed. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Core } from "../../ui/data";
import { en as lineageEn } from "../../ui/lineage/texts/en";
import { fr as lineageFr } from "../../ui/lineage/texts/fr";
import { en as pagesEn } from "../../ui/texts/en";
import { fr as pagesFr } from "../../ui/texts/fr";
import { check } from "./check";
import { go, hash } from "./place";
import { sweep, visit } from "./site";
import { nodesOf, readData, routesOf } from "./site_data";

const EN: Record<string, string> = { ...pagesEn, ...lineageEn };
const FR: Record<string, string> = { ...pagesFr, ...lineageFr };

/** What a text of a catalogue looks like on a page: places become anything. */
function pattern(text: string): RegExp {
  const parts = text.split(/(\{\w+(?:\|[^|}]*\|[^}]*)?\})/);
  const escaped = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(
    `^${parts
      .map((part) => {
        const choice = /^\{\w+\|([^|}]*)\|([^}]*)\}$/.exec(part);
        return choice ? `(?:${escaped(choice[1])}|${escaped(choice[2])})` : part.startsWith("{") ? ".+" : escaped(part);
      })
      .join("")}$`,
    "su",
  );
}

/** All texts of a page but those that the project says, and SQL and command lines. */
async function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const all: string[] = [document.title.split(" · ")[0]];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (!walker.currentNode.parentElement!.closest("script, noscript, code, .mono, .prose, .code, .badges .badge.plain, dt:has(+ dd > code)")) all.push(walker.currentNode.textContent!);
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
      if (!element.closest("code, .prose")) for (const name of ["aria-label", "title", "placeholder"]) all.push(element.getAttribute(name) ?? "");
    }
    return [...new Set(all.map((text) => text.trim()).filter((text) => /\p{L}{2}/u.test(text)))];
  });
}

check("19. French: no English text and no key is left", ["SITE_EXAMPLE", "SITE_DIFF"], async (t, ...sites) => {
  assert.deepEqual(Object.keys(EN).filter((key) => !(key in FR)), [], "all texts have a translation");
  const french = new Set(Object.values(FR));
  const words = (text: string) => text.replace(/\{[^}]*\}/g, "").match(/\p{L}{2,}/gu)?.length ?? 0;
  const foreign = Object.entries(EN).filter(([key, text]) => words(text) > 0 && text !== FR[key] && !french.has(text));
  const exact = new Map(foreign.filter(([, text]) => !text.includes("{")).map(([key, text]) => [text, key]));
  // A place with hardly a word beside it fits everything.
  const filled = foreign.filter(([, text]) => text.includes("{") && words(text) > 1).map(([key, text]): [string, RegExp] => [key, pattern(text)]);
  const left = new Set<string>();
  let texts = 0;
  for (const site of sites) {
    const { folder, tag, owner, layer } = readData<Core>(site, "core").words;
    const names = new Set([...nodesOf(site).flatMap(({ name, columns }) => [name, ...columns]), ...folder, ...tag, ...owner, ...layer]);
    const read = async (page: Page, where: string) => {
      assert.equal(await page.locator("html").getAttribute("lang"), "fr");
      const found = await textsOf(page);
      texts += found.length;
      for (const text of found) {
        // Lists of choices say how many there are.
        if (names.has(text.replace(/ \(\d+\)$/, ""))) continue;
        const key = exact.get(text) ?? filled.find(([, form]) => form.test(text))?.[0];
        if (key) left.add(`${where}: ${text} (${key})`);
        if (text in EN) left.add(`${where}: the key ${text}`);
      }
    };
    await sweep(site, { locale: "fr-FR" }, routesOf(site), read);
    await visit(site, "", { locale: "fr-FR" }, async ({ page }) => {
      for (const key of ["?", "/"]) {
        await page.keyboard.press(key);
        await page.locator("dialog[open]").waitFor();
        await read(page, `dialog ${key}`);
        await page.keyboard.press("Escape");
        await page.waitForTimeout(200);
      }
    });
  }
  assert.deepEqual([...left], []);
  t.diagnostic(`${texts} texts, ${foreign.length} English ones looked for`);
});

check("19b. French numbers: 10 000, and a comma for decimals", ["SITE_10K", "SITE_EXAMPLE"], async (_, big, example) => {
  await visit(big, "#/", { locale: "fr-FR" }, async ({ page }) => {
    const models = nodesOf(big).filter(({ kind }) => kind === "model").length;
    const grouped = new RegExp(String(models).replace(/\B(?=(\d{3})+$)/g, "[\u202f\u00a0]"));
    assert.match(await page.locator(".tiles").innerText(), grouped);
  });
  await visit(example, "#/runs", { locale: "fr-FR" }, async ({ page }) => {
    const text = await page.locator("main").innerText();
    assert.match(text, /\d,\d+\s?s/u);
    assert.doesNotMatch(text, /\d\.\d+\s?s/u);
  });
});

check("19c. `penalite` finds `pénalité`, in names and in columns, whatever the language", ["SITE_HOSTILE"], async (_, site) => {
  for (const locale of ["fr-FR", "en"]) {
    await visit(site, "#/", { locale }, async ({ page }) => {
      await page.keyboard.press("/");
      for (const typed of ["penalite", "PENALITE", "pénalite", "cle etrangere", "oeuvre"]) {
        await page.locator("dialog input").fill(typed);
        const wanted = { "cle etrangere": "Clé étrangère", oeuvre: "l'état d'Œuvre" }[typed] ?? "pénalités";
        await page.locator("[role=option]", { hasText: wanted }).first().waitFor();
      }
      await page.keyboard.press("Escape");
      await go(page, hash(["search"], { q: "montant_penalite", in: "columns" }));
      await page.locator("main", { hasText: "montant_pénalité" }).waitFor();
    });
  }
});

check("19d. The language is switched and remembered", ["SITE_EXAMPLE"], async (_, site) => {
  await visit(site, "#/quality", {}, async ({ page }) => {
    await page.locator(".tools button[lang=fr]").click();
    await page.locator("html[lang=fr]").waitFor();
    assert.equal(await page.locator("main h1").innerText(), FR["page.quality"]);
    await page.reload();
    await page.locator("html[lang=fr] main h1").waitFor();
    assert.equal(await page.locator("main h1").innerText(), FR["page.quality"]);
  });
});
