//! Rows of a property file as a query of constants.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::columns::Column;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::sql::Dialect;

/// A row as it is written: columns by name.
pub(super) type Given = Map<String, Json>;

/// Whether one of the rows has a value for a column.
pub(super) fn names(rows: &[Given], column: &Column) -> bool {
    rows.iter().any(|row| row.keys().any(|name| column.is_named(name)))
}

/// Fails at the first name in the rows of `whose` that is no column.
pub(super) fn check(rows: &[Given], columns: &[Column], whose: &str) -> Result<(), Diagnostic> {
    let is_unknown = |name: &&String| !columns.iter().any(|column| column.is_named(name));
    let Some(unknown) = rows.iter().flat_map(Given::keys).find(is_unknown) else { return Ok(()) };
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    // The words of dbt, which its own test suite looks for.
    let message = format!("Invalid column name: '{unknown}' in unit test fixture for {whose}.");
    Err(Diagnostic::error(codes::UNIT_TEST, message)
        .note(format!("its columns are {}", quoted_list(&names)))
        .suggest_near(unknown, names.iter().copied()))
}

/// The query of the rows: every column, cast to its type, null where a row does not have it.
pub(super) fn query(rows: &[Given], columns: &[Column], dialect: Dialect) -> String {
    let names: Vec<String> = columns.iter().map(|column| dialect.quote(&column.name)).collect();
    if rows.is_empty() {
        let nulls = columns.iter().zip(&names).map(|(column, name)| format!("{} as {name}", column.value("null")));
        return format!("select {} limit 0", nulls.collect::<Vec<_>>().join(", "));
    }
    let rows = rows.iter().map(|row| {
        let cells = columns.iter().map(|column| {
            let cell = row.iter().find(|(name, _)| column.is_named(name));
            column.value(&cell.map_or_else(|| "null".to_owned(), |(_, value)| literal(value, dialect)))
        });
        format!("({})", cells.collect::<Vec<_>>().join(", "))
    });
    let rows = rows.collect::<Vec<_>>().join(",\n");
    format!("select * from (values\n{rows}\n) as fixture ({})", names.join(", "))
}

/// A value in SQL. Lists and mappings are constants of the types that hold them.
fn literal(value: &Json, dialect: Dialect) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::String(text) => dialect.text(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| literal(item, dialect)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(fields) => {
            let mut text = String::from("{");
            for (at, (name, value)) in fields.iter().enumerate() {
                let comma = if at == 0 { "" } else { ", " };
                // Writing to a text cannot fail.
                let _ = write!(text, "{comma}{}: {}", dialect.text(name), literal(value, dialect));
            }
            text + "}"
        }
        other => other.to_string(),
    }
}
