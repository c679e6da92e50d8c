//! Columns and constraints as statements say them.

use super::Adapter;
use crate::context::function::{Arguments, fail};
use crate::jinja::{Error, State, Value, ValueKind, mutable};

impl Adapter {
    /// `render_raw_columns_constraints(raw_columns)`: each column with its type and constraints.
    pub(super) fn render_raw_columns_constraints(
        &self,
        _: &mut State<'_, '_>,
        args: &Arguments,
    ) -> Result<Value, Error> {
        let columns = args.required(0, "raw_columns")?;
        let mut rendered = Vec::new();
        for key in columns.try_iter()? {
            let column = columns.get_item(&key)?;
            let name = attribute(&column, "name").unwrap_or_else(|| key.to_string());
            let quoted = column.get_attr("quote")?.is_true();
            let name = if quoted { self.session.dialect.quote(&name) } else { name };
            let Some(data_type) = attribute(&column, "data_type") else {
                return Err(fail(format!("column `{name}` of a contract has no `data_type`")));
            };
            let mut parts = vec![name, data_type];
            for constraint in items(&column.get_attr("constraints")?)? {
                parts.extend(of_column(&constraint));
            }
            rendered.push(Value::from(parts.join(" ")));
        }
        Ok(mutable(Value::from(rendered)))
    }

    /// `render_raw_model_constraints(raw_constraints)`.
    pub(super) fn render_raw_model_constraints(&self, _: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let constraints = items(&args.required(0, "raw_constraints")?)?;
        Ok(mutable(constraints.iter().filter_map(of_model).map(Value::from).collect()))
    }

    /// `convert_type(agate_table, col_idx)`: the SQL type of the values of a column.
    pub(super) fn convert_type(&self, _: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let table = args.required(0, "agate_table")?;
        let column = table.get_attr("columns")?.get_item(&args.required(1, "col_idx")?)?;
        let mut found: Option<&str> = None;
        for cell in column.try_iter()? {
            let name = match cell.kind() {
                ValueKind::None | ValueKind::Undefined => continue,
                ValueKind::Bool => "boolean",
                ValueKind::Number if cell.is_integer() => "bigint",
                ValueKind::Number => "double",
                _ => "varchar",
            };
            found = Some(match found {
                None => name,
                Some(known) if known == name => known,
                Some("bigint" | "double") if matches!(name, "bigint" | "double") => "double",
                Some(_) => "varchar",
            });
        }
        Ok(Value::from(found.unwrap_or("varchar")))
    }
}

fn of_column(constraint: &Value) -> Option<String> {
    let expression = attribute(constraint, "expression");
    let with = |words: &str| match &expression {
        Some(expression) => format!("{words} {expression}"),
        None => words.to_owned(),
    };
    match attribute(constraint, "type")?.as_str() {
        "check" => Some(format!("check ({})", expression?)),
        "not_null" => Some(with("not null")),
        "unique" => Some(with("unique")),
        "primary_key" => Some(with("primary key")),
        "foreign_key" => references(constraint),
        "custom" => expression,
        _ => None,
    }
}

fn of_model(constraint: &Value) -> Option<String> {
    let columns = items(&constraint.get_attr("columns").ok()?).ok()?;
    let columns = columns.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
    let name = attribute(constraint, "name").map_or_else(String::new, |name| format!("constraint {name} "));
    let body = match attribute(constraint, "type")?.as_str() {
        "check" => format!("check ({})", attribute(constraint, "expression")?),
        "unique" => format!("unique ({columns})"),
        "primary_key" => format!("primary key ({columns})"),
        "foreign_key" => format!("foreign key ({columns}) {}", references(constraint)?),
        "custom" => attribute(constraint, "expression")?,
        _ => return None,
    };
    Some(name + &body)
}

fn references(constraint: &Value) -> Option<String> {
    let Some(to) = attribute(constraint, "to") else {
        return attribute(constraint, "expression").map(|expression| format!("references {expression}"));
    };
    let columns = items(&constraint.get_attr("to_columns").ok()?).ok()?;
    let columns = columns.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
    Some(format!("references {to} ({columns})"))
}

/// The items of a list; none of what is no list.
fn items(value: &Value) -> Result<Vec<Value>, Error> {
    if value.is_none() || value.is_undefined() { Ok(Vec::new()) } else { Ok(value.try_iter()?.collect()) }
}

fn attribute(value: &Value, name: &str) -> Option<String> {
    let value = value.get_attr(name).ok()?;
    (!value.is_none() && !value.is_undefined()).then(|| value.to_string())
}
