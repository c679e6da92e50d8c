/** The layout: what must hold of every picture, on graphs made from a fixed seed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { layout, type LayoutInput } from "../ui/graph/layout";

/** Numbers that look like chance and are the same everywhere. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

function sample(nodes: number, edges: number, seed: number, tall = false): LayoutInput {
  const next = chance(seed);
  const seen = new Set<string>();
  const src: number[] = [];
  const dst: number[] = [];
  for (let at = 0; at < edges; at++) {
    const to = 1 + next(nodes - 1);
    const from = next(4) === 0 ? next(to) : Math.max(0, to - 1 - next(Math.ceil(nodes / 6)));
    if (seen.has(`${from} ${to}`)) continue;
    seen.add(`${from} ${to}`);
    src.push(from);
    dst.push(to);
  }
  const band = Array.from({ length: nodes }, (_, node) => (next(8) === 0 ? -1 : Math.floor((node * 4) / nodes)));
  const height = Array.from({ length: nodes }, () => (tall ? 28 + 22 * next(8) : 28));
  return { width: new Array<number>(nodes).fill(180), height, src, dst, band };
}

function check(input: LayoutInput): void {
  const made = layout(input);
  const count = input.width.length;
  const byTop = Array.from({ length: count }, (_, box) => box).sort((a, b) => made.y[a] - made.y[b]);
  byTop.forEach((one, at) => {
    assert.ok(made.x[one] >= 0 && made.x[one] + input.width[one] <= made.width, "inside from left to right");
    assert.ok(made.y[one] >= 0 && made.y[one] + input.height[one] <= made.height, "inside from top to bottom");
    for (let below = at + 1; below < count; below++) {
      const other = byTop[below];
      if (made.y[other] >= made.y[one] + input.height[one]) break;
      const isBeside = made.x[one] + input.width[one] <= made.x[other] || made.x[other] + input.width[other] <= made.x[one];
      assert.ok(isBeside, `${one} and ${other} overlap`);
    }
  });
  for (let edge = 0; edge < input.src.length; edge++) {
    assert.ok(made.x[input.src[edge]] + input.width[input.src[edge]] < made.x[input.dst[edge]], "edges lead to the right");
    const points = made.points.subarray(made.route[edge], made.route[edge + 1]);
    for (let at = 2; at < points.length; at += 2) assert.ok(points[at] >= points[at - 2], "routes lead to the right");
  }
  const joined = new Set([...Array.from(input.src), ...Array.from(input.dst)]);
  for (const { band, x, width } of made.bands) {
    for (const box of joined) if (made.x[box] >= x && made.x[box] < x + width) assert.equal(input.band?.[box], band, "only boxes of a layer stand in its band");
  }
  assert.deepEqual(layout(input), made, "the same graph has the same picture");
}

test("boxes stand apart and edges lead to the right", () => {
  for (let seed = 1; seed <= 600; seed++) check(sample(2 + (seed % 50), (seed * 2) % 150, seed, seed % 2 === 0));
  check(sample(400, 700, 7));
  check(sample(1000, 1500, 8));
});

test("boxes that lead round in a circle stand in one rank", () => {
  const made = layout({ width: [10, 10, 10], height: [10, 10, 10], src: [0, 1, 2], dst: [1, 2, 0] });
  assert.ok(made.x[0] === made.x[1] && made.x[1] === made.x[2]);
  assert.equal(made.route.length, 4);
});

test("nothing and a single box are pictures", () => {
  assert.equal(layout({ width: [], height: [], src: [], dst: [] }).points.length, 0);
  const one = layout({ width: [100], height: [30], src: [], dst: [] });
  assert.deepEqual([one.width, one.height], [148, 78]);
});

test("layers stand apart where edges let them", () => {
  const made = layout({ width: [9, 9, 9, 9], height: [9, 9, 9, 9], src: [0, 1, 0], dst: [1, 2, 3], band: [0, 0, 1, 1] });
  assert.deepEqual(made.bands.map(({ band }) => band), [0, 1]);
  assert.equal(made.x[2], made.x[3]);
});

test("boxes without a layer stand between those of layers", () => {
  // A source, a model without a layer that an exposure reads, a seed of the second layer, and the layers.
  const made = layout({ width: new Array(6).fill(9), height: new Array(6).fill(9), src: [0, 0, 1, 3, 2, 4], dst: [1, 3, 5, 4, 4, 5], band: [0, -1, -1, 1, 2, 3] });
  assert.deepEqual(made.bands.map(({ band }) => band), [0, 1, 2, 3]);
  const [source, model, seed, first, second, consumer] = made.x;
  assert.ok(source < first && first < seed && seed < second && second < model && model < consumer);
});

test("a chain is a straight line", () => {
  const made = layout({ width: [9, 9, 9], height: [20, 60, 20], src: [0, 1], dst: [1, 2] });
  assert.deepEqual([...made.y].map((top, box) => top + [10, 30, 10][box]), [54, 54, 54]);
});

test("large graphs are laid out in time", () => {
  for (const [nodes, edges, limit] of [[1000, 1550, 300], [10_000, 15_500, 1000]]) {
    const input = sample(nodes, edges, 3);
    layout(input);
    const begun = performance.now();
    layout(input);
    const took = performance.now() - begun;
    console.log(`layout of ${nodes} nodes: ${Math.round(took)} ms`);
    assert.ok(took < limit, `${took} ms`);
  }
});
