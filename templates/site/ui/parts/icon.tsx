/** The icons of the site: strokes on a grid of 16, in the colour of the text round them. They never stand for words alone. */

const PATHS = {
  home: "M2.5 7 8 2.5 13.5 7v6h-4V9.5h-3V13h-4z",
  map: "M2 3.5h4v4H2zM10 2.5h4v4h-4zM10 9.5h4v4h-4zM6 5.5h4M6 6.5l4 5",
  lineage: "M2 6h3.5v4H2zM10.5 2h3.5v4h-3.5zM10.5 10h3.5v4h-3.5zM5.5 8h2.500V4h2.500M8 8v4h2.5",
  quality: "M8 1.8 13.5 4v4c0 3.2-2.3 5.3-5.5 6.300C4.8 13.3 2.5 11.2 2.5 8V4zM5.7 8l1.7 1.7 3-3.2",
  runs: "M2 4h6M5 8h7M3 12h4M10 12h4",
  diff: "M5 2v8M2 6.500h6M9 12.500h5",
  exposure: "M2 13h12M4 13V8M8 13V3M12 13V6",
  metric: "M2.5 12.5 6 8l3 2.500L13.5 4M10 4h3.500v3.5",
  owner: "M8 8a2.7 2.7 0 1 0 0-5.400A2.7 2.7 0 0 0 8 8zM2.8 13.800c.6-2.7 2.6-4 5.2-4s4.6 1.3 5.2 4",
  tag: "M2 2.500h5.500L14 9l-5 5-7-6.500zM5 5.500h.01",
  glossary: "M3 2.500h8.500c.8 0 1.5.7 1.5 1.500v9.500H4.500A1.5 1.5 0 0 1 3 12zM3 12c0-.8.7-1.5 1.5-1.500H13M6 5.500h4",
  search: "M7 11.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14",
  model: "M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.200v6",
  source: "M8 6.500c3 0 5-.9 5-2.200S11 2 8 2s-5 1-5 2.3 2 2.2 5 2.200zM3 4.300v7.400C3 13 5 14 8 14s5-1 5-2.300V4.300M3 8c0 1.3 2 2.3 5 2.300S13 9.3 13 8",
  seed: "M2.5 3h11v10h-11zM2.5 6.300h11M2.5 9.600h11M6.2 3v10",
  snapshot: "M2 5h3l1-1.800h4L11 5h3v8H2zM8 11.200a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.600z",
  semantic: "M5.5 10.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10.5 12.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  function: "M11.5 2.500c-2-.8-3 .3-3.3 2.300l-1 6.400c-.3 2-1.4 3-3.2 2.300M5 7h6",
  node: "M3 3h10v10H3z",
  column: "M3 2.500h10v11H3zM8 2.500v11",
  key: "M5.5 11.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.5 8.500H14v2M11.5 8.500v2",
  ok: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.5 8.200l1.8 1.8 3.3-3.8",
  warn: "M8 2.2 14.3 13H1.700zM8 6.200v3.200M8 11.300v.01",
  bad: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6 6l4 4M10 6l-4 4",
  idle: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.5 8h5",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.800V8l2.3 1.5",
  sun: "M8 10.800a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.600zM8 1.500v1.300M8 13.200v1.300M1.5 8h1.300M13.2 8h1.300M3.4 3.400l.9.9M11.7 11.700l.9.9M3.4 12.600l.9-.9M11.7 4.300l.9-.9",
  moon: "M13.5 9.300A5.7 5.7 0 0 1 6.7 2.500a5.7 5.7 0 1 0 6.8 6.800z",
  auto: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 2v12M8 5l5 0M8 8h6M8 11h5",
  help: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM6.3 6.300c0-1 .7-1.6 1.7-1.600s1.7.6 1.7 1.500c0 1.2-1.7 1.3-1.7 2.600M8 11.200v.01",
  menu: "M2.5 4.500h11M2.5 8h11M2.5 11.500h11",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.500h8v8h-8zM10.5 5.500v-3h-8v8h3",
  done: "M3 8.500l3.2 3.200L13 4.8",
  up: "M4 10l4-4 4 4",
  down: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  save: "M8 2.500v7.500M5 7l3 3 3-3M2.5 13.500h11",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof PATHS;

/** An icon, which readers of the screen do not hear. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

const KINDS: Record<string, IconName> = {
  model: "model", source: "source", seed: "seed", snapshot: "snapshot", exposure: "exposure", metric: "metric",
  semantic_model: "semantic", saved_query: "search", function: "function", analysis: "glossary", test: "quality",
};

/** The icon of a kind of node; a kind that is not known gets a plain box. */
export function kindIcon(kind: string): IconName {
  return KINDS[kind] ?? "node";
}
