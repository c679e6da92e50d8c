//! `print_table` and its kin: a table on standard output.

use std::fmt::Write as _;

use super::{ColumnType, Table};
use crate::jinja::{Arguments, Decimal, Error, Value, json, text};

/// What stands for what is left out.
const LEFT_OUT: &str = "...";

/// The limits of `print_table`.
struct Limits {
    rows: usize,
    columns: usize,
    width: usize,
    precision: usize,
}

impl Table {
    /// The methods that print.
    pub(super) fn printed(&self, method: &str, args: &Arguments) -> Result<Option<Value>, Error> {
        let written = match method {
            "print_table" => {
                let limit = |at: usize, name: &str, default: usize| match args.get(at, name) {
                    Some(value) if value.is_none() => Ok(usize::MAX),
                    _ => args
                        .int(at, name)
                        .map(|given| given.map_or(default, |given| usize::try_from(given).unwrap_or(0))),
                };
                let limits = Limits {
                    rows: limit(0, "max_rows", 20)?,
                    columns: limit(1, "max_columns", 6)?,
                    width: limit(3, "max_column_width", 20)?,
                    precision: limit(5, "max_precision", 3)?,
                };
                self.written(&limits)
            }
            "print_csv" => self.csv(),
            "print_json" => self.json()?,
            "print_structure" => self.structure(),
            _ => return Ok(None),
        };
        tracing::info!(target: "transform::print", "{}", written.trim_end_matches('\n'));
        Ok(Some(Value::from(())))
    }

    /// The table as Markdown has it.
    fn written(&self, limits: &Limits) -> String {
        let cut = |text: String| match text.chars().count() > limits.width {
            true => text.chars().take(limits.width.saturating_sub(LEFT_OUT.len())).collect::<String>() + LEFT_OUT,
            false => text,
        };
        let shown = limits.columns.min(self.names.len());
        let more = shown < self.names.len();
        let mut header: Vec<String> = self.names[..shown].iter().map(|name| cut(name.clone())).collect();
        header.extend(more.then(|| LEFT_OUT.to_owned()));
        let places: Vec<Option<usize>> = (0..shown).map(|at| self.places(at, limits.rows)).collect();
        let mut lines: Vec<Vec<String>> = Vec::new();
        for row in self.rows.iter().take(limits.rows) {
            let cells = row.iter().take(shown).zip(&places);
            let cells = cells.map(|(value, places)| cut(shown_cell(value, *places, limits.precision)));
            lines.push(cells.chain(more.then(|| LEFT_OUT.to_owned())).collect());
        }
        if limits.rows < self.rows.len() {
            lines.push(vec![LEFT_OUT.to_owned(); header.len()]);
        }
        let width = |at: usize| {
            let cells = lines.iter().map(|line| line[at].chars().count());
            cells.chain([header[at].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..header.len()).map(width).collect();
        let mut result = String::new();
        let mut write = |cells: &[String]| {
            let padded = cells.iter().enumerate().map(|(at, cell)| {
                let missing = " ".repeat(widths[at] - cell.chars().count());
                match self.types.get(at) {
                    Some(ColumnType::Text) => format!(" {cell}{missing} "),
                    _ => format!(" {missing}{cell} "),
                }
            });
            let _ = writeln!(result, "|{}|", padded.collect::<Vec<_>>().join("|"));
        };
        write(&header);
        write(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>());
        lines.iter().for_each(|line| write(line));
        result
    }

    /// How many digits behind the point the numbers of a column have at most.
    fn places(&self, column: usize, rows: usize) -> Option<usize> {
        let digits =
            |value: &Value| text(value).split_once('.').map_or(0, |(_, digits)| digits.trim_end_matches('0').len());
        let of_rows = self.rows.iter().take(rows).map(|row| digits(&row[column]));
        (self.types[column] == ColumnType::Number).then(|| of_rows.max().unwrap_or(0))
    }

    /// The names and types of the columns.
    pub(super) fn structure(&self) -> String {
        let width = |heading: &str, texts: Vec<usize>| texts.into_iter().chain([heading.len()]).max().unwrap_or(0);
        let name_width = width("column", self.names.iter().map(|name| name.chars().count()).collect());
        let type_width = width("data_type", self.types.iter().map(|one| one.to_string().len()).collect());
        let mut result = format!("| {:<name_width$} | {:<type_width$} |\n", "column", "data_type");
        let _ = writeln!(result, "| {} | {} |", "-".repeat(name_width), "-".repeat(type_width));
        for (name, data_type) in self.names.iter().zip(self.types.iter()) {
            let _ = writeln!(result, "| {name:<name_width$} | {:<type_width$} |", data_type.to_string());
        }
        result
    }

    fn csv(&self) -> String {
        let quoted = |text: String| match text.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text,
        };
        let cell = |value: &Value| if value.is_none() { String::new() } else { quoted(text(value)) };
        let mut lines = vec![self.names.iter().cloned().map(quoted).collect::<Vec<_>>().join(",")];
        lines.extend(self.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(",")));
        lines.join("\n")
    }

    fn json(&self) -> Result<String, Error> {
        let plain = |value: &Value| match value.downcast_object_ref::<Decimal>() {
            Some(decimal) => Value::from(decimal.to_f64()),
            None if value.as_object().is_some() => Value::from(text(value)),
            None => value.clone(),
        };
        let rows = self.rows.iter().map(|row| {
            let cells = self.names.iter().zip(row.iter());
            Value::from_pairs(cells.map(|(name, value)| (name.as_str(), plain(value))))
        });
        json(&rows.collect::<Value>(), false, None)
    }
}

/// A cell: numbers with their thousands apart, and with as many digits as the column has.
fn shown_cell(value: &Value, places: Option<usize>, precision: usize) -> String {
    if value.is_none() {
        return String::new();
    }
    let Some(places) = places else { return text(value) };
    let Ok(number) = text(value).parse::<f64>() else { return text(value) };
    let kept = places.min(precision);
    let digits = format!("{number:.kept$}");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut grouped = String::new();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    let rest = if places > precision { "…" } else { "" };
    format!("{sign}{grouped}{point}{fraction}{rest}")
}
