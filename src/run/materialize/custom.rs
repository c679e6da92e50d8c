//! `{% materialization %}` of the project or a package: the macro runs, with the node's names, through the same engine. Its hooks are
//! its own to run.

use std::sync::Arc;

use super::Job;
use crate::context::load_agate_table;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::registry;
use crate::jinja::BUILT_IN;
use crate::jinja::{MacroInfo, Value};
use crate::manifest::{Materialized, Node, ResourceType};
use crate::run::{NodeResult, Runner, Status, seed_file};

/// What a macro is called that is to run in the place of the built-in materialization.
#[derive(Clone, Debug)]
pub(super) struct Own {
    /// Its package and name.
    pub(super) name: String,
    /// What messages say of it.
    pub(super) what: String,
}

/// The macro for the node, if the project or a package has one: for the engine, for those that it descends from, for all. A package's
/// does not take the place of a built-in materialization; the project's own does.
pub(super) fn find(runner: &Runner, node: &Node) -> Option<Own> {
    let parsed = runner.compiler.parsed();
    let (environment, session) = (&parsed.surroundings.environment, &parsed.surroundings.session);
    let materialized = &node.config.materialized;
    let name = materialized.as_str();
    let is_built_in = !matches!(materialized, Materialized::Snapshot | Materialized::Other(_));
    let is_of_project = |found: &MacroInfo| found.package.as_ref() == session.project;
    let may_stand_in =
        |found: &&MacroInfo| found.package.as_ref() != BUILT_IN && (!is_built_in || is_of_project(found));
    let of_adapter = |adapter: &str| {
        let own_name = format!("materialization_{name}_{adapter}");
        environment.macros_named(&own_name).filter(may_stand_in).min_by_key(|found| !is_of_project(found))
    };
    let found = registry::macro_prefixes(&session.target.kind).find_map(of_adapter)?;
    Some(Own { name: format!("{}.{}", found.package, found.name), what: format!("materialized {name}") })
}

/// Runs the macro on a thread that may block, since its statements wait for the engine.
pub(super) async fn run(job: &Job<'_>, own: Own) -> Result<NodeResult, Diagnostic> {
    let (compiler, node, compiled) = (job.runner.compiler.clone(), Arc::clone(job.node), job.compiled.clone());
    let name = own.name.clone();
    let seed = (job.node.resource == ResourceType::Seed).then(|| ("load_agate_table", seed_table(job)));
    let ran = job.runner.blocking(move || compiler.materialize(&node, &compiled, &name, Vec::from_iter(seed))).await;
    let what = || {
        let Node { resource, name, config, .. } = job.node.as_ref();
        format!("in materialization `{}` of {resource} `{name}`", config.materialized.as_str())
    };
    let materialization = ran.map_err(|diagnostic| match diagnostic.primary() {
        Some(_) => diagnostic.frame(what(), Some(job.node.span)),
        None => diagnostic.at(job.node.span),
    })?;
    let is_list = |value: &Value| !value.is_undefined() && value.try_iter().is_ok() && value.as_str().is_none();
    let relations = materialization.returned.get_attr("relations").ok().filter(is_list);
    if relations.is_none() {
        let message = format!("{} returned no relations", own.name);
        return Err(Diagnostic::error(codes::JINJA_RUNTIME, message)
            .at(job.node.span)
            .help("a materialization ends with `{{ return({'relations': [target_relation]}) }}`"));
    }
    let Some(main) = materialization.main else {
        let message = format!("{} ran no statement `main`", own.name);
        return Err(Diagnostic::error(codes::JINJA_RUNTIME, message)
            .at(job.node.span)
            .help("write `{% call statement('main') %} … {% endcall %}` round what makes the relation"));
    };
    let rows = main.get_attr("response").and_then(|response| response.get_attr("rows_affected")).ok();
    let rows = rows.and_then(|rows| u64::try_from(rows).ok()).filter(|rows| *rows > 0);
    Ok(NodeResult { rows, ..NodeResult::new(job.node, Status::Success, own.what) })
}

/// `load_agate_table()`: the rows of the seed's file.
fn seed_table(job: &Job<'_>) -> Value {
    let (session, node) = (Arc::clone(&job.runner.compiler.parsed().surroundings.session), Arc::clone(job.node));
    load_agate_table(move || {
        let rows = seed_file::read(session.world.as_ref(), &session.sources, &node)?;
        Ok((rows.schema, rows.batches))
    })
}
