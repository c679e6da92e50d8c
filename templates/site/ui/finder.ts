/** The search index of this site: made while nothing else is to do, and completed with columns when somebody begins to search. */

import { useEffect, useState } from "preact/hooks";
import type { Columns } from "./data";
import type { TextKey } from "./i18n";
import type { IconName } from "./parts/icon";
import { href } from "./route";
import { indexOf, withColumns, type Hit, type SearchIndex } from "./search";
import { core, has, load } from "./store";

/** Milliseconds before columns are asked for: the first letters are answered by names, without waiting for a large file. */
const COLUMNS_AFTER = 300;

let index: SearchIndex | null = null;
let columns: Columns | null = null;
let filling: Promise<void> | null = null;

/** Prepares the index ahead of the first search. */
export function warmFinder(): void {
  index ??= indexOf(core());
}

/** The index, as complete as it is now; drawn again when the columns are in it. Null while it is not wanted. */
export function useFinder(wanted: boolean): SearchIndex | null {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!wanted || columns || !has("cols")) return;
    let here = true;
    const timer = setTimeout(() => void fillIn().then(() => here && redraw((n) => n + 1)), COLUMNS_AFTER);
    return () => {
      here = false;
      clearTimeout(timer);
    };
  }, [wanted]);
  if (wanted) warmFinder();
  return wanted ? index : null;
}

/** The names of columns, for hits. Null until their file has come. */
export function foundColumns(): Columns | null {
  return columns;
}

/** What a hit is that is neither a node nor a column: an entry of the glossary, or a word that nodes share. Null for those two. */
export function wordHit({ what, at }: Hit): { icon: IconName; name: string; kind: TextKey; to: string } | null {
  const { words, glossary } = core();
  switch (what) {
    case "term":
      return { icon: "glossary", name: glossary[at].name, kind: "page.glossary", to: href(["glossary"], { term: glossary[at].name }) };
    case "owner":
      return { icon: "owner", name: words.owner[at], kind: "fold.owner", to: href(["owners"], { owner: words.owner[at] }) };
    case "tag":
      return { icon: "tag", name: words.tag[at], kind: "search.tag", to: href(["tags"], { tag: words.tag[at] }) };
    case "group":
      return { icon: "owner", name: words.group[at], kind: "node.group", to: href(["search"], { group: words.group[at] }) };
    default:
      return null;
  }
}

function fillIn(): Promise<void> {
  filling ??= load<Columns>("cols").then(
    (loaded) => {
      columns = loaded;
      index = withColumns(index ?? indexOf(core()), loaded);
    },
    // The failure is shown by the shell; searching goes on without columns.
    () => undefined,
  );
  return filling;
}
