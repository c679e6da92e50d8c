/**
 * What each worker of a run did when: a lane for each, a bar for each node, the critical path in the accent colour.
 *
 * It is drawn on a canvas, because runs have thousands of bars. Screen readers and keyboards have the table beside it.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Run, RunResult } from "../data";
import { duration, t, tMaybe } from "../i18n";
import { toneOf } from "../parts/status";
import { useTheme } from "../theme";
import { moved, ticks, zoomed, type Range } from "./scale";

const AXIS = 24;
const LABEL = 36;

interface Bar {
  result: RunResult;
  start: number;
  end: number;
  critical: boolean;
}

/** The chart of a run. A click on a bar calls `onOpen`. */
export function Gantt({ run, onOpen }: { run: Run; onOpen: (result: RunResult) => void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { dark } = useTheme();
  const bars = useMemo(() => barsOf(run), [run]);
  const whole = useMemo<Range>(() => ({ from: 0, to: Math.max(1, ...bars.map((bar) => bar.end)) * 1.005 }), [bars]);
  const [range, setRange] = useState(whole);
  const [width, setWidth] = useState(0);
  const [hovered, setHovered] = useState<{ bar: Bar; x: number; y: number } | null>(null);
  const drag = useRef<{ x: number; range: Range; far: boolean } | null>(null);
  const lanes = Math.max(1, ...bars.map((bar) => bar.result.lane + 1));
  const lane = lanes > 24 ? 12 : lanes > 12 ? 18 : 24;
  const height = AXIS + lanes * lane;
  useEffect(() => setRange(whole), [whole]);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(entry.contentRect.width));
    watch.observe(canvas.current!.parentElement!);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, { bars, range, width, height, lane, lanes, hovered: hovered?.bar ?? null });
  }, [bars, range, width, height, dark, hovered?.bar]);
  const inner = Math.max(1, width - LABEL);
  const timeAt = (x: number) => range.from + ((x - LABEL) / inner) * (range.to - range.from);
  const barAt = (x: number, y: number) => {
    const time = timeAt(x);
    const slop = ((range.to - range.from) / inner) * 2;
    const row = Math.floor((y - AXIS) / lane);
    return bars.find((bar) => bar.result.lane === row && bar.start - slop <= time && time <= bar.end + slop) ?? null;
  };
  const zoom = (factor: number) => setRange(zoomed(range, whole, factor, (range.from + range.to) / 2));
  return (
    <div class="gantt">
      <div class="gantt-tools">
        <Legend />
        <span class="aside">
          <button type="button" class="button quiet" aria-label={t("zoom.in")} title={t("zoom.in")} onClick={() => zoom(0.5)}>+</button>
          <button type="button" class="button quiet" aria-label={t("zoom.out")} title={t("zoom.out")} onClick={() => zoom(2)}>−</button>
          <button type="button" class="button quiet" onClick={() => setRange(whole)}>{t("zoom.fit")}</button>
        </span>
      </div>
      <div class="gantt-box">
        <canvas
          ref={canvas}
          aria-hidden="true"
          style={{ height: `${height}px` }}
          onPointerDown={(event) => (drag.current = { x: event.offsetX, range, far: false })}
          onPointerMove={(event) => {
            const held = drag.current;
            if (held) {
              const by = event.offsetX - held.x;
              held.far ||= Math.abs(by) > 4;
              setRange(moved(held.range, whole, (-by / inner) * (held.range.to - held.range.from)));
            }
            const bar = held?.far ? null : barAt(event.offsetX, event.offsetY);
            setHovered(bar && { bar, x: event.offsetX, y: event.offsetY });
          }}
          onPointerUp={() => {
            if (hovered && !drag.current?.far) onOpen(hovered.bar.result);
            drag.current = null;
          }}
          onPointerLeave={() => ((drag.current = null), setHovered(null))}
          onWheel={(event) => {
            if (!event.ctrlKey && !event.metaKey) return;
            event.preventDefault();
            setRange(zoomed(range, whole, event.deltaY > 0 ? 1.25 : 0.8, timeAt(event.offsetX)));
          }}
        />
        {hovered && <Tip bar={hovered.bar} x={Math.min(hovered.x, width - 260)} y={hovered.y} />}
      </div>
    </div>
  );
}

function Legend() {
  return (
    <ul class="legend" aria-hidden="true">
      <li><i class="dot critical" /> {t("run.show.critical")}</li>
      <li><i class="dot usual" /> {t("gantt.usual")}</li>
      <li><i class="dot test" /> {tMaybe("kind", "test")}</li>
      <li><i class="dot failed" /> {tMaybe("status", "error")}</li>
    </ul>
  );
}

function Tip({ bar, x, y }: { bar: Bar; x: number; y: number }) {
  const { result } = bar;
  return (
    <div class="tip" style={{ left: `${Math.max(0, x + 12)}px`, top: `${y + 16}px` }}>
      <strong>{result.name}</strong>
      <span>{tMaybe("status", result.status)} · {duration(bar.end - bar.start)}</span>
      {result.ready !== null && <span class="dim">{t("run.queue")}: {duration(Math.max(0, bar.start - result.ready))}</span>}
      {result.slack !== null && <span class="dim">{t("run.slack")}: {duration(result.slack)}</span>}
    </div>
  );
}

function barsOf(run: Run): Bar[] {
  const critical = new Set(run.critical);
  return run.results.flatMap((result, at) => {
    const { start, end, lane } = result;
    return start === null || end === null || lane < 0 ? [] : [{ result, start, end, critical: critical.has(at) }];
  });
}

interface Picture {
  bars: Bar[];
  range: Range;
  width: number;
  height: number;
  lane: number;
  lanes: number;
  hovered: Bar | null;
}

function draw(canvas: HTMLCanvasElement, picture: Picture): void {
  const { bars, range, width, height, lane, lanes, hovered } = picture;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const style = getComputedStyle(canvas);
  const color = (name: string) => style.getPropertyValue(`--${name}`);
  const place = (time: number) => LABEL + ((time - range.from) / (range.to - range.from)) * (width - LABEL);
  pen.scale(scale, scale);
  pen.font = `11px ${style.fontFamily}`;
  pen.textBaseline = "middle";
  for (const mark of ticks(range, width - LABEL)) {
    const x = Math.round(place(mark)) + 0.5;
    pen.strokeStyle = color("line");
    pen.beginPath();
    pen.moveTo(x, AXIS);
    pen.lineTo(x, height);
    pen.stroke();
    pen.fillStyle = color("text-3");
    pen.textAlign = x > width - 40 ? "right" : mark === 0 ? "left" : "center";
    pen.fillText(duration(mark), Math.min(x, width), AXIS / 2);
  }
  pen.textAlign = "left";
  for (let row = 0; row < lanes; row++) {
    pen.fillStyle = color("text-3");
    pen.fillText(String(row + 1), 4, AXIS + (row + 0.5) * lane);
  }
  pen.save();
  pen.beginPath();
  pen.rect(LABEL, 0, width - LABEL, height);
  pen.clip();
  // The critical path is drawn last, so that nothing hides it.
  for (const pass of [false, true]) {
    for (const bar of bars) {
      if (bar.critical !== pass || bar.end < range.from || bar.start > range.to) continue;
      const x = place(bar.start);
      const length = Math.max(1.5, place(bar.end) - x - 0.5);
      const y = AXIS + bar.result.lane * lane + 2;
      const failed = toneOf(bar.result.status) === "bad";
      pen.fillStyle = failed ? color("bad-fill") : bar.critical ? color("accent") : bar.result.kind === "test" ? color("gantt-test") : color("gantt-usual");
      pen.beginPath();
      pen.roundRect(x, y, length, lane - 4, Math.min(3, length / 2));
      pen.fill();
      if (bar === hovered || (failed && bar.critical)) {
        pen.strokeStyle = bar === hovered ? color("text") : color("accent");
        pen.lineWidth = 1.5;
        pen.stroke();
      }
      if (length > 48 && lane >= 18) {
        pen.fillStyle = failed ? "#fff" : bar.critical ? color("on-accent") : color("text");
        pen.save();
        pen.clip();
        pen.fillText(bar.result.name, Math.max(x, LABEL) + 6, y + (lane - 4) / 2 + 0.5);
        pen.restore();
      }
    }
  }
  pen.restore();
}
