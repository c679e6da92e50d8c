/**
 * Lenses: what the boxes of the explorer tell besides their names. Each says it in words, with a sign and a colour.
 */
import type { Core, Diff } from "../data";
import { duration, t, tMaybe } from "../i18n";
import { toneOf, type Tone as StatusTone } from "../parts/status";
import type { Box } from "./picture";

export const LENSES = ["none", "status", "duration", "freshness", "materialized", "coverage", "diff"] as const;
export type Lens = (typeof LENSES)[number];

/** What a lens says is good, bad or merely so: the tones of statuses, and one for what is neither. */
export type Tone = StatusTone | "accent";

/** What a lens says of a box. */
export interface Told {
  tone: Tone;
  text: string;
  /** How much of the whole, from 0 to 1, where that is drawn. */
  share?: number;
}

/** What a lens asks besides the core. */
export interface LensData {
  /** The changes since an earlier state; null where they are not known. */
  diff: Diff | null;
  /** The longest time that a node in the picture took. */
  longest: number;
}

const WORST: Record<Tone, number> = { bad: 4, warn: 3, accent: 2, ok: 1, idle: 0 };

/** What a lens says of a box; null where it has nothing to say. Of a group it says the worst of its nodes. */
export function told(core: Core, box: Box, lens: Lens, data: LensData): Told | null {
  if (lens === "none") return null;
  if (lens === "duration") return took(core, box, data.longest);
  if (lens === "coverage") return coverage(core, box);
  const all = box.nodes.map((node) => toldOf(core, node, lens, data)).filter((one) => one !== null);
  if (all.length === 0) return null;
  const worst = all.reduce((one, other) => (WORST[other.tone] > WORST[one.tone] ? other : one));
  const same = all.filter(({ text }) => text === worst.text).length;
  return box.isGroup ? { ...worst, text: `${worst.text} (${same})` } : worst;
}

function toldOf({ nodes, words }: Core, node: number, lens: Lens, { diff }: LensData): Told | null {
  const isSource = words.kind[nodes.kind[node]] === "source";
  const status = words.status[nodes.status[node]];
  switch (lens) {
    case "status":
      if (nodes.tested[node] === 3) return { tone: "bad", text: t("lens.tests.fail") };
      if (status === undefined) return { tone: "idle", text: t("lens.status.none") };
      if (nodes.tested[node] === 2 && toneOf(status) === "ok") return { tone: "warn", text: t("lens.tests.warn") };
      return { tone: toneOf(status), text: tMaybe("status", status) };
    case "freshness":
      if (!isSource) return null;
      return status === undefined ? { tone: "idle", text: t("lens.freshness.none") } : { tone: toneOf(status), text: t(`lens.freshness.${freshness(status)}`) };
    case "materialized": {
      const word = words.materialized[nodes.materialized[node]];
      return word === undefined ? null : { tone: word === "table" || word === "incremental" ? "accent" : "idle", text: word };
    }
    case "diff": {
      if (!diff) return null;
      if (diff.added.includes(node)) return { tone: "ok", text: t("lens.diff.added") };
      const change = diff.modified.find((modified) => modified.node === node);
      const reached = diff.impacted.find((impacted) => impacted.node === node);
      if ((change ?? reached)?.columns?.some(({ breaking }) => breaking)) return { tone: "bad", text: t("lens.diff.breaking") };
      if (change) return { tone: "warn", text: t("lens.diff.modified") };
      return reached ? { tone: "accent", text: t("lens.diff.impacted") } : null;
    }
    default:
      return null;
  }
}

function freshness(status: string): "pass" | "warn" | "error" {
  const tone = toneOf(status);
  return tone === "ok" ? "pass" : tone === "warn" ? "warn" : "error";
}

function took({ nodes }: Core, box: Box, longest: number): Told | null {
  const known = box.nodes.map((node) => nodes.took[node]).filter((ms) => ms >= 0);
  if (known.length === 0) return null;
  const sum = known.reduce((all, ms) => all + ms, 0);
  return { tone: "accent", text: duration(sum), share: longest > 0 ? Math.min(1, sum / longest) : 0 };
}

function coverage({ nodes }: Core, box: Box): Told {
  const tests = box.nodes.reduce((sum, node) => sum + nodes.tests[node], 0);
  const tested = box.nodes.filter((node) => nodes.tests[node] > 0).length;
  if (tested === 0) return { tone: "warn", text: t("lens.coverage.none"), share: 0 };
  return { tone: "ok", text: t("lens.tests.count", { count: tests }), share: tested / box.nodes.length };
}
