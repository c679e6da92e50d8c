/** How the tests of the last runs ended, one column for each run, the oldest on the left. */

import type { Quality, Runs, Verdict } from "../data";
import { dateTime, number, t, tMaybe } from "../i18n";
import { toneOf } from "../parts/status";
import { href } from "../route";
import { has, useData } from "../store";

/** How many runs are shown. */
const SHOWN = 30;
/** The height of the chart stands for so many tests at least: one test that fails is no catastrophe. */
const LEAST = 10;
const ORDER: readonly Verdict[] = ["error", "fail", "warn", "not_run", "skipped", "pass"];

/**
 * The chart. The columns tell only what did not pass: passing tests are so many that nothing else would be seen beside them.
 * Each column leads to its run and says all its numbers.
 */
export function Trend({ quality }: { quality: Quality }) {
  const runs = useData<Runs>(has("runs") ? "runs" : null);
  const trend = quality.trend.slice(0, SHOWN).reverse();
  if (trend.length === 0) return <p class="dim">{t("runs.none_text")}</p>;
  const troubled = trend.map(({ counts }) => ORDER.filter((verdict) => verdict !== "pass").reduce((sum, verdict) => sum + (counts[verdict] ?? 0), 0));
  const top = Math.max(LEAST, ...troubled);
  return (
    <ul class="trend" aria-label={t("quality.trend")}>
      {trend.map(({ run, counts }) => {
        const head = runs.state === "ready" ? runs.value.runs[run] : undefined;
        const words = ORDER.filter((verdict) => counts[verdict]).map((verdict) => `${tMaybe("status", verdict)} ${number(counts[verdict] ?? 0)}`);
        const text = `${head ? `${dateTime(head.start)}: ` : ""}${words.join(", ")}`;
        return (
          <li key={run}>
            <a href={head ? href(["runs", head.id]) : href(["runs"])} aria-label={text} title={text}>
              {ORDER.filter((verdict) => verdict !== "pass" && counts[verdict]).reverse().map((verdict) => (
                <i key={verdict} class={toneOf(verdict)} style={{ height: `${((counts[verdict] ?? 0) / top) * 100}%` }} />
              ))}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
