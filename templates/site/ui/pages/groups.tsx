/** Pages that sort nodes by a word: their owner, their tags. */

import { useMemo } from "preact/hooks";
import { byName, wordsOf } from "../facts";
import { compare, number, percent, t, tMaybe } from "../i18n";
import { Empty } from "../parts/empty";
import { NodeLink } from "../parts/node_link";
import { PageHead } from "../parts/page";
import { Status } from "../parts/status";
import { Table, type Head } from "../parts/table";
import { href } from "../route";
import { core } from "../store";

/** The nodes that share a word. */
interface Group {
  word: string;
  nodes: number[];
  described: number;
  tested: number;
  failing: number;
}

/** The texts and the way of a page of groups. */
export interface GroupsOf {
  title: string;
  none: string;
  path: "owners" | "tags";
  param: "owner" | "tag";
  wordsOf: (node: number) => string[];
}

/** A list of all groups, or the nodes of the one that the address names. */
export function Groups({ of, chosen }: { of: GroupsOf; chosen: string | null }) {
  const groups = useMemo(() => groupsOf(of), [of.path]);
  const one = groups.find((group) => group.word === chosen);
  if (one) return <One group={one} of={of} />;
  const heads: Head<Group>[] = [
    { key: "word", label: t("column.name"), sort: (group) => group.word, cell: (group) => <a href={href([of.path], { [of.param]: group.word })}>{group.word}</a> },
    { key: "nodes", label: t("search.nodes"), number: true, sort: (group) => group.nodes.length, cell: (group) => number(group.nodes.length) },
    { key: "described", label: t("coverage.described"), number: true, sort: (group) => group.described / group.nodes.length, cell: (group) => percent(group.described, group.nodes.length) },
    { key: "tested", label: t("coverage.tested"), number: true, sort: (group) => group.tested / group.nodes.length, cell: (group) => percent(group.tested, group.nodes.length) },
    { key: "failing", label: t("home.failing"), number: true, sort: (group) => group.failing, cell: (group) => (group.failing ? <span class="status bad">{number(group.failing)}</span> : "0") },
  ];
  return (
    <>
      <PageHead title={of.title} />
      {groups.length === 0 ? <Empty title={of.none} /> : <Table caption={of.title} rows={groups} keyOf={(group) => group.word} heads={heads} />}
    </>
  );
}

function One({ group, of }: { group: Group; of: GroupsOf }) {
  const { nodes } = core();
  return (
    <>
      <PageHead title={group.word} crumbs={[{ label: of.title, to: href([of.path]) }]} />
      <Table
        caption={group.word}
        rows={group.nodes}
        keyOf={(node) => node}
        heads={[
          { key: "name", label: t("column.name"), sort: (node) => nodes.name[node], cell: (node) => <NodeLink node={node} clip /> },
          { key: "kind", label: t("search.kind"), sort: (node) => wordsOf(node).kind, cell: (node) => tMaybe("kind", wordsOf(node).kind) },
          { key: "head", label: t("column.description"), fill: true, cell: (node) => <span class="dim">{nodes.head[node]}</span> },
          { key: "tests", label: t("tab.tests"), cell: (node) => (nodes.tests[node] === 0 ? "–" : <Status value={(["not_run", "pass", "warn", "fail"] as const)[nodes.tested[node]] ?? "not_run"} />) },
        ]}
      />
    </>
  );
}

function groupsOf(of: GroupsOf): Group[] {
  const { nodes } = core();
  const groups = new Map<string, Group>();
  for (const node of nodes.id.keys()) {
    for (const word of of.wordsOf(node)) {
      let group = groups.get(word);
      if (!group) groups.set(word, (group = { word, nodes: [], described: 0, tested: 0, failing: 0 }));
      group.nodes.push(node);
      if (nodes.head[node]) group.described++;
      if (nodes.tests[node] > 0) group.tested++;
      if (nodes.tested[node] === 3) group.failing++;
    }
  }
  for (const group of groups.values()) byName(group.nodes);
  return [...groups.values()].sort((a, b) => compare(a.word, b.word));
}
