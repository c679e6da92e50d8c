/**
 * Bundles tests with esbuild and hands them to node's own runner.
 *
 *   node test/run.mjs                            the unit tests: every `test/*.test.ts`
 *   node test/run.mjs acceptance                 the tests in a folder: those that measure times alone, then two files at a time
 *   node test/run.mjs acceptance/x.ts ARGUMENT…  a script
 */

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { workers } from "../build.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const [asked = "", ...rest] = process.argv.slice(2);
const isScript = asked.endsWith(".ts");
const files = isScript ? [asked] : readdirSync(join(folder, asked)).filter((name) => name.endsWith(".test.ts")).sort().map((name) => join(asked, name));
// Bundles lie where node finds the packages that are not bundled: those with programs or data files of their own.
const packages = join(dirname(folder), "node_modules");
mkdirSync(packages, { recursive: true });
const out = mkdtempSync(join(packages, ".site-test-"));
let status = 1;
try {
  await build({
    absWorkingDir: dirname(folder),
    entryPoints: files.map((name) => join(folder, name)),
    outdir: out,
    outbase: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    external: ["playwright-core"],
    platform: "node",
    format: "esm",
    target: "node20",
    jsx: "automatic",
    jsxImportSource: "preact",
    plugins: [workers],
    logLevel: "warning",
  });
  const bundles = files.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
  const node = (...args) => spawnSync(process.execPath, args, { stdio: "inherit", cwd: dirname(folder) }).status ?? 1;
  const tests = (together, some) => (some.length > 0 ? node("--test", `--test-concurrency=${together}`, "--test-reporter=spec", ...some) : 0);
  const isTimed = (bundle) => bundle.endsWith("speed.test.mjs");
  if (isScript) status = node(...bundles, ...rest);
  else if (asked === "") status = node("--test", ...bundles);
  else status = tests(1, bundles.filter(isTimed)) | tests(2, bundles.filter((bundle) => !isTimed(bundle)));
} finally {
  rmSync(out, { recursive: true, force: true });
}
process.exit(status);
