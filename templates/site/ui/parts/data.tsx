/** What a part of a page shows while its data file is on the way, and when it does not come. */

import type { ComponentChildren } from "preact";
import { t } from "../i18n";
import type { Loaded } from "../store";
import { Notice } from "./notice";

/** Draws what depends on a data file. A file that failed is named, and the rest of the page stays. */
export function With<T>({ data, children }: { data: Loaded<T>; children: (value: T) => ComponentChildren }) {
  if (data.state === "ready") return <>{children(data.value)}</>;
  if (data.state === "failed") return <Notice>{t("load.failed", { file: data.message })}</Notice>;
  return <div class="loading" role="status" aria-label={t("load.waiting")} />;
}
