/** The surroundings of one node, for its page: what it reads and what reads it. */
import { useMemo, useState } from "preact/hooks";
import { graphOf, reached, setOf, size, type NodeSet } from "../graph/graph";
import { besides, selectorOf, selectorRound } from "../graph/naming";
import { number, t } from "../i18n";
import { Icon } from "../parts/icon";
import { nodeHref } from "../parts/node_link";
import { go } from "../route";
import { core, place } from "../store";
import { useAsk } from "./ask";
import { Camera } from "./camera";
import type { LensData } from "./lens";
import type { Opened } from "./picture";
import { Reach, withDepth, type Depth } from "./reach";
import { Stage } from "./stage";
import { addressOf, shownOf } from "./state";
import type { Drawn } from "./svg_view";
import { usePicture } from "./use_picture";

const LENS_DATA: LensData = { diff: null, longest: 0 };
const NONE: ReadonlySet<string> = new Set();
const OPENED: Opened = { fold: null, groups: NONE, nodes: new Set(), columns: null, paths: null };

/** The picture `1+m+1` with its buttons; all else is in the explorer, to which it links. */
export function EmbeddedLineage({ node }: { node: number }) {
  const id = core().nodes.id[node];
  const rest = useMemo(() => selectorOf(core(), node), [node]);
  const [reach, setReach] = useState({ rest, up: 1, down: 1 });
  const depth: Depth = reach.rest === rest ? reach : { rest, up: 1, down: 1 };
  const [focus, setFocus] = useState<string>(id);
  const camera = useMemo(() => new Camera(), [node]);
  const q = withDepth(depth);
  const asked = useMemo(() => ({ set: surroundings(node, depth.up, depth.down), opened: OPENED }), [q, node]);
  const { picture } = usePicture(asked, q);
  const { ask, question } = useAsk(q);
  const widen = (to: Depth) => ask(size(surroundings(node, to.up, to.down)), size(surroundings(node, depth.up, depth.down)), () => setReach(to));
  const explorer = addressOf({ ...shownOf(new URLSearchParams()), q: selectorRound(core(), node, depth.up, depth.down), besides: besides(core(), node), focus: id });
  const everything = useMemo(() => number(size(surroundings(node, Infinity, Infinity))), [node]);
  if (!picture) return <div class="loading" />;
  const marked = picture.byKey.has(focus) ? focus : id;
  const drawn: Drawn = {
    picture, camera, focus: marked, lens: "none", lensData: LENS_DATA, paths: null, column: null, steps: [], dimmed: NONE,
    actions: {
      focus: setFocus,
      open: (key) => {
        const to = place(key);
        if (to !== undefined) go(nodeHref(to));
      },
      column: () => undefined,
      widen: (_, direction) => widen({ ...depth, up: depth.up + (direction === "up" ? 1 : 0), down: depth.down + (direction === "down" ? 1 : 0) }),
      step: () => undefined,
    },
  };
  return (
    <div class="lineage embedded">
      <div class="lineage-bar">
        <Reach depth={depth} all={everything} onChange={widen} />
        <span class="lineage-bar-end">
          <a class="button" href={explorer}>
            <Icon name="lineage" size={14} />
            {t("lineage.explore")}
          </a>
        </span>
      </div>
      {question}
      <Stage drawn={drawn} view={null} scene={q} label={t("lineage.stage", { nodes: picture.boxes.length, edges: picture.src.length })} />
    </div>
  );
}

/** A node with what is so many steps away. */
function surroundings(node: number, up: number, down: number): NodeSet {
  const graph = graphOf(core());
  const from = setOf(graph.count, [node]);
  const [above, below] = [reached(graph, from, "up", up), reached(graph, from, "down", down)];
  return from.map((is, at) => is | above[at] | below[at]);
}
