/** The pages that the navigation, the palette and the shortcuts lead to. */

import type { TextKey } from "./i18n";
import type { IconName } from "./parts/icon";

/** A page that one can go to from everywhere. */
export interface Place {
  /** The first segment of its route; the first page has none. */
  path: string;
  label: TextKey;
  icon: IconName;
  group: "watch" | "know";
  /** The key after `g`. */
  key: string;
}

/** All of them, in the order of the navigation. */
export const PLACES: readonly Place[] = [
  { path: "", label: "page.home", icon: "home", group: "watch", key: "h" },
  { path: "map", label: "page.map", icon: "map", group: "watch", key: "m" },
  { path: "lineage", label: "page.lineage", icon: "lineage", group: "watch", key: "l" },
  { path: "quality", label: "page.quality", icon: "quality", group: "watch", key: "q" },
  { path: "runs", label: "page.runs", icon: "runs", group: "watch", key: "r" },
  { path: "diff", label: "page.diff", icon: "diff", group: "watch", key: "d" },
  { path: "search", label: "page.search", icon: "search", group: "know", key: "s" },
  { path: "exposures", label: "kinds.exposure", icon: "exposure", group: "know", key: "e" },
  { path: "metrics", label: "kinds.metric", icon: "metric", group: "know", key: "k" },
  { path: "owners", label: "page.owners", icon: "owner", group: "know", key: "o" },
  { path: "tags", label: "page.tags", icon: "tag", group: "know", key: "t" },
  { path: "glossary", label: "page.glossary", icon: "glossary", group: "know", key: "w" },
];
