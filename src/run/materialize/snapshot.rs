//! `snapshot`: the rows of a query with the times between which each version of them held.
//!
//! What a change is, is told by the macro of the strategy, `snapshot_<strategy>_strategy`, and the statements are macros, too, all of
//! which a project may have its own version of. Here is their order: columns that are new are added, what changed is found, and one
//! merge ends the versions that are over and adds the new ones. When nothing changed nothing is written.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use serde_json::Value as Json;

use super::Job;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{ColumnChange, Operation, Outcome, RelationKind, Rules};
use crate::jinja::Value;

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
    let strategy = strategy(job, exists).await?;
    let Some(table) = found.filter(|_| exists).and_then(|info| info.schema) else {
        let sql =
            call(job, "build_snapshot_table", vec![("strategy", strategy), ("sql", Value::from(job.query()))]).await?;
        let create = Operation::CreateTable { relation, query: sql, rules: Rules::default() };
        return Ok((job.apply_behind(create, 0).await?, "created snapshot"));
    };
    let columns = Columns::of(job);
    columns.check(job, &table, &strategy)?;
    let added = add_columns(job, &table).await?;
    let arguments = vec![
        ("strategy", strategy),
        ("source_sql", Value::from(job.query())),
        ("target_relation", job.relation_value(Some(RelationKind::Table))?),
    ];
    let staging = call(job, "snapshot_staging_table", arguments).await?;
    let names = table.fields().iter().map(|field| field.name().clone()).chain(added);
    let staged = job.columns(&staging).await?;
    let names: Vec<String> = names.filter(|name| staged.field_with_name(name).is_ok()).collect();
    let sql = columns.merge(job, &staging, &names)?;
    job.runner.write("run", job.node, &sql)?;
    let operation = Operation::Execute { sql: sql.clone() };
    let outcome = job.runner.engine.apply(operation, &job.runner.cancel).await;
    Ok((outcome.map_err(|error| job.statement_failure(&error, &sql))?, "updated snapshot"))
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
    let is_known = environment
        .macros()
        .any(|found| found.name == own && package.is_none_or(|package| found.package.as_ref() == package));
    if !is_known {
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

/// Adds the columns that the query has and the snapshot does not; they are never dropped.
async fn add_columns(job: &Job<'_>, table: &Schema) -> Result<Vec<String>, Diagnostic> {
    let query = job.columns(&job.query()).await?;
    let missing = query
        .fields()
        .iter()
        .filter(|field| !table.fields().iter().any(|known| known.name().eq_ignore_ascii_case(field.name())));
    let changes: Vec<ColumnChange> = missing
        .map(|field| {
            let field = Arc::new(Field::new(field.name(), field.data_type().clone(), true));
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
    Ok(names)
}

/// What the columns that a snapshot adds are called.
struct Columns {
    valid_to: String,
    valid_from: String,
    scd_id: String,
    updated_at: String,
    is_deleted: String,
}

impl Columns {
    fn of(job: &Job<'_>) -> Self {
        let given = job.node.config.values.get("snapshot_meta_column_names");
        let name = |own: &str| given.and_then(|given| given.get(own)).and_then(Json::as_str).unwrap_or(own).to_owned();
        Columns {
            valid_to: name("dbt_valid_to"),
            valid_from: name("dbt_valid_from"),
            scd_id: name("dbt_scd_id"),
            updated_at: name("dbt_updated_at"),
            is_deleted: name("dbt_is_deleted"),
        }
    }

    /// The table must be one that this snapshot, with these names, has made.
    fn check(&self, job: &Job<'_>, table: &Schema, strategy: &Value) -> Result<(), Diagnostic> {
        let with_deletes = strategy.get_attr("hard_deletes").is_ok_and(|value| value.as_str() == Some("new_record"));
        let wanted = [&self.scd_id, &self.valid_from, &self.valid_to, &self.updated_at];
        let wanted = wanted.into_iter().chain(with_deletes.then_some(&self.is_deleted));
        let missing: Vec<&String> =
            wanted.filter(|name| !table.fields().iter().any(|field| field.name().eq_ignore_ascii_case(name))).collect();
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

    /// The statement that ends versions and adds new ones.
    fn merge(&self, job: &Job<'_>, staging: &str, names: &[String]) -> Result<String, Diagnostic> {
        let dialect = job.runner.engine.dialect();
        let target = job.relation()?.render(dialect);
        let Columns { scd_id, valid_to, .. } = self;
        let current = match job.node.config.values.get("dbt_valid_to_current").and_then(Json::as_str) {
            Some(current) => {
                format!("(DBT_INTERNAL_DEST.{valid_to} = {current} or DBT_INTERNAL_DEST.{valid_to} is null)")
            }
            None => format!("DBT_INTERNAL_DEST.{valid_to} is null"),
        };
        let quoted: Vec<String> = names.iter().map(|name| dialect.quote(name)).collect();
        let values: Vec<String> = quoted.iter().map(|name| format!("DBT_INTERNAL_SOURCE.{name}")).collect();
        let (quoted, values) = (quoted.join(", "), values.join(", "));
        Ok(format!(
            "merge into {target} as DBT_INTERNAL_DEST\nusing (\n{staging}\n) as DBT_INTERNAL_SOURCE\n\
             on DBT_INTERNAL_SOURCE.{scd_id} = DBT_INTERNAL_DEST.{scd_id}\n\
             when matched and {current} and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')\n  \
             then update set {valid_to} = DBT_INTERNAL_SOURCE.{valid_to}\n\
             when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'\n  \
             then insert ({quoted}) values ({values})"
        ))
    }
}
