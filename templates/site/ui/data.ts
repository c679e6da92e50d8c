/**
 * What the data files of the site hold. `src/docs/site/` writes them; this file is the other side of that contract.
 *
 * Every file calls `T.put(key, text)` once, where `text` is the JSON of one of these types. A single-file site holds the same texts
 * as inert elements (`<script type="application/octet-stream" data-key="…">`, base64 of gzip), which are decoded when they are asked for.
 *
 * | Key | File | Type |
 * |---|---|---|
 * | `core` | `data/core.js` | {@link Core} |
 * | `cols` | `data/cols.js` | {@link Columns} |
 * | `n/<shard>` | `data/n/<shard>.js` | {@link NodeShard}: the nodes `shard * SHARD .. (shard + 1) * SHARD` |
 * | `cll/<shard>` | `data/cll/<shard>.js` | {@link LineageShard}, of the same nodes |
 * | `runs` | `data/runs.js` | {@link Runs} |
 * | `run/<place>` | `data/run/<place>.js` | {@link Run}: the place of the run in {@link Runs} |
 * | `quality` | `data/quality.js` | {@link Quality} |
 * | `t/<shard>` | `data/t/<shard>.js` | {@link TestShard}: the tests `shard * SHARD .. (shard + 1) * SHARD` of {@link Quality} |
 * | `diff` | `data/diff.js` | {@link Diff} |
 *
 * `<shard>` is a decimal number with three digits at least (`007`). A key that is not in `meta.files` was not written.
 * "Place" means an index from 0. Times are ISO 8601 in UTC; durations are milliseconds unless a name says otherwise.
 */

/** How many nodes a shard holds. */
export const SHARD = 128;

/** The version of this contract; a page that meets another one says so instead of guessing. */
export const VERSION = 1;

/** What every page needs. Nodes are told by their place in the lists of {@link Nodes}. */
export interface Core {
  v: number;
  meta: Meta;
  words: Words;
  nodes: Nodes;
  /** The graph: the node `src[i]` is read by the node `dst[i]`. Each pair once, sorted by `src`, then `dst`. */
  edges: { src: number[]; dst: number[] };
  /** What one test reads together, where it reads several nodes: each list of places once, sorted. The selector `@` goes through tests. */
  together?: number[][];
  /** The nodes that count the same test, for each test that is a query of its own and reads several: who adds up tests counts it once. */
  shared?: number[][];
  /** How fresh sources were found to be last, with their places. */
  freshness: [number, Freshness][];
  /** The entries of `docs` blocks that are not attached to a node: the glossary. Sorted by name. */
  glossary: { name: string; html: string }[];
}

export interface Meta {
  /** The project's name. */
  project: string;
  /** When the site was made. The only value that changes when nothing else does. */
  generated: string;
  /** The version of `transform`. */
  transform: string;
  /** The name of the target, and the kind of its engine (`datafusion`, `bigquery`, `snowflake`). */
  target: string;
  engine: string;
  /** The commit that the project was at, when it is in a Git repository. */
  git: { commit: string; branch: string | null } | null;
  /** The layers from the raw side to the served side: places in `words.layer` are in this order. */
  layers: string[];
  /** The language of first choice, when the project names one; otherwise the browser's. */
  lang: "en" | "fr" | null;
  /** The keys that were written. */
  files: string[];
  /** Whether the SQL of the nodes is in their shards. */
  sql: boolean;
  /** The project's `__overview__` text, as safe HTML; empty without one. */
  overview: string;
  /** What is on the health tiles of the first page. */
  counts: {
    /** Nodes that hold data: models, seeds, snapshots and sources. */
    nodes: number;
    /** Columns in all, columns with a description, and of these nodes those with a description. */
    columns: number;
    described_columns: number;
    described_nodes: number;
    /** Nodes that have a test at least, and tests in all. */
    tested_nodes: number;
    tests: number;
  };
}

/** The dictionaries: where a node has a number for one of these, it is a place here, or -1 for none. */
export interface Words {
  /** dbt's resource types: `model`, `source`, `seed`, `snapshot`, `exposure`, `metric`, `semantic_model`, `saved_query`, `function`, `analysis`. */
  kind: string[];
  layer: string[];
  /** Folders below the folder of their kind, with `/` between them; the empty text is the top. Of sources the source's name. */
  folder: string[];
  owner: string[];
  tag: string[];
  /** `view`, `table`, `incremental`, `ephemeral`, `external`, … */
  materialized: string[];
  package: string[];
  group: string[];
  /** How a node ended last: dbt's words (`success`, `error`, `skipped`, …) for what is built, and for sources their freshness (`pass`, `warn`, `error`). */
  status: string[];
  /** Property files. */
  patch?: string[];
}

/** The nodes, sorted by id. All lists have one entry for each. */
export interface Nodes {
  /**
   * dbt's unique ids: `model.shop.orders`, `source.shop.raw.orders`. In the file it is the empty text where the id is the kind, the package
   * and the name with dots between them; it is whole for everybody behind the store.
   */
  id: string[];
  /** What people call it: `orders`, `orders.v2`, `raw.orders`. */
  name: string[];
  kind: number[];
  layer: number[];
  folder: number[];
  owner: number[];
  tags: number[][];
  materialized: number[];
  package: number[];
  group: number[];
  /**
   * The file that defines it, relative to its package. In the file it is the empty text where it is `models/<folder>/<name>.sql` (without
   * the folder where there is none); it is whole for everybody behind the store.
   */
  path: string[];
  /** `public`, `protected` or `private` for models: 2, 1, 0; -1 for others. */
  access: number[];
  /** The first sentence of the description, as plain text. */
  head: string[];
  status: number[];
  /** The worst that one of its tests ended with: 0 not run or no tests, 1 passed, 2 warned, 3 failed or could not run. */
  tested: number[];
  /** How many tests it has. */
  tests: number[];
  /** How long it ran last, in milliseconds; -1 where that is not known. */
  took: number[];
  /** The property file that describes it, as a place in `words.patch`, relative to its package; -1 for none. The selector `path:` asks. */
  patch?: number[];
  /** The models that have versions, sorted by place: [place, what the version is beside the one that `ref` means]. For `version:`. */
  versions?: [number, "latest" | "old" | "prerelease"][];
}

/** The columns of all nodes. A column in a {@link LineageShard} is the place of its name in `names`. */
export interface Columns {
  /** The names, each once, sorted. */
  names: string[];
  /** Of each node its columns in their order, as places in `names`. */
  of: number[][];
}

/** What the page of a node shows. */
export type NodeShard = NodePage[];

export interface NodePage {
  /** The description as safe HTML; empty without one. */
  html: string;
  columns: Column[];
  /** The template as it is written and the SQL that it compiles to; null without one or where SQL is left out. */
  source: string | null;
  compiled: string | null;
  /** The name in the database, as SQL writes it. */
  relation: string | null;
  /** The configs that are set, by name; values are JSON. */
  config: Record<string, unknown>;
  /** `meta` of the node. */
  meta: Record<string, unknown>;
  /** Facts that only some kinds have, in the order in which they are shown: [label key, text]. Keys are in the catalogues of texts. */
  facts: [string, string][];
  /** A link that belongs to it (exposures). */
  url: string | null;
  contract: boolean;
  /** When it is to go away. */
  deprecation: string | null;
  /** How it ended in earlier runs, the newest first. */
  runs: NodeRun[];
  /** Why its SQL is not understood, so that its columns are not known. */
  unread: string | null;
}

export interface NodeRun {
  /** The place of the run in {@link Runs}. */
  run: number;
  status: string;
  /** When it began, and how long it took; null for what was skipped. */
  at: string | null;
  took: number | null;
  rows: number | null;
  /** What is said of an error or a warning. */
  message: string | null;
}

export interface Freshness {
  status: "pass" | "warn" | "error" | "runtime error";
  /** The newest row or file. */
  loaded: string | null;
  checked: string | null;
  /** Its age then, in seconds. */
  age: number | null;
  /** After how many seconds it is late. */
  warn_after: number | null;
  error_after: number | null;
}

export interface Column {
  name: string;
  /** The engine's name of the type; null where it is not known. */
  type: string | null;
  /** The description as safe HTML, and where it comes from when it is inherited: [node place, column name]. */
  html: string;
  from: [number, string] | null;
  /** What the project says of it: tags, and keys of `meta`. */
  tags: string[];
  meta: Record<string, unknown>;
  /** Part of the primary key. */
  key: boolean;
  /** Constraints: `not_null`, `primary_key`, `check …`. */
  constraints: string[];
}

/** How a value gets from one column to another, from the least change to the most; then how columns decide about values and rows. */
export type EdgeKind = "identity" | "transform" | "aggregate" | "filter" | "join" | "group" | "sort" | "window";

/** The lineage of the columns of a shard's nodes. */
export interface LineageShard {
  /** Kinds of edges, each once: the last number of an edge is a place here. */
  kinds: EdgeKind[];
  /** Edges, five numbers each, one after the other: node and column that are made, node and column that are read, kind. */
  edges: number[];
  /** What decides about the rows of a node, and so about all its columns: node that is made, node and column that are read, kind. */
  rows: number[];
  /**
   * The expressions that make columns: node, column, SQL. None for a column that is passed on as it is or where SQL is left out, several where
   * rows come from several queries.
   */
  expressions: [number, number, string[]][];
  /** Nodes whose SQL is not understood, with the reason. Their columns have no edges, which does not mean that they come from nowhere. */
  unknown: [number, string][];
}

/** Kinds of edges that carry values; all others only decide about values. */
export const FLOWS: readonly EdgeKind[] = ["identity", "transform", "aggregate"];

/** The runs that are remembered, the newest first. */
export interface Runs {
  runs: RunHead[];
}

export interface RunHead {
  /** The id of the invocation. */
  id: string;
  /** `build`, `run`, `test`, … */
  command: string;
  status: "success" | "failed" | "interrupted";
  start: string;
  end: string;
  target: string;
  user: string | null;
  commit: string | null;
  threads: number;
  /** How many nodes ended how. */
  counts: Record<string, number>;
  /** Whether `run/<place>` was written. */
  detail: boolean;
}

/** What a run did. */
export interface Run {
  results: RunResult[];
  /** The places in `results` of the chain of waiting that the whole run's time comes from, in order of time. */
  critical: number[];
}

export interface RunResult {
  /** The unique id, which may be that of a test or of a node that is no more. */
  id: string;
  name: string;
  kind: string;
  /** The worker, as a lane of the chart, from 0; -1 for what no worker ran. */
  lane: number;
  /** Since the run's start: when all that it waits for had ended, when it began and when it ended. Null for what did not run. */
  ready: number | null;
  start: number | null;
  end: number | null;
  /** How much later it could have ended without the run ending later. */
  slack: number | null;
  status: string;
  rows: number | null;
  failures: number | null;
  message: string | null;
  /** How long it took in the run before this one that ran it. */
  before: number | null;
}

/** Google's dimensions of data quality, and timeliness. */
export type Dimension = "completeness" | "accuracy" | "consistency" | "validity" | "uniqueness" | "integrity" | "timeliness";

export type Verdict = "pass" | "warn" | "fail" | "error" | "skipped" | "not_run";

export interface Quality {
  /** Sorted by id. */
  tests: Test[];
  /** Of the newest runs that had tests, the newest first. */
  trend: { run: number; counts: Partial<Record<Verdict, number>> }[];
}

/** A test. What is absent is null, or what is said of it. */
export interface Test {
  id: string;
  name: string;
  /** `not_null`, `unique`, …, `singular`, `unit`. */
  type: string;
  /** The node that it tests; -1 where there is none. */
  node: number;
  /** The others that it reads, where it is a query of its own. */
  also?: number[];
  /** The column's name. */
  column?: string;
  dimension: Dimension;
  /** Absent for `error`. */
  severity?: "warn";
  status: Verdict;
  /** Rows that are wrong; absent for 0. */
  failures?: number;
  /** What is said of a failure or a warning. */
  message?: string;
  /** When it ran last. */
  at?: string;
  /** Earlier outcomes, the newest first: [place of the run, verdict, failures]. */
  history: [number, Verdict, number | null][];
  /** Since when it ends as it does now, and how many times it did. */
  since?: string;
  streak: number;
}

/** What the page of a test shows besides. */
export type TestShard = TestPage[];

export interface TestPage {
  path: string;
  html: string;
  /** The arguments of the test. */
  config: Record<string, unknown>;
  /** The query of a test that is one; null for others, and where SQL is left out. */
  sql: string | null;
  /** The relation that its failing rows are kept in. */
  stored: string | null;
}

/** State A (`base`, earlier) against state B (the project as the site shows it). */
export interface Diff {
  base: { generated: string | null; name: string };
  /** Places of nodes. */
  added: number[];
  /** What is gone; it breaks its readers where it was a relation. */
  removed: { id: string; name: string; kind: string; breaking: boolean }[];
  modified: Differing[];
  /** Nodes that read a modified or removed one, directly or not, and are neither. Their columns may be others all the same. */
  impacted: Differing[];
}

export interface Differing {
  node: number;
  /** dbt's words for what `state:modified` found: `body`, `configs`, `relation`, `contract`, `macros`, `persisted_descriptions`; none of what is impacted. */
  reasons: string[];
  /** Null where its columns are not known, then or now: they are not compared. */
  columns: ColumnChange[] | null;
}

export interface ColumnChange {
  name: string;
  change: "added" | "removed" | "retyped";
  from: string | null;
  to: string | null;
  /** Whether readers of the old column may fail or get other values. */
  breaking: boolean;
}
