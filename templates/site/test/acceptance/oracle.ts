/**
 * What the command line says of the projects whose sites are looked at: the front end has to say the same.
 *
 * The file that the variable ORACLE names is made by whoever makes the sites (`tests/site/main.rs`), from the questions in `expressions.json`.
 * Outputs of commands are put into it as they are, so that nothing stands between the two. All but `diff` are of the project of SITE_EXAMPLE.
 */
import { readFileSync } from "node:fs";
import type { ColumnChange } from "../../ui/data";
import questions from "./expressions.json";

/** The file. */
export interface Oracle {
  /**
   * For each of `select` the `unique_id`s that `transform ls --output json --output-keys unique_id --select …` lists, each word of the
   * expression being an argument; none where it says that no node is selected. Tests are listed too: the suite leaves them out.
   */
  ls: Record<string, string[]>;
  /**
   * For each of `columns` what `transform lineage COLUMN --format json` prints with `--upstream`, with `--downstream`, and with each of them
   * and `--influences`.
   */
  lineage: Record<string, { up: ColumnLineage; down: ColumnLineage; upInfluences: ColumnLineage; downInfluences: ColumnLineage }>;
  /** For each of `impact` the lines of `transform ls --output json --output-keys … --select NODE+`, with the keys of {@link Listed}. */
  impact: Record<string, Listed[]>;
  /** What `transform runs last --output json` prints. */
  run: RunOutput;
  /** What `transform docs diff --format json --state …` prints for the project of SITE_DIFF. */
  diff: DiffOutput;
  /** Texts that must be in no byte of any site: values of secret variables, what only a profile says, absolute paths. */
  secrets: string[];
}

export interface ColumnLineage {
  columns: { unique_id: string; column: string }[];
  edges: { from: ColumnName; to: ColumnName; kind: string }[];
}

export interface ColumnName {
  unique_id: string;
  column: string;
}

/** A line of `ls`. A key that a resource does not have is absent. */
export interface Listed {
  unique_id: string;
  resource_type: string;
  "config.layer"?: string | null;
  "config.meta"?: Record<string, unknown>;
  owner?: { name?: string; email?: string };
  attached_node?: string | null;
  depends_on?: { nodes: string[] };
}

export interface RunOutput {
  invocation_id: string;
  started_at: string;
  results: RunNode[];
}

export interface RunNode {
  unique_id: string;
  name: string;
  status: string;
  thread: string | null;
  began_at: string | null;
  finished_at: string | null;
  is_critical: boolean;
  failures: number | null;
}

export interface DiffOutput {
  added: string[];
  removed: { unique_id: string; name: string; breaking: boolean }[];
  modified: { unique_id: string; reasons: string[]; columns: ColumnChange[] }[];
  impacted: { unique_id: string; columns: ColumnChange[] }[];
}

/** What is asked. */
export { questions };

/** Reads the file. */
export function readOracle(path: string): Oracle {
  return JSON.parse(readFileSync(path, "utf8")) as Oracle;
}

/** Whether an id is that of a test: the site shows tests on pages of their own, not as nodes. */
export function isTest(id: string): boolean {
  return id.startsWith("test.") || id.startsWith("unit_test.");
}
