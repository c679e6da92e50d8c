/** How old the newest data of a source is, against what was promised. */

import type { Freshness } from "../data";
import { freshnessWord } from "../facts";
import { dateTime, duration, t } from "../i18n";
import { Status } from "./status";

/** A gauge: age on a line that ends where lateness is an error, with a mark where it is a warning. */
export function FreshnessGauge({ freshness }: { freshness: Freshness }) {
  const { age, warn_after, error_after, loaded, checked } = freshness;
  const end = Math.max(error_after ?? 0, warn_after ?? 0, age ?? 0) || 1;
  const tone = freshness.status === "pass" ? "ok" : freshness.status === "warn" ? "warn" : "bad";
  return (
    <div class="freshness">
      <Status value={freshnessWord(freshness.status)} />
      {age !== null && (
        <span class="gauge" aria-hidden="true">
          <i class={tone} style={{ width: `${Math.min(100, (age / end) * 100)}%` }} />
          {[warn_after, error_after].map((limit) => limit !== null && <b key={limit} style={{ left: `${(limit / end) * 100}%` }} />)}
        </span>
      )}
      <dl class="facts">
        {age !== null && [<dt>{t("freshness.age")}</dt>, <dd>{duration(age * 1000)}</dd>]}
        {warn_after !== null && [<dt>{t("freshness.warn")}</dt>, <dd>{duration(warn_after * 1000)}</dd>]}
        {error_after !== null && [<dt>{t("freshness.error")}</dt>, <dd>{duration(error_after * 1000)}</dd>]}
        {loaded && [<dt>{t("freshness.loaded")}</dt>, <dd>{dateTime(loaded)}</dd>]}
        {checked && [<dt>{t("freshness.checked")}</dt>, <dd>{dateTime(checked)}</dd>]}
      </dl>
    </div>
  );
}
