//! `transform lineage`: where the columns of a node come from, or what is made of them.

use tokio_util::sync::CancellationToken;

use crate::analyze::{Analyses, Analyzed, ColumnId, Direction, Lineage, Others};
use crate::base::{IndexSet, quoted_list};
use crate::cli::analysis::Analysis;
use crate::cli::arguments::{LineageArgs, LineageFormat};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, codes};
use crate::docs::lineage::{self, Shown};
use crate::graph::Reach;
use crate::manifest::{ResourceType, UniqueId};
use crate::session::Flags;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &LineageArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let (id, column) = asked(&workspace, &args.name, printer)?;
    let direction = if args.downstream { Direction::Downstream } else { Direction::Upstream };
    let mut chosen = IndexSet::from_iter([id.clone()]);
    if direction == Direction::Downstream {
        let is_test = |id: &UniqueId| workspace.manifest().node(id).is_some_and(|node| node.test.is_some());
        chosen.extend(workspace.dag.descendants([&id], Reach::All).into_iter().filter(|id| !is_test(id)));
    }
    let (engine, runtime) = (workspace.engine()?, runtime()?);
    let compiler = workspace.compiler(Some(&engine), &runtime, &CancellationToken::new()).read_only();
    let analysis = Analysis::new(&workspace, (&compiler, engine.as_ref()), &runtime);
    let analyses = analysis.of(&chosen, Others::Analyzed)?;
    tell_gaps(&analyses, &id, printer);
    let columns = columns(&analysis, &analyses, (&id, column))?;
    let lineage = Lineage::new(&analyses, args.influences);
    let shown = Shown { lineage: &lineage, columns, direction, depth: args.depth.unwrap_or(usize::MAX) };
    let written = match args.format {
        LineageFormat::Text => lineage::text(&shown),
        LineageFormat::Json => format!("{:#}", lineage::json(&shown)),
        LineageFormat::Mermaid => lineage::mermaid(&shown),
        LineageFormat::Dot => lineage::dot(&shown),
        LineageFormat::Csv => {
            lineage::csv(&shown).map_err(|error| Diagnostic::error(codes::FILE_UNWRITABLE, error.to_string()))?
        }
    };
    printer.data(&written);
    Ok(Exit::Success)
}

/// The node, and the column if one is named: `orders`, `orders.total`, `source:raw.orders.id`.
fn asked(workspace: &Workspace, name: &str, printer: &Printer) -> Result<(UniqueId, Option<String>), Failure> {
    let Some((node, column)) = name.rsplit_once('.') else { return Ok((one(workspace, name, printer)?, None)) };
    // A source and a version have a dot in their names, too.
    match one(workspace, name, &printer.silent()) {
        Ok(id) => Ok((id, None)),
        Err(_) => Ok((one(workspace, node, printer)?, Some(column.to_owned()))),
    }
}

/// The one node or source with columns that a selection chooses.
fn one(workspace: &Workspace, selected: &str, printer: &Printer) -> Result<UniqueId, Failure> {
    workspace.only(selected, ("has columns", "nodes"), printer, |id| {
        let node = workspace.manifest().node(id).map(|node| node.resource);
        let kinds = [ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot];
        let is_one = workspace.manifest().sources.contains_key(id) || node.is_some_and(|node| kinds.contains(&node));
        is_one.then(|| id.clone())
    })
}

/// The columns that are asked for, with their types.
fn columns(
    analysis: &Analysis<'_>,
    analyses: &Analyses,
    (id, column): (&UniqueId, Option<String>),
) -> Result<Vec<(ColumnId, Option<String>)>, Failure> {
    let Analysis { workspace, engine, .. } = analysis;
    let fail = |diagnostic| Failure::failed(diagnostic, &workspace.sources);
    let analyzed = analyses.get(id);
    if let (Some(Analyzed::Wrong { error, compiled }), Some(node)) = (analyzed, workspace.manifest().node(id)) {
        return Err(fail(analysis.placed(node, compiled, error.clone())));
    }
    let Some(schema) = analyzed.and_then(Analyzed::columns) else {
        let why = match analyzed {
            Some(Analyzed::Unchecked { why, .. }) => why.as_str(),
            _ => "nothing is known of it",
        };
        let message = format!("the columns of `{id}` are not known: {why}");
        let help = "declare them with a `data_type` each, or build what it reads";
        return Err(fail(Diagnostic::error(codes::SQL_PLAN, message).help(help)));
    };
    let is_asked = |name: &str| column.as_ref().is_none_or(|column| column.eq_ignore_ascii_case(name));
    let shown: Vec<_> = schema
        .fields()
        .iter()
        .filter(|field| is_asked(field.name()))
        .map(|field| {
            let column = ColumnId { node: id.clone(), column: field.name().clone() };
            (column, Some(engine.type_name(field.data_type())))
        })
        .collect();
    if shown.is_empty() {
        let names = schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>();
        let message = format!("`{id}` has no column `{}`", column.unwrap_or_default());
        return Err(fail(Diagnostic::error(codes::ARGUMENT, message).help(format!("it has {}", quoted_list(&names)))));
    }
    Ok(shown)
}

/// Says of which others it could not be told what they are made of.
fn tell_gaps(analyses: &Analyses, asked: &UniqueId, printer: &Printer) {
    for (id, analyzed) in analyses.iter().filter(|(id, _)| *id != asked) {
        match analyzed {
            Analyzed::Unchecked { is_echo: true, .. } | Analyzed::Query(_) | Analyzed::Data(_) => {}
            Analyzed::Unchecked { why, .. } => printer.message(&format!("`{id}` is not analyzed: {why}")),
            Analyzed::Wrong { error, .. } => printer.message(&format!("`{id}` is not analyzed: {}", error.message)),
        }
    }
}
