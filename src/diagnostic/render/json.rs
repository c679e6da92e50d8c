//! For programs: one JSON object a diagnostic.

use serde_json::{Value, json as object};

use crate::diagnostic::Diagnostic;
use crate::source::{SourceMap, Span};

/// The diagnostic as `{code, severity, message, labels, notes, help, trace}`; places are
/// `{path, line, column, end_line, end_column}`, all counted from 1.
#[must_use]
pub fn json(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| object!({ "span": place(label.span, sources), "text": label.text }))
        .collect();
    let trace: Vec<Value> = diagnostic
        .trace
        .iter()
        .map(|frame| object!({ "what": frame.what, "span": frame.span.map(|span| place(span, sources)) }))
        .collect();
    object!({
        "code": diagnostic.code.id,
        "severity": diagnostic.severity.to_string(),
        "message": diagnostic.message,
        "labels": labels,
        "notes": diagnostic.notes,
        "help": diagnostic.help,
        "trace": trace,
    })
}

fn place(span: Span, sources: &SourceMap) -> Value {
    let file = sources.get(span.file);
    let start = file.location(span.start as usize);
    let end = file.location(span.end as usize);
    object!({
        "path": file.path().display().to_string(),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}
