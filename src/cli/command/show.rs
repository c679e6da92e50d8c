//! `transform show`: the rows of a model, or of a query.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::json::writer::{JsonArray, WriterBuilder};
use arrow::record_batch::RecordBatch;
use arrow::util::pretty::pretty_format_batches_with_schema;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::cli::arguments::{SelectArgs, ShowArgs, ShowOutput};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::{Event, LogFormat, LogLevel, Printer};
use crate::cli::workspace::{Workspace, runtime};
use crate::compile::{Compiled, Tracer};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Engine, EngineError, ErrorKind, Operation};
use crate::manifest::{Node, ResourceType};
use crate::parse::inline;
use crate::run::{CompiledFile, NodeResult, SeedFiles};
use crate::session::Flags;
use crate::sql::statement;

/// Runs the command. What fails here is a query that cannot be shown, as the project has it: nothing was run that could fail.
pub(in crate::cli) fn run(flags: &Flags, args: &ShowArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let nodes = match (&args.inline, &args.rejected) {
        (Some(sql), _) => vec![inline_node(&workspace, sql)?],
        (None, Some(name)) => {
            let select = SelectArgs { select: vec![name.clone()], ..args.select.clone() };
            chosen(&workspace, &select, printer)?
        }
        (None, None) => chosen(&workspace, &args.select, printer)?,
    };
    let runtime = runtime()?;
    let mut results = Vec::new();
    for node in &nodes {
        let start = workspace.project.session.world.now();
        let shown = match args.rejected {
            Some(_) => rejected_rows(&workspace, &runtime, node, args.limit)?,
            None => rows(&workspace, &runtime, node, args.limit)?,
        };
        print(&workspace, node, args, &shown, printer)?;
        results.push(NodeResult {
            execute: Some((start, workspace.project.session.world.now())),
            compiled: shown.compiled,
            ..NodeResult::done(node, "")
        });
    }
    if args.rejected.is_some() {
        // A look at what a command came to is no command to retry.
        return Ok(Exit::Success);
    }
    let mut arguments = workspace.arguments(&args.select);
    arguments.insert("limit".to_owned(), args.limit.into());
    arguments.insert("output".to_owned(), args.output.as_str().into());
    if let Some(inline) = &args.inline {
        arguments.insert("inline".to_owned(), inline.as_str().into());
    }
    workspace.write_manifest()?;
    workspace.write_results(&results, arguments)?;
    Ok(Exit::Success)
}

/// A query of the command line as a node that is not in the manifest.
pub(in crate::cli) fn inline_node(workspace: &Workspace, sql: &str) -> Result<Arc<Node>, Failure> {
    let parsed = inline::parse(&workspace.parsed, sql);
    parsed.map(Arc::new).map_err(|diagnostics| Failure::usage(diagnostics, &workspace.sources))
}

fn chosen(workspace: &Workspace, select: &SelectArgs, printer: &Printer) -> Result<Vec<Arc<Node>>, Failure> {
    let usage = |message: &str| Failure::usage(Diagnostic::error(codes::ARGUMENT, message), &workspace.sources);
    if select.select.is_empty() {
        return Err(usage("`show` needs `--select` with a model, or `--inline` with a query"));
    }
    let chosen = workspace.choose(select, printer)?;
    let nodes = chosen.iter().filter_map(|id| workspace.manifest().node(id));
    let is_named =
        |node: &&Arc<Node>| node.resource != ResourceType::Test || select.select.iter().any(|name| *name == node.name);
    let nodes: Vec<Arc<Node>> = nodes.filter(is_named).cloned().collect();
    if nodes.is_empty() { Err(usage("nothing to show is selected")) } else { Ok(nodes) }
}

/// What a node shows.
struct Shown {
    /// The node with the query that gave it.
    compiled: Option<Compiled>,
    /// When the version that is shown was not published, and why.
    rejected: Option<Json>,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

fn rows(workspace: &Workspace, runtime: &Runtime, node: &Arc<Node>, limit: i64) -> Result<Shown, Failure> {
    let failure = |diagnostic| Failure::usage(diagnostic, &workspace.sources);
    if node.resource == ResourceType::Seed {
        return seed_rows(workspace, node, limit);
    }
    let cancel = CancellationToken::new();
    let engine = workspace.engine()?;
    let is_open = workspace.project.session.flags.is("introspect");
    let selected = std::iter::once(node.id.clone()).collect();
    let compiler = workspace.compiler(is_open.then_some(&engine), runtime, &cancel);
    let compiler = compiler.deferring(workspace.deferral(&selected)?);
    let compiled = compiler.compile(node).map_err(|error| failure(error.into()))?;
    let sql = shown_query(node, &compiled.sql, limit);
    let header_lines = sql.find(statement(&compiled.sql)).map_or(0, |at| sql[..at].matches('\n').count());
    let query = async { engine.query(&sql, &cancel).await?.collect().await };
    let (session, target_dir) = (&workspace.project.session, &workspace.project.target_dir);
    let file = CompiledFile { session, target_dir, node, sql: &compiled.sql };
    let (schema, batches) = runtime.block_on(query).map_err(|error| {
        let has_limit = limit >= 0 && has_own_limit(runtime, engine.as_ref(), &compiled.sql);
        let diagnostic = Tracer::new(&compiler).at_origin(node, &compiled, file.failure(error, header_lines));
        failure(match has_limit {
            true => diagnostic.help("the query has a limit of its own: pass `--limit -1`"),
            false => diagnostic,
        })
    })?;
    Ok(Shown { compiled: Some(Compiled { sql, ..compiled }), rejected: None, schema, batches })
}

/// The rows of the version that was not published, and why it was not.
fn rejected_rows(workspace: &Workspace, runtime: &Runtime, node: &Arc<Node>, limit: i64) -> Result<Shown, Failure> {
    let cancel = CancellationToken::new();
    let engine = workspace.engine()?;
    let session = &workspace.project.session;
    let shown = async {
        let unknown = || EngineError::new(ErrorKind::Unsupported, format!("no version of `{}` is kept", node.name));
        let relation = node.relation.clone().filter(|_| engine.capabilities().drafts).ok_or_else(unknown)?;
        let limit = if limit < 0 { String::new() } else { format!(" limit {limit}") };
        let query = format!("select * from {}{limit}", relation.render(session.dialect));
        let reopened = engine.apply(Operation::Reopen { relation }, &cancel).await?;
        let (schema, batches) = engine.query(&query, &cancel).await?.collect().await?;
        Ok::<_, EngineError>((reopened.response, schema, batches))
    };
    let (response, schema, batches) = runtime.block_on(shown).map_err(|error| {
        let message = session.scrub(&error.message);
        Failure::usage(error.diagnostic(message).at(node.span), &workspace.sources)
    })?;
    let rejected = json!({ "at": response.get("at"), "why": response.get("why") });
    Ok(Shown { compiled: None, rejected: Some(rejected), schema, batches })
}

/// Whether a query that failed with a limit behind it is none that fails without.
fn has_own_limit(runtime: &Runtime, engine: &dyn Engine, sql: &str) -> bool {
    runtime.block_on(engine.columns(statement(sql), &CancellationToken::new())).is_ok()
}

/// The query with its header and a limit. The limit stands behind the query and not round it, so that its order is kept.
fn shown_query(node: &Node, sql: &str, limit: i64) -> String {
    let header = node.config.values.get("sql_header").and_then(Json::as_str).unwrap_or_default().trim();
    let header = if header.is_empty() { String::new() } else { format!("{header}\n") };
    match limit < 0 {
        true => format!("{header}{}", statement(sql)),
        false => format!("{header}{}\nlimit {limit}", statement(sql)),
    }
}

fn seed_rows(workspace: &Workspace, node: &Node, limit: i64) -> Result<Shown, Failure> {
    let session = &workspace.project.session;
    let rows = SeedFiles::default().read(session.world.as_ref(), &session.sources, node);
    let rows = rows.map_err(|diagnostic| Failure::usage(diagnostic, &workspace.sources))?;
    Ok(Shown { compiled: None, rejected: None, schema: rows.schema, batches: cut(rows.batches, limit) })
}

/// The first rows; a negative limit means all.
pub(in crate::cli) fn cut(batches: Vec<RecordBatch>, limit: i64) -> Vec<RecordBatch> {
    let Ok(mut left) = usize::try_from(limit) else { return batches };
    let mut kept = Vec::new();
    for batch in batches {
        let rows = batch.num_rows().min(left);
        kept.push(batch.slice(0, rows));
        left -= rows;
    }
    kept
}

fn print(workspace: &Workspace, node: &Node, args: &ShowArgs, shown: &Shown, printer: &Printer) -> Result<(), Failure> {
    let unprintable = |error: arrow::error::ArrowError| {
        let message = format!("the rows of `{}` cannot be printed: {error}", node.name);
        Failure::failed(Diagnostic::error(codes::EXECUTION, message), &workspace.sources)
    };
    let Shown { rejected, schema, batches, .. } = shown;
    if let (ShowOutput::Text, Some(rejected)) = (args.output, rejected) {
        let said = |key: &str| rejected[key].as_str().unwrap_or_default();
        printer.line(&format!("the version of {} that was not published: {}", said("at"), said("why")));
    }
    let (text, preview) = match args.output {
        ShowOutput::Text => {
            let table = pretty_format_batches_with_schema(Arc::clone(schema), batches).map_err(unprintable)?;
            (table.to_string(), table.to_string())
        }
        ShowOutput::Json => {
            let rows = json_rows(batches).map_err(unprintable)?;
            let mut object = json!({ "node": node.name, "show": rows });
            if let Some(rejected) = rejected {
                object["rejected"] = rejected.clone();
            }
            (format!("{object:#}"), rows.to_string())
        }
    };
    if printer.format == LogFormat::Text {
        printer.data(&text);
    }
    let data = json!({
        "node_name": node.name,
        "preview": preview,
        "is_inline": args.inline.is_some(),
        "output_format": args.output.as_str(),
        "unique_id": node.id,
    });
    printer.event(&Event::new("ShowNode", "Q041", LogLevel::Info, &text).with(data));
    Ok(())
}

fn json_rows(batches: &[RecordBatch]) -> Result<Json, arrow::error::ArrowError> {
    let mut bytes = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut bytes);
    writer.write_batches(&batches.iter().collect::<Vec<_>>())?;
    writer.finish()?;
    Ok(serde_json::from_slice(&bytes).unwrap_or_else(|_| json!([])))
}
