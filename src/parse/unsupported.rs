//! Features of dbt that are read over: each is said once, with the first place that uses it, so that nothing is left out silently.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;

/// Warns of what the project asks for and does not get.
pub(super) fn report(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    if let Some(file) = cx.project.own().files.python_models.first() {
        let id = cx.session.sources.add(file, "");
        let message = "Python models are left out: this engine does not run Python";
        diagnostics.push(Diagnostic::warning(codes::NOT_SUPPORTED_YET, message).at(Span::whole(id)));
    }
}
