/** A whole picture as one SVG that needs nothing else: for files and for paper. */
import { render } from "preact";
import type { ColumnPaths } from "../graph/column_paths";
import { core } from "../store";
import { BoxShape, RowShape } from "./box_shape";
import { BandsShape, ColumnEdgesShape, EdgesShape } from "./edges_shape";
import { told } from "./lens";
import { FAMILY } from "./measure";
import type { Paint } from "./paint";
import type { Drawn } from "./svg_view";

/** Round the picture, where the names of layers stand. */
const AROUND = 32;

/** What of a drawing is needed without a camera. */
export type Still = Omit<Drawn, "camera" | "actions">;

/** The picture, as large as it is. */
export function StaticPicture({ still, paint, background }: { still: Still; paint: Paint; background: boolean }) {
  const { picture, focus, lens, lensData, dimmed, column } = still;
  const [width, height] = [picture.layout.width + 2 * AROUND, picture.layout.height + 2 * AROUND];
  const paths: ColumnPaths | null = still.paths;
  const marked = focus === null ? -1 : (picture.byKey.get(focus) ?? -1);
  return (
    <svg xmlns="http://www.w3.org/2000/svg" width={width} height={height} viewBox={`${-AROUND} ${-AROUND} ${width} ${height}`} font-family={FAMILY}>
      {background && <rect x={-AROUND} y={-AROUND} width={width} height={height} fill={paint("var(--bg)")} />}
      <BandsShape picture={picture} paint={paint} />
      <EdgesShape picture={picture} look={{ focus: marked, dimmed: paths !== null, paint }} />
      {paths && <ColumnEdgesShape picture={picture} edges={paths.edges} paint={paint} />}
      {picture.boxes.map((box, at) => (
        <g key={box.key} transform={`translate(${picture.layout.x[at]} ${picture.layout.y[at]})`} opacity={dimmed.has(box.key) ? 0.4 : 1}>
          <title>{box.label}</title>
          <BoxShape box={box} look={{ told: told(core(), box, lens, lensData), focused: at === marked, dimmed: dimmed.has(box.key), paint }} />
          {box.rows.map((row, line) => (
            <RowShape key={row.column} row={row} at={line} chosen={column?.node === box.nodes[0] && column.column === row.column} paint={paint} />
          ))}
        </g>
      ))}
    </svg>
  );
}

/** The picture as the text of an SVG file. */
export function svgText(still: Still, paint: Paint): string {
  const holder = document.createElement("div");
  render(<StaticPicture still={still} paint={paint} background />, holder);
  const text = new XMLSerializer().serializeToString(holder.firstElementChild!);
  render(null, holder);
  return text;
}

/** The picture as a PNG so many times as large; null where the browser has no room for it. */
export async function png(text: string, times: number): Promise<Blob | null> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * times;
    canvas.height = image.naturalHeight * times;
    if (canvas.width * canvas.height > MOST_PIXELS || Math.max(canvas.width, canvas.height) > MOST_SIDE) return null;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The largest canvases that all browsers make. */
const MOST_PIXELS = 120_000_000;
const MOST_SIDE = 16_000;
