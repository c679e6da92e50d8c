//! Contracts: the columns that a model promises to its readers.
//!
//! Whole numbers of different sizes are not told apart, nor decimals of different digits: what is written has the promised type, and a
//! value that does not fit it is an error.

use arrow::datatypes::{DataType, Schema};

use crate::diagnostic::{Diagnostic, codes};
use crate::engine::Engine;
use crate::manifest::Node;

/// A line of the table that shows how contract and query differ.
struct Mismatch {
    column: String,
    definition: String,
    contract: String,
    reason: &'static str,
}

/// Compares the columns of a model's query with those that its contract promises.
///
/// # Errors
/// A table of the differences.
pub fn keeps_contract(node: &Node, found: &Schema, promised: &Schema, engine: &dyn Engine) -> Result<(), Diagnostic> {
    let name = |data_type: &DataType| engine.type_name(data_type).to_uppercase();
    let mut mismatches = Vec::new();
    for field in promised.fields() {
        let contract = name(field.data_type());
        match found.field_with_name(field.name()) {
            Err(_) => mismatches.push(Mismatch {
                column: field.name().clone(),
                definition: String::new(),
                contract,
                reason: "missing in definition",
            }),
            Ok(own) if !same(own.data_type(), field.data_type(), name) => mismatches.push(Mismatch {
                column: field.name().clone(),
                definition: name(own.data_type()),
                contract,
                reason: "data type mismatch",
            }),
            Ok(_) => {}
        }
    }
    for field in found.fields().iter().filter(|field| promised.field_with_name(field.name()).is_err()) {
        mismatches.push(Mismatch {
            column: field.name().clone(),
            definition: name(field.data_type()),
            contract: String::new(),
            reason: "missing in contract",
        });
    }
    if mismatches.is_empty() {
        return Ok(());
    }
    mismatches.sort_by(|a, b| a.column.cmp(&b.column));
    let message = format!("model `{}` has an enforced contract that its query does not keep", node.name);
    let diagnostic = Diagnostic::error(codes::CONTRACT, message).at(node.span);
    let diagnostic = table(&mismatches).into_iter().fold(diagnostic, Diagnostic::note);
    Err(diagnostic
        .help("make names and types of the columns in the property file those of the query, or the other way round"))
}

/// Whether a value of one type is one of the other, for what a contract means.
fn same(found: &DataType, promised: &DataType, name: impl Fn(&DataType) -> String) -> bool {
    found.is_null()
        || found.is_integer() && promised.is_integer()
        || is_decimal(found) && is_decimal(promised)
        || name(found) == name(promised)
}

fn is_decimal(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..)
    )
}

fn table(mismatches: &[Mismatch]) -> Vec<String> {
    let head = ["column_name", "definition_type", "contract_type", "mismatch_reason"].map(str::to_owned);
    let rows: Vec<[String; 4]> =
        std::iter::once(head)
            .chain(mismatches.iter().map(|line| {
                [line.column.clone(), line.definition.clone(), line.contract.clone(), line.reason.to_owned()]
            }))
            .collect();
    let widths: Vec<usize> =
        (0..4).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
    let line = |row: &[String; 4]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join(" | ");
    lines.insert(1, format!("| {rule} |"));
    lines
}
