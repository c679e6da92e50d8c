/**
 * Applying a selection to the project: the same set as `transform ls`, tests left out (`src/graph/select/choice.rs`).
 *
 * What needs more than the core (an earlier state, columns) is handed in as {@link Knowledge}; where the site does not hold it the answer is
 * a problem with its place, never a wrong set.
 */
import type { Columns, Core, Diff } from "../data";
import { graphOf, reached, setOf, type Direction, type NodeSet } from "./graph";
import { near, type Method } from "./method";
import { fromHere, isIn, namePattern, type Matcher } from "./pattern";
import type { Part, Problem, Query, Term } from "./selector";

/** What is known besides the core; what is absent was not loaded, and null does not exist. */
export interface Knowledge {
  diff?: Diff | null;
  columns?: Columns | null;
  /** What the columns of a term lead to, worked out before; see {@link columnTerms}. */
  columnReach?: ReadonlyMap<string, NodeSet>;
}

/** What a query chooses. */
export interface Chosen {
  set: NodeSet;
  problems: Problem[];
  /** Parts that match nothing. */
  warnings: Problem[];
}

/** The kinds that dbt calls nodes; others are only described. */
const NODE_KINDS = new Set(["model", "seed", "snapshot", "analysis", "function"]);
const ACCESS = ["private", "protected", "public"];

/** Whether no selection has a node in it. As in dbt, analyses are listed when their kind is asked for, which the box does not do. */
export function isAnalysis({ nodes, words }: Core, node: number): boolean {
  return words.kind[nodes.kind[node]] === "analysis";
}

/** Chooses nodes. Without a selection all are chosen that `--exclude` does not leave out. */
export function choose(core: Core, query: Query, knowledge: Knowledge = {}): Chosen {
  const choice = new Choice(core, knowledge);
  const all = () => new Uint8Array(core.nodes.id.length).fill(1);
  const set = query.select.length > 0 ? choice.union(query.select) : all();
  const without = choice.union(query.exclude);
  for (let node = 0; node < set.length; node++) if (without[node] || isAnalysis(core, node)) set[node] = 0;
  return { set, problems: choice.problems, warnings: choice.warnings };
}

/** The data files that a query asks about besides the core. */
export function needs(query: Query): { diff: boolean; columns: boolean } {
  const terms = [...query.select, ...query.exclude].flatMap((part) => part.terms);
  return { diff: terms.some(({ method }) => method.name === "state"), columns: terms.some(({ method }) => method.name === "column") };
}

/** The walks over columns that a query needs, which have to be made before: of a term in a direction the nodes and the column. */
export function columnTerms(core: Core, query: Query, columns: Columns): ColumnTerm[] {
  const choice = new Choice(core, { columns });
  const found: ColumnTerm[] = [];
  for (const { method, parents, children } of [...query.select, ...query.exclude].flatMap((part) => part.terms)) {
    if (method.name !== "column") continue;
    const nodes = choice.matched(method);
    for (const [direction, steps] of [["up", parents], ["down", children]] as const) {
      if (steps === null) continue;
      found.push({ key: reachKey(method, direction, steps), nodes, column: method.column, direction, steps });
    }
  }
  return found;
}

/** A walk over columns. */
export interface ColumnTerm {
  key: string;
  nodes: NodeSet;
  column: string;
  direction: Direction;
  steps: number;
}

function reachKey(method: Method, direction: Direction, steps: number): string {
  return `${JSON.stringify(method)} ${direction} ${steps}`;
}

/** The column of a node that has a name, as its place in `names`; -1 for none. Names are told apart without regard to the case of letters. */
export function columnPlace(columns: Columns, node: number, name: string): number {
  const wanted = lower(name);
  return columns.of[node]?.find((place) => lower(columns.names[place] ?? "") === wanted) ?? -1;
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

class Choice {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  private readonly count: number;

  constructor(
    private readonly core: Core,
    private readonly knowledge: Knowledge,
  ) {
    this.count = core.nodes.id.length;
  }

  union(parts: Part[]): NodeSet {
    const all = this.none();
    for (const part of parts) {
      const problems = this.problems.length;
      const sets = part.terms.map((term) => this.term(term));
      let some = false;
      for (let node = 0; node < this.count; node++) {
        if (!sets.every((set) => set[node])) continue;
        some = true;
        all[node] = 1;
      }
      if (!some && this.problems.length === problems) this.warnings.push(this.matchesNothing(part));
    }
    return all;
  }

  private none(): NodeSet {
    return new Uint8Array(this.count);
  }

  private matchesNothing({ text, from, to }: Part): Problem {
    const meant = near(text, this.core.nodes.name);
    return meant === undefined
      ? { key: "selector.empty", params: { text }, from, to }
      : { key: "selector.empty.near", params: { text, meant }, from, to };
  }

  private term(term: Term): NodeSet {
    const matched = this.matched(term.method, term);
    const all = matched.slice();
    if (term.childrensParents) {
      const children = join(this.reached(matched, "down"), matched);
      join(all, children);
      join(all, this.reached(this.withTests(children), "up"));
      join(all, this.readByTests(children));
    }
    if (term.parents !== null) join(all, this.reachedBy(term, matched, "up", term.parents));
    if (term.children !== null) join(all, this.reachedBy(term, matched, "down", term.children));
    return all;
  }

  private reached(from: NodeSet, direction: Direction, steps = Infinity): NodeSet {
    return reached(graphOf(this.core), from, direction, steps);
  }

  private reachedBy(term: Term, from: NodeSet, direction: Direction, steps: number): NodeSet {
    if (term.method.name !== "column") return this.reached(from, direction, steps);
    const found = this.knowledge.columnReach?.get(reachKey(term.method, direction, steps));
    if (!found) this.absent(term, "column");
    return found ?? this.none();
  }

  /** What tests on the nodes read besides them: tests are children too, and have parents. */
  private readByTests(nodes: NodeSet): NodeSet {
    const found = this.none();
    for (const list of this.core.together ?? []) {
      if (list.some((node) => nodes[node])) list.forEach((node) => (found[node] = 1));
    }
    return found;
  }

  private withTests(nodes: NodeSet): NodeSet {
    return join(this.readByTests(nodes), nodes);
  }

  /** The nodes that a method means by itself. */
  matched(method: Method, at?: Term): NodeSet {
    if (method.name === "state") return this.inState(method.wanted, at);
    if (method.name === "column") return this.withColumn(method, at);
    const condition = this.condition(method, at);
    const found = this.none();
    for (let node = 0; node < this.count; node++) if (condition(node)) found[node] = 1;
    return found;
  }

  private condition(method: Method, at?: Term): (node: number) => boolean {
    const { nodes, words, meta } = this.core;
    const kind = (node: number) => words.kind[nodes.kind[node]] ?? "";
    const of = (places: number[], known: string[], matches: Matcher) => {
      const good = known.map(matches);
      return (node: number) => places[node] >= 0 && good[places[node]] === true;
    };
    switch (method.name) {
      case "fqn":
        return (node) => kind(node) !== "source" && isNamed(this.fqn(node), method.wanted, method.matcher, this.isVersioned(node));
      case "tag": {
        const good = words.tag.map(method.matcher);
        return (node) => nodes.tags[node]?.some((tag) => good[tag]) === true;
      }
      case "group": {
        const inGroup = of(nodes.group, words.group, method.matcher);
        return (node) => (NODE_KINDS.has(kind(node)) || kind(node) === "metric") && inGroup(node);
      }
      case "layer": {
        const inLayer = of(nodes.layer, words.layer, method.matcher);
        return (node) => NODE_KINDS.has(kind(node)) && inLayer(node);
      }
      case "package":
        return of(nodes.package, words.package, (name) => method.matcher(name) || (method.wanted === "this" && name === meta.project));
      case "file":
        return (node) => hasName(method.matcher, nodes.path[node]);
      case "path":
        return this.path(method.wanted, method.matcher, at);
      case "source":
        return (node) => {
          if (kind(node) !== "source") return false;
          const source = words.folder[nodes.folder[node]] ?? "";
          return method.package(this.package(node)) && method.source(source) && method.table(nodes.name[node].slice(source.length + 1));
        };
      case "named":
        return (node) => kind(node) === method.kind && method.package(this.package(node)) && method.named(nodes.name[node]);
      case "access":
        return (node) => kind(node) === "model" && (ACCESS[nodes.access[node]] ?? "protected") === method.wanted;
      case "resource_type":
        if (method.wanted === "test" || method.wanted === "unit_test") return this.onTests(at);
        return (node) => kind(node) === method.wanted;
      case "config":
        return this.config(method.keys, method.wanted, at);
      case "result":
        return (node) => kind(node) !== "source" && words.status[nodes.status[node]] === method.wanted;
      case "status":
        return (node) => words.status[nodes.status[node]] === method.wanted || VERDICTS[nodes.tested[node]]?.includes(method.wanted) === true;
      case "version":
        return this.version(method.wanted, at);
      case "tests":
        return this.onTests(at);
      default:
        this.absent(at, method.name === "absent" ? method.of : method.name);
        return () => false;
    }
  }

  /** Tests are no nodes here: a selection of them is empty, and where they lead is not known. */
  private onTests(at?: Term): () => boolean {
    if (at && (at.childrensParents || at.parents !== null || at.children !== null)) this.absent(at, "tests");
    return () => false;
  }

  private path(wanted: string, glob: Matcher, at?: Term): (node: number) => boolean {
    const { nodes, words } = this.core;
    const described = words.patch?.map((path) => glob(fromHere(path)));
    if (!described && /\.ya?ml$/.test(wanted)) this.absent(at, "patch");
    return (node) => isIn(glob, nodes.path[node]) || described?.[nodes.patch?.[node] ?? -1] === true;
  }

  private config(keys: string, wanted: string, at?: Term): (node: number) => boolean {
    const { nodes, words } = this.core;
    const is = (places: number[], known: string[]) => (node: number) => this.isNode(node) && known[places[node]] === wanted;
    switch (keys) {
      case "materialized":
        return is(nodes.materialized, words.materialized);
      case "group":
        return is(nodes.group, words.group);
      case "tags":
        return (node) => this.isNodeOrSource(node) && nodes.tags[node].some((tag) => words.tag[tag] === wanted);
      default:
        this.absent(at, `config.${keys}`);
        return () => false;
    }
  }

  private version(wanted: string, at?: Term): (node: number) => boolean {
    const { nodes, words } = this.core;
    const model = words.kind.indexOf("model");
    if (wanted === "none") return (node) => nodes.kind[node] === model && !this.isVersioned(node);
    const some = nodes.id.some((_, node) => this.isVersioned(node));
    if (some && !nodes.versions) this.absent(at, "version");
    const found = new Set(nodes.versions?.filter(([, kind]) => kind === wanted).map(([node]) => node));
    return (node) => found.has(node);
  }

  private inState(wanted: string, at?: Term): NodeSet {
    const { diff } = this.knowledge;
    if (!diff) {
      this.absent(at, "state");
      return this.none();
    }
    const added = setOf(this.count, diff.added);
    const modified = diff.modified.filter(({ reasons }) => wanted === "modified" || reasons.includes(wanted.slice("modified.".length)));
    const found = setOf(this.count, modified.map(({ node }) => node));
    if (wanted === "new") return added;
    if (wanted === "unmodified") return complement(join(setOf(this.count, diff.modified.map(({ node }) => node)), this.onlyNodes(added)));
    if (wanted === "old") return complement(added);
    // What is new differs from nothing in everything; what is described only is new, not modified, as in dbt.
    if (wanted === "modified.configs") return join(found, added);
    if (wanted === "modified.relation") return join(found, this.only(added, (node) => this.isNodeOrSource(node)));
    return wanted === "modified.macros" ? found : join(found, this.onlyNodes(added));
  }

  private withColumn(method: Method & { name: "column" }, at?: Term): NodeSet {
    const { columns } = this.knowledge;
    if (!columns) {
      this.absent(at, "column");
      return this.none();
    }
    return this.only(this.matched(method.node, at), (node) => columnPlace(columns, node, method.column) >= 0);
  }

  private only(set: NodeSet, condition: (node: number) => boolean): NodeSet {
    return set.map((is, node) => (is && condition(node) ? 1 : 0));
  }

  private onlyNodes(set: NodeSet): NodeSet {
    return this.only(set, (node) => this.isNode(node));
  }

  private isNode(node: number): boolean {
    return NODE_KINDS.has(this.core.words.kind[this.core.nodes.kind[node]] ?? "");
  }

  private isNodeOrSource(node: number): boolean {
    return this.isNode(node) || this.core.words.kind[this.core.nodes.kind[node]] === "source";
  }

  private isVersioned(node: number): boolean {
    return isVersioned(this.core, node);
  }

  private package(node: number): string {
    return this.core.words.package[this.core.nodes.package[node]] ?? "";
  }

  private fqn(node: number): string[] {
    return fqn(this.core, node);
  }

  private absent(at: Term | undefined, what: string): void {
    if (at) this.problems.push({ key: "selector.absent", params: { what }, from: at.from, to: at.to });
  }
}

/** The words for how tests ended, by `nodes.tested`. */
const VERDICTS: Record<number, string[]> = { 1: ["pass"], 2: ["warn"], 3: ["fail"] };

const fqns = new WeakMap<Core, string[][]>();

/** Package, folders, name; of a model with versions the version behind it. */
export function fqn(core: Core, node: number): string[] {
  const known = fqns.get(core) ?? [];
  if (known.length === 0) fqns.set(core, known);
  return (known[node] ??= fqnOf(core, node));
}

function fqnOf(core: Core, node: number): string[] {
  const { nodes, words } = core;
  const kind = words.kind[nodes.kind[node]];
  const folder = words.folder[nodes.folder[node]] ?? "";
  const name = nodes.name[node];
  const version = isVersioned(core, node) ? name.lastIndexOf(".v") : -1;
  const parts = [words.package[nodes.package[node]] ?? "", ...(kind === "analysis" ? ["analysis"] : []), ...folder.split("/").filter(Boolean)];
  // The file of a snapshot block is one of its folders.
  if (kind === "snapshot" && nodes.path[node].endsWith(".sql")) parts.push(stem(nodes.path[node]));
  return version < 0 ? [...parts, name] : [...parts, name.slice(0, version), name.slice(version + 1)];
}

/** A model without versions has the name of its file. */
function isVersioned({ nodes, words }: Core, node: number): boolean {
  const name = nodes.name[node];
  return name.includes(".v") && words.kind[nodes.kind[node]] === "model" && stem(nodes.path[node]) !== name;
}

/** The name alone, or the parts from the root on, with or without the package in front. */
function isNamed(fqn: string[], wanted: string, matcher: Matcher, versioned: boolean): boolean {
  return leadsTo(fqn, wanted, matcher, versioned) || leadsTo(fqn.slice(1), wanted, matcher, versioned);
}

function leadsTo(fqn: string[], wanted: string, matcher: Matcher, versioned: boolean): boolean {
  const last = fqn.length - 1;
  if (versioned && last > 0) {
    const point = wanted.lastIndexOf(".");
    const joined = point < 0 ? wanted : `${wanted.slice(0, point)}_${wanted.slice(point + 1)}`;
    if (wanted === fqn[last - 1] || joined.slice(joined.lastIndexOf(".") + 1) === `${fqn[last - 1]}_${fqn[last]}`) return true;
  } else if (last >= 0 && wanted === fqn[last]) return true;
  // Dots in names part like the dots between them.
  const flat = fqn.flatMap((part) => part.split("."));
  const parts = wanted.split(".");
  if (flat.length < parts.length) return false;
  const wild = parts.findIndex((part) => /[*?[\]]/.test(part));
  const fixed = wild < 0 ? parts : parts.slice(0, wild);
  if (fixed.some((part, at) => flat[at] !== part)) return false;
  if (wild < 0) return true;
  const rest = wild === 0 ? matcher : namePattern(parts.slice(wild).join("."));
  if (rest(flat.slice(wild).join("."))) return true;
  const leaf = fqn[versioned ? last - 1 : last];
  return !wanted.includes(".") && leaf !== undefined && matcher(leaf);
}

/** Whether the name of a file is meant, with or without its ending. */
function hasName(matcher: Matcher, path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return matcher(name) || matcher(stem(path));
}

function stem(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : name;
}

/** Adds the second set to the first. */
function join(into: NodeSet, other: NodeSet): NodeSet {
  for (let node = 0; node < into.length; node++) into[node] |= other[node];
  return into;
}

function complement(set: NodeSet): NodeSet {
  return set.map((is) => 1 - is);
}
