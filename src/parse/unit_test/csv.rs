//! CSV in property files and fixtures: a header, then rows; every value is text, an empty one is missing.

use serde_json::{Map, Value as Json};

/// The rows of a CSV text.
pub(super) fn rows(text: &str) -> Vec<Map<String, Json>> {
    let mut records = records(text).into_iter();
    let Some(header) = records.next() else { return Vec::new() };
    let row = |record: Vec<String>| {
        let mut values = record.into_iter();
        let cells = header.iter().map(|name| {
            let value = values.next().filter(|value| !value.is_empty());
            (name.clone(), value.map_or(Json::Null, Json::String))
        });
        cells.collect()
    };
    records.map(row).collect()
}

/// The records with their fields; lines with nothing in them are passed over.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut record: Vec<String> = Vec::new();
    let mut field = String::new();
    let (mut is_quoted, mut was_quoted) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if field.is_empty() => (is_quoted, was_quoted) = (true, true),
            ',' if !is_quoted => record.push(std::mem::take(&mut field)),
            '\r' if !is_quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => end(&mut records, &mut record, &mut field, &mut was_quoted),
            other => field.push(other),
        }
    }
    end(&mut records, &mut record, &mut field, &mut was_quoted);
    records
}

fn end(records: &mut Vec<Vec<String>>, record: &mut Vec<String>, field: &mut String, was_quoted: &mut bool) {
    if !record.is_empty() || !field.is_empty() || *was_quoted {
        record.push(std::mem::take(field));
        records.push(std::mem::take(record));
    }
    *was_quoted = false;
}
