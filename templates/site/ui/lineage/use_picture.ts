/** From a selection to a picture: boxes at once, their places as soon as the layout has them. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Layout } from "../graph/layout";
import { layouts } from "../graph/layouts";
import { core } from "../store";
import { layoutInput, type Draft, type Picture } from "./picture";

/** The picture of a draft. While a new one is laid out the old one stays, and `busy` says so. */
export function usePicture(draft: Draft | null, scene: string): { picture: Picture | null; busy: boolean } {
  const made = useMemo(() => (draft ? layouts(layoutInput(core(), draft)) : null), [draft]);
  const [late, setLate] = useState<{ made: Promise<Layout>; layout: Layout } | null>(null);
  useEffect(() => {
    if (!(made instanceof Promise)) return;
    let wanted = true;
    void made.then((layout) => wanted && setLate({ made, layout }));
    return () => {
      wanted = false;
    };
  }, [made]);
  const layout = made instanceof Promise ? (late?.made === made ? late.layout : null) : made;
  const picture = useMemo(() => (draft && layout ? { ...draft, layout, scene } : null), [draft, layout]);
  const last = useRef<Picture | null>(null);
  if (picture || !draft) last.current = picture;
  return { picture: picture ?? last.current, busy: draft !== null && picture === null };
}
