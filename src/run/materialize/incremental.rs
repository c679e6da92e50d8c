//! `incremental`: a table that each run adds to. The first run, a full refresh, and a run that finds a view in the table's place
//! make it anew.
//!
//! A merge refuses rows that have a key more than once. Rows that make the table anew are not looked at, as in dbt: a `unique` test says
//! whether their keys are.

use super::contract::Shape;
use super::schema_change::{self, Adapted};
use super::{Job, contract, strategy_macro};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Delete, Merge, Operation, Outcome};

/// How rows are added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    Append,
    Merge,
    DeleteInsert,
    InsertOverwrite,
    /// One that a macro of the project makes the statement of.
    Macro(String),
}

/// Makes the table, or adds to it; gives what was done in words.
pub(super) async fn run(job: &Job<'_>) -> Result<(Outcome, &'static str), Diagnostic> {
    let strategy = strategy(job)?;
    check_updates(job, &strategy)?;
    let shape = contract::shape(job).await?;
    if !job.compiled.is_incremental {
        return Ok((job.create_table(shape).await?, "created table"));
    }
    let adapted = schema_change::adapt(job, &shape).await?;
    job.arrange().await?;
    add(job, &strategy, shape, &adapted).await
}

/// The columns that a merge updates are named, or those that it does not.
fn check_updates(job: &Job<'_>, strategy: &Strategy) -> Result<(), Diagnostic> {
    let config = &job.node.config;
    if *strategy != Strategy::Merge || config.merge_update_columns.is_empty() || config.merge_exclude_columns.is_empty()
    {
        return Ok(());
    }
    let message = format!(
        "model `{}` has both `merge_update_columns` and `merge_exclude_columns`, of which one can be",
        job.node.name
    );
    Err(Diagnostic::error(codes::CONFIG_VALUE, message).at(job.node.span).help("leave one of them out"))
}

/// Adds the rows of the query.
async fn add(
    job: &Job<'_>,
    strategy: &Strategy,
    shape: Shape,
    adapted: &Adapted,
) -> Result<(Outcome, &'static str), Diagnostic> {
    let relation = job.relation()?;
    let (query, lines) = adapted.padded(&shape, job.runner.engine.dialect());
    let config = &job.node.config;
    let predicates = predicates(job);
    let (operation, what) = match strategy {
        Strategy::Append => (Operation::Insert { relation, query }, "appended"),
        Strategy::Merge => {
            let merge = Merge {
                unique_key: config.unique_key.clone(),
                update_columns: config.merge_update_columns.clone(),
                exclude_columns: config.merge_exclude_columns.iter().chain(&adapted.kept).cloned().collect(),
                predicates,
            };
            (Operation::Merge { relation, query, merge }, "merged")
        }
        Strategy::DeleteInsert => {
            // Without a key nothing is deleted, whatever the conditions say.
            let unique_key = config.unique_key.clone();
            let predicates = if unique_key.is_empty() { Vec::new() } else { predicates };
            (Operation::DeleteInsert { relation, query, delete: Delete { unique_key, predicates } }, "replaced rows")
        }
        Strategy::InsertOverwrite => {
            let partition_by = job.layout().partition_by;
            (Operation::Overwrite { relation, query, partition_by, predicates }, "overwrote rows")
        }
        Strategy::Macro(name) => return strategy_macro::run(job, name, &query).await,
    };
    Ok((job.apply_behind(operation, lines).await?, what))
}

/// `incremental_predicates`, or `predicates`, its older name.
pub(super) fn predicates(job: &Job<'_>) -> Vec<String> {
    let values = &job.node.config.values;
    let given =
        ["incremental_predicates", "predicates"].iter().find_map(|key| values.get(key).filter(|v| !v.is_null()));
    match given {
        Some(serde_json::Value::String(text)) => vec![text.clone()],
        Some(serde_json::Value::Array(items)) => {
            items.iter().filter_map(|item| item.as_str()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// The configured strategy; `merge` where there is a key, else `append`. A macro of the project that makes the statement of a
/// strategy is used, also where the strategy is one of ours.
pub(super) fn strategy(job: &Job<'_>) -> Result<Strategy, Diagnostic> {
    let config = &job.node.config;
    let name = config.incremental_strategy.as_deref().unwrap_or("default");
    let own = match name {
        "default" if config.unique_key.is_empty() => Some(Strategy::Append),
        "default" | "merge" => Some(Strategy::Merge),
        "append" => Some(Strategy::Append),
        "delete+insert" => Some(Strategy::DeleteInsert),
        "insert_overwrite" => Some(Strategy::InsertOverwrite),
        _ => None,
    };
    match own {
        Some(own)
            if strategy_macro::is_overridden(job, name)
                || own == Strategy::Append && name == "default" && strategy_macro::is_overridden(job, "append") =>
        {
            Ok(Strategy::Macro(name.to_owned()))
        }
        Some(own) => Ok(own),
        None if strategy_macro::exists(job, name) => Ok(Strategy::Macro(name.to_owned())),
        None => Err(strategy_macro::missing(job, name)),
    }
}
