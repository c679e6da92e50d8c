//! One line a diagnostic, for logs and editors: `path:line:column: severity[code]: message`.

use crate::diagnostic::Diagnostic;
use crate::source::SourceMap;

/// The diagnostic on one line, without a line end.
#[must_use]
pub fn concise(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let Some(span) = diagnostic.primary() else { return diagnostic.to_string() };
    let file = sources.get(span.file);
    let at = file.location(span.start as usize);
    format!("{}:{}:{}: {diagnostic}", file.path().display(), at.line, at.column)
}
