/**
 * Texts, numbers and dates in the reader's language.
 *
 * Texts are in catalogues (`texts/`, and `lineage/texts/` for the explorer). A text has places for parameters, `{name}`, where numbers are
 * written as the language does, and plural forms, `{count|column|columns}`, which choose by the number of that name.
 */

import { useEffect, useState } from "preact/hooks";
import { keep, kept } from "./memory";
import { catalogues, type TextKey } from "./texts";

/** A language that the site speaks. */
export type Lang = "en" | "fr";

export type { TextKey };

const listeners = new Set<() => void>();

let lang: Lang = "en";
let numbers: Intl.NumberFormat;
let plurals: Intl.PluralRules;
let days: Intl.DateTimeFormat;
let times: Intl.DateTimeFormat;
let seconds: Intl.DateTimeFormat;
let collator: Intl.Collator;
let relative: Intl.RelativeTimeFormat;
setFormats();

/** Chooses the language: the address's (`lang=`), the remembered one, the project's or the browser's. */
export function startLang(asked: string | null, project: Lang | null = null): void {
  const wanted = [asked, kept("lang"), project, ...(globalThis.navigator?.languages ?? [])];
  const found = wanted.map((name) => name?.slice(0, 2)).find((name) => name === "en" || name === "fr");
  use(found === "fr" ? "fr" : "en");
}

/** Chooses a language and remembers it. */
export function setLang(to: Lang): void {
  keep("lang", to);
  use(to);
}

/** The language, kept up to date. */
export function useLang(): Lang {
  const [, redraw] = useState(0);
  useEffect(() => {
    const changed = () => redraw((n) => n + 1);
    listeners.add(changed);
    return () => void listeners.delete(changed);
  }, []);
  return lang;
}

/** A text of the catalogue. */
export function t(key: TextKey, params: Record<string, string | number> = {}): string {
  return fill(catalogues[lang][key] ?? key, params);
}

/** A text whose key comes from data: a status, a kind, a label. What the catalogue does not know is shown as it is, without its underscores. */
export function tMaybe(prefix: string, name: string): string {
  const key = `${prefix}.${name}` as TextKey;
  return key in catalogues.en ? t(key) : name.replaceAll("_", " ");
}

/** A number: `1,234.5` or `1 234,5`. */
export function number(n: number): string {
  return numbers.format(n);
}

/** A share of a whole, as a percentage without decimals; what is not all never says 100 %. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  const floor = Math.floor((part / whole) * 100);
  return new Intl.NumberFormat(lang, { style: "percent" }).format(floor / 100);
}

/** A day: `3 May 2026`. */
export function date(iso: string): string {
  return days.format(new Date(iso));
}

/** A moment, in the reader's time zone. */
export function dateTime(iso: string): string {
  return times.format(new Date(iso));
}

/** A moment to the second: runs may be less than a minute apart. */
export function exactTime(iso: string): string {
  return seconds.format(new Date(iso));
}

/** How long ago a moment is by the reader's clock, in words: `3 hours ago`. */
export function ago(iso: string): string {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const step = steps.find(([, size]) => Math.abs(seconds) >= size);
  return step ? relative.format(Math.round(seconds / step[1]), step[0]) : relative.format(Math.round(seconds), "second");
}

/** A length of time, from milliseconds: `850 ms`, `12.4 s`, `3 min 20 s`, `1 h 05 min`, `3 d 02 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${number(Math.round(ms))} ms`;
  if (ms < 60_000) return `${number(Math.round(ms / 100) / 10)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return both(`${Math.floor(seconds / 60)} min`, seconds % 60, "s");
  if (seconds < 86_400) return both(`${Math.floor(seconds / 3600)} h`, Math.floor((seconds % 3600) / 60), "min");
  return both(`${number(Math.floor(seconds / 86_400))} ${t("unit.day")}`, Math.floor((seconds % 86_400) / 3600), "h");
}

/** A size: `1.2 MB`. */
export function bytes(n: number): string {
  const units = lang === "fr" ? ["o", "ko", "Mo", "Go"] : ["B", "kB", "MB", "GB"];
  let step = 0;
  let value = n;
  for (; value >= 1000 && step < 3; step++) value /= 1000;
  return `${number(Math.round(value * 10) / 10)} ${units[step]}`;
}

/** Compares two names as the language sorts them, numbers by value. */
export function compare(a: string, b: string): number {
  return collator.compare(a, b);
}

/** A text as search sees it: lower case, without diacritics. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  // Most names are plain ASCII, and normalising ten thousand of them for nothing costs a frame.
  return /^[\x20-\x7e]*$/.test(lower) ? lower : lower.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("œ", "oe").replaceAll("æ", "ae");
}

/** Fills the places of a text. */
export function fill(text: string, params: Record<string, string | number>): string {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (whole, name: string, one?: string, other?: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (one !== undefined) return plurals.select(Number(value)) === "one" ? one : (other ?? "");
    return typeof value === "number" ? number(value) : value;
  });
}

function use(to: Lang): void {
  lang = to;
  setFormats();
  if (globalThis.document) document.documentElement.lang = to;
  listeners.forEach((call) => call());
}

function setFormats(): void {
  numbers = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 });
  plurals = new Intl.PluralRules(lang);
  days = new Intl.DateTimeFormat(lang, { dateStyle: "medium" });
  times = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
  seconds = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "medium" });
  collator = new Intl.Collator(lang, { numeric: true, sensitivity: "base" });
  relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
}

/** Two units of time; the smaller one is left out when there is none of it. */
function both(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${String(small).padStart(2, "0")} ${unit}`;
}
