//! `transform clone`: the relations of an earlier state in this target, and nothing is built. A table becomes a clone where the
//! engine has them, which is a macro's to say (`can_clone_table`) and another's to make (`create_or_replace_clone`); all else becomes a
//! view on what the state has.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::artifact::state::StateManifest;
use crate::base::seconds_between;
use crate::cli::arguments::BuildArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::report;
use crate::cli::workspace::{Workspace, runtime};
use crate::compile::Compiler;
use crate::context::RelationValue;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::{Engine, EngineError, Operation, RelationKind};
use crate::manifest::Node;
use crate::run::NodeResult;
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
    let cancel = CancellationToken::new();
    let compiler = workspace.compiler(Some(&engine), &runtime, &cancel);
    let cloning =
        Cloning { runtime: &runtime, engine: engine.as_ref(), compiler, cancel, full_refresh: flags.full_refresh() };
    let mut results = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let start = world.now();
        let result = match cloning.clone(node, &state) {
            Ok(message) => NodeResult::done(node, &message),
            Err(diagnostic) => NodeResult::failed(node, diagnostic),
        };
        let result = NodeResult { execute: Some((start, world.now())), ..result };
        printer.line(&format!("{}/{} {:<7} {} {}", index + 1, nodes.len(), result.status, node.name, result.message));
        results.push(result);
    }
    drop(guard);
    workspace.write_results(&results, workspace.arguments(&args.select))?;
    let failures: Diagnostics = results.iter().filter_map(|result| result.diagnostic.clone()).collect();
    printer.diagnostics(&failures, &workspace.sources);
    let session = &workspace.project.session;
    let seconds = seconds_between(session.started_at, session.world.now());
    report::summary(&workspace, &report::Ended { results: &results, seconds, was_interrupted: false }, printer);
    Ok(if failures.has_errors() { Exit::Failed } else { Exit::Success })
}

/// What clones are made with.
struct Cloning<'a> {
    runtime: &'a tokio::runtime::Runtime,
    engine: &'a dyn Engine,
    compiler: Compiler,
    cancel: CancellationToken,
    full_refresh: bool,
}

impl Cloning<'_> {
    /// Makes the relation of a node, unless it is there; says what was done.
    fn clone(&self, node: &Arc<Node>, state: &StateManifest) -> Result<String, Diagnostic> {
        let Some(relation) = node.relation.clone() else { return Ok("No-op".to_owned()) };
        let Some(from) = state.resources.get(node.id.as_str()).and_then(|resource| {
            Some(Relation::new(resource.database.clone()?, resource.schema.clone()?, resource.alias.clone()?))
        }) else {
            return Ok("No-op: the state has no relation of it".to_owned());
        };
        if from == relation {
            tracing::debug!("skipping clone for relation {relation}: it is the one of the state");
            return Ok("No-op: it is the relation of the state itself".to_owned());
        }
        if !self.full_refresh && self.kind(node, &relation)?.is_some() {
            return Ok("No-op: it exists".to_owned());
        }
        let is_table = self.kind(node, &from)? == Some(RelationKind::Table);
        if is_table && self.compiler.call(node, "can_clone_table", &[])?.is_true() {
            let sql = self.statement(node, &relation, &from)?;
            self.apply(node, Operation::Execute { sql })?;
            return Ok(format!("cloned {from}"));
        }
        let query = format!("select * from {}", from.render(self.engine.dialect()));
        self.apply(node, Operation::CreateView { relation, query })?;
        Ok(format!("created view on {from}"))
    }

    /// The statement that makes a clone.
    fn statement(&self, node: &Arc<Node>, relation: &Relation, from: &Relation) -> Result<String, Diagnostic> {
        let value = |relation: &Relation| {
            let value = RelationValue::new(relation.clone(), self.engine.dialect());
            value.with_kind(Some(RelationKind::Table)).into_value()
        };
        let names = vec![("target_relation", value(relation)), ("defer_relation", value(from))];
        let call = "{{ create_or_replace_clone(target_relation, defer_relation) }}";
        self.compiler.render_with(node, call, node.span, names)
    }

    fn kind(&self, node: &Node, relation: &Relation) -> Result<Option<RelationKind>, Diagnostic> {
        let found = self.runtime.block_on(self.engine.relation(relation));
        found.map(|info| info.map(|info| info.kind)).map_err(|error| self.failure(node, &error))
    }

    fn apply(&self, node: &Node, operation: Operation) -> Result<(), Diagnostic> {
        let applied = self.runtime.block_on(self.engine.apply(operation, &self.cancel));
        applied.map(|_| ()).map_err(|error| self.failure(node, &error))
    }

    fn failure(&self, node: &Node, error: &EngineError) -> Diagnostic {
        let message = format!("{} `{}`: {}", node.resource, node.name, error.message);
        let session = &self.compiler.parsed().surroundings.session;
        error.diagnostic(session.scrub(&message)).at(node.span)
    }
}
