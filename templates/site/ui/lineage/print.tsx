/** The picture on paper: drawn anew as vectors, in one piece, when the browser begins to print. */
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { onPage } from "./paint";
import { StaticPicture, type Still } from "./static_picture";

/** Above this many boxes paper shows nothing that the tables do not. */
const MOST = 3000;

/** Holds the place of the printed picture. */
export function OnPaper({ still }: { still: Still }) {
  const holder = useRef<HTMLDivElement>(null);
  const latest = useRef(still);
  latest.current = still;
  useEffect(() => {
    const element = holder.current!;
    const begin = () => {
      if (latest.current.picture.boxes.length <= MOST) render(<StaticPicture still={latest.current} paint={onPage} background={false} />, element);
    };
    const end = () => render(null, element);
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
    return () => {
      removeEventListener("beforeprint", begin);
      removeEventListener("afterprint", end);
      end();
    };
  }, []);
  return <div class="lineage-paper" ref={holder} aria-hidden="true" />;
}
