/** Moments, as readers think of them. */

import { ago, exactTime } from "../i18n";

/** How long ago something was by the reader's clock, with the exact moment behind it. */
export function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactTime(at)}>
      {ago(at)}
    </time>
  );
}
