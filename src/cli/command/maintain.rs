//! `transform maintain`: the files of tables in order, and no relations that nobody needs.
//!
//! What this project did not make is never touched: a relation goes only if it was published for a node of the project, by its id, and
//! neither a node that takes part nor one that is disabled has it.

use std::collections::BTreeSet;

use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::base::quoted_list;
use crate::cli::arguments::MaintainArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::{Engine, EngineError, Operation, Outcome, RelationKind};
use crate::manifest::Node;
use crate::run::note;
use crate::session::Flags;
use crate::sql::Relation;

/// Runs the command. A relation that cannot be maintained is reported; the others are, all the same.
pub(in crate::cli) fn run(flags: &Flags, args: &MaintainArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let engine = workspace.engine()?;
    if !engine.capabilities().versions {
        let kind = &workspace.project.session.target.kind;
        let message = format!("`{kind}` looks after its tables itself");
        return Err(Failure::usage(Diagnostic::error(codes::ENGINE_UNAVAILABLE, message), &workspace.sources));
    }
    let chosen = workspace.choose(&args.select, printer)?;
    let runtime = runtime()?;
    let _guard = match args.dry_run {
        true => None,
        false => Some(workspace.begin(&runtime, engine.as_ref(), "transform maintain")?),
    };
    let keeper = Keeper { workspace: &workspace, runtime: &runtime, engine: engine.as_ref(), is_dry: args.dry_run };
    let mut failures = Diagnostics::new();
    let mut has_done = false;
    for node in chosen.iter().filter_map(|id| workspace.manifest().node(id)) {
        let done = failures.take(keeper.maintain(node)).flatten();
        has_done |= done.is_some();
        done.into_iter().for_each(|line| printer.data(&line));
    }
    if args.drop_unowned {
        for (relation, maker) in keeper.unowned()? {
            has_done |= failures.take(keeper.drop(&relation, &maker)).is_some();
            let verb = if args.dry_run { "would drop" } else { "dropped" };
            printer.data(&format!("{relation}: {verb}; it was made for {maker}"));
        }
    }
    if !has_done && failures.is_empty() {
        printer.line("nothing to do");
    }
    printer.diagnostics(&failures, &workspace.sources);
    Ok(if failures.has_errors() { Exit::Failed } else { Exit::Success })
}

/// Who looks after relations.
struct Keeper<'a> {
    workspace: &'a Workspace,
    runtime: &'a Runtime,
    engine: &'a dyn Engine,
    is_dry: bool,
}

impl Keeper<'_> {
    /// Looks after the table of a node; says what was done, if there was anything to do.
    fn maintain(&self, node: &Node) -> Result<Option<String>, Diagnostic> {
        let Some(relation) = &node.relation else { return Ok(None) };
        let failure = |error: EngineError| self.failure(error).at(node.span);
        let found = self.runtime.block_on(self.engine.relation(relation)).map_err(failure)?;
        if found.is_none_or(|found| found.kind != RelationKind::Table) {
            return Ok(None);
        }
        let note = note(&self.workspace.project.session, node, None);
        let done = self.apply(Operation::Maintain { relation: relation.clone(), is_dry: self.is_dry, note });
        let done = done.map_err(failure)?;
        let said = |key: &str| done.response.get(key).and_then(serde_json::Value::as_u64).unwrap_or_default();
        let (small, old, bytes) = (said("small_files"), said("removed_files"), said("removed_bytes"));
        let is_dry = self.is_dry;
        let together = format!("{} {small} small files together", if is_dry { "would put" } else { "put" });
        let removed = format!("{} {old} old files of {bytes} bytes", if is_dry { "would remove" } else { "removed" });
        let (ordered, by) = (said("zordered_files"), done.response.get("zordered_by").cloned().unwrap_or_default());
        let by: Vec<String> = serde_json::from_value(by).unwrap_or_default();
        let verb = if is_dry { "would write" } else { "wrote" };
        let brought = format!("{verb} {ordered} files in the order of {}", quoted_list(&by));
        let parts: Vec<String> = [(small, together), (ordered, brought), (old, removed)]
            .into_iter()
            .filter_map(|(n, said)| (n > 0).then_some(said))
            .collect();
        Ok((!parts.is_empty()).then(|| format!("{relation}: {}", parts.join(", "))))
    }

    /// The relations that were made for nodes of the project which are none of it any more, each with that node.
    fn unowned(&self) -> Result<Vec<(Relation, String)>, Failure> {
        let manifest = self.workspace.manifest();
        let nodes = manifest.nodes.values().chain(&manifest.disabled).chain(&manifest.orphans);
        let owned: BTreeSet<&Relation> = nodes.filter_map(|node| node.relation.as_ref()).collect();
        let schemas: BTreeSet<(&str, &str)> =
            owned.iter().map(|relation| (relation.database.as_str(), relation.schema.as_str())).collect();
        let is_ours = |maker: &String| maker.split('.').nth(1) == Some(manifest.project.as_str());
        let found = self.runtime.block_on(async {
            let mut found = Vec::new();
            for (database, schema) in schemas {
                for listed in self.engine.relations(database, schema).await? {
                    if owned.contains(&listed.relation) {
                        continue;
                    }
                    let maker = self.engine.relation(&listed.relation).await?.and_then(|known| known.maker);
                    found.extend(maker.filter(is_ours).map(|maker| (listed.relation, maker)));
                }
            }
            Ok::<_, EngineError>(found)
        });
        found.map_err(|error| Failure::failed(self.failure(error), &self.workspace.sources))
    }

    fn drop(&self, relation: &Relation, maker: &str) -> Result<(), Diagnostic> {
        if self.is_dry {
            return Ok(());
        }
        let dropped = self.apply(Operation::Drop { relation: relation.clone() });
        dropped.map(|_| ()).map_err(|error| self.failure(error).note(format!("it was made for {maker}")))
    }

    fn apply(&self, operation: Operation) -> Result<Outcome, EngineError> {
        self.runtime.block_on(self.engine.apply(operation, &CancellationToken::new()))
    }

    fn failure(&self, error: EngineError) -> Diagnostic {
        let message = self.workspace.project.session.scrub(&error.message);
        error.diagnostic(message)
    }
}
