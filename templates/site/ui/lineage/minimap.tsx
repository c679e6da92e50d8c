/** A small map of a picture with a frame round what is seen; a click or a drag on it moves there. */
import { useEffect, useRef } from "preact/hooks";
import { layerColor } from "../parts/layer";
import { useTheme } from "../theme";
import type { Camera } from "./camera";
import { resolved } from "./paint";
import { WIDTH, type Picture } from "./picture";

const WIDEST = 168;
const HIGHEST = 112;

/** The map. Everything it does the keys and the buttons do as well, so it is hidden from screen readers. */
export function Minimap({ picture, camera }: { picture: Picture; camera: Camera }) {
  const { dark } = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = picture.layout;
  const scale = Math.min(WIDEST / width, HIGHEST / height);
  const [wide, high] = [Math.max(24, Math.round(width * scale)), Math.max(24, Math.round(height * scale))];

  useEffect(() => {
    const element = canvas.current!;
    const into = element.getContext("2d");
    if (!into) return;
    const paint = resolved(element);
    const still = document.createElement("canvas");
    still.width = wide;
    still.height = high;
    const blocks = still.getContext("2d")!;
    picture.boxes.forEach((box, at) => {
      blocks.fillStyle = paint(layerColor(box.layer));
      blocks.fillRect(picture.layout.x[at] * scale, picture.layout.y[at] * scale, Math.max(1, WIDTH * scale), Math.max(0.8, box.height * scale));
    });
    let frame = 0;
    const draw = () => {
      frame = 0;
      const seen = camera.seen();
      // Where everything is seen there is nothing to find.
      const isNeeded = seen.x > 0 || seen.y > 0 || seen.x + seen.width < width || seen.y + seen.height < height;
      element.parentElement!.style.visibility = isNeeded ? "visible" : "hidden";
      into.clearRect(0, 0, wide, high);
      into.globalAlpha = 0.6;
      into.drawImage(still, 0, 0);
      into.globalAlpha = 1;
      into.strokeStyle = paint("var(--accent)");
      into.lineWidth = 1.5;
      const [left, top] = [Math.max(1, seen.x * scale), Math.max(1, seen.y * scale)];
      into.strokeRect(left, top, Math.min(wide - 1, (seen.x + seen.width) * scale) - left, Math.min(high - 1, (seen.y + seen.height) * scale) - top);
    };
    draw();
    const stop = camera.follow(() => void (frame ||= requestAnimationFrame(draw)));
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [picture, camera, dark]);

  const go = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    event.stopPropagation();
    const bounds = canvas.current!.getBoundingClientRect();
    camera.centre((event.clientX - bounds.left) / scale, (event.clientY - bounds.top) / scale);
  };
  return (
    <div class="lineage-minimap" aria-hidden="true" onPointerDown={go} onPointerMove={go} onClick={(event) => event.stopPropagation()}>
      <canvas ref={canvas} width={wide} height={high} />
    </div>
  );
}
