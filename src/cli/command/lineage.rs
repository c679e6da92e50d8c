//! `transform lineage`: where the columns of a node come from, or what is made of them.

use tokio_util::sync::CancellationToken;

use crate::analyze::{AllFacts, Analyses, Analyzed, ColumnId, Direction, Lineage, Others};
use crate::base::{IndexSet, quoted_list};
use crate::cli::analysis::Analysis;
use crate::cli::arguments::{LineageArgs, LineageFormat, SelectArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, codes};
use crate::docs::lineage::{self, Shown, ShownColumn};
use crate::graph::Reach;
use crate::manifest::{ResourceType, UniqueId};
use crate::session::Flags;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &LineageArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let asked = Asked::of(&workspace, &args.name, printer)?;
    let direction = if args.downstream { Direction::Downstream } else { Direction::Upstream };
    let mut chosen = asked.nodes.clone();
    if direction == Direction::Downstream {
        let is_test = |id: &UniqueId| workspace.manifest().node(id).is_some_and(|node| node.test.is_some());
        chosen.extend(workspace.dag.descendants(&asked.nodes, Reach::All).into_iter().filter(|id| !is_test(id)));
    }
    let (engine, runtime) = (workspace.engine()?, runtime()?);
    let compiler = workspace.compiler(Some(&engine), &runtime, &CancellationToken::new()).read_only();
    let analysis = Analysis::new(&workspace, (&compiler, engine.as_ref()), &runtime);
    let analyses = analysis.of(&chosen, Others::Analyzed)?;
    tell_gaps(&analyses, &asked, printer);
    let columns = asked.columns(&analysis, &analyses)?;
    let mut lineage = Lineage::new(&analyses, args.influences);
    let facts = AllFacts::new(workspace.manifest(), &analyses, &lineage);
    if args.ends {
        lineage = lineage.ends(&columns.iter().map(|(column, _)| column.clone()).collect::<Vec<_>>(), direction);
    }
    let columns = columns.into_iter().map(|(id, data_type)| ShownColumn { facts: facts.get(&id), id, data_type });
    let depth = args.depth.unwrap_or(usize::MAX);
    let shown = Shown { lineage: &lineage, columns: columns.collect(), direction, depth };
    printer.data(&written(&shown, args.format, printer)?);
    Ok(Exit::Success)
}

fn written(shown: &Shown<'_>, format: LineageFormat, printer: &Printer) -> Result<String, Diagnostic> {
    let failure = |error: String| Diagnostic::error(codes::FILE_UNWRITABLE, error);
    Ok(match format {
        LineageFormat::Text => lineage::text(shown),
        LineageFormat::Json => format!("{:#}", lineage::json(shown)),
        LineageFormat::Dot => lineage::dot(shown),
        LineageFormat::Csv => lineage::csv(shown).map_err(|error| failure(error.to_string()))?,
        LineageFormat::Svg => lineage::svg(shown).map_err(|error| failure(error.to_string()))?,
        LineageFormat::Mermaid => {
            let (chart, edges) = lineage::mermaid(shown);
            if edges > lineage::MOST_EDGES {
                let most = lineage::MOST_EDGES;
                printer.message(&format!(
                    "the chart has {edges} edges, and Mermaid draws {most} unless its `maxEdges` says more: see `--depth` and `--ends`"
                ));
            }
            chart
        }
    })
}

/// What is asked for: nodes and sources with columns, and one column if it is named.
struct Asked {
    nodes: IndexSet<UniqueId>,
    column: Option<String>,
}

impl Asked {
    /// `orders`, `orders.total`, `source:raw.orders.id`, `tag:gold`.
    fn of(workspace: &Workspace, name: &str, printer: &Printer) -> Result<Self, Failure> {
        let Some((node, column)) = name.rsplit_once('.') else {
            return Ok(Asked { nodes: with_columns(workspace, name, printer)?, column: None });
        };
        // A source, a version and a path have a dot in their names, too.
        match with_columns(workspace, name, &printer.silent()) {
            Ok(nodes) => Ok(Asked { nodes, column: None }),
            Err(_) => Ok(Asked { nodes: with_columns(workspace, node, printer)?, column: Some(column.to_owned()) }),
        }
    }

    /// The columns that are asked for, with their types.
    fn columns(
        &self,
        analysis: &Analysis<'_>,
        analyses: &Analyses,
    ) -> Result<Vec<(ColumnId, Option<String>)>, Failure> {
        let Analysis { workspace, engine, .. } = analysis;
        let fail = |diagnostic| Failure::failed(diagnostic, &workspace.sources);
        let mut asked = Vec::new();
        for id in &self.nodes {
            let Some(schema) = analyses.get(id).and_then(Analyzed::columns) else {
                // Of many, one that is not understood is told with the gaps.
                if self.nodes.len() > 1 {
                    continue;
                }
                return Err(fail(unknown(analysis, analyses, id)));
            };
            let is_asked = |name: &str| self.column.as_ref().is_none_or(|column| column.eq_ignore_ascii_case(name));
            let columns = schema.fields().iter().filter(|field| is_asked(field.name())).map(|field| {
                let column = ColumnId { node: id.clone(), column: field.name().clone() };
                (column, Some(engine.type_name(field.data_type())))
            });
            let before = asked.len();
            asked.extend(columns);
            if let Some(column) = self.column.as_ref().filter(|_| asked.len() == before) {
                let names = schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>();
                let error = Diagnostic::error(codes::ARGUMENT, format!("`{id}` has no column `{column}`"));
                return Err(fail(error.help(format!("it has {}", quoted_list(&names)))));
            }
        }
        Ok(asked)
    }
}

/// The nodes and sources with columns that a selection chooses, each after those that it reads; there is one at least.
fn with_columns(workspace: &Workspace, selected: &str, printer: &Printer) -> Result<IndexSet<UniqueId>, Failure> {
    let args = SelectArgs { select: vec![selected.to_owned()], ..SelectArgs::default() };
    let chosen = workspace.choose(&args, printer)?;
    let is_one = |id: &UniqueId| {
        let node = workspace.manifest().node(id).map(|node| node.resource);
        let kinds = [ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot];
        workspace.manifest().sources.contains_key(id) || node.is_some_and(|node| kinds.contains(&node))
    };
    let found: IndexSet<UniqueId> =
        workspace.dag.order().into_iter().filter(|id| chosen.contains(id) && is_one(id)).collect();
    if found.is_empty() {
        let error = Diagnostic::error(codes::ARGUMENT, format!("`{selected}` selects nothing that has columns"));
        return Err(Failure::usage(error, &workspace.sources));
    }
    Ok(found)
}

/// Why the columns of a node are not known.
fn unknown(analysis: &Analysis<'_>, analyses: &Analyses, id: &UniqueId) -> Diagnostic {
    let analyzed = analyses.get(id);
    if let (Some(Analyzed::Wrong { error, compiled }), Some(node)) = (analyzed, analysis.workspace.manifest().node(id))
    {
        return analysis.placed(node, compiled, error.clone());
    }
    let why = match analyzed {
        Some(Analyzed::Unchecked { why, .. }) => why.as_str(),
        _ => "nothing is known of it",
    };
    let message = format!("the columns of `{id}` are not known: {why}");
    Diagnostic::error(codes::SQL_PLAN, message).help("declare them with a `data_type` each, or build what it reads")
}

/// Says of which others it could not be told what they are made of.
fn tell_gaps(analyses: &Analyses, asked: &Asked, printer: &Printer) {
    let is_told = |id: &UniqueId| asked.nodes.len() == 1 && asked.nodes.contains(id);
    for (id, analyzed) in analyses.iter().filter(|(id, _)| !is_told(id)) {
        match analyzed {
            Analyzed::Unchecked { is_echo: true, .. } | Analyzed::Query(_) | Analyzed::Data(_) => {}
            Analyzed::Unchecked { why, .. } => printer.message(&format!("`{id}` is not analyzed: {why}")),
            Analyzed::Wrong { error, .. } => printer.message(&format!("`{id}` is not analyzed: {}", error.message)),
        }
    }
}
