//! `transform lineage`: where the columns of a node come from, or what is made of them.

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
    let compiler = workspace.looking_compiler(&engine, &runtime);
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
    printer.data(&written(&shown, args.format, printer));
    Ok(Exit::Success)
}

fn written(shown: &Shown<'_>, format: LineageFormat, printer: &Printer) -> String {
    match format {
        LineageFormat::Text => lineage::text(shown),
        LineageFormat::Json => format!("{:#}", lineage::json(shown)),
        LineageFormat::Dot => lineage::dot(shown),
        LineageFormat::Csv => lineage::csv(shown),
        LineageFormat::Svg => lineage::svg(shown),
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
    }
}

/// What is asked for: nodes and sources with columns, and one column if it is named.
struct Asked {
    nodes: IndexSet<UniqueId>,
    column: Option<String>,
}

impl Asked {
    /// `orders`, `orders.total`, `source:raw.orders.id`, `orders."a.b"`, `tag:gold`, `model.shop.orders.total`.
    fn of(workspace: &Workspace, name: &str, printer: &Printer) -> Result<Self, Failure> {
        // A source, a version, a path and a column may have dots in their names: the longest name that is one counts.
        let silent = printer.silent();
        let dots = name.char_indices().rev().filter(|(_, letter)| *letter == '.').map(|(at, _)| at);
        let parts = dots.map(|dot| (&name[..dot], Some(&name[dot + 1..]))).filter(|(_, column)| *column != Some(""));
        for (node, column) in std::iter::once((name, None)).chain(parts) {
            if let Some(nodes) = with_columns(workspace, node, &silent) {
                return Ok(Asked { nodes, column: column.map(|column| column.trim_matches(['"', '`']).to_owned()) });
            }
        }
        let error = Diagnostic::error(codes::ARGUMENT, format!("`{name}` selects nothing that has columns"));
        let known = workspace.manifest().nodes.values().map(|node| node.name.as_str());
        let node = name.rsplit_once('.').map_or(name, |(node, _)| node);
        Err(Failure::usage(error.suggest_near(node, known), &workspace.sources))
    }

    /// The node, where there is one alone.
    fn only(&self) -> Option<&UniqueId> {
        self.nodes.first().filter(|_| self.nodes.len() == 1)
    }

    /// The columns that are asked for, with their types.
    fn columns(
        &self,
        analysis: &Analysis<'_>,
        analyses: &Analyses,
    ) -> Result<Vec<(ColumnId, Option<String>)>, Failure> {
        let Analysis { workspace, engine, .. } = analysis;
        let fail = |diagnostic| Failure::failed(diagnostic, &workspace.sources);
        let known = |id: &UniqueId| analyses.get(id).and_then(Analyzed::columns);
        if let Some(id) = self.only().filter(|id| known(id).is_none()) {
            return Err(fail(unknown(analysis, analyses, id)));
        }
        // Of many, those that are not understood are told with the gaps, and those without the column are not meant.
        let mut asked = Vec::new();
        for (id, schema) in self.nodes.iter().filter_map(|id| Some((id, known(id)?))) {
            let is_exact = |name: &str| self.column.as_deref().is_none_or(|column| column == name);
            let is_like =
                |name: &str| self.column.as_ref().is_some_and(|column| column.to_lowercase() == name.to_lowercase());
            let has_exact = schema.fields().iter().any(|field| is_exact(field.name()));
            let fields = schema.fields().iter();
            let fields = fields.filter(|field| is_exact(field.name()) || !has_exact && is_like(field.name()));
            asked.extend(fields.map(|field| {
                let column = ColumnId { node: id.clone(), column: field.name().clone() };
                (column, Some(engine.type_name(field.data_type())))
            }));
        }
        match &self.column {
            Some(column) if asked.is_empty() => Err(fail(self.has_no(column, analyses))),
            _ => Ok(asked),
        }
    }

    fn has_no(&self, column: &str, analyses: &Analyses) -> Diagnostic {
        let Some(id) = self.only() else {
            return Diagnostic::error(
                codes::ARGUMENT,
                format!("none of the {} has a column `{column}`", self.nodes.len()),
            );
        };
        let fields = analyses.get(id).and_then(Analyzed::columns).into_iter().flat_map(|schema| schema.fields());
        let names: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
        let error = Diagnostic::error(codes::ARGUMENT, format!("`{id}` has no column `{column}`"));
        error.help(format!("it has {}", quoted_list(&names)))
    }
}

/// The nodes and sources with columns that a selection chooses, each after those that it reads, or that a unique id names; nothing where
/// there are none.
fn with_columns(workspace: &Workspace, selected: &str, silent: &Printer) -> Option<IndexSet<UniqueId>> {
    let manifest = workspace.manifest();
    let is_one = |id: &UniqueId| {
        let node = manifest.node(id).map(|node| node.resource);
        let kinds = [ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot];
        manifest.sources.contains_key(id) || node.is_some_and(|node| kinds.contains(&node))
    };
    let named = manifest.nodes.keys().chain(manifest.sources.keys()).find(|id| id.as_str() == selected);
    if let Some(id) = named.filter(|id| is_one(id)) {
        return Some(IndexSet::from_iter([id.clone()]));
    }
    let args = SelectArgs { select: vec![selected.to_owned()], ..SelectArgs::default() };
    let chosen = workspace.choose(&args, silent).ok()?;
    let found: IndexSet<UniqueId> =
        workspace.dag.order().into_iter().filter(|id| chosen.contains(id) && is_one(id)).collect();
    Some(found).filter(|found| !found.is_empty())
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
    for (id, analyzed) in analyses.iter().filter(|(id, _)| asked.only() != Some(*id)) {
        match analyzed {
            Analyzed::Unchecked { is_echo: true, .. } | Analyzed::Query(_) | Analyzed::Data(_) => {}
            Analyzed::Unchecked { why, .. } => printer.message(&format!("`{id}` is not analyzed: {why}")),
            Analyzed::Wrong { error, .. } => printer.message(&format!("`{id}` is not analyzed: {}", error.message)),
        }
    }
}
