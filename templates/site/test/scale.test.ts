/** The time axis of the chart of a run. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, ticks, zoomed } from "../ui/charts/scale";

const whole = { from: 0, to: 60_000 };

test("marks are round and not too many", () => {
  const marks = ticks(whole, 900);
  assert.deepEqual(marks, [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
  assert.ok(ticks({ from: 0, to: 1e9 }, 300).length < 15);
});

test("zooming keeps the moment under the pointer, and never leaves the whole", () => {
  assert.deepEqual(zoomed(whole, whole, 0.5, 30_000), { from: 15_000, to: 45_000 });
  assert.deepEqual(zoomed({ from: 15_000, to: 45_000 }, whole, 4, 30_000), whole);
  assert.deepEqual(zoomed(whole, whole, 0.5, 0), { from: 0, to: 30_000 });
});

test("moving stops at the ends", () => {
  assert.deepEqual(moved({ from: 0, to: 10 }, whole, -5), { from: 0, to: 10 });
  assert.deepEqual(moved({ from: 59_990, to: 60_000 }, whole, 5), { from: 59_990, to: 60_000 });
});
