/** The last outcomes of something, the oldest on the left: height and colour tell the tone. */

import { t, tMaybe } from "../i18n";
import { toneOf } from "./status";

/** How many outcomes are shown. */
const SHOWN = 30;

/** A strip of outcomes, given the newest first. */
export function Strip({ outcomes }: { outcomes: string[] }) {
  const shown = outcomes.slice(0, SHOWN).reverse();
  const words = outcomes.slice(0, SHOWN).map((status) => tMaybe("status", status));
  return (
    <span class="strip" role="img" aria-label={t("strip.label", { outcomes: words.join(", ") })}>
      {shown.map((status, at) => (
        <i key={at} class={toneOf(status)} title={tMaybe("status", status)} />
      ))}
    </span>
  );
}
