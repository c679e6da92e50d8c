/** What pages ask about tests: those of a node, which are flaky, and in which order alerts are looked at. */

import type { Quality, Test, Verdict } from "./data";

const known = new WeakMap<Quality, Map<number, Test[]>>();

/** The tests of each node, those that read it besides the one that they test included. */
export function testsByNode(quality: Quality): Map<number, Test[]> {
  const found = known.get(quality);
  if (found) return found;
  const map = new Map<number, Test[]>();
  for (const test of quality.tests) {
    for (const node of new Set([test.node, ...(test.also ?? [])])) {
      const list = map.get(node);
      if (list) list.push(test);
      else map.set(node, [test]);
    }
  }
  known.set(quality, map);
  return map;
}

/** Whether a verdict wants somebody to look. */
export function isAlert(verdict: Verdict): boolean {
  return verdict === "warn" || verdict === "fail" || verdict === "error";
}

/** Whether a test changes its mind: among its last ten outcomes it went from good to bad or back three times or more. */
export function isFlaky(test: Test): boolean {
  const outcomes = test.history
    .slice(0, 10)
    .map(([, verdict]) => verdict)
    .filter((verdict) => verdict !== "skipped" && verdict !== "not_run");
  let turns = 0;
  for (let at = 1; at < outcomes.length; at++) if (isAlert(outcomes[at]) !== isAlert(outcomes[at - 1])) turns++;
  return turns >= 3;
}

/** For how many runs a test is an alert, whether it warned or failed in them: what was skipped says nothing. */
export function alertRuns(test: Test): number {
  const outcomes = test.history.map(([, verdict]) => verdict).filter((verdict) => verdict !== "skipped" && verdict !== "not_run");
  const passed = outcomes.findIndex((verdict) => !isAlert(verdict));
  return Math.max(test.streak, passed < 0 ? outcomes.length : passed);
}

/** Whether an alert is new with the last run, or was there before. */
export function alertState(test: Test): "new" | "ongoing" {
  return alertRuns(test) <= 1 ? "new" : "ongoing";
}

/** How much a test that fails weighs: what is not said is an error. */
export function severityOf(test: Test): "warn" | "error" {
  return test.severity ?? "error";
}

/** How many rows are wrong; null for a test that did not come to count them. */
export function failuresOf(test: Test): number | null {
  const counted = test.status === "pass" || test.status === "warn" || test.status === "fail";
  return test.failures ?? (counted ? 0 : null);
}

/** How urgent an alert is: its severity times how much is downstream of it. */
export function urgency(test: Test, downstream: number): number {
  const severity = test.status === "warn" ? 1 : severityOf(test) === "error" ? 4 : 2;
  return severity * (1 + downstream);
}

/** How many tests ended how. */
export function countVerdicts(tests: Test[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { pass: 0, warn: 0, fail: 0, error: 0, skipped: 0, not_run: 0 };
  for (const test of tests) counts[test.status] = (counts[test.status] ?? 0) + 1;
  return counts;
}

/** How many tests got worse, and how many better, in the last run that they were in. */
export function changes(tests: Test[]): { worse: Test[]; better: Test[] } {
  const worse: Test[] = [];
  const better: Test[] = [];
  for (const test of tests) {
    const [now, before] = test.history;
    if (!now || !before) continue;
    const step = rank(now[1]) - rank(before[1]);
    if (step > 0 && isAlert(now[1])) worse.push(test);
    if (step < 0 && now[1] === "pass") better.push(test);
  }
  return { worse, better };
}

/**
 * The score: of the tests that came to an end, the weighted share that passed. Tests of severity `error` weigh 2, others 1; a warning counts half.
 * Tests that were not run or were skipped are in neither part. Null when no test ran.
 */
export function score(tests: Test[]): number | null {
  let passed = 0;
  let evaluated = 0;
  for (const test of tests) {
    if (test.status === "not_run" || test.status === "skipped") continue;
    const weight = severityOf(test) === "error" ? 2 : 1;
    evaluated += weight;
    if (test.status === "pass") passed += weight;
    if (test.status === "warn") passed += weight / 2;
  }
  return evaluated === 0 ? null : passed / evaluated;
}

function rank(verdict: Verdict): number {
  return { pass: 0, not_run: 0, skipped: 0, warn: 1, fail: 2, error: 2 }[verdict] ?? 0;
}
