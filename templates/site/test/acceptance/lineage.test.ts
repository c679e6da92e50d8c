/** The explorer chooses, draws and counts what the command line does. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { FLOWS, type EdgeKind } from "../../ui/data";
import { en } from "../../ui/lineage/texts/en";
import { check } from "./check";
import { chosenIds, drawnColumns, drawnIds, edgePairs, lines, undimmed } from "./explorer_page";
import { isTest, questions, readOracle, type ColumnLineage, type Listed } from "./oracle";
import { go, hash, settled } from "./place";
import { eventually, sweep, visit } from "./site";
import { nodesOf } from "./site_data";

check("8. Selector results equal `transform ls` for 60 shared expressions", ["SITE_EXAMPLE", "ORACLE"], async (t, site, oracle) => {
  const { ls } = readOracle(oracle);
  assert.ok(questions.select.length >= 60);
  const places = questions.select.map((expression): [string, string] => [expression, hash(["lineage"], { q: expression })]);
  const wrong = await sweep(site, {}, places, async (page, expression) => {
    const expected = ls[expression].filter((id) => !isTest(id)).sort();
    let told: string | null = null;
    await eventually(async () => {
      const found = (await chosenIds(page)).sort();
      const [missing, surplus] = [expected.filter((id) => !found.includes(id)), found.filter((id) => !expected.includes(id))];
      told = `${expression}: missing ${missing.join(" ") || "none"}; surplus ${surplus.join(" ") || "none"}`;
      assert.ok(missing.length + surplus.length === 0, told);
      told = null;
    }).catch((error: Error) => (told ??= error.message));
    // The next selection is drawn from nothing, so that none of this one can be read as its own.
    await go(page, "#/nowhere");
    return told;
  });
  assert.deepEqual(wrong.filter((line) => line !== null), []);
  t.diagnostic(`${questions.select.length} expressions`);
});

check("8b. What a site cannot answer it says, with the command that can", ["SITE_EXAMPLE"], async (_, site) => {
  await visit(site, "", {}, async ({ page }) => {
    for (const expression of ["config.incremental_strategy:merge", "state:modified", "source_status:fresher+"]) {
      await go(page, hash(["lineage"], { q: expression }));
      assert.match(await page.locator(".lineage-wrong").innerText(), new RegExp(`transform ls --select .?${expression.replace("+", "\\+")}`));
    }
  });
});

/** The columns at both ends of edges, and where they began. */
function columnsOf(...parts: ColumnLineage[]): string[] {
  const all = parts.flatMap(({ columns, edges }) => [...columns, ...edges.flatMap(({ from, to }) => [from, to])]);
  return [...new Set(all.map(({ unique_id, column }) => `${unique_id} ${column}`))].sort();
}

function nodesWith(...parts: ColumnLineage[]): string[] {
  return [...new Set(columnsOf(...parts).map((column) => column.split(" ")[0]))].sort();
}

/** Opens all up- and downstream of a node with its columns, and clicks on one of them. */
async function clickColumn(page: Page, asked: string, { unique_id, column }: { unique_id: string; column: string }): Promise<void> {
  await go(page, "#/nowhere");
  const node = asked.slice(0, asked.lastIndexOf("."));
  await go(page, hash(["lineage"], { q: `+${node}+`, focus: unique_id, cols: unique_id }));
  await page.locator(".lineage-columns").getByRole("button", { name: column, exact: true }).click();
  await settled(page);
}

check("10. A column click highlights exactly the expected columns; influences only when they are asked for", ["SITE_EXAMPLE", "ORACLE"], async (t, site, oracle) => {
  const { lineage } = readOracle(oracle);
  await visit(site, "", { viewport: { width: 1600, height: 1000 } }, async ({ page }) => {
    for (const asked of questions.columns) {
      const { up, down, upInfluences, downInfluences } = lineage[asked];
      await clickColumn(page, asked, up.columns[0]);
      const flows = [...up.edges, ...down.edges].filter(({ kind }) => FLOWS.includes(kind as EdgeKind));
      await eventually(async () => {
        assert.deepEqual((await drawnColumns(page)).filter(({ marked }) => marked).map(({ id, column }) => `${id} ${column}`).sort(), columnsOf(up, down), `the columns of ${asked}`);
        assert.deepEqual((await undimmed(page)).sort(), nodesWith(up, down), `the nodes of ${asked}`);
        assert.deepEqual(await lines(page), { whole: flows.length, dotted: 0 }, `the lines of ${asked}`);
      });

      await page.getByRole("checkbox", { name: en["lineage.influences"] }).check();
      await settled(page);
      await eventually(async () => assert.deepEqual((await undimmed(page)).sort(), nodesWith(upInfluences, downInfluences), `the nodes of ${asked} with influences`));
      const deciding = [...upInfluences.edges, ...downInfluences.edges].filter(({ kind }) => !FLOWS.includes(kind as EdgeKind));
      assert.equal((await lines(page)).dotted > 0, deciding.length > 0, `dotted lines of ${asked}`);
      t.diagnostic(`${asked}: ${columnsOf(up, down).length} columns, ${flows.length} flows, ${deciding.length} influences`);
    }
  });
});

check("10b. Unknown lineage is visible", ["SITE_HOSTILE"], async (_, site) => {
  const nodes = nodesOf(site);
  const victim = nodes.find(({ name }) => name === "victim")!;
  const opaque = victim.columns.find((column) => column.startsWith("💥"))!;
  await visit(site, hash(["lineage"], { q: "+victim", focus: victim.id, column: opaque, col: [victim.id, opaque].map(encodeURIComponent).join("~") }), {}, async ({ page }) => {
    assert.match((await page.locator(".lineage-svg").textContent()) ?? "", new RegExp(en["lineage.unknown"]));
    assert.match(await page.locator(".lineage-panel .notice.warn").innerText(), /opaque/);
    assert.ok((await undimmed(page)).includes(nodes.find(({ name }) => name === "opaque")!.id), "the node where the way ends stands out");
  });
});

check("10c. What makes a column is shown: on its page, and with a step that leads to it", ["SITE_EXAMPLE"], async (_, site) => {
  const { id } = nodesOf(site).find(({ name }) => name === "fact_orders")!;
  const expected = ["CAST(line_totals.net_revenue_eur AS DECIMAL(18,2)) AS net_revenue_eur", "sum(net_revenue_eur) AS net_revenue_eur"];
  await visit(site, hash(["n", id, "c", "net_revenue_eur"]), {}, async ({ page }) => {
    assert.deepEqual(await page.locator(".expression").allInnerTexts(), expected);
    await go(page, hash(["lineage"], { q: "1+fact_orders", focus: id, cols: id, col: [id, "net_revenue_eur"].map(encodeURIComponent).join("~") }));
    await page.getByRole("list", { name: en["lineage.steps"] }).getByRole("button", { name: /fact_order_lines\.net_revenue_eur/ }).click();
    assert.deepEqual(await page.locator(".lineage-panel .expression").allInnerTexts(), expected);
  });
});

/** What is downstream, counted from the lines of `ls`. */
function impactOf(listed: Listed[], start: string) {
  const nodes = listed.filter(({ unique_id }) => !isTest(unique_id) && unique_id !== start);
  const ids = new Set(nodes.map(({ unique_id }) => unique_id));
  const layers = new Map<string, number>();
  const owners = new Map<string, number>();
  const add = (to: Map<string, number>, key: string | undefined) => key !== undefined && to.set(key, (to.get(key) ?? 0) + 1);
  for (const node of nodes) {
    const isExposure = node.resource_type === "exposure";
    add(layers, node["config.layer"] ?? (isExposure ? undefined : en["impact.layer.none"]));
    const meta = node["config.meta"]?.owner as string | { name?: string; email?: string } | undefined;
    const owner = isExposure ? (node.owner ?? meta) : meta;
    add(owners, typeof owner === "string" ? owner.replace(/^@+/, "") : owner?.name || owner?.email);
  }
  // A test that is a query of its own is one of all that it reads, a unit test one of its model.
  const tested = ({ attached_node, resource_type, depends_on }: Listed) =>
    attached_node ? [attached_node] : (depends_on?.nodes ?? []).slice(0, resource_type === "unit_test" ? 1 : undefined);
  return {
    layers: Object.fromEntries(layers),
    // As many as the panel names.
    owners: Object.fromEntries([...owners].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 8)),
    exposures: nodes.filter(({ resource_type }) => resource_type === "exposure").length,
    nodes: nodes.length,
    tests: listed.filter((line) => isTest(line.unique_id) && tested(line).some((id) => ids.has(id))).length,
  };
}

check("11. Impact counts equal what the command line says", ["SITE_EXAMPLE", "ORACLE"], async (t, site, oracle) => {
  const { impact } = readOracle(oracle);
  const nodes = nodesOf(site);
  await visit(site, "", {}, async ({ page }) => {
    for (const asked of questions.impact) {
      const id = nodes.find(({ id, name }) => name === asked || id.endsWith(`.${asked.replace("source:", "")}`))!.id;
      await go(page, "#/nowhere");
      await go(page, hash(["lineage"], { q: `1+${asked}+1`, focus: id, impact: "1" }));
      const panel = page.getByRole("region", { name: en["lineage.impact"], exact: true });
      const bars = await panel.locator(".lineage-bars li").evaluateAll((all) => all.map((bar) => [bar.querySelector("span")!.textContent!, Number(bar.querySelector("b")!.textContent)]));
      const fact = async (label: string) => (await panel.locator(`dt:text-is("${label}") + dd`).allInnerTexts())[0] ?? "";
      const counts = (await panel.locator("p").first().innerText()).match(/\d+/g)!.map(Number);
      const owners = (await fact("Owners")).split(", ").filter(Boolean).map((owner) => /^(.*) \((\d+)\)$/.exec(owner)!);
      const expected = impactOf(impact[asked], id);
      const found = {
        layers: Object.fromEntries(bars),
        owners: Object.fromEntries(owners.map(([, name, count]) => [name, Number(count)])),
        exposures: counts[1],
        nodes: counts[0],
        tests: Number(await fact("Tests")),
      };
      assert.deepEqual(found, expected, asked);
      t.diagnostic(`${asked}: ${JSON.stringify(expected)}`);
    }
  });
});

check("16. The tables list the same nodes and edges as the graph", ["SITE_EXAMPLE"], async (t, site) => {
  await visit(site, "", {}, async ({ page }) => {
    for (const q of ["*", "+fact_orders+", "1+fact_orders+1", "tag:finance", "* --exclude silver"]) {
      await go(page, "#/nowhere");
      await go(page, hash(["lineage"], { q }));
      const drawn = await drawnIds(page);
      const table = await chosenIds(page);
      assert.deepEqual(table, drawn, `the nodes of ${q}`);
      const counted = Number(/(\d+) edges/.exec((await page.locator(".lineage-stage").getAttribute("aria-label")) ?? "")?.[1]);
      const edges = await edgePairs(page);
      assert.equal(await page.locator(".lineage-svg > g > g[fill=none]").first().locator("path").count(), edges.length, `the lines of ${q}`);
      assert.equal(edges.length, counted, `the edges of ${q}`);
      const within = nodesOf(site).filter(({ id }) => drawn.includes(id)).flatMap(({ id, depends_on }) => depends_on.filter((from) => drawn.includes(from)).map((from) => `${from} ${id}`));
      assert.deepEqual(edges.sort(), [...new Set(within)].sort(), `the edges of ${q} are those of the project`);
      t.diagnostic(`${q}: ${drawn.length} nodes, ${edges.length} edges`);
    }
    // What is marked in one is marked in the other.
    await go(page, hash(["lineage"], { q: "1+fact_orders+1" }));
    const row = page.locator(".lineage-records tr[data-row]").nth(2);
    await row.getByRole("button").click();
    await settled(page);
    const marked = await page.locator('.lineage-svg [data-box][aria-pressed="true"]').getAttribute("data-box");
    assert.equal(marked, "2");
    await page.locator('.lineage-svg [data-box="0"]').dispatchEvent("click");
    await settled(page);
    assert.equal(await page.locator(".lineage-records tr[data-row]").first().getByRole("button").getAttribute("aria-pressed"), "true");
  });
});

/** Whether a text is a name, of which something may be left out. */
function isLabelOf(label: string, name: string): boolean {
  const [start, end = ""] = label.split("…");
  return label.length > 2 && (label === name || (label.includes("…") && name.startsWith(start) && name.endsWith(end)));
}

check("20. Exports: SVG parses with a label for each node, PNG is 2× as large, CSV equals the visible edges", ["SITE_EXAMPLE"], async (t, site) => {
  await visit(site, hash(["lineage"], { q: "2+fact_orders+2" }), {}, async ({ page }) => {
    const save = async (label: string) => {
      await page.getByRole("button", { name: en.export, exact: true }).click();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: label, exact: true }).click()]);
      return readFileSync(await download.path());
    };
    const nodes = await drawnIds(page);
    const names = new Map(nodesOf(site).map(({ id, name }) => [id, name]));
    const svg = (await save("SVG")).toString("utf8");
    // The site's own page parses no text: its policy forbids that.
    const blank = await page.context().newPage();
    const parsed = await blank.evaluate((text) => {
      const drawing = new DOMParser().parseFromString(text, "image/svg+xml");
      return {
        error: drawing.querySelector("parsererror")?.textContent ?? null,
        titles: [...drawing.querySelectorAll("g > title")].map((title) => title.textContent),
        labels: [...drawing.querySelectorAll("text")].map((label) => label.textContent ?? ""),
        size: [Number(drawing.documentElement.getAttribute("width")), Number(drawing.documentElement.getAttribute("height"))],
      };
    }, svg);
    await blank.close();
    assert.equal(parsed.error, null);
    for (const id of nodes) assert.ok(parsed.titles.includes(names.get(id)!), `a title of ${id}`);
    for (const id of nodes) assert.ok(parsed.labels.some((label) => isLabelOf(label, names.get(id)!)), `a label of ${id}`);
    assert.ok(!svg.includes("var(--"), "the file needs no style sheet");

    const size = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)];
    const [one, two] = [size(await save("PNG 1×")), size(await save("PNG 2×"))];
    assert.deepEqual(one, parsed.size);
    assert.deepEqual(two, one.map((length) => length * 2));

    const rows = (await save("CSV")).toString("utf8").replace(/^\ufeff/, "").trim().split("\r\n").slice(1).map((row) => row.split(","));
    const edges = await edgePairs(page);
    assert.deepEqual(rows.map((row) => `${row[0]} ${row[3]}`).sort(), [...edges].sort());
    const json = JSON.parse((await save("JSON")).toString("utf8")) as { nodes: { id: string }[]; edges: { from: string; to: string }[] };
    assert.deepEqual(json.nodes.map(({ id }) => id).sort(), [...nodes].sort());
    assert.deepEqual(json.edges.map(({ from, to }) => `${from} ${to}`).sort(), [...edges].sort());
    assert.equal((await save("Mermaid")).toString("utf8").match(/-->/g)?.length, edges.length);
    assert.equal((await save("DOT")).toString("utf8").match(/ -> /g)?.length, edges.length);
    t.diagnostic(`${nodes.length} nodes, ${edges.length} edges, PNG ${one.join(" × ")} and ${two.join(" × ")}`);
  });
});
