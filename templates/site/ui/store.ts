/**
 * The data files: loading, keeping and letting go.
 *
 * A site opened from disk can neither `fetch` nor import, but it can insert classic scripts. So each data file is a script that calls
 * `T.put(key, text)`. The site in a single file holds the same texts as inert elements. Callers see no difference.
 * Small files are kept; of shards only those used last are, so that a long visit does not fill the memory.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { SHARD, VERSION, type Core, type LineageShard, type NodePage, type TestPage } from "./data";
import { expand } from "./expand";
import { trustedScript } from "./trust";

/** Why a data file could not be used. `file` is the name that people find on disk. */
export class LoadError extends Error {
  constructor(
    readonly file: string,
    readonly reason: "absent" | "missing" | "corrupt",
  ) {
    super(`${file}: ${reason}`);
  }
}

/** What a component knows of a data file. */
export type Loaded<T> = { state: "loading" } | { state: "ready"; value: T } | { state: "failed"; message: string };

/** How many shards (`n/…`, `cll/…`, `t/…`, `run/…`) are kept. */
const KEPT = 48;

const files = new Map<string, Promise<unknown>>();
const values = new Map<string, unknown>();
const arrived = new Map<string, string>();
const listeners = new Set<(error: LoadError) => void>();
const failures = new Map<string, LoadError>();

let base: Core | undefined;
let places: Map<string, number> | undefined;

declare global {
  interface Window {
    /** What data files talk to. */
    T: { put(key: string, text: string): void };
  }
}

/** Lets data files hand in their texts. To be called before the first of them is asked for. */
export function open(): void {
  window.T = { put: (key, text) => void arrived.set(key, text) };
}

/** Loads the core, once. Everything else waits for it. */
export async function boot(): Promise<Core> {
  const core = await load<Core>("core");
  if (core.v !== VERSION) throw new LoadError(file("core"), "corrupt");
  expand(core);
  dropDangling(core);
  base = core;
  return core;
}

/** The core. Only to be called after {@link boot}. */
export function core(): Core {
  if (!base) throw new Error("the core is not loaded yet");
  return base;
}

/** Whether a file belongs to this site at all. */
export function has(key: string): boolean {
  return base === undefined ? key === "core" : base.meta.files.includes(key);
}

/** The place of a node by its unique id. */
export function place(id: string): number | undefined {
  if (!places) {
    places = new Map();
    core().nodes.id.forEach((id, at) => places!.set(id, at));
  }
  return places.get(id);
}

/** Loads a data file. Rejects with a {@link LoadError}, which names the file. */
export function load<T>(key: string): Promise<T> {
  const known = files.get(key);
  if (known) {
    if (key.includes("/")) {
      files.delete(key);
      files.set(key, known);
    }
    return known as Promise<T>;
  }
  const file = fetchText(key)
    .then((text) => parse<T>(key, text))
    .then((value) => {
      values.set(key, value);
      return value;
    })
    .catch((error: unknown) => {
      files.delete(key);
      if (error instanceof LoadError) report(key, error);
      throw error;
    });
  files.set(key, file);
  evict();
  return file;
}

/** The key of the shard that a node is in, or of `t` a test. */
export function shardKey(prefix: "n" | "cll" | "t", place: number): string {
  return `${prefix}/${String(Math.floor(place / SHARD)).padStart(3, "0")}`;
}

/** The column lineage of a node's shard; null when the site has none. */
export async function lineageShard(node: number): Promise<LineageShard | null> {
  const key = shardKey("cll", node);
  return has(key) ? load<LineageShard>(key) : null;
}

/** Loads a data file for a component. `null` asks for nothing, and stays in the state `loading`. */
export function useData<T>(key: string | null): Loaded<T> {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState<{ key: string; message: string } | null>(null);
  // A file that is on the screen stays there, even when it is let go of to make room for others.
  const held = useRef<{ key: string; value: T } | null>(null);
  useEffect(() => {
    if (key === null || values.has(key)) return;
    let wanted = true;
    load<T>(key).then(
      () => wanted && redraw((n) => n + 1),
      (error: unknown) => wanted && setFailed({ key, message: messageOf(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  if (key !== null && values.has(key)) held.current = { key, value: values.get(key) as T };
  if (held.current && held.current.key === key) return { state: "ready", value: held.current.value };
  if (failed && failed.key === key) return { state: "failed", message: failed.message };
  return { state: "loading" };
}

/** The page of a node, for a component. */
export function useNode(node: number): Loaded<NodePage> {
  return useShard<NodePage>("n", node);
}

/** What the page of a test shows besides, for a component. */
export function useTest(test: number): Loaded<TestPage> {
  return useShard<TestPage>("t", test);
}

function useShard<T>(prefix: "n" | "t", place: number): Loaded<T> {
  const key = shardKey(prefix, place);
  const shard = useData<T[]>(key);
  if (shard.state !== "ready") return shard;
  const page = shard.value[place % SHARD];
  return page ? { state: "ready", value: page } : { state: "failed", message: file(key) };
}

/** The name of the file that holds a key. */
export function file(key: string): string {
  return `data/${key}.js`;
}

/** Calls back at every file that could not be loaded, those of the past included. Returns what stops it. */
export function onFailure(call: (error: LoadError) => void): () => void {
  failures.forEach(call);
  listeners.add(call);
  return () => void listeners.delete(call);
}

function report(key: string, error: LoadError): void {
  failures.set(key, error);
  listeners.forEach((call) => call(error));
}

function messageOf(error: unknown): string {
  return error instanceof LoadError ? error.file : String(error);
}

function parse<T>(key: string, text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new LoadError(file(key), "corrupt");
  }
}

function fetchText(key: string): Promise<string> {
  if (!has(key)) return Promise.reject(new LoadError(file(key), "absent"));
  const block = document.querySelector(`script[data-key="${key}"]`);
  return block ? decode(key, block.textContent ?? "") : insert(key);
}

/** Inserts a data file as a script. That it loaded does not mean that it ran: only a text that arrived does. */
function insert(key: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = trustedScript(file(key));
    script.onload = () => {
      script.remove();
      const text = arrived.get(key);
      arrived.delete(key);
      if (text === undefined) reject(new LoadError(file(key), "corrupt"));
      else resolve(text);
    };
    script.onerror = () => {
      script.remove();
      reject(new LoadError(file(key), "missing"));
    };
    document.head.append(script);
  });
}

/** Decodes a block of a single-file site: base64 of gzip. */
async function decode(key: string, block: string): Promise<string> {
  try {
    const raw = atob(block.trim());
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return await new Response(stream).text();
  } catch {
    throw new LoadError(file(key), "corrupt");
  }
}

/** Lets go of the shards that were not used for the longest time. */
function evict(): void {
  const shards = [...files.keys()].filter((key) => key.includes("/"));
  for (const key of shards.slice(0, Math.max(0, shards.length - KEPT))) {
    files.delete(key);
    values.delete(key);
  }
}

/** Drops edges that lead nowhere: one bad pair must not blank every page. */
function dropDangling(core: Core): void {
  const { src, dst } = core.edges;
  const count = core.nodes.id.length;
  const good = (at: number) => src[at] >= 0 && src[at] < count && dst[at] >= 0 && dst[at] < count;
  if (src.length === dst.length && src.every((_, at) => good(at))) return;
  const kept = src.map((_, at) => at).filter(good);
  core.edges = { src: kept.map((at) => src[at]), dst: kept.map((at) => dst[at]) };
  report("core", new LoadError(file("core"), "corrupt"));
}
