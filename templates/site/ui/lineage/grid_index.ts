/** A grid over a picture, by which the boxes and edges in a part of it are found without looking at all of them. */
import type { Area } from "./camera";

const CELL = 512;

/** Things by the cells that they touch. */
export class GridIndex {
  private readonly cells = new Map<number, number[]>();
  private readonly marks: Uint32Array;
  private mark = 0;

  /** An index of things with these places. */
  constructor(count: number, areaOf: (at: number) => Area) {
    this.marks = new Uint32Array(count);
    for (let at = 0; at < count; at++) {
      this.each(areaOf(at), (cell) => {
        const known = this.cells.get(cell);
        if (known) known.push(at);
        else this.cells.set(cell, [at]);
      });
    }
  }

  /** What may be in a part of the picture, each once and rising. */
  in(area: Area): number[] {
    const found: number[] = [];
    this.mark++;
    this.each(area, (cell) => {
      for (const at of this.cells.get(cell) ?? []) {
        if (this.marks[at] === this.mark) continue;
        this.marks[at] = this.mark;
        found.push(at);
      }
    });
    return found.sort((a, b) => a - b);
  }

  private each({ x, y, width, height }: Area, call: (cell: number) => void): void {
    const [left, right] = [Math.floor(x / CELL), Math.floor((x + width) / CELL)];
    const [top, bottom] = [Math.floor(y / CELL), Math.floor((y + height) / CELL)];
    // A view from far away touches more cells than there are: then all of them are meant.
    if ((right - left + 1) * (bottom - top + 1) > 4 * this.cells.size + 64 && this.mark > 0) {
      for (const cell of this.cells.keys()) call(cell);
      return;
    }
    for (let column = left; column <= right; column++) for (let row = top; row <= bottom; row++) call((column + 1024) * 1_048_576 + row + 1024);
  }
}
