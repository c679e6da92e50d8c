/** A check of the acceptance list (`docs-site.md` §6): a test that is skipped, loudly, where what it looks at was not made. */
import { test, type TestContext } from "node:test";

/** The variables that name what was made: folders of sites, the file of the single-file site, and the oracle. */
export type Input = "SITE_EXAMPLE" | "SITE_SINGLE" | "SITE_DIFF" | "SITE_1K" | "SITE_10K" | "SITE_HOSTILE" | "SITE_EMPTY" | "ORACLE";

/** All that can be given. */
export const INPUTS: readonly Input[] = ["SITE_EXAMPLE", "SITE_SINGLE", "SITE_DIFF", "SITE_1K", "SITE_10K", "SITE_HOSTILE", "SITE_EMPTY", "ORACLE"];

/** How long a check may take before something is stuck, in milliseconds. */
const PATIENCE = 300_000;

/** A check that needs these inputs; `body` gets their values in the same order. */
export function check(says: string, needs: Input[], body: (t: TestContext, ...given: string[]) => void | Promise<void>): void {
  test(says, { timeout: PATIENCE }, async (t) => {
    const missing = needs.filter((name) => !process.env[name]);
    if (missing.length > 0) return t.skip(`${missing.join(", ")} is not set`);
    await body(t, ...needs.map((name) => process.env[name]!));
  });
}
