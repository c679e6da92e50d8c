//! `materialized_view`: rows, made anew when the query or what it reads has changed.

use super::{Job, contract};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{OnChange, Operation, Outcome};

/// Makes or refreshes the table; gives what was done in words.
pub(super) async fn run(job: &Job<'_>) -> Result<(Outcome, &'static str), Diagnostic> {
    if !job.runner.engine.capabilities().refreshes {
        let message = format!("model `{}`: this engine has no materialized views", job.node.name);
        return Err(Diagnostic::error(codes::SQL_UNSUPPORTED, message)
            .at(job.node.span)
            .help("a `view` is always up to date; an `incremental` model is refreshed by each run"));
    }
    let on_change = on_change(job)?;
    let flags = &job.runner.session().flags;
    let is_full = job.node.config.full_refresh.unwrap_or(flags.full_refresh());
    let on_change = (!is_full).then_some(on_change);
    let shape = contract::shape(job).await?;
    let (relation, query, rules, layout) =
        (job.relation()?, shape.query, shape.rules.unwrap_or_default(), job.layout());
    let operation = Operation::Refresh { relation, query, rules, layout, on_change };
    let outcome = job.apply_behind(operation, shape.lines_before).await?;
    let is_new = outcome.response.get("refreshed") != Some(&serde_json::Value::Bool(false));
    Ok((outcome, if is_new { "refreshed materialized view" } else { "nothing new" }))
}

/// `on_configuration_change`.
fn on_change(job: &Job<'_>) -> Result<OnChange, Diagnostic> {
    let said = job.node.config.values.get("on_configuration_change").filter(|value| !value.is_null());
    let word = said.map(|value| value.as_str().unwrap_or_default());
    let found = word.map_or(Some(OnChange::Apply), OnChange::named);
    found.ok_or_else(|| {
        let message = format!(
            "config `on_configuration_change` of `{}` is one of `apply`, `continue` and `fail`, not `{}`",
            job.node.name,
            word.unwrap_or_default()
        );
        Diagnostic::error(codes::CONFIG_VALUE, message)
            .at(job.node.span)
            .suggest_near(word.unwrap_or_default(), ["apply", "continue", "fail"])
    })
}
