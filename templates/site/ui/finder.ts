/** The search index of this site: made while nothing else is to do, and completed with columns when somebody begins to search. */

import { useEffect, useState } from "preact/hooks";
import type { Columns } from "./data";
import { indexOf, withColumns, type SearchIndex } from "./search";
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
