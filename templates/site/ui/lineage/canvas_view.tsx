/**
 * A picture of very many boxes on a canvas. What is not seen is not drawn, what cannot be read is left out, and while it moves a copy is moved.
 *
 * The canvas is hidden from screen readers: the table below the picture has the same nodes and edges, and the stage takes the keys.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { layerColor } from "../parts/layer";
import { core } from "../store";
import { useTheme } from "../theme";
import { noteOf } from "./box_shape";
import type { Area, Camera } from "./camera";
import { bandName } from "./bands";
import { GridIndex } from "./grid_index";
import { told } from "./lens";
import { FAMILY, fitting } from "./measure";
import { resolved, type Paint } from "./paint";
import { HEAD, isLoop, LOOP, ROW, WIDTH, type Picture } from "./picture";
import type { Drawn } from "./svg_view";

/** From these sizes on boxes have frames, names, and all there is to tell. */
const FRAMES = 0.16;
const NAMES = 0.42;
/** So much is drawn beyond the edges of the stage, in pixels, for movements. */
const MARGIN = 320;

/** A drawn part of the picture, to be moved. */
interface Copy {
  canvas: HTMLCanvasElement;
  area: Area;
  k: number;
}

/** The picture. */
export function CanvasView(drawn: Drawn) {
  const { picture, camera, focus, lens, lensData, dimmed, actions } = drawn;
  const canvas = useRef<HTMLCanvasElement>(null);
  const copy = useRef<Copy | null>(null);
  const index = useIndex(picture);
  const { dark } = useTheme();

  useEffect(() => {
    if (!index) return;
    const element = canvas.current!;
    const paint = resolved(element);
    let frame = 0;
    copy.current = null;
    const draw = () => {
      frame = 0;
      show(element, camera, copy, (into, area, k) => drawArea(into, area, k, { ...drawn, ...index, paint }));
    };
    const ask = () => void (frame ||= requestAnimationFrame(draw));
    draw();
    const stop = camera.follow(ask);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [index, camera, focus, lens, lensData, dimmed, dark]);

  const hit = (event: MouseEvent): { key: string; node: number; column: number | undefined } | null => {
    const bounds = canvas.current!.getBoundingClientRect();
    const { x, y, k } = camera.view;
    const [px, py] = [(event.clientX - bounds.left - x) / k, (event.clientY - bounds.top - y) / k];
    const found = index?.boxes.in({ x: px, y: py, width: 0, height: 0 }).find((at) => {
      const area = boxArea(picture, at);
      return px >= area.x && px <= area.x + area.width && py >= area.y && py <= area.y + area.height;
    });
    if (found === undefined) return null;
    const { key, nodes, rows } = picture.boxes[found];
    return { key, node: nodes[0], column: rows[Math.floor((py - picture.layout.y[found] - HEAD) / ROW)]?.column };
  };
  const onClick = (event: MouseEvent) => {
    const at = hit(event);
    if (at?.column !== undefined) actions.column(at.node, at.column);
    else if (at) actions.focus(at.key);
  };
  const onDblClick = (event: MouseEvent) => {
    const at = hit(event);
    if (at) actions.open(at.key);
  };
  return <canvas ref={canvas} class="lineage-canvas" aria-hidden="true" onClick={onClick} onDblClick={onDblClick} />;
}

interface Index {
  picture: Picture;
  boxes: GridIndex;
  edges: GridIndex;
}

/** Where boxes and edges are; null until that is worked out, in pieces between which the page answers. */
function useIndex(picture: Picture): Index | null {
  const [index, setIndex] = useState<Index | null>(null);
  useEffect(() => {
    let timer = setTimeout(() => {
      const boxes = new GridIndex(picture.boxes.length, (at) => boxArea(picture, at));
      timer = setTimeout(() => setIndex({ picture, boxes, edges: new GridIndex(picture.src.length, (at) => edgeArea(picture, at)) }));
    });
    return () => clearTimeout(timer);
  }, [picture]);
  return index?.picture === picture ? index : null;
}

function boxArea({ layout, boxes }: Picture, at: number): Area {
  return { x: layout.x[at], y: layout.y[at], width: WIDTH, height: boxes[at].height };
}

function edgeArea({ layout }: Picture, edge: number): Area {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let at = layout.route[edge]; at < layout.route[edge + 1]; at += 2) {
    left = Math.min(left, layout.points[at]);
    right = Math.max(right, layout.points[at]);
    top = Math.min(top, layout.points[at + 1]);
    bottom = Math.max(bottom, layout.points[at + 1]);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Shows what the camera sees: a moved copy while it moves, else a fresh drawing. */
function show(canvas: HTMLCanvasElement, camera: Camera, copy: { current: Copy | null }, draw: (into: CanvasRenderingContext2D, area: Area, k: number) => void): void {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const { width, height } = camera.stage;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    copy.current = null;
  }
  const into = canvas.getContext("2d");
  if (!into || width === 0) return;
  const seen = camera.seen();
  const { k } = camera.view;
  const old = copy.current;
  const isStale = !old || (camera.moving ? !covers(old.area, seen, camera.world) || old.k / k > 3 || k / old.k > 3 : old.k !== k || !covers(old.area, seen, camera.world));
  if (isStale) copy.current = drawn(seen, k, ratio, camera.world, draw);
  const { canvas: source, area, k: size } = copy.current!;
  into.setTransform(1, 0, 0, 1, 0, 0);
  into.clearRect(0, 0, canvas.width, canvas.height);
  const scale = k / size;
  into.imageSmoothingEnabled = scale !== 1;
  into.drawImage(source, (area.x - seen.x) * k * ratio, (area.y - seen.y) * k * ratio, source.width * scale, source.height * scale);
}

/** Whether a copy shows all of the picture that is seen. */
function covers(area: Area, seen: Area, world: { width: number; height: number }): boolean {
  const left = Math.max(seen.x, -AROUND);
  const top = Math.max(seen.y, -AROUND);
  const right = Math.min(seen.x + seen.width, world.width + AROUND);
  const bottom = Math.min(seen.y + seen.height, world.height + AROUND);
  if (right <= left || bottom <= top) return true;
  return area.x <= left + 1 && area.y <= top + 1 && area.x + area.width >= right - 1 && area.y + area.height >= bottom - 1;
}

/** What stands out of the picture: the names of bands, the mark of a box. */
const AROUND = 32;

function drawn(seen: Area, k: number, ratio: number, world: { width: number; height: number }, draw: (into: CanvasRenderingContext2D, area: Area, k: number) => void): Copy {
  const margin = MARGIN / k;
  const left = Math.max(seen.x - margin, -AROUND);
  const top = Math.max(seen.y - margin, -AROUND);
  const area = {
    x: left,
    y: top,
    width: Math.max(1, Math.min(seen.x + seen.width + margin, world.width + AROUND) - left),
    height: Math.max(1, Math.min(seen.y + seen.height + margin, world.height + AROUND) - top),
  };
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(area.width * k * ratio);
  canvas.height = Math.ceil(area.height * k * ratio);
  const into = canvas.getContext("2d");
  if (into) {
    into.setTransform(k * ratio, 0, 0, k * ratio, -area.x * k * ratio, -area.y * k * ratio);
    draw(into, area, k);
  }
  return { canvas, area, k };
}

interface Scene extends Drawn {
  paint: Paint;
  boxes: GridIndex;
  edges: GridIndex;
}

function drawArea(into: CanvasRenderingContext2D, area: Area, k: number, scene: Scene): void {
  drawBands(into, scene, k);
  drawEdges(into, area, k, scene);
  const visible = scene.boxes.in(area);
  if (k < FRAMES) drawBlocks(into, visible, scene);
  else for (const at of visible) drawBox(into, at, k, scene);
  const marked = scene.focus === null ? undefined : scene.picture.byKey.get(scene.focus);
  if (marked === undefined) return;
  const { x, y, width, height } = boxArea(scene.picture, marked);
  into.strokeStyle = scene.paint("var(--accent)");
  into.lineWidth = Math.max(3, 2.5 / k);
  into.strokeRect(x - into.lineWidth, y - into.lineWidth, width + 2 * into.lineWidth, height + 2 * into.lineWidth);
}

function drawBands(into: CanvasRenderingContext2D, { picture, paint }: Scene, k: number): void {
  for (const { band, x, width } of picture.layout.bands) {
    const color = paint(band >= 1 ? layerColor(band - 1) : "var(--layer-none)");
    into.fillStyle = color;
    into.globalAlpha = 0.07;
    into.fillRect(x + 6, -26, width - 12, picture.layout.bandsHeight + 32);
    into.globalAlpha = 1;
    if (k < 0.3) continue;
    into.font = `600 11.5px ${FAMILY}`;
    into.fillText(bandName(core(), band), x + 20, -9);
  }
}

function drawEdges(into: CanvasRenderingContext2D, area: Area, k: number, scene: Scene): void {
  const { picture, paint, focus } = scene;
  const marked = focus === null ? -1 : (picture.byKey.get(focus) ?? -1);
  const visible = scene.edges.in(area);
  const near = visible.filter((edge) => picture.src[edge] === marked || picture.dst[edge] === marked);
  const trace = k < NAMES ? traceStraight : traceCurve;
  into.strokeStyle = paint("var(--line-strong)");
  into.lineWidth = Math.max(1.25, 0.8 / k);
  const { x, y } = picture.layout;
  const isIn = (box: number) => x[box] + WIDTH >= area.x && x[box] <= area.x + area.width && y[box] + HEAD >= area.y && y[box] <= area.y + area.height;
  const own = k < FRAMES ? visible : visible.filter((edge) => isIn(picture.src[edge]) || isIn(picture.dst[edge]));
  const passing = k < FRAMES ? [] : visible.filter((edge) => !isIn(picture.src[edge]) && !isIn(picture.dst[edge]));
  // Thousands of edges together would be a wall: they are drawn the more lightly the more there are, and those that only pass hardly at all.
  for (const [edges, alpha] of [[passing, 0.14], [own, own.length > 4000 ? 0.22 : own.length > 800 ? 0.4 : 0.7]] as const) {
    into.globalAlpha = alpha;
    into.beginPath();
    for (const edge of edges) trace(into, picture, edge);
    into.stroke();
  }
  into.globalAlpha = 1;
  if (near.length === 0) return;
  into.strokeStyle = paint("var(--accent)");
  into.lineWidth = Math.max(1.75, 1.5 / k);
  into.beginPath();
  for (const edge of near) traceCurve(into, picture, edge);
  into.stroke();
}

function traceStraight(into: CanvasRenderingContext2D, picture: Picture, edge: number): void {
  if (isLoop(picture.layout, edge)) return traceCurve(into, picture, edge);
  const { route, points } = picture.layout;
  into.moveTo(points[route[edge]], points[route[edge] + 1]);
  for (let at = route[edge] + 2; at < route[edge + 1]; at += 2) into.lineTo(points[at], points[at + 1]);
}

function traceCurve(into: CanvasRenderingContext2D, { layout }: Picture, edge: number): void {
  const { route, points } = layout;
  const first = route[edge];
  into.moveTo(points[first], points[first + 1]);
  if (isLoop(layout, edge)) {
    const out = points[first] + LOOP;
    return into.bezierCurveTo(out, points[first + 1], out, points[first + 3], points[first + 2], points[first + 3]);
  }
  for (let at = first + 2; at < route[edge + 1]; at += 2) {
    const [px, py, x, y] = [points[at - 2], points[at - 1], points[at], points[at + 1]];
    if ((at - first) % 4 === 0) into.lineTo(x, y);
    else into.bezierCurveTo((px + x) / 2, py, (px + x) / 2, y, x, y);
  }
}

/** From far away: a block for each box, all of one colour at once. */
function drawBlocks(into: CanvasRenderingContext2D, visible: number[], scene: Scene): void {
  const { picture, paint, dimmed } = scene;
  const colors = new Map<string, number[]>();
  for (const at of visible) {
    const color = dimmed.has(picture.boxes[at].key) ? "var(--line)" : colorOf(scene, at);
    const known = colors.get(color);
    if (known) known.push(at);
    else colors.set(color, [at]);
  }
  for (const [color, all] of colors) {
    into.fillStyle = paint(color);
    into.beginPath();
    for (const at of all) into.rect(picture.layout.x[at], picture.layout.y[at], WIDTH, picture.boxes[at].height);
    into.fill();
  }
}

function colorOf({ picture, lens, lensData }: Scene, at: number): string {
  const box = picture.boxes[at];
  const said = told(core(), box, lens, lensData);
  if (lens === "none") return layerColor(box.layer);
  return said === null || said.tone === "idle" ? "var(--idle-fill)" : said.tone === "accent" ? "var(--accent)" : `var(--${said.tone}-fill)`;
}

function drawBox(into: CanvasRenderingContext2D, at: number, k: number, scene: Scene): void {
  const { picture, paint, lens, lensData, dimmed } = scene;
  const box = picture.boxes[at];
  const { x, y, width, height } = boxArea(picture, at);
  into.globalAlpha = dimmed.has(box.key) ? 0.4 : 1;
  into.fillStyle = paint("var(--surface)");
  into.strokeStyle = paint("var(--line-strong)");
  into.lineWidth = Math.max(1, 0.7 / k);
  into.beginPath();
  if (k < NAMES) into.rect(x, y, width, height);
  else into.roundRect(x, y, width, height, 8);
  into.fill();
  into.stroke();
  into.fillStyle = paint(colorOf(scene, at));
  into.fillRect(x, y + 8, k < NAMES ? 14 : 4, height - 16);
  if (k >= NAMES) {
    const said = told(core(), box, lens, lensData);
    into.font = `550 12.5px ${FAMILY}`;
    into.fillStyle = paint("var(--text)");
    into.fillText(fitting(box.label, width - 28, into.font), x + 14, y + 19.5);
    into.font = `400 11px ${FAMILY}`;
    into.fillStyle = paint(said && said.tone !== "idle" ? `var(--${said.tone})` : "var(--text-3)");
    into.fillText(fitting(said?.text ?? noteOf(box), width - 28, into.font), x + 14, y + 35.5);
    if (box.unknown !== null) {
      into.fillStyle = paint("var(--warn)");
      into.fillText(`? ${t("lineage.unknown")}`, x + 14, y + height - 7);
    }
    box.rows.forEach((row, line) => {
      into.fillStyle = paint(row.onPath ? "var(--accent)" : "var(--text-2)");
      into.fillText(fitting(row.name, width - 28, into.font), x + 14, y + HEAD + line * ROW + 15);
    });
  }
  into.globalAlpha = 1;
}
