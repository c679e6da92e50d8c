//! `{% materialization %}` of the project or a package: the macro runs, with the node's names, through the same engine. Its hooks are
//! its own to run.

use std::sync::Arc;

use super::Job;
use crate::compile::OwnMaterialization;
use crate::context::load_agate_table;
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::Value;
use crate::manifest::{Node, ResourceType};
use crate::run::{NodeResult, Status};

/// Runs the macro on a thread that may block, since its statements wait for the engine.
pub(super) async fn run(job: &Job<'_>, own: OwnMaterialization) -> Result<NodeResult, Diagnostic> {
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
    let seeds = Arc::clone(&job.runner.seeds);
    load_agate_table(move || {
        let rows = seeds.read(session.world.as_ref(), &session.sources, &node)?;
        Ok((rows.schema, rows.batches))
    })
}
