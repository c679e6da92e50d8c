/** The menu of what can be taken away: pictures, tables, and texts for other programs. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { number, t } from "../i18n";
import { Icon } from "../parts/icon";
import { csv, saveFile } from "../parts/save";
import { core } from "../store";
import { dot, edgeRows, json, mermaid, MOST_MERMAID_EDGES } from "./formats";
import { resolved } from "./paint";
import { png, svgText, type Still } from "./static_picture";

/** The menu. What is exported is the picture as it is shown, with all that is beyond the edges of the stage. */
export function ExportMenu({ still }: { still: Still }) {
  const [isOpen, setOpen] = useState(false);
  const [said, say] = useState("");
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!isOpen) return;
    box.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [isOpen]);

  const { picture } = still;
  const name = `lineage-${core().meta.project}`.replace(/[^\p{L}\p{N}_-]+/gu, "-");
  const text = (type: string, content: string) => new Blob([content], { type });
  const picturePng = async (times: number) => {
    const made = await png(svgText(still, resolved(box.current!)), times).catch(() => null);
    if (made) saveFile(`${name}${times > 1 ? `@${times}x` : ""}.png`, made);
    else say(t("export.png.large"));
  };
  const items: [label: string, run: () => void][] = [
    ["SVG", () => saveFile(`${name}.svg`, text("image/svg+xml", svgText(still, resolved(box.current!))))],
    ["PNG 1×", () => void picturePng(1)],
    ["PNG 2×", () => void picturePng(2)],
    ["CSV", () => saveFile(`${name}.csv`, csv(edgeRows(core(), picture)))],
    ["JSON", () => saveFile(`${name}.json`, text("application/json", json(core(), picture)))],
    [
      "Mermaid",
      () => {
        saveFile(`${name}.mmd`, text("text/plain", mermaid(picture)));
        if (picture.src.length > MOST_MERMAID_EDGES) say(t("export.mermaid.large", { edges: picture.src.length, most: MOST_MERMAID_EDGES }));
      },
    ],
    ["DOT", () => saveFile(`${name}.dot`, text("text/vnd.graphviz", dot(picture)))],
  ];
  const close = () => {
    setOpen(false);
    box.current!.querySelector("button")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...box.current!.querySelectorAll<HTMLElement>("[role=menuitem]")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (event.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
    else if (event.key === "ArrowUp") all[(at + all.length - 1) % all.length]?.focus();
    else if (event.key === "Escape" && isOpen) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="lineage-menu" ref={box} onKeyDown={onKeyDown}>
      <button type="button" class="button" aria-haspopup="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="save" size={14} />
        {t("export")}
      </button>
      {isOpen && (
        <ul role="menu" aria-label={t("export")}>
          {items.map(([label, run]) => (
            <li role="none" key={label}>
              <button
                type="button"
                role="menuitem"
                onClick={() => {
                  say("");
                  close();
                  run();
                }}
              >
                {label}
                {label === "Mermaid" && picture.src.length > MOST_MERMAID_EDGES && <span class="dim small">&gt; {number(MOST_MERMAID_EDGES)}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
      <span role="status" class={said ? "lineage-said small" : "unseen"}>
        {said}
      </span>
    </div>
  );
}
