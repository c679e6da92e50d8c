//! Incremental strategies that a macro of the project makes the statement of: `get_incremental_<name>_sql(arg_dict)`, and overrides
//! of the macros behind dbt's own strategies.
//!
//! The rows of the query are put into a table of their own first, which the macro's statement reads; it goes when all is done.

use super::Job;
use super::incremental::predicates;
use crate::context::{RelationValue, columns_value, value_of};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Layout, Operation, Outcome, Rules};
use crate::jinja::{Value, mutable};
use crate::sql::Relation;

const KNOWN: [&str; 5] = ["append", "merge", "delete+insert", "insert_overwrite", "microbatch"];

/// The macro that makes the statement of a strategy.
fn macro_name(strategy: &str) -> String {
    format!("get_incremental_{}_sql", strategy.replace('+', "_"))
}

/// Whether any package defines the strategy.
pub(super) fn exists(job: &Job<'_>, strategy: &str) -> bool {
    let environment = &job.runner.compiler.parsed().surroundings.environment;
    environment.macros_named(&macro_name(strategy)).next().is_some()
}

/// Whether the project or a package makes the statement of one of dbt's strategies itself.
pub(super) fn is_overridden(job: &Job<'_>, strategy: &str) -> bool {
    let behind = match strategy {
        "merge" => Some("get_merge_sql"),
        "delete+insert" => Some("get_delete_insert_merge_sql"),
        "insert_overwrite" => Some("get_insert_overwrite_merge_sql"),
        _ => None,
    };
    let compiler = &job.runner.compiler;
    compiler.is_overridden(&macro_name(strategy)) || behind.is_some_and(|name| compiler.is_overridden(name))
}

/// The error of a strategy that nothing defines.
pub(super) fn missing(job: &Job<'_>, strategy: &str) -> Diagnostic {
    let message = format!(
        "model `{}`: dbt could not find an incremental strategy macro with the name \"{}\" in {}",
        job.node.name,
        macro_name(strategy),
        job.runner.session().project
    );
    Diagnostic::error(codes::CONFIG_VALUE, message).at(job.node.span).suggest(strategy, KNOWN)
}

/// Puts the rows into a table, and runs what the macro makes of it.
///
/// # Errors
/// When the query, the macro or its statement fails.
pub(super) async fn run(job: &Job<'_>, strategy: &str, query: &str) -> Result<(Outcome, &'static str), Diagnostic> {
    let target = job.relation()?;
    let rows = Relation { identifier: format!("{}__dbt_tmp", target.identifier), ..target.clone() };
    let create = Operation::CreateTable {
        relation: rows.clone(),
        query: query.to_owned(),
        rules: Rules::default(),
        layout: Layout::default(),
    };
    job.apply(create).await?;
    let done = statement(job, strategy, (&target, &rows)).await;
    let dropped = job.apply(Operation::Drop { relation: rows }).await;
    let outcome = done?;
    dropped?;
    Ok((outcome, "ran the strategy's macro"))
}

async fn statement(
    job: &Job<'_>,
    strategy: &str,
    (target, rows): (&Relation, &Relation),
) -> Result<Outcome, Diagnostic> {
    let info = job.runner.engine.relation(target).await.map_err(|error| job.failure(error, 0))?;
    let schema = info.as_ref().and_then(|info| info.schema.clone());
    let dialect = job.runner.engine.dialect();
    let new = job.columns(&format!("select * from {}", rows.render(dialect))).await?;
    // Columns that both have: what the statement writes.
    let columns: Vec<(String, String)> = new
        .fields()
        .iter()
        .filter(|field| schema.as_ref().is_none_or(|schema| schema.index_of(field.name()).is_ok()))
        .map(|field| (field.name().clone(), job.runner.engine.type_name(field.data_type())))
        .collect();
    let kind = info.map(|info| info.kind);
    let relation = |relation: &Relation| RelationValue::new(relation.clone(), dialect).with_kind(kind).into_value();
    let predicates = predicates(job);
    let arguments = mutable(Value::from_pairs([
        ("target_relation", relation(target)),
        ("temp_relation", relation(rows)),
        ("unique_key", job.node.config.values.get("unique_key").map(value_of).unwrap_or(Value::from(()))),
        ("dest_columns", columns_value(job.runner.session(), &columns)),
        ("incremental_predicates", if predicates.is_empty() { Value::from(()) } else { Value::from(predicates) }),
    ]));
    let sql = job.call(&macro_name(strategy), vec![("arg_dict", arguments)]).await?.to_string();
    job.runner.write("run", job.node, &sql)?;
    job.runner.script(&sql).await.map_err(|error| job.statement_failure(&error, &sql))
}
