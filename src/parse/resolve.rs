//! Following references: `ref` and `source` calls to ids, names of macros to macros.

use std::sync::Arc;

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Found, Lookup, Manifest, Node, ResourceType, Template, UniqueId};
use crate::source::Span;

/// Sets what each node of the manifest reads. A reference to nothing is an error; of a test, a reference to
/// a disabled node disables the test.
pub(super) fn references(cx: &Context<'_>, lookup: &Lookup, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    for node in std::mem::take(&mut manifest.nodes).into_values() {
        let mut node = Arc::unwrap_or_clone(node);
        let mut disabled = false;
        let mut parents: Vec<UniqueId> = Vec::new();
        for (package, name) in &node.refs {
            match lookup.find_ref(&node.package, package.as_deref(), name) {
                Found::Here(id) => parents.push(id.clone()),
                Found::Disabled(_) if node.resource == ResourceType::Test => disabled = true,
                Found::Disabled(_) => {
                    let message = format!("`{}` refers to `{name}`, which is disabled", node.name);
                    diagnostics.push(Diagnostic::error(codes::DISABLED_DEPENDENCY, message).at(place(cx, &node, name)));
                }
                Found::Missing if cx.broken().contains(name) => {}
                Found::Missing => {
                    let what = format!("{} `{}`", node.resource, node.name);
                    diagnostics.push(missing_ref(&what, name, lookup).at(place(cx, &node, name)));
                }
            }
        }
        for (source, table) in &node.source_calls {
            match lookup.find_source(&node.package, source, table) {
                Found::Here(id) => parents.push(id.clone()),
                _ => diagnostics.push(missing_source(&node, source, table, lookup).at(place(cx, &node, table))),
            }
        }
        let mut seen = std::collections::HashSet::new();
        parents.retain(|id| seen.insert(id.clone()));
        node.depends_on = parents;
        if disabled {
            node.config.enabled = false;
            manifest.disabled.push(Arc::new(node));
        } else {
            manifest.nodes.insert(node.id.clone(), Arc::new(node));
        }
    }
}

/// The error of a `ref` to nothing.
pub(super) fn missing_ref(what: &str, name: &str, lookup: &Lookup) -> Diagnostic {
    let message = format!("{what} refers to `{name}`, which does not exist");
    Diagnostic::error(codes::UNKNOWN_REF, message).suggest_near(name, lookup.ref_names())
}

fn missing_source(node: &Node, source: &str, table: &str, lookup: &Lookup) -> Diagnostic {
    let message = format!("{} `{}` reads source `{source}.{table}`, which is not declared", node.resource, node.name);
    let diagnostic = Diagnostic::error(codes::UNKNOWN_SOURCE, message);
    let tables: Vec<&str> =
        lookup.source_names().filter(|(known, _)| *known == source).map(|(_, table)| table).collect();
    if tables.is_empty() {
        let names: std::collections::BTreeSet<&str> = lookup.source_names().map(|(source, _)| source).collect();
        return diagnostic.suggest(source, names);
    }
    diagnostic.suggest(table, tables)
}

/// Where a node names something: the first place in its file where the name stands in quotes, else the node as a whole.
fn place(cx: &Context<'_>, node: &Node, name: &str) -> Span {
    let Template::File(span) = node.template else { return node.span };
    let source = cx.session.sources.get(span.file);
    let text = source.text().get(span.range()).unwrap_or_default();
    let found = ['\'', '"'].iter().filter_map(|quote| text.find(&format!("{quote}{name}{quote}"))).min();
    found.map_or(node.span, |at| {
        let start = span.start as usize + at;
        Span::new(span.file, start..start + name.len() + 2)
    })
}

/// The macros that a template names, in the order of their first use.
pub(super) fn macros(cx: &Context<'_>, package: &str, template: Span) -> Vec<UniqueId> {
    let environment = &cx.surroundings.environment;
    let names = environment.names_in(template);
    let found = names.iter().filter_map(|name| environment.macro_named(package, name));
    let mut ids: Vec<UniqueId> = found.map(|found| UniqueId::of(&["macro", &found.package, &found.name])).collect();
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    ids
}
