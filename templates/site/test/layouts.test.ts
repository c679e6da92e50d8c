/** The code of the layout as a worker gets it: as a text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import code from "worker:../ui/graph/layout.worker.ts";
import { layout } from "../ui/graph/layout";

test("the text of the code needs nothing from outside, and draws the same", () => {
  const input = { width: [100, 100, 100], height: [40, 40, 40], src: [0, 0], dst: [1, 2] };
  const alone = new Function(`return (${code})().layout`)() as typeof layout;
  assert.deepEqual(alone(input), layout(input));
});
