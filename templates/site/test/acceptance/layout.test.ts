/** The layout of real graphs: nothing lies on anything, all edges lead to the right, and equal graphs have equal pictures everywhere. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { layout, type Layout, type LayoutInput } from "../../ui/graph/layout";
import { check } from "./check";
import { chosenIds } from "./explorer_page";
import { visit } from "./site";
import { nodesOf, type PublicNode } from "./site_data";

/** A graph as the layout takes it, of nodes that are read or not. */
function inputOf(nodes: PublicNode[]): LayoutInput & { count: number } {
  const place = new Map(nodes.map(({ id }, at) => [id, at]));
  const layers = ["bronze", "silver", "gold"];
  const pairs = nodes.flatMap(({ depends_on }, to) => [...new Set(depends_on)].filter((from) => place.has(from)).map((from) => [place.get(from)!, to]));
  return {
    count: nodes.length,
    width: nodes.map(() => 190),
    // Open boxes are higher than others.
    height: nodes.map((_, at) => (at % 7 === 0 ? 46 + 22 * (at % 5) : 46)),
    src: pairs.map(([from]) => from),
    dst: pairs.map(([, to]) => to),
    band: nodes.map(({ layer }) => (layer === null ? -1 : layers.indexOf(layer) + 1)),
    port: 23,
  };
}

function overlaps({ x, y }: Layout, { count, width, height }: LayoutInput & { count: number }): number {
  const order = Array.from({ length: count }, (_, at) => at).sort((a, b) => x[a] - x[b]);
  let found = 0;
  order.forEach((one, at) => {
    for (let next = at + 1; next < count && x[order[next]] < x[one] + width[one]; next++) {
      const other = order[next];
      if (y[one] < y[other] + height[other] && y[other] < y[one] + height[one]) found++;
    }
  });
  return found;
}

function digest(made: Layout): string {
  const hash = createHash("sha256");
  for (const part of [made.x, made.y, made.route, made.points]) hash.update(Buffer.from(Int32Array.from(part).buffer));
  return hash.update(`${made.width} ${made.height}`).digest("hex").slice(0, 16);
}

for (const name of ["SITE_EXAMPLE", "SITE_1K", "SITE_10K"] as const) {
  check(`9. Layout of ${name}: no overlaps, edges lead to the right, byte-identical twice`, [name], (t, site) => {
    const input = inputOf(nodesOf(site));
    const start = performance.now();
    const made = layout(input);
    const took = performance.now() - start;
    assert.equal(overlaps(made, input), 0);
    let backward = 0;
    for (let edge = 0; edge < input.src.length; edge++) {
      if (made.x[input.src[edge]] + input.width[input.src[edge]] > made.x[input.dst[edge]]) backward++;
      for (let at = made.route[edge] + 2; at < made.route[edge + 1]; at += 2) if (made.points[at] < made.points[at - 2]) backward++;
    }
    assert.equal(backward, 0, "edges that do not lead to the right");
    for (let box = 0; box < input.count; box++) {
      assert.ok(made.x[box] >= 0 && made.y[box] >= 0 && made.x[box] + input.width[box] <= made.width && made.y[box] + input.height[box] <= made.height, `box ${box} is in the picture`);
    }
    assert.equal(digest(layout(input)), digest(made));
    t.diagnostic(`${input.count} nodes, ${input.src.length} edges: ${took.toFixed(0)} ms, ${made.width} × ${made.height}, ${digest(made)}`);
  });
}

/** What a node reads or what reads it, in so many steps at most, and itself. */
function reached(nodes: PublicNode[], id: string, steps: number): Set<string> {
  const walk = (next: (id: string) => string[]) => {
    const found = new Set([id]);
    let edge = [id];
    for (let step = 0; step < steps && edge.length > 0; step++) {
      edge = edge.flatMap(next).filter((one) => !found.has(one));
      for (const one of edge) found.add(one);
    }
    return found;
  };
  const reads = new Map(nodes.map((node) => [node.id, node.depends_on]));
  const readers = new Map<string, string[]>();
  for (const node of nodes) for (const from of node.depends_on) readers.set(from, [...(readers.get(from) ?? []), node.id]);
  return new Set([...walk((one) => reads.get(one) ?? []), ...walk((one) => readers.get(one) ?? [])]);
}

check("9d. Around each node of the example nothing lies on anything either", ["SITE_EXAMPLE"], (t, site) => {
  const nodes = nodesOf(site);
  let graphs = 0;
  for (const { id } of nodes) {
    for (const steps of [1, 2, Infinity]) {
      const around = reached(nodes, id, steps);
      const input = inputOf(nodes.filter((node) => around.has(node.id)));
      assert.equal(overlaps(layout(input), input), 0, `${id}, ${steps} steps`);
      graphs++;
    }
  }
  t.diagnostic(`${graphs} graphs`);
});

check("9b. The browser makes the picture that Node makes", ["SITE_EXAMPLE"], async (t, site) => {
  const [ids, drawn] = await visit(site, "#/lineage?q=*+source:*", {}, async ({ page }) => [
    await chosenIds(page),
    await page.locator(".lineage-svg [data-box]").evaluateAll((all) => all.map((box) => box.parentElement!.getAttribute("transform"))),
  ]);
  const nodes = nodesOf(site);
  const place = new Map(ids.map((id, at) => [id, at]));
  const own = ids.map((id) => nodes.find((node) => node.id === id)!);
  const pairs = own.flatMap(({ depends_on }, to) => [...new Set(depends_on)].filter((from) => place.has(from)).map((from) => [place.get(from)!, to]));
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const layers = ["bronze", "silver", "gold"];
  const made = layout({
    width: own.map(() => 190),
    height: own.map(() => 46),
    src: pairs.map(([from]) => from),
    dst: pairs.map(([, to]) => to),
    band: own.map(({ layer, kind }) => (layer !== null ? layers.indexOf(layer) + 1 : kind === "source" ? 0 : kind === "exposure" ? layers.length + 1 : -1)),
    port: 23,
  });
  assert.deepEqual(drawn, own.map((_, at) => `translate(${made.x[at]} ${made.y[at]})`));
  t.diagnostic(`${drawn.length} boxes`);
});

/** Of a graph that is made by arithmetic alone. It is another one when the layout is: then look at pictures, and put the new one here. */
const KNOWN = "07cddc35299d1df4";

check("9c. The picture of a known graph is the same on every machine", [], () => {
  const count = 400;
  const pairs: [number, number][] = [];
  let state = 1;
  const below = (limit: number) => (state = (state * 48_271) % 2_147_483_647) % limit;
  for (let to = 1; to < count; to++) for (let edge = below(4); edge > 0; edge--) pairs.push([below(to), to]);
  const boxes = Array.from({ length: count }, (_, at) => at);
  const made = layout({ width: boxes.map(() => 190), height: boxes.map(() => 46), src: pairs.map(([from]) => from), dst: pairs.map(([, to]) => to), band: boxes.map((at) => Math.floor((at * 4) / count)), port: 23 });
  assert.equal(digest(made), KNOWN);
});
