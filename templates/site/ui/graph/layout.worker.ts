/**
 * The layout as one piece of code that runs in the page as well as in a worker, where the page can be scrolled meanwhile.
 *
 * The build makes a function of this file (see `modules.d.ts`), so that its code is in the bundle once.
 */
import { layout, ranks, type LayoutInput } from "./layout";

export { layout, ranks };

/** In a worker: lays out what the page sends. */
export function listen(): void {
  addEventListener("message", (event: MessageEvent<{ id: number; input: LayoutInput }>) => {
    const made = layout(event.data.input);
    const transfer = [made.x.buffer, made.y.buffer, made.route.buffer, made.points.buffer];
    (postMessage as (message: unknown, transfer: Transferable[]) => void)({ id: event.data.id, made }, transfer as ArrayBuffer[]);
  });
}
