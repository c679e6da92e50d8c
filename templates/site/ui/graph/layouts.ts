/**
 * Laying out, here or in the worker: small graphs at once, large ones beside the page. The picture is the same.
 */
import code from "worker:./layout.worker.ts";
import { startWorker } from "../trust";
import type { Layout, LayoutInput } from "./layout";

/** Up to so many boxes take less time than a message to a worker. */
const FEW = 150;

const { layout, ranks } = code();
export { ranks };
let worker: Worker | null | undefined;
let last = 0;
const waiting = new Map<number, { input: LayoutInput; resolve: (made: Layout) => void }>();

/** Lays a graph out: at once where it is small, else as a promise. */
export function layouts(input: LayoutInput): Layout | Promise<Layout> {
  if (input.width.length <= FEW) return layout(input);
  const started = start();
  if (!started) return layout(input);
  return new Promise((resolve) => {
    waiting.set(++last, { input, resolve });
    started.postMessage({ id: last, input });
  });
}

function start(): Worker | null {
  if (worker !== undefined) return worker;
  try {
    worker = startWorker(`(${code})().listen()`);
    worker.onmessage = (event: MessageEvent<{ id: number; made: Layout }>) => {
      waiting.get(event.data.id)?.resolve(event.data.made);
      waiting.delete(event.data.id);
    };
    worker.onerror = withoutWorker;
  } catch {
    worker = null;
  }
  return worker;
}

/** A browser that refuses the worker still draws, only less smoothly. */
function withoutWorker(): void {
  worker = null;
  for (const { input, resolve } of waiting.values()) resolve(layout(input));
  waiting.clear();
}
