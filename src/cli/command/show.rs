//! `transform show`: the rows of a model, or of a query.

use std::sync::Arc;

use arrow::json::writer::{JsonArray, WriterBuilder};
use arrow::record_batch::RecordBatch;
use arrow::util::pretty::pretty_format_batches_with_schema;
use futures::TryStreamExt;
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use crate::cli::arguments::{ShowArgs, ShowOutput};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{EngineError, Rows};
use crate::manifest::{Node, ResourceType};
use crate::parse::inline;
use crate::run::{CompiledFile, read_seed};
use crate::session::Flags;
use crate::sql::statement;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &ShowArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let nodes = match &args.inline {
        Some(sql) => vec![inline_node(&workspace, sql)?],
        None => chosen(&workspace, args, printer)?,
    };
    for node in &nodes {
        let (schema, batches) = rows(&workspace, node, args.limit)?;
        print(&workspace, node, args, (&schema, &batches), printer)?;
    }
    Ok(Exit::Success)
}

/// A query of the command line as a node that is not in the manifest.
pub(in crate::cli) fn inline_node(workspace: &Workspace, sql: &str) -> Result<Arc<Node>, Failure> {
    let parsed = inline::parse(&workspace.parsed, sql);
    parsed.map(Arc::new).map_err(|diagnostics| Failure::usage(diagnostics, &workspace.sources))
}

fn chosen(workspace: &Workspace, args: &ShowArgs, printer: &Printer) -> Result<Vec<Arc<Node>>, Failure> {
    let usage = |message: &str| Failure::usage(Diagnostic::error(codes::ARGUMENT, message), &workspace.sources);
    if args.select.select.is_empty() {
        return Err(usage("`show` needs `--select` with a model, or `--inline` with a query"));
    }
    let chosen = workspace.choose(&args.select, printer)?;
    let nodes = chosen.iter().filter_map(|id| workspace.manifest().node(id));
    let is_named = |node: &&Arc<Node>| {
        node.resource != ResourceType::Test || args.select.select.iter().any(|name| *name == node.name)
    };
    let nodes: Vec<Arc<Node>> = nodes.filter(is_named).cloned().collect();
    if nodes.is_empty() { Err(usage("nothing to show is selected")) } else { Ok(nodes) }
}

type Shown = (arrow::datatypes::SchemaRef, Vec<RecordBatch>);

fn rows(workspace: &Workspace, node: &Arc<Node>, limit: i64) -> Result<Shown, Failure> {
    let failure = |diagnostic| Failure::failed(diagnostic, &workspace.sources);
    if node.resource == ResourceType::Seed {
        let session = &workspace.project.session;
        let rows = read_seed(session.world.as_ref(), &session.sources, node).map_err(failure)?;
        return Ok((rows.schema, cut(rows.batches, limit)));
    }
    let runtime = runtime()?;
    let cancel = CancellationToken::new();
    let engine = workspace.engine()?;
    let selected = std::iter::once(node.id.clone()).collect();
    let compiler = workspace.compiler(Some(&engine), &runtime, &cancel).deferring(workspace.deferral(&selected)?);
    let compiled = compiler.compile(node).map_err(failure)?;
    // A limit put round the query would let the engine drop its `order by`: rows are taken from the stream instead.
    let rows =
        runtime.block_on(async { first_rows(engine.query(statement(&compiled.sql), &cancel).await?, limit).await });
    let (session, target_dir) = (&workspace.project.session, &workspace.project.target_dir);
    let file = CompiledFile { session, target_dir, node, sql: &compiled.sql };
    rows.map_err(|error| failure(file.failure(error, 0)))
}

/// The first rows of a stream, which is not read further.
async fn first_rows(mut rows: Rows, limit: i64) -> Result<Shown, EngineError> {
    let mut batches = Vec::new();
    let mut found = 0;
    while !usize::try_from(limit).is_ok_and(|limit| found >= limit) {
        let Some(batch) = rows.batches.try_next().await? else { break };
        found += batch.num_rows();
        batches.push(batch);
    }
    Ok((rows.schema, cut(batches, limit)))
}

/// The first rows; a negative limit means all.
fn cut(batches: Vec<RecordBatch>, limit: i64) -> Vec<RecordBatch> {
    let Ok(mut left) = usize::try_from(limit) else { return batches };
    let mut kept = Vec::new();
    for batch in batches {
        let rows = batch.num_rows().min(left);
        kept.push(batch.slice(0, rows));
        left -= rows;
    }
    kept
}

fn print(
    workspace: &Workspace,
    node: &Node,
    args: &ShowArgs,
    (schema, batches): (&arrow::datatypes::SchemaRef, &[RecordBatch]),
    printer: &Printer,
) -> Result<(), Failure> {
    let unprintable = |error: arrow::error::ArrowError| {
        let message = format!("the rows of `{}` cannot be printed: {error}", node.name);
        Failure::failed(Diagnostic::error(codes::EXECUTION, message), &workspace.sources)
    };
    match args.output {
        ShowOutput::Text => {
            let table = pretty_format_batches_with_schema(Arc::clone(schema), batches).map_err(unprintable)?;
            printer.data(&table.to_string());
        }
        ShowOutput::Json => {
            let mut bytes = Vec::new();
            let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut bytes);
            writer.write_batches(&batches.iter().collect::<Vec<_>>()).map_err(unprintable)?;
            writer.finish().map_err(unprintable)?;
            let rows: Json = serde_json::from_slice(&bytes).unwrap_or_else(|_| json!([]));
            printer.data(&format!("{:#}", json!({ "node": node.name, "show": rows })));
        }
    }
    Ok(())
}
