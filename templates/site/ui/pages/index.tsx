/** Which page a route shows. */

import { place } from "../store";
import type { Route } from "../route";
import { Explorer } from "../lineage/explorer";
import { LayerMap } from "../lineage/map";
import { ColumnPage } from "./column";
import { DiffPage } from "./diff";
import { ExposuresPage } from "./exposures";
import { GlossaryPage } from "./glossary";
import { HomePage } from "./home";
import { MetricsPage } from "./metrics";
import { Missing } from "./missing";
import { NodeView } from "./node";
import { OwnersPage } from "./owners";
import { QualityPage } from "./quality";
import { RunPage } from "./run";
import { RunsPage } from "./runs";
import { SearchPage } from "./search";
import { TagsPage } from "./tags";
import { TestPage } from "./test";

/** The page of a route. */
export function Page({ route }: { route: Route }) {
  const [section = "", id, part, column] = route.path;
  switch (section) {
    case "":
      return <HomePage />;
    case "map":
      return <LayerMap />;
    case "lineage":
      return <Explorer route={route} />;
    case "n":
    case "source":
      return <NodeRoute id={id ?? ""} column={part === "c" ? column : undefined} route={route} />;
    case "quality":
      return <QualityPage route={route} />;
    case "test":
      return <TestPage id={id ?? ""} />;
    case "runs":
      return id === undefined ? <RunsPage /> : <RunPage id={id} route={route} />;
    case "diff":
      return <DiffPage route={route} />;
    case "exposures":
      return <ExposuresPage />;
    case "owners":
      return <OwnersPage route={route} />;
    case "tags":
      return <TagsPage route={route} />;
    case "glossary":
      return <GlossaryPage route={route} />;
    case "metrics":
      return <MetricsPage />;
    case "search":
      return <SearchPage route={route} />;
    default:
      return <Missing name={route.path.join("/")} />;
  }
}

function NodeRoute({ id, column, route }: { id: string; column: string | undefined; route: Route }) {
  const node = place(id);
  if (node === undefined) return <Missing name={id} />;
  return column === undefined ? <NodeView key={node} node={node} route={route} /> : <ColumnPage key={`${node}.${column}`} node={node} name={column} />;
}
