/** What the command line chose in a small project (`transform ls --select …`, tests left out), which the explorer must choose as well. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Core } from "../ui/data";
import { choose } from "../ui/graph/choice";
import { members } from "../ui/graph/graph";
import { parse } from "../ui/graph/selector";
import oracle from "./selections.json";

for (const [text, expected] of Object.entries(oracle.chosen)) {
  test(`the explorer and the command line choose the same: ${text}`, () => {
    const { query, problems } = parse(text);
    const found = choose(oracle.core as unknown as Core, query);
    assert.deepEqual([...problems, ...found.problems], []);
    assert.deepEqual(members(found.set), expected);
  });
}
