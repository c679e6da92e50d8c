//! `snapshot`: the rows of a query with the times between which each version of them held.
//!
//! What a change is, is told by the macro of the strategy, `snapshot_<strategy>_strategy`, and the statements are macros, too, all of
//! which a project may have its own version of. Here is their order: columns that are new are added, what changed is found, and one
//! merge ends the versions that are over and adds the new ones. When nothing changed nothing is written. A query that has a key twice
//! is refused, the first time, too: which of its rows is the current one would be anybody's guess.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use serde_json::Value as Json;

use super::Job;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{ColumnChange, EngineError, Operation, Outcome, RelationKind, Rules};
use crate::jinja::{MacroInfo, Value};

/// Takes the snapshot; gives what was done in words.
pub(super) async fn run(job: &Job<'_>) -> Result<(Outcome, &'static str), Diagnostic> {
    let relation = job.relation()?;
    let found = job.runner.engine.relation(&relation).await.map_err(|error| job.failure(error, 0))?;
    let exists = match found.as_ref().map(|info| info.kind) {
        None => false,
        Some(RelationKind::Table) => true,
        Some(_) => {
            let message = format!("snapshot `{}`: `{relation}` is a view, not the table of a snapshot", job.node.name);
            return Err(Diagnostic::error(codes::EXECUTION, message)
                .at(job.node.span)
                .help("drop it, or rename the snapshot"));
        }
    };
    let query = job.columns(&job.query()).await?;
    let strategy = strategy(job, exists).await?;
    check_keys(job, &strategy).await?;
    let Some(table) = found.filter(|_| exists).and_then(|info| info.schema) else {
        let sql =
            call(job, "build_snapshot_table", vec![("strategy", strategy), ("sql", Value::from(job.query()))]).await?;
        let create = Operation::CreateTable { relation, query: sql, rules: Rules::default(), layout: job.layout() };
        return Ok((job.apply_behind(create, 0).await?, "created snapshot"));
    };
    check_columns(job, &table, &strategy).await?;
    let added = fit_columns(job, &table, query).await?;
    job.arrange().await?;
    let target = || job.relation_value(Some(RelationKind::Table));
    let arguments =
        vec![("strategy", strategy), ("source_sql", Value::from(job.query())), ("target_relation", target()?)];
    let staging = call(job, "snapshot_staging_table", arguments).await?;
    let staged = job.columns(&staging).await?;
    let names = table.fields().iter().map(|field| field.name()).chain(&added);
    let dialect = job.runner.engine.dialect();
    let is_staged = |name: &&String| staged.fields().iter().any(|field| field.name().eq_ignore_ascii_case(name));
    let written = names.filter(is_staged).map(|name| Value::from(dialect.quote(name)));
    let staging = under_names_of(&table, &staged, staging, |name| dialect.quote(name));
    let arguments = vec![
        ("target", target()?),
        ("source", Value::from(format!("(\n{staging}\n)"))),
        ("insert_cols", Value::from(written.collect::<Vec<_>>())),
    ];
    let sql = call(job, "snapshot_merge_sql", arguments).await?;
    job.runner.write("run", job.node, &sql)?;
    let outcome = job.runner.script(&sql).await.map_err(|error| job.statement_failure(&error, &sql))?;
    Ok((outcome, "updated snapshot"))
}

/// A query with its columns spelled as the table has them.
fn under_names_of(table: &Schema, columns: &Schema, query: String, quote: impl Fn(&str) -> String) -> String {
    let known = |name: &str| table.fields().iter().find(|field| field.name().eq_ignore_ascii_case(name));
    let is_same = |name: &str| known(name).is_none_or(|known| known.name() == name);
    if columns.fields().iter().all(|field| is_same(field.name())) {
        return query;
    }
    let column = |name: &String| match known(name) {
        Some(known) if known.name() != name => format!("{} as {}", quote(name), quote(known.name())),
        _ => quote(name),
    };
    let columns = columns.fields().iter().map(|field| column(field.name())).collect::<Vec<_>>().join(", ");
    format!("select {columns} from (\n{query}\n) as staged_rows")
}

/// What the strategy's macro says.
async fn strategy(job: &Job<'_>, exists: bool) -> Result<Value, Diagnostic> {
    let name = job.node.config.values.get("strategy").and_then(Json::as_str).unwrap_or_default();
    let (package, name) = match name.split_once('.') {
        Some((package, name)) => (Some(package), name),
        None => (None, name),
    };
    let own = format!("snapshot_{name}_strategy");
    let environment = &job.runner.compiler.parsed().surroundings.environment;
    let is_meant = |found: &MacroInfo| package.is_none_or(|package| found.package.as_ref() == package);
    if !environment.macros_named(&own).any(is_meant) {
        let known = environment
            .macros()
            .filter_map(|found| found.name.strip_prefix("snapshot_").and_then(|rest| rest.strip_suffix("_strategy")));
        let message = format!("snapshot `{}`: there is no strategy `{name}`: no macro `{own}`", job.node.name);
        return Err(Diagnostic::error(codes::CONFIG_VALUE, message).at(job.node.span).suggest_near(name, known));
    }
    let full = package.map_or_else(|| own.clone(), |package| format!("{package}.{own}"));
    let arguments = vec![
        ("node", job.model_value()),
        ("snapshotted_rel", Value::from("snapshotted_data")),
        ("current_rel", Value::from("source_data")),
        ("model_config", crate::context::value_of(&Json::Object(job.node.config.values.to_map()))),
        ("target_exists", Value::from(exists)),
    ];
    job.call(&full, arguments).await
}

async fn call(job: &Job<'_>, name: &str, arguments: Vec<(&'static str, Value)>) -> Result<String, Diagnostic> {
    job.call(name, arguments).await.map(|value| value.to_string().trim().to_owned())
}

/// The rows of the query have each key once; what several rows of one key would come to depends on their order. A strategy of the
/// project's own may mean its key otherwise.
async fn check_keys(job: &Job<'_>, strategy: &Value) -> Result<(), Diagnostic> {
    let name = job.node.config.values.get("strategy").and_then(Json::as_str);
    if !matches!(name, Some("timestamp" | "check")) {
        return Ok(());
    }
    let arguments = vec![("strategy", strategy.clone()), ("sql", Value::from(job.query()))];
    let sql = call(job, "snapshot_duplicate_keys", arguments).await?;
    let found = async { job.runner.engine.query(&sql, &job.runner.cancel).await?.collect().await }.await;
    let (_, batches) = found.map_err(|error| job.statement_failure(&error, &sql))?;
    let Some(found) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(()) };
    let keys = strategy.get_attr("unique_key").unwrap_or_default();
    let keys: Vec<String> = match keys.as_str() {
        Some(key) => vec![key.to_owned()],
        None => keys.try_iter().into_iter().flatten().map(|key| key.to_string()).collect(),
    };
    let error = EngineError::duplicate_key(&keys, found);
    Err(job.failure(error, 0))
}

/// Makes the table fit for the rows of the query: columns that only the query has are added, which never are dropped, and the others
/// hold its values.
async fn fit_columns(job: &Job<'_>, table: &Schema, query: SchemaRef) -> Result<Vec<String>, Diagnostic> {
    let missing = query
        .fields()
        .iter()
        .filter(|field| !table.fields().iter().any(|known| known.name().eq_ignore_ascii_case(field.name())));
    let changes: Vec<ColumnChange> = missing
        .map(|field| {
            let field = Arc::new(field.as_ref().clone().with_nullable(true));
            ColumnChange::Add { field, default: None }
        })
        .collect();
    let names = changes.iter().filter_map(|change| match change {
        ColumnChange::Add { field, .. } => Some(field.name().clone()),
        _ => None,
    });
    let names = names.collect();
    if !changes.is_empty() {
        job.apply(Operation::Alter { relation: job.relation()?, changes }).await?;
    }
    job.apply(Operation::Widen { relation: job.relation()?, columns: query }).await?;
    Ok(names)
}

/// The table must be one that this snapshot, with the names that its columns have now, has made.
async fn check_columns(job: &Job<'_>, table: &Schema, strategy: &Value) -> Result<(), Diagnostic> {
    let names = job.call("get_snapshot_table_column_names", Vec::new()).await?;
    let has_deletes = strategy.get_attr("hard_deletes").is_ok_and(|value| value.as_str() == Some("new_record"));
    let wanted = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to", "dbt_updated_at"];
    let wanted = wanted.into_iter().chain(has_deletes.then_some("dbt_is_deleted"));
    let named = wanted.map(|own| names.get_attr(own).map_or_else(|_| own.to_owned(), |name| name.to_string()));
    let is_there = |name: &String| table.fields().iter().any(|field| field.name().eq_ignore_ascii_case(name));
    let missing: Vec<String> = named.filter(|name| !is_there(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Compilation Error in snapshot {}: Snapshot target is missing configured columns: {}",
        job.node.name,
        quoted_list(&missing)
    );
    let help = "`snapshot_meta_column_names` and `hard_deletes` must be those that the table was made with";
    Err(Diagnostic::error(codes::CONFIG_VALUE, message).at(job.node.span).help(help))
}
