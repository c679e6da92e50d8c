/** What is marked with what. */

import { wordsOf } from "../facts";
import { t } from "../i18n";
import type { Route } from "../route";
import { Groups } from "./groups";

/** The page. */
export function TagsPage({ route }: { route: Route }) {
  return <Groups of={{ title: t("page.tags"), none: t("tags.none"), path: "tags", param: "tag", wordsOf: (node) => wordsOf(node).tags }} chosen={route.query.get("tag")} />;
}
