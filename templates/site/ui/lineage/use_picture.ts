/** From a selection to a picture: boxes at once or, where they are many, a moment later; their places as soon as the layout has them. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { size, type NodeSet } from "../graph/graph";
import type { Layout } from "../graph/layout";
import { layouts } from "../graph/layouts";
import { core } from "../store";
import { draft, layoutInput, type Draft, type Opened, type Picture } from "./picture";

/** What a picture is made of. */
export interface Asked {
  set: NodeSet;
  opened: Opened;
}

/** Up to so many nodes are drafted together with what has chosen them; more would hold up the page. */
const FEW = 1500;

/** The picture of what is asked. While a new one is made the old one stays, and `busy` says so. */
export function usePicture(asked: Asked | null, scene: string): { picture: Picture | null; busy: boolean } {
  const drafted = useDraft(asked);
  const made = useMemo(() => (drafted ? layouts(layoutInput(core(), drafted)) : null), [drafted]);
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
  const picture = useMemo(() => (drafted && layout ? { ...drafted, layout, scene } : null), [drafted, layout]);
  const last = useRef<Picture | null>(null);
  if (picture || !asked) last.current = picture;
  return { picture: picture ?? last.current, busy: asked !== null && picture === null };
}

function useDraft(asked: Asked | null): Draft | null {
  const made = ({ set, opened }: Asked) => draft(core(), set, opened);
  const now = useMemo(() => (asked && size(asked.set) <= FEW ? made(asked) : null), [asked]);
  const [late, setLate] = useState<{ asked: Asked; drafted: Draft } | null>(null);
  useEffect(() => {
    if (!asked || now) return;
    const timer = setTimeout(() => setLate({ asked, drafted: made(asked) }));
    return () => clearTimeout(timer);
  }, [asked]);
  return now ?? (late?.asked === asked ? late!.drafted : null);
}
