/** CSV files: quoting, and no formulas. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "../ui/parts/save";

test("cells are quoted where they have to be, and cannot run", async () => {
  const bytes = new Uint8Array(await csv([["a", "b,c", 'd"e'], ["=1+1", 2, null]]).arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.equal(new TextDecoder().decode(bytes), "a,\"b,c\",\"d\"\"e\"\r\n'=1+1,2,\r\n");
});
