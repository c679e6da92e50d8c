//! Contracts: the columns that a model promises to its readers, checked before its relation is made, and the constraints that its
//! rows must keep.
//!
//! Names and types are compared as the engine reads both: an empty query of the model beside an empty query of the promised types.
//! Whole numbers of different sizes are not told apart, nor decimals of different digits; what is written has the promised type, and a
//! value that does not fit it is an error. `not_null` and `check` are held by the table itself, `primary_key` as far as it means that
//! no value is missing. The others are taken and not held, which is said once.

use arrow::datatypes::{Schema, SchemaRef};
use serde::Deserialize;
use serde_json::Value as Json;

use super::Job;
use crate::analyze::keeps_contract;
use crate::base::HashMap;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Check, Rules};
use crate::manifest::{Column, Materialized};
use crate::run::node_json;
use crate::sql::Dialect;

/// What a relation is made of.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// The query of its rows.
    pub(super) query: String,
    /// How many lines of ours stand before the model's own.
    pub(super) lines_before: usize,
    /// What its rows must be like; nothing is said of it without a contract.
    pub(super) rules: Option<Rules>,
    /// The statement in words of SQL, for `target/run`, where there is a contract.
    pub(super) statement: Option<String>,
}

/// The shape of a node's relation.
///
/// # Errors
/// When the model has a contract that it does not keep.
pub(super) async fn shape(job: &Job<'_>) -> Result<Shape, Diagnostic> {
    let plain = Shape { query: job.query(), lines_before: 0, rules: None, statement: None };
    let contract = job.node.config.values.get("contract");
    if contract.and_then(|contract| contract.get("enforced")) != Some(&Json::Bool(true)) {
        return Ok(plain);
    }
    let constraints = Constraints::of(job);
    let columns: Vec<&Column> = job.node.columns.values().collect();
    let promised = promised(job, &columns).await?;
    let found = job.columns(&plain.query).await?;
    keeps_contract(job.node, &found, &promised, job.runner.engine.as_ref())?;
    let dialect = job.runner.engine.dialect();
    let select = promised.fields().iter().zip(&columns).map(|(field, column)| {
        let name = dialect.quote(field.name());
        let differs = found.field_with_name(field.name()).is_ok_and(|found| {
            job.runner.engine.type_name(found.data_type()) != job.runner.engine.type_name(field.data_type())
        });
        match (&column.data_type, differs) {
            (Some(data_type), true) => format!("cast({name} as {}) as {name}", dialect.cast_type(data_type)),
            _ => name,
        }
    });
    let select = select.collect::<Vec<_>>().join(", ");
    let query = format!("select {select} from (\n{}\n) as model_subq", plain.query);
    let rules = self::rules(job, &promised, &constraints);
    let statement = match job.node.config.materialized {
        Materialized::View | Materialized::External => None,
        _ => Some(statement(job, (&columns, &constraints), &plain.query).await?),
    };
    Ok(Shape { query, lines_before: 1, rules: Some(rules), statement })
}

/// The columns that the contract promises, as the engine reads them.
async fn promised(job: &Job<'_>, columns: &[&Column]) -> Result<SchemaRef, Diagnostic> {
    let untyped: Vec<&str> =
        columns.iter().filter(|column| column.data_type.is_none()).map(|column| column.name.as_str()).collect();
    if columns.is_empty() || !untyped.is_empty() {
        let message = match columns.is_empty() {
            true => format!("model `{}` has a contract and no columns", job.node.name),
            false => format!(
                "model `{}` has a contract, which needs a `data_type` of {}",
                job.node.name,
                crate::base::quoted_list(&untyped)
            ),
        };
        return Err(Diagnostic::error(codes::CONTRACT, message).at(job.node.span));
    }
    let dialect = job.runner.engine.dialect();
    let casts = columns.iter().map(|column| {
        let data_type = dialect.cast_type(column.data_type.as_deref().unwrap_or_default());
        format!("cast(null as {data_type}) as {}", spelt(column, dialect))
    });
    let sql = format!("select {}", casts.collect::<Vec<_>>().join(",\n  "));
    job.runner.engine.columns(&sql, &job.runner.cancel).await.map_err(|error| {
        let message = format!("model `{}`: its contract: {}", job.node.name, error.message);
        Diagnostic::error(error.code(), message).at(job.node.span)
    })
}

/// The column's name as the project spells it in SQL.
fn spelt(column: &Column, dialect: Dialect) -> String {
    if column.quote == Some(true) { dialect.quote(&column.name) } else { column.name.clone() }
}

/// A constraint as the manifest has it.
#[derive(Clone, Debug, Default, Deserialize)]
struct Constraint {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    expression: Option<String>,
    #[serde(default = "yes")]
    warn_unenforced: bool,
    #[serde(default = "yes")]
    warn_unsupported: bool,
    to: Option<String>,
    #[serde(default)]
    to_columns: Vec<String>,
    #[serde(default)]
    columns: Vec<String>,
}

fn yes() -> bool {
    true
}

/// The constraints of a model: of its columns, in their order, and of the whole.
struct Constraints {
    columns: Vec<Vec<Constraint>>,
    model: Vec<Constraint>,
}

impl Constraints {
    fn of(job: &Job<'_>) -> Self {
        let node = node_json(job.runner, job.node);
        let read = |value: Option<&Json>| -> Vec<Constraint> {
            let items = value.and_then(Json::as_array).into_iter().flatten();
            items.filter_map(|item| serde_json::from_value(item.clone()).ok()).collect()
        };
        let column =
            |name: &String| read(node.get("columns").and_then(|columns| columns.get(name)?.get("constraints")));
        Constraints { columns: job.node.columns.keys().map(column).collect(), model: read(node.get("constraints")) }
    }
}

/// What the table holds of the constraints; of the others it is said that they are not held.
fn rules(job: &Job<'_>, promised: &Schema, constraints: &Constraints) -> Rules {
    let mut rules = Rules::default();
    let mut unheld: Vec<&str> = Vec::new();
    let of_columns = promised
        .fields()
        .iter()
        .zip(&constraints.columns)
        .flat_map(|(field, own)| own.iter().map(move |constraint| (constraint, vec![field.name().clone()])));
    let of_model = constraints.model.iter().map(|constraint| (constraint, named(constraint, promised)));
    for (constraint, names) in of_columns.chain(of_model) {
        let kind = constraint.kind.as_str();
        match (kind, &constraint.expression) {
            ("not_null", _) => rules.not_null.extend(names),
            ("check", Some(expression)) => {
                rules.checks.push(Check { name: constraint.name.clone(), expression: expression.clone() });
            }
            ("primary_key", _) => {
                rules.not_null.extend(names);
                unheld.extend(constraint.warn_unenforced.then_some(kind));
            }
            ("unique" | "foreign_key", _) => unheld.extend(constraint.warn_unenforced.then_some(kind)),
            ("custom", _) => unheld.extend(constraint.warn_unsupported.then_some(kind)),
            _ => {}
        }
    }
    rules.not_null.sort_unstable();
    rules.not_null.dedup();
    unheld.sort_unstable();
    unheld.dedup();
    if !unheld.is_empty() && job.node.config.materialized != Materialized::View {
        tracing::warn!(
            "model `{}`: constraints of type {} are not held by this engine; test them, or set `warn_unenforced: false`",
            job.node.name,
            crate::base::quoted_list(&unheld)
        );
    }
    rules
}

/// The columns of a constraint of the whole model, as the engine calls them.
fn named(constraint: &Constraint, promised: &Schema) -> Vec<String> {
    let find = |wanted: &String| {
        let bare = wanted.trim_matches(|c| c == '"' || c == '`');
        promised.fields().iter().find(|field| field.name().eq_ignore_ascii_case(bare)).map(|field| field.name().clone())
    };
    constraint.columns.iter().filter_map(find).collect()
}

/// The statement that makes the table, as an engine without an operation for it would be told.
async fn statement(
    job: &Job<'_>,
    (columns, constraints): (&[&Column], &Constraints),
    query: &str,
) -> Result<String, Diagnostic> {
    let referred = referred(job, constraints).await;
    let dialect = job.runner.engine.dialect();
    let relation = job.relation()?.render(dialect);
    let mut parts: Vec<String> = columns
        .iter()
        .zip(&constraints.columns)
        .map(|(column, own)| {
            let own = own.iter().filter_map(|own| of_column(own, &referred)).collect::<Vec<_>>();
            let data_type = column.data_type.clone().unwrap_or_default();
            [vec![spelt(column, dialect), data_type], own].concat().join(" ")
        })
        .collect();
    parts.extend(constraints.model.iter().filter_map(|own| of_model(own, &referred)));
    let names = columns.iter().map(|column| spelt(column, dialect)).collect::<Vec<_>>().join(", ");
    Ok(format!(
        "create table {relation} (\n  {}\n) ;\ninsert into {relation} (\n  {names}\n)\n(\n  select {names}\n  from (\n{query}\n  ) as model_subq\n);\n",
        parts.join(",\n  ")
    ))
}

/// The relations that foreign keys name by `ref` or `source`.
async fn referred(job: &Job<'_>, constraints: &Constraints) -> HashMap<String, String> {
    let own = constraints.columns.iter().flatten().chain(&constraints.model);
    let mut referred = HashMap::default();
    for to in own.filter_map(|constraint| constraint.to.as_ref()) {
        // What cannot be resolved is told of where it is read; here it is only words.
        if let Ok(relation) = job.runner.render(job.node, &format!("{{{{ {to} }}}}")).await {
            referred.insert(to.clone(), relation);
        }
    }
    referred
}

fn of_column(constraint: &Constraint, referred: &HashMap<String, String>) -> Option<String> {
    let expression = constraint.expression.as_deref();
    let with = |words: &str| [Some(words), expression].into_iter().flatten().collect::<Vec<_>>().join(" ");
    match constraint.kind.as_str() {
        "check" => expression.map(|expression| format!("check ({expression})")),
        "not_null" => Some(with("not null")),
        "unique" => Some(with("unique")),
        "primary_key" => Some(with("primary key")),
        "foreign_key" => references(constraint, referred),
        _ => expression.map(str::to_owned),
    }
}

fn of_model(constraint: &Constraint, referred: &HashMap<String, String>) -> Option<String> {
    let columns = constraint.columns.join(", ");
    let expression = constraint.expression.as_deref();
    let body = match constraint.kind.as_str() {
        "check" => format!("check ({})", expression?),
        "unique" => format!("unique ({columns})"),
        "primary_key" => format!("primary key ({columns})"),
        "foreign_key" => format!("foreign key ({columns}) {}", references(constraint, referred)?),
        "not_null" => return None,
        _ => expression?.to_owned(),
    };
    Some(match &constraint.name {
        Some(name) => format!("constraint {name} {body}"),
        None => body,
    })
}

fn references(constraint: &Constraint, referred: &HashMap<String, String>) -> Option<String> {
    match (&constraint.to, &constraint.expression) {
        (Some(to), _) => {
            let to = referred.get(to).unwrap_or(to);
            Some(format!("references {to} ({})", constraint.to_columns.join(", ")))
        }
        (None, Some(expression)) => Some(format!("references {expression}")),
        (None, None) => None,
    }
}
