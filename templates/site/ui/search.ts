/**
 * Search over everything that has a name, without an index on disk.
 *
 * All texts are folded once (lower case, no diacritics), and a query scans them: ten thousand nodes take a few milliseconds, less than reading
 * an index would. Ranks: exact, prefix, start of a word, substring; by name before id, tag, column and description. Only when there is little
 * to show are names compared by edit distance, so that a slip of the finger still finds something.
 */

import type { Columns, Core } from "./data";
import { fold } from "./i18n";

/** What was found: a node, a column by its name, an entry of the glossary, or a word that nodes share. */
export interface Hit {
  what: "node" | "column" | "term" | Word;
  /** The place of the node, of the column's name, of the entry, or of the word in its dictionary. */
  at: number;
  score: number;
  /** By what a node was found. */
  by: Field;
}

/** Where a word of the query was found. */
export type Field = "name" | "id" | "tag" | "column" | "text" | "near";

/** The dictionaries whose words are found by name. */
export type Word = "owner" | "group" | "tag";

/** The folded texts of a site. */
export interface SearchIndex {
  names: string[];
  ids: string[];
  heads: string[];
  terms: string[];
  owners: string[];
  groups: string[];
  /** Folded texts of the dictionary of tags, and the tags of nodes. */
  tags: string[];
  tagsOf: number[][];
  columns: string[];
  /** The nodes that have a column, by the place of its name. */
  nodesOf: number[][];
  /** The words of names, each once, with the nodes whose names have them. */
  words: Map<string, number[]>;
  /** What decides between equals: how many nodes read a node. */
  readers: Uint32Array;
}

/** Below this number of hits, names that are nearly the query count too. */
const FEW = 20;

/** Prepares a site for searching, without its columns. */
export function indexOf(core: Core): SearchIndex {
  const { nodes } = core;
  const names = nodes.name.map(fold);
  const readers = new Uint32Array(names.length);
  for (const src of core.edges.src) readers[src]++;
  return {
    names,
    ids: nodes.id.map(fold),
    heads: nodes.head.map(fold),
    terms: core.glossary.map((entry) => fold(entry.name)),
    owners: core.words.owner.map(fold),
    groups: core.words.group.map(fold),
    tags: core.words.tag.map(fold),
    tagsOf: nodes.tags,
    columns: [],
    nodesOf: [],
    words: wordsOf(names),
    readers,
  };
}

/** An index with columns added, which come later than the rest. */
export function withColumns(index: SearchIndex, columns: Columns): SearchIndex {
  return { ...index, columns: columns.names.map(fold), nodesOf: invert(columns) };
}

/** What a query finds, the best first. All its words must be found, each in any field. */
export function search(index: SearchIndex, query: string, limit = Infinity): Hit[] {
  const asked = fold(query.trim());
  if (!asked) return [];
  const words = asked.split(/\s+/);
  const scores = new Float32Array(index.names.length);
  const fields = new Uint8Array(index.names.length);
  words.forEach((word, at) => {
    const found = new Float32Array(scores.length);
    const by = new Uint8Array(scores.length);
    scan(index, word, found, by);
    for (let node = 0; node < scores.length; node++) {
      const both = found[node] > 0 && (at === 0 || scores[node] > 0);
      scores[node] = both ? scores[node] + found[node] : 0;
      if (at === 0 || by[node] < fields[node]) fields[node] = by[node];
    }
  });
  const hits: Hit[] = [];
  for (let node = 0; node < scores.length; node++) {
    if (scores[node] > 0) hits.push({ what: "node", at: node, score: scores[node], by: FIELDS[fields[node]] });
  }
  for (const hit of byName(index.columns, asked, "column")) hits.push(hit);
  hits.push(...byName(index.terms, asked, "term"), ...byName(index.owners, asked, "owner"), ...byName(index.groups, asked, "group"), ...byName(index.tags, asked, "tag"));
  if (hits.length < FEW) near(index, asked, hits);
  hits.sort((a, b) => b.score - a.score || weight(index, b) - weight(index, a) || a.at - b.at);
  return hits.slice(0, limit);
}

/** Rows of the table of {@link distance}, used again and again: it is asked for every word of a site with each letter that is typed. */
const ROWS = [new Uint8Array(256), new Uint8Array(256), new Uint8Array(256)];

/**
 * How many edits make one text of another, or `bound + 1` when it takes more; texts of over 255 letters are never near. Swapped neighbours
 * count as one edit. Only what lies within the bound of the table's diagonal is worked out.
 */
export function distance(a: string, b: string, bound: number): number {
  const far = bound + 1;
  if (Math.abs(a.length - b.length) > bound || a.length > 255 || b.length > 255) return far;
  let [before, above, row] = ROWS;
  for (let j = 0; j <= b.length; j++) above[j] = Math.min(j, far);
  for (let i = 1; i <= a.length; i++) {
    const [first, last] = [Math.max(1, i - bound), Math.min(b.length, i + bound)];
    row[first - 1] = first === 1 ? Math.min(i, far) : far;
    let least = row[first - 1];
    for (let j = first; j <= last; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1;
      let cost = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + same, far);
      if (i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)) cost = Math.min(cost, before[j - 2] + 1);
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (last < b.length) row[last + 1] = far;
    if (least > bound) return far;
    [before, above, row] = [above, row, before];
  }
  return Math.min(above[b.length], far);
}

const FIELDS: readonly Field[] = ["name", "id", "tag", "column", "text", "near"];

/** Scores all nodes for one word of a query. */
function scan(index: SearchIndex, word: string, found: Float32Array, by: Uint8Array): void {
  const note = (node: number, score: number, field: number) => {
    if (score <= found[node]) return;
    found[node] = score;
    by[node] = field;
  };
  for (let node = 0; node < found.length; node++) {
    const name = rank(index.names[node], word);
    if (name > 0) note(node, name, 0);
    else if (index.ids[node].includes(word)) note(node, index.ids[node] === word ? 100 : 28, 1);
    else if (index.heads[node].includes(word)) note(node, 10, 4);
  }
  const tags = index.tags.map((tag) => rank(tag, word) * 0.35);
  if (tags.some((score) => score > 0)) {
    index.tagsOf.forEach((own, node) => own.forEach((tag) => tags[tag] > 0 && note(node, tags[tag], 2)));
  }
  index.columns.forEach((column, at) => {
    const score = rank(column, word) * 0.25;
    if (score > 0) for (const node of index.nodesOf[at]) note(node, score, 3);
  });
}

/** How well a name answers a word: exact, prefix, start of a part, substring; the shorter the name, the better. */
function rank(name: string, word: string): number {
  const at = name.indexOf(word);
  if (at < 0) return 0;
  const share = word.length / name.length;
  if (share === 1) return 100;
  if (at === 0) return 80 + 10 * share;
  for (let from = at; from >= 0; from = name.indexOf(word, from + 1)) {
    if (from > 0 && isBreak(name.charCodeAt(from - 1))) return 60 + 10 * share;
  }
  return 40 + 10 * share;
}

/** Whether a character parts the words of a name: `_`, `.`, `-`, `/`, a space, an apostrophe. */
function isBreak(code: number): boolean {
  return code === 95 || code === 46 || code === 45 || code === 47 || code === 32 || code === 39;
}

/** What is found by its own name as a whole; nodes with the same rank come first. */
function byName(names: string[], asked: string, what: Exclude<Hit["what"], "node">): Hit[] {
  const hits: Hit[] = [];
  names.forEach((name, at) => {
    const score = rank(name, asked);
    if (score > 0) hits.push({ what, at, score: score * 0.9, by: "name" });
  });
  return hits;
}

/** Adds nodes whose names have a word that is nearly the query. */
function near(index: SearchIndex, asked: string, hits: Hit[]): void {
  if (asked.length < 4) return;
  const bound = asked.length < 8 ? 1 : 2;
  const known = new Set(hits.filter((hit) => hit.what === "node").map((hit) => hit.at));
  for (const [word, nodes] of index.words) {
    const edits = distance(word, asked, bound);
    if (edits > bound) continue;
    for (const node of nodes) {
      if (known.has(node)) continue;
      known.add(node);
      hits.push({ what: "node", at: node, score: 8 - edits, by: "near" });
    }
  }
}

/** Between hits with the same rank: nodes before others, and what is read more. */
function weight(index: SearchIndex, hit: Hit): number {
  return hit.what === "node" ? 1 + index.readers[hit.at] : 0;
}

function invert(columns: Columns): number[][] {
  const nodes: number[][] = columns.names.map(() => []);
  columns.of.forEach((own, node) => own.forEach((column) => nodes[column]?.push(node)));
  return nodes;
}

function wordsOf(names: string[]): Map<string, number[]> {
  const words = new Map<string, number[]>();
  names.forEach((name, node) => {
    for (const word of new Set([name, ...name.split(/[^\p{L}\p{N}]+/u)])) {
      if (word.length < 3 || word.length > 40) continue;
      const nodes = words.get(word);
      if (nodes) nodes.push(node);
      else words.set(word, [node]);
    }
  });
  return words;
}
