//! Following references: `ref`, `source` and `function` calls to ids, names of macros to macros.

use std::sync::Arc;

use super::{Context, governance};
use crate::base::IndexSet;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Found, Lookup, Manifest, Node, RefArgs, ResourceType, Template, UniqueId, Version};
use crate::source::Span;

/// Sets what each node of the manifest reads. A reference to nothing is an error; of a test it is a warning, and the test is
/// disabled, as one is that refers to something disabled.
pub(super) fn references(cx: &Context<'_>, lookup: &Lookup, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    let parents: Vec<(Vec<UniqueId>, bool)> =
        manifest.nodes.values().map(|node| Resolver { cx, lookup, node, diagnostics }.parents(manifest)).collect();
    for (node, parents) in manifest.nodes.values_mut().zip(parents) {
        let node = Arc::make_mut(node);
        (node.depends_on, node.config.enabled) = parents;
        if !node.config.enabled {
            node.config.values.set("enabled", false.into());
        }
    }
    let orphans = manifest.nodes.values().filter(|node| !node.config.enabled).cloned();
    manifest.orphans.extend(orphans);
    manifest.nodes.retain(|_, node| node.config.enabled);
}

/// Follows the references of one node.
struct Resolver<'a, 'p> {
    cx: &'a Context<'p>,
    lookup: &'a Lookup,
    node: &'a Node,
    diagnostics: &'a mut Diagnostics,
}

impl Resolver<'_, '_> {
    /// What the node reads, each once, in the order of the calls; and whether it can take part.
    fn parents(mut self, manifest: &Manifest) -> (Vec<UniqueId>, bool) {
        let node = self.node;
        let mut parents: Vec<UniqueId> = Vec::new();
        let mut takes_part = true;
        for (source, table) in &node.source_calls {
            match self.lookup.find_source(&node.package, source, table) {
                Found::Here(id) => parents.push(id.clone()),
                found => takes_part &= self.no_source(found, source, table),
            }
        }
        for call in &node.refs {
            let version = call.version.as_ref();
            match self.lookup.find_ref(&node.package, call.package.as_deref(), &call.name, version) {
                Found::Here(id) => {
                    if let Some(target) = manifest.node(id) {
                        self.check_access(target);
                    }
                    parents.push(id.clone());
                }
                found => takes_part &= self.no_ref(found, call),
            }
        }
        for (package, name) in &node.function_calls {
            match self.lookup.find_function(&node.package, package.as_deref(), name) {
                Found::Here(id) => parents.push(id.clone()),
                _ => {
                    let what = format!("{} `{}`", node.resource, node.name);
                    let at = place(self.cx, node, name);
                    self.diagnostics.push(missing_function(&what, name, self.lookup).at(at));
                }
            }
        }
        let parents: IndexSet<UniqueId> = parents.into_iter().collect();
        (parents.into_iter().collect(), takes_part)
    }

    fn check_access(&mut self, target: &Node) {
        let node = self.node;
        let Some((access, why)) = governance::refused(self.cx, (&node.package, node.group.as_deref()), target) else {
            return;
        };
        let message =
            format!("{} `{}` refers to `{}`, which is {access}: {why}", node.resource, node.name, target.name);
        let at = place(self.cx, node, &target.name);
        self.diagnostics.push(Diagnostic::error(codes::ACCESS, message).at(at));
    }

    /// Reports a `ref` to what is not there; whether the node takes part all the same.
    fn no_ref(&mut self, found: Found<'_>, call: &RefArgs) -> bool {
        let (node, name) = (self.node, call.name.as_str());
        let is_test = node.resource == ResourceType::Test;
        let at = || place(self.cx, node, name);
        match found {
            Found::Disabled(_) if is_test => false,
            Found::Disabled(_) => {
                let message = format!("`{}` refers to `{name}`, which is disabled", node.name);
                self.diagnostics.push(Diagnostic::error(codes::DISABLED_DEPENDENCY, message).at(at()));
                true
            }
            _ if self.cx.broken().contains(name) => true,
            _ => {
                let what = format!("{} `{}`", node.resource, node.name);
                let diagnostic = missing_ref(&what, (name, call.version.as_ref()), self.lookup).at(at());
                self.report(diagnostic)
            }
        }
    }

    fn no_source(&mut self, found: Found<'_>, source: &str, table: &str) -> bool {
        let node = self.node;
        let is_test = node.resource == ResourceType::Test;
        match found {
            Found::Disabled(_) if is_test => false,
            Found::Disabled(_) => {
                let message = format!("`{}` reads source `{source}.{table}`, which is disabled", node.name);
                let at = place(self.cx, node, table);
                self.diagnostics.push(Diagnostic::error(codes::DISABLED_DEPENDENCY, message).at(at));
                true
            }
            _ => {
                let what = format!("{} `{}`", node.resource, node.name);
                let at = place(self.cx, node, table);
                let diagnostic = missing_source(&what, (source, table), self.lookup).at(at);
                self.report(diagnostic)
            }
        }
    }

    /// A test of what is not there only warns.
    fn report(&mut self, diagnostic: Diagnostic) -> bool {
        let is_test = self.node.resource == ResourceType::Test;
        self.diagnostics.push(match is_test {
            true => diagnostic.with_severity(crate::diagnostic::Severity::Warning).note("the test is disabled"),
            false => diagnostic,
        });
        !is_test
    }
}

/// The error of a `ref` to nothing.
pub(super) fn missing_ref(what: &str, (name, version): (&str, Option<&Version>), lookup: &Lookup) -> Diagnostic {
    if let Some(version) = version {
        let versions: Vec<String> = lookup.versions(name).map(Version::to_string).collect();
        let message = match versions.is_empty() {
            true => format!("{what} refers to version `{version}` of `{name}`, which has no versions"),
            false => format!("{what} refers to version `{version}` of `{name}`, which does not exist"),
        };
        let names = versions.iter().map(String::as_str);
        return Diagnostic::error(codes::UNKNOWN_REF, message).suggest(&version.to_string(), names);
    }
    let message = format!("{what} refers to `{name}`, which does not exist");
    Diagnostic::error(codes::UNKNOWN_REF, message).suggest_near(name, lookup.ref_names())
}

/// The error of a `function` of nothing.
pub(super) fn missing_function(what: &str, name: &str, lookup: &Lookup) -> Diagnostic {
    let message = format!("{what} calls function `{name}`, which does not exist");
    Diagnostic::error(codes::UNKNOWN_REF, message).suggest_near(name, lookup.function_names())
}

/// The error of a `source` of nothing.
pub(super) fn missing_source(what: &str, (source, table): (&str, &str), lookup: &Lookup) -> Diagnostic {
    let message = format!("{what} reads source `{source}.{table}`, which is not declared");
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

/// The macros among the names that a template calls, each once; `package.name` is exactly that one.
pub(super) fn macros(cx: &Context<'_>, package: &str, calls: &[String]) -> Vec<UniqueId> {
    let found = calls.iter().filter_map(|name| cx.surroundings.environment.macro_named(package, name));
    let ids: IndexSet<UniqueId> = found.map(UniqueId::of_macro).collect();
    ids.into_iter().collect()
}
