//! `transform lineage`: where the columns of a node come from, or what is made of them.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use tokio_util::sync::CancellationToken;

use crate::analyze::{self, Analyses, Analyzed, ColumnId, Direction, Lineage, Surroundings};
use crate::base::{IndexSet, quoted_list};
use crate::cli::arguments::{LineageArgs, LineageFormat, SelectArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::compile::Compiler;
use crate::diagnostic::{Diagnostic, codes};
use crate::docs::lineage::{self, Shown};
use crate::engine::{Engine, RelationInfo, RelationKind};
use crate::graph::Reach;
use crate::manifest::{Node, ResourceType, UniqueId};
use crate::run::read_seed;
use crate::session::Flags;
use crate::sql::Relation;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &LineageArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let (id, column) = asked(&workspace, &args.name, printer)?;
    let direction = if args.downstream { Direction::Downstream } else { Direction::Upstream };
    let mut chosen = IndexSet::from_iter([id.clone()]);
    if direction == Direction::Downstream {
        chosen.extend(workspace.dag.descendants([&id], Reach::All));
    }
    let (engine, runtime) = (workspace.engine()?, runtime()?);
    let compiler = workspace.compiler(Some(&engine), &runtime, &CancellationToken::new());
    let around = Around { workspace: &workspace, compiler, engine: engine.as_ref(), runtime: &runtime };
    let analyses = analyze::analyze((workspace.manifest(), &workspace.dag), engine.as_ref(), &around, &chosen)
        .map_err(|error| Failure::usage(error.diagnostic(error.message.clone()), &workspace.sources))?;
    tell_gaps(&analyses, &id, printer);
    let columns = columns(&workspace, &analyses, engine.as_ref(), (&id, column))?;
    let lineage = Lineage::new(&analyses, args.influences);
    let shown = Shown { lineage: &lineage, columns, direction, depth: args.depth.unwrap_or(usize::MAX) };
    let written = match args.format {
        LineageFormat::Text => lineage::text(&shown),
        LineageFormat::Json => format!("{:#}", lineage::json(&shown)),
        LineageFormat::Mermaid => lineage::mermaid(&shown),
        LineageFormat::Dot => lineage::dot(&shown),
        LineageFormat::Csv => lineage::csv(&shown).unwrap_or_default(),
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
    let args = SelectArgs { select: vec![selected.to_owned()], ..SelectArgs::default() };
    let has_columns = |id: &UniqueId| {
        let node = workspace.manifest().node(id);
        let kinds = [ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot];
        workspace.manifest().sources.contains_key(id) || node.is_some_and(|node| kinds.contains(&node.resource))
    };
    let chosen = workspace.choose(&args, printer)?;
    match chosen.iter().filter(|id| has_columns(id)).collect::<Vec<_>>().as_slice() {
        [id] => Ok((*id).clone()),
        found => {
            let message = match found.len() {
                0 => format!("`{selected}` selects nothing that has columns"),
                count => format!("`{selected}` selects {count} nodes, and this is about one"),
            };
            Err(Failure::usage(Diagnostic::error(codes::ARGUMENT, message), &workspace.sources))
        }
    }
}

/// The columns that are asked for, with their types.
fn columns(
    workspace: &Workspace,
    analyses: &Analyses,
    engine: &dyn Engine,
    (id, column): (&UniqueId, Option<String>),
) -> Result<Vec<(ColumnId, Option<String>)>, Failure> {
    let fail = |diagnostic| Failure::failed(diagnostic, &workspace.sources);
    let analyzed = analyses.get(id);
    if let Some(Analyzed::Wrong(error)) = analyzed {
        return Err(fail(error.diagnostic(format!("`{id}` cannot be analyzed: {}", error.message))));
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
            Analyzed::Wrong(error) => printer.message(&format!("`{id}` is not analyzed: {}", error.message)),
        }
    }
}

/// What analysis asks for, from the project and its engine.
pub(in crate::cli) struct Around<'a> {
    workspace: &'a Workspace,
    compiler: Compiler,
    engine: &'a dyn Engine,
    runtime: &'a tokio::runtime::Runtime,
}

impl Around<'_> {
    /// The columns that a query of a relation has, which are not written down anywhere.
    fn read(&self, relation: &Relation) -> Option<SchemaRef> {
        let query = format!("select * from {} limit 0", relation.render(self.engine.dialect()));
        let rows = self.runtime.block_on(self.engine.query(&query, &CancellationToken::new()));
        Some(rows.ok()?.schema)
    }
}

impl Surroundings for Around<'_> {
    fn sql(&self, node: &Arc<Node>) -> Result<String, String> {
        let compiled = self.compiler.compile(node).map_err(|error| Diagnostic::from(error).message.clone())?;
        Ok(compiled.sql)
    }

    fn columns(&self, id: &UniqueId, relation: &Relation) -> Option<SchemaRef> {
        // A seed has the columns of its file as it is now.
        if let Some(node) = self.workspace.manifest().node(id).filter(|node| node.resource == ResourceType::Seed) {
            let session = &self.workspace.project.session;
            return Some(read_seed(session.world.as_ref(), &self.workspace.sources, node).ok()?.schema);
        }
        let known = self.runtime.block_on(self.engine.relation(relation)).ok().flatten();
        match known? {
            RelationInfo { schema: Some(columns), .. } => Some(columns),
            RelationInfo { kind: RelationKind::External | RelationKind::View, .. } => self.read(relation),
            RelationInfo { kind: RelationKind::Table, .. } => None,
        }
    }
}
