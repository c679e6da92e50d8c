/** What the data files of a site hold, read from disk. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { gunzipSync } from "node:zlib";
import type { Quality, Runs } from "../../ui/data";

/** A node as the public `manifest.json` of a site tells it; their order is that of places. */
export interface PublicNode {
  id: string;
  name: string;
  kind: string;
  layer: string | null;
  columns: string[];
  depends_on: string[];
}

/** The nodes of a site. */
export function nodesOf(site: string): PublicNode[] {
  return (JSON.parse(readFileSync(join(site, "manifest.json"), "utf8")) as { nodes: PublicNode[] }).nodes;
}

/** Reads a data file: `T.put(key, text)`. */
export function readData<T>(site: string, key: string): T {
  let text = "null";
  runInNewContext(readFileSync(dataFile(site, key), "utf8"), { T: { put: (_: string, given: string) => void (text = given) } });
  return JSON.parse(text) as T;
}

/** Writes a data file anew. */
export function writeData(site: string, key: string, value: unknown): void {
  writeFileSync(dataFile(site, key), `T.put(${JSON.stringify(key)},${JSON.stringify(JSON.stringify(value))})`);
}

/** The path of a data file. */
export function dataFile(site: string, key: string): string {
  return join(site, "data", `${key}.js`);
}

/** All files of a folder, or the file itself. */
export function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => join(path, name)).filter((file) => statSync(file).isFile()).sort();
}

/** The blocks of a site in a single file, unpacked, by their keys. */
export function blocksOf(file: string): Map<string, Buffer> {
  const blocks = readFileSync(file, "utf8").matchAll(/<script[^>]*data-key="([^"]*)"[^>]*>([^<]*)<\/script>/g);
  return new Map([...blocks].map(([, key, text]) => [key, gunzipSync(Buffer.from(text.trim(), "base64"))]));
}

/** A route of each page that a site has, with a name for messages. */
export function routesOf(site: string): [name: string, hash: string][] {
  const nodes = nodesOf(site);
  const path = (...parts: string[]) => `#/${parts.map(encodeURIComponent).join("/")}`;
  const model = nodes.filter((node) => node.kind === "model").sort((a, b) => b.depends_on.length - a.depends_on.length)[0] ?? nodes[0];
  const source = nodes.find((node) => node.kind === "source");
  const exposure = nodes.find((node) => node.kind === "exposure");
  const withColumns = nodes.find((node) => node.kind === "model" && node.columns.length > 0 && node.depends_on.length > 0);
  const has = (key: string) => existsSync(dataFile(site, key));
  const test = has("quality") ? readData<Quality>(site, "quality").tests[0] : undefined;
  const run = has("runs") ? readData<Runs>(site, "runs").runs[0] : undefined;
  const tabs = ["lineage", "sql", "tests", "runs", "config", "diff"];
  return [
    ["home", "#/"],
    ["map", "#/map"],
    ["node", path("n", model.id)],
    ...tabs.map((tab): [string, string] => [`node, ${tab}`, `${path("n", model.id)}?tab=${tab}`]),
    ...(source ? [["source", path("source", source.id)] as [string, string]] : []),
    ...(exposure ? [["exposure", path("n", exposure.id)] as [string, string]] : []),
    ...(withColumns ? [["column", path("n", withColumns.id, "c", withColumns.columns[0])] as [string, string]] : []),
    ["quality", "#/quality"],
    ...["datasets", "tests", "flaky", "freshness"].map((tab): [string, string] => [`quality, ${tab}`, `#/quality?tab=${tab}`]),
    ...(test ? [["test", path("test", test.id)] as [string, string]] : []),
    ["runs", "#/runs"],
    ...(run ? [["run", path("runs", run.id)] as [string, string]] : []),
    ["lineage, nothing asked", "#/lineage"],
    ["lineage", `#/lineage?focus=${encodeURIComponent(model.id)}`],
    ...(withColumns
      ? [["lineage, a column", `#/lineage?focus=${encodeURIComponent(withColumns.id)}&column=${encodeURIComponent(withColumns.columns[0])}&impact=1`] as [string, string]]
      : []),
    ["lineage, folded", "#/lineage?q=*&by=layer&lens=status"],
    ["lineage, wrong", `#/lineage?q=${encodeURIComponent("tag:x,")}`],
    ["diff", "#/diff"],
    ...["added", "removed", "impacted"].map((tab): [string, string] => [`diff, ${tab}`, `#/diff?tab=${tab}`]),
    ["exposures", "#/exposures"],
    ["owners", "#/owners"],
    ["tags", "#/tags"],
    ["glossary", "#/glossary"],
    ["metrics", "#/metrics"],
    ["search", "#/search"],
    ["search, columns", "#/search?q=id&in=columns"],
    ["nowhere", "#/nowhere"],
  ];
}
