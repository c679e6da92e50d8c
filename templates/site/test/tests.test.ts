/** What pages say of tests: flakiness, urgency, changes, the score. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Quality, Test, Verdict } from "../ui/data";
import { alertRuns, alertState, changes, countVerdicts, failuresOf, isFlaky, score, severityOf, testsByNode, urgency } from "../ui/tests";

function made(history: Verdict[], more: Partial<Test> = {}): Test {
  return { status: history[0] ?? "not_run", streak: 1, history: history.map((verdict, run) => [run, verdict, null]), ...more } as Test;
}

test("a test that changes its mind is flaky", () => {
  assert.equal(isFlaky(made(["pass", "fail", "pass", "fail"])), true);
  assert.equal(isFlaky(made(["fail", "fail", "pass", "pass"])), false);
  assert.equal(isFlaky(made(["pass", "skipped", "pass", "not_run", "pass"])), false);
});

test("not run never counts as passed", () => {
  assert.equal(score([made(["not_run"]), made(["skipped"])]), null);
  assert.equal(score([made(["pass"]), made(["not_run"])]), 1);
  assert.equal(score([made(["pass"]), made(["fail"])]), 0.5);
  assert.equal(score([made(["pass"]), made(["warn"], { severity: "warn" })]), 2.5 / 3);
});

test("changes are those of the last run", () => {
  const worse = made(["fail", "pass"]);
  const better = made(["pass", "warn"]);
  const found = changes([worse, better, made(["fail", "fail"]), made(["pass"]), made(["not_run", "fail"])]);
  assert.deepEqual(found, { worse: [worse], better: [better] });
});

test("what has more below it is more urgent, and errors are before warnings", () => {
  assert.ok(urgency(made(["fail"]), 10) > urgency(made(["fail"]), 1));
  assert.ok(urgency(made(["fail"]), 5) > urgency(made(["warn"]), 5));
});

test("an alert is new in its first run", () => {
  assert.equal(alertState(made(["fail"], { streak: 1 })), "new");
  assert.equal(alertState(made(["fail", "skipped", "pass", "fail"])), "new");
  assert.equal(alertState(made(["fail"], { streak: 4 })), "ongoing");
});

test("an alert that became milder or worse is not new", () => {
  assert.equal(alertState(made(["warn", "fail", "pass"])), "ongoing");
  assert.equal(alertRuns(made(["warn", "skipped", "fail", "pass", "fail"])), 2);
});

test("a test that reads several nodes is listed at each, once", () => {
  const both = made([], { node: 1, also: [2, 1] });
  const map = testsByNode({ tests: [both], trend: [] } satisfies Quality);
  assert.deepEqual([map.get(1), map.get(2)], [[both], [both]]);
});

test("every verdict is counted", () => assert.deepEqual(countVerdicts([made(["pass"]), made(["error"]), made([])]), { pass: 1, warn: 0, fail: 0, error: 1, skipped: 0, not_run: 1 }));

test("what a test leaves out is what is usual", () => {
  assert.equal(severityOf(made(["fail"])), "error");
  assert.equal(failuresOf(made(["pass"])), 0);
  assert.equal(failuresOf(made(["fail"], { failures: 3 })), 3);
  assert.equal(failuresOf(made(["not_run"])), null);
  assert.equal(failuresOf(made(["error"])), null);
});
