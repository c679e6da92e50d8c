//! Incremental strategies that a macro of the project makes the statement of: `get_incremental_<name>_sql(arg_dict)`, and overrides
//! of the macros behind dbt's own strategies.
//!
//! The rows of the query are put into a table of their own first, which the macro's statement reads; it goes when all is done.

use std::sync::Arc;

use super::Job;
use super::incremental::predicates;
use crate::context::RelationValue;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Operation, Outcome, Rules};
use crate::jinja::Value;
use crate::load::BUILT_IN;
use crate::sql::Relation;

const KNOWN: [&str; 5] = ["append", "merge", "delete+insert", "insert_overwrite", "microbatch"];

/// The macro that makes the statement of a strategy.
fn macro_name(strategy: &str) -> String {
    format!("get_incremental_{}_sql", strategy.replace('+', "_"))
}

/// Whether any package defines the strategy.
pub(super) fn exists(job: &Job<'_>, strategy: &str) -> bool {
    let name = macro_name(strategy);
    environment(job).macros().any(|found| found.name == name)
}

/// Whether the project or a package makes the statement of one of dbt's strategies itself.
pub(super) fn is_overridden(job: &Job<'_>, strategy: &str) -> bool {
    let behind: &[&str] = match strategy {
        "merge" => &["get_merge_sql"],
        "delete+insert" => &["get_delete_insert_merge_sql"],
        "insert_overwrite" => &["get_insert_overwrite_merge_sql"],
        _ => &[],
    };
    let own = macro_name(strategy);
    let names: Vec<&str> = behind.iter().copied().chain([own.as_str()]).collect();
    let target = &job.runner.session().target.kind;
    environment(job).macros().filter(|found| found.package.as_ref() != BUILT_IN).any(|found| {
        let name = found.name.as_str();
        names.iter().any(|own| {
            name == *own
                || name
                    .strip_suffix(own)
                    .and_then(|prefix| prefix.strip_suffix("__"))
                    .is_some_and(|prefix| prefix == "default" || prefix == target)
        })
    })
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

fn environment<'j>(job: &'j Job<'_>) -> &'j crate::jinja::Environment {
    &job.runner.compiler.parsed().surroundings.environment
}

/// Puts the rows into a table, and runs what the macro makes of it.
///
/// # Errors
/// When the query, the macro or its statement fails.
pub(super) async fn run(job: &Job<'_>, strategy: &str, query: &str) -> Result<(Outcome, &'static str), Diagnostic> {
    let target = job.relation()?;
    let rows = Relation { identifier: format!("{}__dbt_tmp", target.identifier), ..target.clone() };
    let create = Operation::CreateTable { relation: rows.clone(), query: query.to_owned(), rules: Rules::default() };
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
    let (target, rows) = (target.clone(), rows.clone());
    let predicates = predicates(job);
    let unique_key = job.node.config.values.get("unique_key").cloned().unwrap_or_default();
    let arguments = move |dialect| {
        let relation = |relation: Relation| RelationValue::new(relation, dialect).with_kind(kind).into_value();
        let columns: Vec<Value> = columns.iter().map(|(name, data_type)| column(name, data_type, dialect)).collect();
        let arguments = [
            ("target_relation", relation(target)),
            ("temp_relation", relation(rows)),
            ("unique_key", crate::context::value_of(&unique_key)),
            ("dest_columns", Value::from(columns)),
            (
                "incremental_predicates",
                match predicates.is_empty() {
                    true => Value::from(()),
                    false => predicates.into_iter().map(Value::from).collect(),
                },
            ),
        ];
        crate::jinja::mutable(Value::from_pairs(arguments))
    };
    let (compiler, node, name) = (job.runner.compiler.clone(), Arc::clone(job.node), macro_name(strategy));
    let called = tokio::task::spawn_blocking(move || {
        compiler.call(&node, &name, &[("arg_dict", arguments(dialect))]).map(|value| value.to_string())
    });
    let sql = called.await.map_err(|error| Diagnostic::error(codes::INTERNAL, error.to_string()))??;
    job.runner.write("run", job.node, &sql)?;
    job.runner.script(&sql).await.map_err(|error| job.statement_failure(&error, &sql))
}

/// A column as macros know them.
fn column(name: &str, data_type: &str, dialect: crate::sql::Dialect) -> Value {
    Value::from_pairs([
        ("name", Value::from(name)),
        ("column", Value::from(name)),
        ("quoted", Value::from(dialect.quote(name))),
        ("data_type", Value::from(data_type)),
        ("dtype", Value::from(data_type)),
    ])
}
