/** How much two screenshots differ, counted by a browser: there is one, and it reads PNG. */
import type { Page } from "playwright-core";
import { browser } from "./site";

let page: Promise<Page> | undefined;

/** The share of pixels that differ, from 0 to 1; 1 where the sizes do. */
export async function difference(before: Buffer, after: Buffer): Promise<number> {
  if (before.equals(after)) return 0;
  page ??= browser().then((started) => started.newPage());
  return (await page).evaluate(
    async (pictures) => {
      const [a, b] = await Promise.all(
        pictures.map(async (png) => {
          const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
          const pen = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
          pen.drawImage(image, 0, 0);
          return pen.getImageData(0, 0, image.width, image.height);
        }),
      );
      if (a.width !== b.width || a.height !== b.height) return 1;
      let different = 0;
      for (let at = 0; at < a.data.length; at += 4) {
        if (Math.max(Math.abs(a.data[at] - b.data[at]), Math.abs(a.data[at + 1] - b.data[at + 1]), Math.abs(a.data[at + 2] - b.data[at + 2])) > 4) different++;
      }
      return different / (a.width * a.height);
    },
    [before.toString("base64"), after.toString("base64")],
  );
}
