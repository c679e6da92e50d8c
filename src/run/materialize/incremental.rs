//! `incremental`: a table that each run adds to. The first run, a full refresh, and a run that finds a view in the table's place
//! make it anew.

use super::Job;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Merge, Operation, Outcome, Rules};

/// How rows are added.
enum Strategy {
    Append,
    Merge,
}

/// Makes the table, or adds to it; gives what was done in words.
pub(super) async fn run(job: &Job<'_>) -> Result<(Outcome, &'static str), Diagnostic> {
    let strategy = strategy(job)?;
    refuse_unsupported(job)?;
    let (relation, query) = (job.relation()?, job.query());
    if !job.compiled.is_incremental {
        return Ok((
            job.apply(Operation::CreateTable { relation, query, rules: Rules::default() }).await?,
            "created table",
        ));
    }
    match strategy {
        Strategy::Append => Ok((job.apply(Operation::Insert { relation, query }).await?, "appended")),
        Strategy::Merge => {
            let config = &job.node.config;
            let merge = Merge {
                unique_key: config.unique_key.clone(),
                update_columns: config.merge_update_columns.clone(),
                exclude_columns: config.merge_exclude_columns.clone(),
                predicates: Vec::new(),
            };
            Ok((job.apply(Operation::Merge { relation, query, merge }).await?, "merged"))
        }
    }
}

/// Configs that would change what is written, and that nothing here acts on yet.
fn refuse_unsupported(job: &Job<'_>) -> Result<(), Diagnostic> {
    let values = &job.node.config.values;
    let on_schema_change = values.get("on_schema_change").and_then(serde_json::Value::as_str).unwrap_or("ignore");
    let wrong = if on_schema_change != "ignore" {
        format!("`on_schema_change: {on_schema_change}`")
    } else if values.get("incremental_predicates").is_some_and(|predicates| !predicates.is_null()) {
        "`incremental_predicates`".to_owned()
    } else {
        return Ok(());
    };
    let message = format!("model `{}`: {wrong} is not supported yet", job.node.name);
    Err(Diagnostic::error(codes::NOT_SUPPORTED_YET, message).at(job.node.span))
}

/// The configured strategy; `merge` where there is a key, else `append`.
fn strategy(job: &Job<'_>) -> Result<Strategy, Diagnostic> {
    let config = &job.node.config;
    match config.incremental_strategy.as_deref() {
        None | Some("default") if config.unique_key.is_empty() => Ok(Strategy::Append),
        None | Some("default" | "merge") => Ok(Strategy::Merge),
        Some("append") => Ok(Strategy::Append),
        Some(other) => {
            const KNOWN: [&str; 2] = ["append", "merge"];
            let message = format!(
                "model `{}`: `incremental_strategy` is one of {}, not `{other}`",
                job.node.name,
                quoted_list(&KNOWN)
            );
            Err(Diagnostic::error(codes::CONFIG_VALUE, message).at(job.node.span).suggest_near(other, KNOWN))
        }
    }
}
