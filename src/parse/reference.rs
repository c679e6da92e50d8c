//! Expressions of property files that name something: `ref('orders')`, `source('raw', 'orders')`, `metric('revenue')`.

use std::sync::Arc;

use super::Context;
use crate::context::{Captured, ParseNames, Subject};
use crate::diagnostic::Diagnostics;
use crate::jinja::{Scope, Value};
use crate::manifest::RefArgs;
use crate::source::Span;

/// Who says the expression.
pub(super) struct Speaker<'a> {
    /// Its package.
    pub(super) package: &'a str,
    /// dbt's word for its kind.
    pub(super) kind: &'static str,
    /// Its name.
    pub(super) name: &'a str,
}

/// The names that the expression sees, and the scope that they are seen in.
pub(super) fn scope(cx: &Context<'_>, speaker: &Speaker<'_>) -> (Arc<ParseNames>, Scope) {
    let subject = Subject {
        unique_id: format!("{}.{}.{}", speaker.kind, speaker.package, speaker.name),
        name: speaker.name.to_owned(),
        package: speaker.package.into(),
        resource_type: speaker.kind,
        fqn: Vec::new(),
        original_path: String::new(),
        version: None,
    };
    let names = ParseNames::new(cx.surroundings.clone(), subject, None);
    let scope = Scope::new(speaker.package, Value::from_dyn_object(Arc::clone(&names)));
    (names, scope)
}

/// What an expression names. It may stand in braces or not; failures are reported at `at`.
pub(super) fn named_by(
    cx: &Context<'_>,
    speaker: &Speaker<'_>,
    (text, at): (&str, Span),
    diagnostics: &mut Diagnostics,
) -> Captured {
    let (names, scope) = scope(cx, speaker);
    let expression = if text.contains("{{") { text.to_owned() } else { format!("{{{{ {text} }}}}") };
    diagnostics.take(cx.surroundings.environment.render_text(&expression, at, &scope).text);
    names.captured()
}

/// The calls of `ref` as the manifest keeps them.
pub(super) fn refs(captured: &Captured) -> Vec<RefArgs> {
    let calls = captured.refs.iter().map(|call| RefArgs {
        package: call.package.clone(),
        name: call.name.clone(),
        version: call.version.clone(),
    });
    calls.collect()
}
