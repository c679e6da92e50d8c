//! `transform clone`: the relations of an earlier state in this target, as views on them: nothing is built and nothing is copied.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::artifact::state::StateManifest;
use crate::base::seconds_between;
use crate::cli::arguments::BuildArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::{Engine, EngineError, Operation};
use crate::manifest::Node;
use crate::run::{NodeResult, Status};
use crate::session::Flags;
use crate::sql::Relation;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &BuildArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let Some(folder) = flags.text("defer_state").or_else(|| flags.text("state")) else {
        let message = "`--state` or `--defer-state` is needed: the folder of the artifacts to clone from";
        return Err(Diagnostic::error(codes::STATE_MISSING, message)
            .note("dbt says: --state or --defer-state are required for deferral, but neither was provided")
            .into());
    };
    let world = workspace.project.session.world.as_ref();
    if world.absolute(folder.as_ref()) == world.absolute(&workspace.project.target_dir) {
        let message = format!("The state and target directories are the same: '{folder}'");
        return Err(Failure::failed(
            Diagnostic::error(codes::STATE_MISSING, message).help("keep the artifacts to clone from in another folder"),
            &workspace.sources,
        ));
    }
    let state = workspace.read_state(folder.as_ref())?.manifest.unwrap_or_default();
    let chosen = workspace.choose(&args.select, printer)?;
    let nodes = chosen.iter().filter_map(|id| workspace.manifest().node(id));
    let nodes: Vec<&Arc<Node>> = nodes.filter(|node| node.relation.is_some() && node.test.is_none()).collect();
    workspace.write_manifest()?;
    let runtime = runtime()?;
    let engine = workspace.engine()?;
    let guard = workspace.begin(&runtime, engine.as_ref(), "transform clone")?;
    let mut results = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let start = world.now();
        let cloning = clone(engine.as_ref(), node, &state, flags.full_refresh());
        let result = match runtime.block_on(cloning) {
            Ok((status, message)) => NodeResult { status, ..NodeResult::done(node, &message) },
            Err(error) => {
                let message = format!("{} `{}`: {}", node.resource, node.name, error.message);
                let diagnostic = Diagnostic::error(error.code(), workspace.project.session.scrub(&message));
                NodeResult::failed(node, diagnostic.at(node.span))
            }
        };
        let relation = node.relation.as_ref().map(|relation| relation.render(engine.dialect()));
        let result = NodeResult { execute: Some((start, world.now())), relation, ..result };
        printer.line(&format!("{}/{} {:<7} {} {}", index + 1, nodes.len(), result.status, node.name, result.message));
        results.push(result);
    }
    drop(guard);
    workspace.write_results(&results, workspace.arguments(&args.select))?;
    let failures: Diagnostics = results.iter().filter_map(|result| result.diagnostic.clone()).collect();
    printer.diagnostics(&failures, &workspace.sources);
    let session = &workspace.project.session;
    report::summary(&results, seconds_between(session.started_at, session.world.now()), printer);
    Ok(if failures.has_errors() { Exit::Failed } else { Exit::Success })
}

/// Makes the relation of a node, unless it is there.
async fn clone(
    engine: &dyn Engine,
    node: &Node,
    state: &StateManifest,
    full_refresh: bool,
) -> Result<(Status, String), EngineError> {
    let Some(relation) = node.relation.clone() else { return Ok((Status::NoOp, "No-op".to_owned())) };
    let Some(from) = state.resources.get(node.id.as_str()).and_then(|resource| {
        Some(Relation::new(resource.database.clone()?, resource.schema.clone()?, resource.alias.clone()?))
    }) else {
        return Ok((Status::Success, "No-op: the state has no relation of it".to_owned()));
    };
    if from == relation {
        tracing::debug!("skipping clone for relation {relation}: it is the one of the state");
        return Ok((Status::Success, "No-op: it is the relation of the state itself".to_owned()));
    }
    if !full_refresh && engine.relation(&relation).await?.is_some() {
        return Ok((Status::Success, "No-op: it exists".to_owned()));
    }
    let query = format!("select * from {}", from.render(engine.dialect()));
    engine.apply(Operation::CreateView { relation, query }, &CancellationToken::new()).await?;
    Ok((Status::Success, format!("created view on {from}")))
}
