/** Long work in short pieces, between which the page answers: it is done in the order of the list, and seen when all of it is there. */

import { useEffect, useState } from "preact/hooks";

/** How long a piece may take, in milliseconds. */
const PIECE = 24;

/** What `work` makes of each entry of a list; null until all are done. The list must be the same one as long as it means the same. */
export function useSlices<T, R>(list: T[], work: (entry: T) => R): R[] | null {
  const [done, setDone] = useState<{ list: T[]; results: R[] } | null>(null);
  useEffect(() => {
    const results: R[] = [];
    let timer: ReturnType<typeof setTimeout>;
    const next = () => {
      const end = performance.now() + PIECE;
      while (results.length < list.length && performance.now() < end) results.push(work(list[results.length]));
      if (results.length < list.length) timer = setTimeout(next);
      else setDone({ list, results });
    };
    next();
    return () => clearTimeout(timer);
  }, [list]);
  return done?.list === list ? done.results : null;
}
