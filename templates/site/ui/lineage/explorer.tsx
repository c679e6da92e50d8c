/**
 * The lineage explorer: a selection as a picture, with the columns, lenses and impact of what is marked in it.
 *
 * Everything that can be chosen is in the address (`state.ts`), so that links, reloading and Back show what was seen.
 */
import { useEffect, useMemo, useRef } from "preact/hooks";
import "../css/lineage.css";
import type { Columns, Diff } from "../data";
import { choose, columnPlace } from "../graph/choice";
import type { ColumnAt } from "../graph/column_paths";
import { graphOf, members, reached, setOf, size, type NodeSet } from "../graph/graph";
import { besides, safe, selectorRound } from "../graph/naming";
import { parse } from "../graph/selector";
import { number, t } from "../i18n";
import { useKey } from "../keys";
import { Empty } from "../parts/empty";
import { Icon } from "../parts/icon";
import { nodeHref } from "../parts/node_link";
import { Notice } from "../parts/notice";
import { PageHead } from "../parts/page";
import { amend, go, href, replace, type Route } from "../route";
import { core, has, place, useData } from "../store";
import { useAsk } from "./ask";
import { Camera } from "./camera";
import { bothWays, touched, useChosen, useColumnPaths } from "./chosen";
import { ExportMenu } from "./export_menu";
import { LENSES, type Lens, type LensData } from "./lens";
import { Panel, type PanelActions } from "./panel";
import { FOLDS, type Fold, type Picture } from "./picture";
import { OnPaper } from "./print";
import { depthOf, Reach, withDepth } from "./reach";
import { Records } from "./records";
import { SelectorBox } from "./selector_box";
import { STEP, Stage } from "./stage";
import { edgesOf, stepName } from "./step";
import { addressOf, shownOf, viewText, type Shown } from "./state";
import type { Actions, Drawn } from "./svg_view";
import { usePicture, type Asked } from "./use_picture";

/** The page. */
export function Explorer({ route }: { route: Route }) {
  const shown = complete(shownOf(route.query), route.query.get("column"));
  const rest = { theme: route.query.get("theme") ?? undefined, lang: route.query.get("lang") ?? undefined };
  const to = (change: Partial<Shown>) => go(addressOf({ ...shown, ...change }, rest));
  const change = (small: Partial<Shown>) => replace(addressOf({ ...shown, ...small }, rest));
  const address = addressOf(shown, rest);
  useEffect(() => {
    if (shown.q !== "" && !route.query.get("q")) replace(address);
  }, [address]);
  const camera = useMemo(() => new Camera((view) => amend({ view: viewText(view) })), []);

  const chosen = useChosen(shown.q);
  const depth = useMemo(() => depthOf(shown.q), [shown.q]);
  const focus = shown.focus ?? soleKey(depth?.rest ?? null);
  const columns = useData<Columns>(shown.columns.length > 0 || shown.column ? "cols" : null);
  const columnsKnown = columns.state === "ready" ? columns.value : null;
  const column = columnOf(shown.column, columnsKnown);
  const ways = useColumnPaths(column, shown.influences);
  const paths = useMemo(() => ways && bothWays(ways), [ways]);

  // A picture is only made when all that is in it is known: one that grows afterwards moves under the reader's eyes.
  const pending = ((shown.columns.length > 0 || shown.column !== null) && columns.state === "loading") || (column !== null && ways === null);
  const before = useRef<Asked | null>(null);
  const asked = useMemo((): Asked | null => {
    if (!chosen.set) return null;
    if (pending) return before.current;
    const open = shown.columns.map(place).filter((node) => node !== undefined);
    return { set: added(chosen.set, shown.besides), opened: { fold: shown.fold, groups: new Set(shown.open), nodes: new Set(open), columns: columnsKnown, paths } };
  }, [chosen.set, shown.besides, shown.fold, shown.open.join(), shown.columns.join(), columnsKnown, paths, pending]);
  before.current = asked;
  const scene = `${shown.q} ${shown.fold}`;
  const { picture, busy } = usePicture(asked, scene);

  const diff = useData<Diff>(shown.lens === "diff" && has("diff") ? "diff" : null);
  const lensData = useMemo((): LensData => ({ diff: diff.state === "ready" ? diff.value : null, longest: longest(picture) }), [diff.state, picture]);
  const box = picture && focus !== null ? (picture.boxes[picture.byKey.get(focus) ?? -1] ?? null) : null;
  const dimmed = useMemo(() => {
    if (!picture) return new Set<string>();
    const kept = paths ? touched(paths) : shown.impact && box ? downstream(box.nodes) : null;
    return new Set(kept ? picture.boxes.filter((one) => !one.nodes.some((node) => kept.has(node))).map((one) => one.key) : []);
  }, [picture, paths, shown.impact, box]);

  const steps = useMemo(() => edgesOf(shown.step, paths, columnsKnown), [shown.step?.join(), paths, columnsKnown]);
  const { ask, question } = useAsk(shown.q);

  const centre = (node: number) => to({ ...round(node), view: null });
  const toggleColumns = (node: number) => to({ columns: toggled(shown.columns, core().nodes.id[node]) });
  const toggleGroup = (key: string) => to({ open: toggled(shown.open, key) });
  const actions: Actions & PanelActions = {
    focus: (key) => change({ focus: key, view: shown.view ?? camera.held() }),
    open: (key) => {
      const node = place(key);
      if (node === undefined) toggleGroup(key);
      else go(nodeHref(node));
    },
    column: (node, at) => {
      const name = columnsKnown?.names[at];
      if (name !== undefined) to({ column: column?.node === node && column.column === at ? null : [core().nodes.id[node], name], step: null, focus: core().nodes.id[node] });
    },
    widen: (node, direction) => {
      const [, select, exclude] = /^(.*?)(\s--exclude\s.*)?$/s.exec(shown.q)!;
      const more = direction === "up" ? selectorRound(core(), node, 1, 0) : selectorRound(core(), node, 0, 1);
      const now = size(chosen.set!);
      const hidden = picture?.boxes[picture.boxOf.get(node) ?? -1]?.[direction === "up" ? "hiddenUp" : "hiddenDown"] ?? 0;
      ask(now + hidden, now, () => to({ q: `${select} ${more}${exclude ?? ""}`, focus: core().nodes.id[node], view: null }));
    },
    step: (edge) => to({ step: edge && columnsKnown && stepName(edge, columnsKnown) }),
    centre,
    openColumns: toggleColumns,
    noColumn: () => to({ column: null, step: null }),
    impact: (on) => to({ impact: on }),
    influences: (on) => to({ influences: on }),
    openGroup: toggleGroup,
  };

  useKey("f", "lineage.key.fit", () => camera.fit());
  useKey("+", "zoom.in", () => camera.zoom(STEP));
  useKey("-", "zoom.out", () => camera.zoom(1 / STEP));
  useKey("c", "lineage.key.columns", () => box && !box.isGroup && toggleColumns(box.nodes[0]));
  useKey("i", "lineage.key.impact", () => to({ impact: !shown.impact }));
  useKey("Escape", "lineage.key.escape", () => {
    if (shown.step) to({ step: null });
    else if (shown.column) to({ column: null });
    else if (shown.impact) to({ impact: false });
  });

  const drawn: Drawn | null = picture && { picture, camera, focus, lens: shown.lens, lensData, paths, column, steps, dimmed, actions };
  return (
    <div class="lineage wide">
      <PageHead title={t("page.lineage")} badges={picture && <span class="dim small">{counts(picture)}</span>} aside={<Link to={href(["map"])} text={t("page.map")} />} />
      <SelectorBox text={shown.q} problems={chosen.problems} warnings={chosen.warnings} onChoose={(q) => to({ q, besides: null, focus: null, view: null, columns: [], column: null, step: null, open: [] })} />
      <div class="lineage-bar">
        {depth && <Reach depth={depth} all={allOf(depth.rest)} onChange={(next) => ask(sizeOf(withDepth(next)), chosen.set ? size(chosen.set) : 0, () => to({ q: withDepth(next), view: null }))} />}
        <Choice label={t("lens")} value={shown.lens} options={LENSES.map((lens) => [lens, t(`lens.${lens}`)])} onChange={(lens) => to({ lens: lens as Lens })} />
        <Choice
          label={t("fold")}
          value={shown.fold ?? ""}
          options={[["", t("fold.none")], ...FOLDS.map((fold): [string, string] => [fold, t(`fold.${fold}`)])]}
          onChange={(fold) => to({ fold: (fold || null) as Fold | null, open: [], view: null })}
        />
        {shown.open.length > 0 && (
          <button type="button" class="button quiet" onClick={() => to({ open: [] })}>
            {t("fold.all")}
          </button>
        )}
        <span class="lineage-bar-end">
          <span class="lineage-zoom" role="group" aria-label={t("lineage.zoom")}>
            <IconButton label={t("zoom.out")} text="−" onClick={() => camera.zoom(1 / STEP)} />
            <button type="button" class="button quiet" title={t("lineage.key.fit")} onClick={() => camera.fit()}>
              {t("zoom.fit")}
            </button>
            <IconButton label={t("zoom.in")} text="+" onClick={() => camera.zoom(STEP)} />
          </span>
          {drawn && <ExportMenu still={drawn} />}
        </span>
      </div>
      {question}
      {shown.lens === "diff" && !has("diff") && <Notice>{t("lens.diff.absent")}</Notice>}
      {columns.state === "failed" && <Notice tone="bad">{t("load.failed", { file: columns.message })}</Notice>}
      {drawn && drawn.picture.boxes.length > 0 ? (
        <>
          <div class="lineage-body" aria-busy={busy || pending}>
            <Stage drawn={drawn} view={shown.view} scene={scene} label={t("lineage.stage", { nodes: drawn.picture.boxes.length, edges: drawn.picture.src.length })} />
            <Panel
              box={box}
              isOpen={box !== null && shown.columns.includes(box.key)}
              columns={columnsKnown}
              column={column}
              paths={ways}
              steps={steps}
              influences={shown.influences}
              impact={shown.impact}
              actions={actions}
            />
            <p class="unseen" aria-live="polite">
              {busy ? t("lineage.busy") : (box?.label ?? "")}
            </p>
          </div>
          <OnPaper still={drawn} />
          <Records picture={drawn.picture} lens={shown.lens} lensData={lensData} focus={focus} onFocus={actions.focus} />
        </>
      ) : busy || pending || chosen.waiting ? (
        <div class="loading" role="status" aria-label={t("lineage.busy")} />
      ) : (
        <Start isAsked={shown.q !== "" && chosen.problems.length === 0} />
      )}
    </div>
  );
}

/** Pages that know a node or a column, and no selection, ask for what is round it. */
function complete(shown: Shown, column: string | null): Shown {
  const node = shown.q === "" && shown.focus !== null ? place(shown.focus) : undefined;
  if (node === undefined) return shown;
  const id = core().nodes.id[node];
  const around = { ...shown, ...round(node) };
  return column === null ? around : { ...around, columns: [id], column: [id, column] };
}

/** What asks for a node with its neighbours. */
function round(node: number): Pick<Shown, "q" | "besides" | "focus"> {
  return { q: selectorRound(core(), node), besides: besides(core(), node), focus: core().nodes.id[node] };
}

/** A selection with a node that it does not name. */
function added(set: NodeSet, id: string | null): NodeSet {
  const node = id === null ? undefined : place(id);
  return node === undefined ? set : set.map((is, at) => (at === node ? 1 : is));
}

/** What there is before anything is asked, and when nothing is found. */
function Start({ isAsked }: { isAsked: boolean }) {
  const { words } = core();
  const layer = words.layer.at(-1);
  const tag = words.tag.find((name) => safe(name) === name);
  const examples = [layer && `layer:${safe(layer)}`, tag && `tag:${tag}`, has("diff") && "state:modified+", "1+status:error+1"].filter((one) => typeof one === "string");
  return (
    <Empty title={t(isAsked ? "lineage.empty" : "lineage.start")}>
      {t("lineage.start.text")}
      <span class="badges lineage-examples">
        {examples.map((example) => (
          <a class="badge plain mono" key={example} href={href(["lineage"], { q: example })}>
            {example}
          </a>
        ))}
        <Link to={href(["map"])} text={t("page.map")} />
      </span>
    </Empty>
  );
}

function Link({ to, text }: { to: string; text: string }) {
  return (
    <a class="button" href={to}>
      <Icon name="map" size={14} />
      {text}
    </a>
  );
}

function Choice({ label, value, options, onChange }: { label: string; value: string; options: [string, string][]; onChange: (value: string) => void }) {
  return (
    <label class="lineage-choice small">
      <span class="dim">{label}</span>
      <select class="field" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function IconButton({ label, text, onClick }: { label: string; text: string; onClick: () => void }) {
  return (
    <button type="button" class="button quiet" aria-label={label} title={label} onClick={onClick}>
      {text}
    </button>
  );
}

function counts(picture: Picture): string {
  const nodes = picture.boxes.reduce((sum, { nodes }) => sum + nodes.length, 0);
  const all = [t("lineage.count.nodes", { count: nodes }), t("lineage.count.edges", { count: picture.src.length })];
  return (picture.boxes.some(({ isGroup }) => isGroup) ? [t("lineage.count.boxes", { count: picture.boxes.length }), ...all] : all).join(" · ");
}

/** The key of the node that a selection without its operators means, if it is one. */
function soleKey(rest: string | null): string | null {
  if (rest === null) return null;
  const { query, problems } = parse(rest);
  if (problems.length > 0) return null;
  const found = members(choose(core(), query).set);
  return found.length === 1 ? core().nodes.id[found[0]] : null;
}

/** How many nodes there would be with everything up- and downstream. */
function allOf(rest: string): string {
  return number(sizeOf(`+${rest}+`));
}

/** How many nodes a selection has that asks for nothing but the core. */
function sizeOf(text: string): number {
  return size(choose(core(), parse(text).query).set);
}

function columnOf(column: Shown["column"], columns: Columns | null): ColumnAt | null {
  if (!column || !columns) return null;
  const node = place(column[0]);
  const at = node === undefined ? -1 : columnPlace(columns, node, column[1]);
  return node === undefined || at < 0 ? null : { node, column: at };
}

function downstream(nodes: number[]): Set<number> {
  const graph = graphOf(core());
  return new Set([...nodes, ...members(reached(graph, setOf(graph.count, nodes), "down"))]);
}

function longest(picture: Picture | null): number {
  const { took } = core().nodes;
  return (picture?.boxes ?? []).reduce((most, box) => Math.max(most, box.nodes.reduce((sum, node) => sum + Math.max(0, took[node]), 0)), 0);
}

function toggled(list: string[], one: string): string[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
}
