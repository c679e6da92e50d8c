/**
 * Turns a PNG of true colours into one with a palette: a third of the size, and for pages of few colours the same to the eye.
 *
 * Reads what Chromium writes (8 bits, RGB or RGBA, not interlaced) and nothing else.
 */
import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The same picture with 256 colours at most: the most frequent ones, and for all others the nearest of them. */
export function paletted(png: Buffer): Buffer {
  const { width, height, pixels } = decoded(png);
  const counts = new Map<number, number>();
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1);
  const palette = chosen(counts);
  const nearest = new Map(palette.map((color, at) => [color, at]));
  const lines = Buffer.alloc((width + 1) * height);
  pixels.forEach((color, at) => {
    let place = nearest.get(color);
    if (place === undefined) {
      place = palette.reduce((best, other, one) => (distance(other, color) < distance(palette[best], color) ? one : best), 0);
      nearest.set(color, place);
    }
    lines[(Math.floor(at / width) * (width + 1)) + 1 + (at % width)] = place;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]));
  return Buffer.concat([SIGNATURE, chunk("IHDR", head), chunk("PLTE", colors), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

/** The colours of the palette: frequent ones first, but none so near to another that one would not be missed. */
function chosen(counts: Map<number, number>): number[] {
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([color]) => color);
  for (let apart = 0; ; apart = apart === 0 ? 24 : apart * 1.6) {
    const kept: number[] = [];
    for (const color of ordered) {
      if (kept.length > 256) break;
      if (kept.every((other) => distance(other, color) > apart)) kept.push(color);
    }
    if (kept.length <= 256) return kept;
  }
}

/** How far two colours are from each other: squares, green weighing most, as for the eye. */
function distance(a: number, b: number): number {
  const [red, green, blue] = [(a >> 16) - (b >> 16), ((a >> 8) & 255) - ((b >> 8) & 255), (a & 255) - (b & 255)];
  return 2 * red * red + 4 * green * green + 3 * blue * blue;
}

function decoded(png: Buffer): { width: number; height: number; pixels: Uint32Array } {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height, depth, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  if (depth !== 8 || (kind !== 2 && kind !== 6)) throw new Error("not a PNG as Chromium writes them");
  const step = kind === 2 ? 3 : 4;
  const raw = inflateSync(Buffer.concat(parts));
  const pixels = new Uint32Array(width * height);
  let before = new Uint8Array(width * step);
  for (let y = 0; y < height; y++) {
    const start = y * (width * step + 1);
    const line = unfiltered(raw[start], raw.subarray(start + 1, start + 1 + width * step), before, step);
    for (let x = 0; x < width; x++) pixels[y * width + x] = (line[x * step] << 16) | (line[x * step + 1] << 8) | line[x * step + 2];
    before = line;
  }
  return { width, height, pixels };
}

/** A line without its filter (PNG specification, section 9). */
function unfiltered(filter: number, line: Uint8Array, above: Uint8Array, step: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(line.length);
  for (let at = 0; at < line.length; at++) {
    const [a, b, c] = [at >= step ? made[at - step] : 0, above[at], at >= step ? above[at - step] : 0];
    const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter];
    made[at] = line[at] + guess;
  }
  return made;
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc(body), body.length + 4);
  return framed;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crc(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
