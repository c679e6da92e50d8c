/**
 * Routes: the part of the address after `#`.
 *
 * A site on disk has no server that could answer for paths, so the hash is the path: `#/n/model.shop.orders?tab=sql`.
 * What a reader chose (tab, filter, view) is in the query, so that a link shows what its sender saw.
 */

import { useEffect, useState } from "preact/hooks";

/** Where the reader is: the segments of the path, decoded, and the query. */
export interface Route {
  path: string[];
  query: URLSearchParams;
}

const listeners = new Set<() => void>();
/** How far down the page the reader was at addresses that were left. */
const depths = new Map<string, number>();
let at = "";
let depth = 0;

/** Reads a route from the hash of an address, with or without `#`. */
export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#?\/?/, "");
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  return {
    path: path.split("/").filter(Boolean).map(decode),
    query: new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1)),
  };
}

/** The link to a route: `#/n/model.shop.orders`. Parts of the query that are undefined or empty are left out. */
export function href(path: string[], query: Record<string, string | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value) search.set(key, value);
  const text = search.toString();
  return `#/${path.map(encode).join("/")}${text ? `?${text}` : ""}`;
}

/** The route of the page, kept up to date. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    listeners.add(changed);
    changed();
    return () => void listeners.delete(changed);
  }, []);
  return parseRoute(hash);
}

/** Goes to a route, with an entry in the history. */
export function go(to: string): void {
  if (to === location.hash) return;
  leave();
  history.pushState(null, "", to);
  depth = 0;
  notify();
}

/** Goes to a route in place of the present one. */
export function replace(to: string): void {
  history.replaceState(null, "", to);
  notify();
}

/** How far down the page has to be scrolled on arrival, in pixels: the top on new ways, and where it was on the way back. */
export function arrivalDepth(): number {
  return depth;
}

/** Changes the query of the present route without an entry in the history; undefined takes a part out. */
export function amend(query: Record<string, string | undefined>): void {
  const { path, query: present } = parseRoute(location.hash);
  const all: Record<string, string | undefined> = { ...Object.fromEntries(present), ...query };
  const to = href(path, all);
  if (to !== location.hash) replace(to);
}

/** The route that a link of dbt docs means here, or null: `#!/model/model.shop.orders?g_v=1&g_i=…`. */
export function legacy(hash: string): string | null {
  const found = /^#!\/([a-z_]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(hash);
  if (!found) return null;
  const [, section, id, search] = found;
  const query = new URLSearchParams(search ?? "");
  if (query.has("g_v")) return href(["lineage"], { q: query.get("g_i") ?? undefined, exclude: query.get("g_e") ?? undefined });
  if (section === "overview" || !id) return href([]);
  return href(section === "test" ? ["test", decode(id)] : ["n", decode(id)]);
}

/** Begins to watch the address. To be called once. */
export function watchAddress(): void {
  const follow = () => {
    const moved = legacy(location.hash);
    if (moved) history.replaceState(null, "", moved);
    if (location.hash === at) return;
    leave();
    depth = depths.get(location.hash) ?? 0;
    notify();
  };
  history.scrollRestoration = "manual";
  addEventListener("hashchange", follow);
  addEventListener("popstate", follow);
  // Links are followed here, so that what comes from the browser is always its Back and Forward.
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.<HTMLAnchorElement>('a[href^="#/"]');
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href")!);
  });
  follow();
}

function leave(): void {
  depths.set(at, scrollY);
}

function notify(): void {
  at = location.hash;
  listeners.forEach((call) => call());
}

function encode(text: string): string {
  return encodeURIComponent(text);
}

/** Decodes a segment; one that somebody mangled stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
