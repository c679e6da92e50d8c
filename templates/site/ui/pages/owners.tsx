/** Who answers for what. */

import { wordsOf } from "../facts";
import { t } from "../i18n";
import type { Route } from "../route";
import { Groups } from "./groups";

/** The page. */
export function OwnersPage({ route }: { route: Route }) {
  const owners = (node: number) => {
    const { owner } = wordsOf(node);
    return owner === null ? [] : [owner];
  };
  return <Groups of={{ title: t("page.owners"), none: t("owners.none"), path: "owners", param: "owner", wordsOf: owners }} chosen={route.query.get("owner")} />;
}
