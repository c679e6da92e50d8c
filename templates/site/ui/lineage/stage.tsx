/**
 * The stage of a picture: it holds the drawing, moves the camera by mouse, touch and wheel, and walks the graph by keys.
 */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Area, View } from "./camera";
import { CanvasView } from "./canvas_view";
import { Minimap } from "./minimap";
import { WIDTH, type Picture } from "./picture";
import { MOST_ELEMENTS, SvgView, type Drawn } from "./svg_view";

/** How far a pointer may tremble before a click becomes a movement, in pixels. */
const TREMBLE = 4;
/** From so many boxes on a small map helps. */
const MAPPED = 40;

/** The stage. The picture of a new scene is shown from its start, or as `view` says. */
export function Stage({ drawn, view, scene, label }: { drawn: Drawn; view: View | null; scene: string; label: string }) {
  const { picture, camera, focus } = drawn;
  const stage = useRef<HTMLDivElement>(null);
  const last = useRef<Picture | null>(null);
  const hadView = useRef(false);

  useLayoutEffect(() => {
    const element = stage.current!;
    const measure = () => camera.resize(element.clientWidth, element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      camera.stop();
    };
  }, [camera]);

  useLayoutEffect(() => {
    const before = last.current;
    last.current = picture;
    camera.world = { width: picture.layout.width, height: picture.layout.height };
    const marked = areaOf(picture, focus);
    if (before?.scene === picture.scene) return stay(drawn, before);
    if (view) camera.set(view, false);
    else camera.open(marked);
  }, [picture]);

  // Back and Forward bring another view of the same scene.
  const wanted = view ? `${view.x} ${view.y} ${view.k}` : "";
  useEffect(() => {
    const { x, y, k } = camera.view;
    if (view && (Math.abs(view.x - x) > 1 || Math.abs(view.y - y) > 1 || Math.abs(view.k - k) > 0.002)) camera.set(view, false);
    if (!view && hadView.current && picture.scene === scene) camera.open(areaOf(picture, focus));
    hadView.current = view !== null;
  }, [wanted]);

  useEffect(() => {
    const area = areaOf(picture, focus);
    if (!area) return;
    const inside = stage.current!.contains(document.activeElement);
    if (inside && document.activeElement !== stage.current) stage.current!.querySelector<SVGElement>(`[data-box="${picture.byKey.get(focus!)}"]`)?.focus({ preventScroll: true });
    if (inside) camera.show(area);
  }, [focus]);

  usePointers(stage, drawn);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const marked = focus === null ? undefined : picture.byKey.get(focus);
    const step = STEPS[event.key];
    if (step) {
      const to = marked === undefined ? 0 : step(picture, marked);
      if (to !== undefined && picture.boxes[to]) drawn.actions.focus(picture.boxes[to].key);
    } else if (event.key === "Enter" && focus !== null) drawn.actions.open(focus);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const isLarge = picture.boxes.length > MOST_ELEMENTS;
  return (
    <div class="lineage-stage" ref={stage} tabIndex={isLarge ? 0 : -1} role="group" aria-label={label} aria-describedby="lineage-keys" onKeyDown={onKeyDown}>
      {isLarge ? <CanvasView {...drawn} /> : <SvgView {...drawn} />}
      {picture.boxes.length > MAPPED && <Minimap picture={picture} camera={camera} />}
      <p id="lineage-keys" class="unseen">
        {t("lineage.keys")}
      </p>
    </div>
  );
}

/** The place of a box; null where it is not in the picture. */
function areaOf(picture: Picture, key: string | null): Area | null {
  const at = key === null ? undefined : picture.byKey.get(key);
  return at === undefined ? null : { x: picture.layout.x[at], y: picture.layout.y[at], width: WIDTH, height: picture.boxes[at].height };
}

/** When something was opened or folded, the marked box stays where it was. */
function stay({ picture, camera, focus }: Drawn, before: Picture): void {
  const key = focus !== null && picture.byKey.has(focus) && before.byKey.has(focus) ? focus : picture.boxes.find((box) => before.byKey.has(box.key))?.key;
  const [from, to] = [areaOf(before, key ?? null), areaOf(picture, key ?? null)];
  const { k } = camera.view;
  if (!from || !to) return camera.open(null);
  camera.pan((from.x - to.x) * k, (from.y - to.y) * k);
}

/** Where the keys lead: to the nearest parent or child, and up and down in the same rank. */
const STEPS: Record<string, (picture: Picture, from: number) => number | undefined> = {
  ArrowLeft: (picture, from) => nearest(picture, from, picture.dst.flatMap((to, edge) => (to === from ? [picture.src[edge]] : []))),
  ArrowRight: (picture, from) => nearest(picture, from, picture.src.flatMap((src, edge) => (src === from ? [picture.dst[edge]] : []))),
  ArrowUp: (picture, from) => beside(picture, from, -1),
  ArrowDown: (picture, from) => beside(picture, from, 1),
};

function nearest({ layout }: Picture, from: number, to: number[]): number | undefined {
  const far = (box: number) => Math.abs(layout.y[box] - layout.y[from]);
  return to.reduce<number | undefined>((best, box) => (best === undefined || far(box) < far(best) ? box : best), undefined);
}

function beside({ layout, boxes }: Picture, from: number, sign: number): number | undefined {
  const rank = boxes.map((_, box) => box).filter((box) => layout.x[box] === layout.x[from] && (layout.y[box] - layout.y[from]) * sign > 0);
  return rank.reduce<number | undefined>((best, box) => (best === undefined || layout.y[box] * sign < layout.y[best] * sign ? box : best), undefined);
}

/** Dragging, pinching and the wheel. Without Ctrl the wheel scrolls the page, unless the stage has the focus. */
function usePointers(stage: { current: HTMLDivElement | null }, { camera }: Drawn): void {
  useEffect(() => {
    const element = stage.current!;
    const pointers = new Map<number, { x: number; y: number }>();
    let travelled = 0;
    const down = (event: PointerEvent) => {
      if (event.button !== 0) return;
      if (pointers.size === 0) travelled = 0;
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    };
    const move = (event: PointerEvent) => {
      const old = pointers.get(event.pointerId);
      if (!old) return;
      const now = { x: event.clientX, y: event.clientY };
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
      travelled += Math.abs(now.x - old.x) + Math.abs(now.y - old.y);
      if (travelled < TREMBLE) return;
      if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, now);
      element.classList.add("moving");
      if (other) pinch(old, now, other);
      else camera.pan(now.x - old.x, now.y - old.y);
    };
    const pinch = (old: { x: number; y: number }, now: { x: number; y: number }, other: { x: number; y: number }) => {
      const bounds = element.getBoundingClientRect();
      const apart = (one: { x: number; y: number }) => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
      camera.zoom(apart(now) / apart(old), (now.x + other.x) / 2 - bounds.left, (now.y + other.y) / 2 - bounds.top);
    };
    const up = (event: PointerEvent) => {
      pointers.delete(event.pointerId);
      element.classList.remove("moving");
    };
    // The click that ends a movement is none.
    const click = (event: MouseEvent) => {
      if (travelled >= TREMBLE) event.stopPropagation();
      travelled = 0;
    };
    const wheel = (event: WheelEvent) => {
      const bounds = element.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        camera.zoom(event.deltaY < 0 ? Math.min(1.25, 1 - event.deltaY / 300) : 1 / Math.min(1.25, 1 + event.deltaY / 300), event.clientX - bounds.left, event.clientY - bounds.top);
      } else if (event.shiftKey || event.deltaX !== 0 || element.contains(document.activeElement)) {
        event.preventDefault();
        camera.pan(-(event.shiftKey ? event.deltaY : event.deltaX), event.shiftKey ? 0 : -event.deltaY);
      }
    };
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", up);
    element.addEventListener("click", click, true);
    element.addEventListener("wheel", wheel, { passive: false });
    return () => {
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", up);
      element.removeEventListener("pointercancel", up);
      element.removeEventListener("click", click, true);
      element.removeEventListener("wheel", wheel);
    };
  }, [camera]);
}

/** How much a step of the zoom buttons and keys is. */
export const STEP = 1.3;
