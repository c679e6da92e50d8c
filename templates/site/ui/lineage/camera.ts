/**
 * The part of a picture that is seen, and how large: moved by mouse, touch, wheel and keys, without anybody else being asked.
 */

/** A point `p` of the picture is at `p * k + (x, y)` of the stage. */
export interface View {
  x: number;
  y: number;
  k: number;
}

/** A part of the picture. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

const LEAST = 0.02;
const MOST = 3;
/** Left free round the picture when all of it is shown. */
const PADDING = 20;
/** Smaller than this nobody can read a label. */
const LEGIBLE = 0.6;
/** After so many milliseconds without movement the view is settled. */
const SETTLED = 220;

/** A camera over a picture. */
export class Camera {
  view: View = { x: 0, y: 0, k: 1 };
  stage = { width: 0, height: 0 };
  world = { width: 1, height: 1 };
  /** Whether it moved in the last moments. */
  moving = false;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the reader moved it, and it is not told yet. */
  private isOwed = false;

  constructor(private readonly onSettled: (view: View) => void = () => undefined) {}

  /** Calls back at each movement, and when it ends. */
  follow(call: () => void): () => void {
    this.listeners.add(call);
    return () => void this.listeners.delete(call);
  }

  /** Shows everything, but nothing larger than life. */
  fit(): void {
    const { k, x, y } = this.fitted();
    this.set({ k, x, y });
  }

  /** Shows everything where it can be read then, or where nothing is in the centre of interest; else the surroundings of an area. */
  open(area: Area | null): void {
    const fitted = this.fitted();
    if (fitted.k >= LEGIBLE || !area) return this.set(fitted, false);
    const k = 0.86;
    const { width, height } = this.stage;
    // A picture that is lower than the stage stands in its middle.
    const y = this.world.height * k < height ? (height - this.world.height * k) / 2 : height / 2 - (area.y + area.height / 2) * k;
    this.set({ k, x: width / 2 - (area.x + area.width / 2) * k, y }, false);
  }

  /** Moves the picture. */
  pan(dx: number, dy: number): void {
    this.set({ ...this.view, x: this.view.x + dx, y: this.view.y + dy });
  }

  /** Makes the picture larger round a point of the stage; its middle if none is given. */
  zoom(factor: number, px = this.stage.width / 2, py = this.stage.height / 2): void {
    const { x, y } = this.view;
    const k = Math.min(MOST, Math.max(LEAST, this.view.k * factor));
    const real = k / this.view.k;
    this.set({ k, x: px - (px - x) * real, y: py - (py - y) * real });
  }

  /** Moves as little as needed for an area to be seen. */
  show(area: Area): void {
    const { x, y, k } = this.view;
    const margin = Math.min(48, this.stage.width / 8);
    const [left, top] = [area.x * k + x, area.y * k + y];
    const dx = shift(left, left + area.width * k, margin, this.stage.width - margin);
    const dy = shift(top, top + area.height * k, margin, this.stage.height - margin);
    if (dx !== 0 || dy !== 0) this.pan(dx, dy);
  }

  /** Puts a point of the picture in the middle of the stage. */
  centre(px: number, py: number): void {
    const { k } = this.view;
    this.set({ k, x: this.stage.width / 2 - px * k, y: this.stage.height / 2 - py * k });
  }

  /** The part of the picture that is seen. */
  seen(): Area {
    const { x, y, k } = this.view;
    return { x: -x / k, y: -y / k, width: this.stage.width / k, height: this.stage.height / k };
  }

  /** The view, where opening the picture anew would show another one: it depends on what is in the centre of interest then. */
  held(): View | null {
    return this.fitted().k < LEGIBLE ? this.view : null;
  }

  /** Takes notice of another size of the stage. */
  resize(width: number, height: number): void {
    const isFirst = this.stage.width === 0;
    this.stage = { width, height };
    if (!isFirst) this.set(this.view, this.isOwed);
  }

  /** Shows a view, rounded to what an address holds: a link must show the very same. Only what the reader did is told when it is settled. */
  set({ x, y, k }: View, isReaders = true): void {
    this.isOwed = isReaders;
    this.view = { x: Math.round(x), y: Math.round(y), k: Math.round(k * 10_000) / 10_000 };
    this.moving = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.moving = false;
      this.tell();
      if (this.isOwed) this.onSettled(this.view);
      this.isOwed = false;
    }, SETTLED);
    this.tell();
  }

  /** Forgets what was to be told. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private tell(): void {
    this.listeners.forEach((call) => call());
  }

  private fitted(): View {
    const width = Math.max(1, this.stage.width - 2 * PADDING);
    const height = Math.max(1, this.stage.height - 2 * PADDING);
    const k = Math.max(LEAST, Math.min(1, width / this.world.width, height / this.world.height));
    return { k, x: (this.stage.width - this.world.width * k) / 2, y: (this.stage.height - this.world.height * k) / 2 };
  }
}

function shift(low: number, high: number, from: number, to: number): number {
  if (low < from) return from - low;
  return high > to ? Math.max(to - high, from - low) : 0;
}
