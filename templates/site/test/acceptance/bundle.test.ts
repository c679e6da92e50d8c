/** What is committed is what the sources give: nobody ships an old bundle. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { check } from "./check";

const SOURCES = process.cwd();
const MADE = ["app.js", "app.css", "THIRD_PARTY.txt"];

check("26. The bundle is what a rebuild gives, byte for byte; sizes are within the budget, licences are listed", [], (t) => {
  const folder = mkdtempSync(join(tmpdir(), "site-rebuilt-"));
  try {
    for (const name of ["ui", "build.mjs", "package.json", "tsconfig.json"]) cpSync(join(SOURCES, name), join(folder, name), { recursive: true });
    symlinkSync(join(SOURCES, "node_modules"), join(folder, "node_modules"));
    execFileSync(process.execPath, ["build.mjs"], { cwd: folder });
    for (const name of MADE) assert.ok(readFileSync(join(folder, name)).equals(readFileSync(join(SOURCES, name))), `${name} is not what the sources give: run \`npm run build\``);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const packed = ["app.js", "app.css"].map((name) => gzipSync(readFileSync(join(SOURCES, name)), { level: 9 }).length / 1000);
  const sum = packed[0] + packed[1];
  t.diagnostic(`app.js ${packed[0].toFixed(1)} kB, app.css ${packed[1].toFixed(1)} kB, together ${sum.toFixed(1)} kB packed`);
  assert.ok(sum <= 90, `${sum.toFixed(1)} kB packed`);
  const script = readFileSync(join(SOURCES, "app.js"), "utf8");
  assert.doesNotMatch(script, /sourceMappingURL|https?:\/\/(?!www\.w3\.org\/)/, "no source map, and no address but names of formats");
  assert.doesNotMatch(script, /\/(home|root|work|Users)\//, "no path of a machine");

  const { dependencies } = JSON.parse(readFileSync(join(SOURCES, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  const told = readFileSync(join(SOURCES, "THIRD_PARTY.txt"), "utf8");
  for (const name of Object.keys(dependencies)) assert.match(told, new RegExp(`^${name} [0-9.]+ \\((MIT|Apache-2\\.0|BSD-.*|ISC)\\)`, "m"));
  const lock = readFileSync(join(SOURCES, "package-lock.json"), "utf8");
  assert.ok(!lock.includes('"resolved"'), "the lock file names no registry");
});
