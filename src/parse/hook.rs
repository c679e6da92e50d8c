//! Hooks while the project is read: those of nodes are rendered for what they refer to, those of runs are put into their order.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Context;
use super::config::{Merge, tree_of};
use super::draft::Draft;
use super::resolve;
use crate::base::{IndexSet, sha256_hex};
use crate::context::Captured;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja;
use crate::load::Package;
use crate::manifest::{ConfigValues, Found, Lookup, Manifest, Node, Phase, ResourceType, RunHook, Template, UniqueId};
use crate::source::Span;

/// Adds what the hooks of a node refer to: they run with the node, so it waits for that, too. Gives the macros that they call.
pub(super) fn capture(
    cx: &Context<'_>,
    draft: &Draft<'_>,
    values: &ConfigValues,
    captured: &mut Captured,
    diagnostics: &mut Diagnostics,
) -> Vec<UniqueId> {
    let mut macros = Vec::new();
    let hooks = ["pre-hook", "post-hook"].into_iter().flat_map(|key| texts(values.get(key)));
    for text in hooks.filter(|text| jinja::is_template(text)) {
        let (names, scope) = draft.names(cx);
        if let Err(diagnostic) = cx.surroundings.environment.read_text(&text, draft.span, &scope).text {
            diagnostics.push(diagnostic.note(format!("in a hook of {} `{}`", draft.resource, draft.name)));
            continue;
        }
        macros.extend(resolve::macros(cx, &draft.package.config.name, &jinja::calls_in(&text)));
        let found = names.captured();
        if draft.resource == ResourceType::Seed && !(found.refs.is_empty() && found.sources.is_empty()) {
            let message =
                format!("a hook of seed `{}` refers to another node: Seeds cannot depend on other nodes", draft.name);
            diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(draft.span));
            continue;
        }
        let refs = found.refs.into_iter().filter(|call| !captured.refs.contains(call));
        let refs: Vec<_> = refs.collect();
        captured.refs.extend(refs);
        let sources: Vec<_> = found.sources.into_iter().filter(|call| !captured.sources.contains(call)).collect();
        captured.sources.extend(sources);
    }
    macros
}

/// The templates of a config of hooks.
fn texts(value: Option<&Json>) -> Vec<String> {
    match value {
        Some(Json::String(text)) => vec![text.clone()],
        Some(Json::Array(items)) => items.iter().flat_map(|item| texts(Some(item))).collect(),
        Some(Json::Object(hook)) => texts(hook.get("sql")),
        _ => Vec::new(),
    }
}

/// The hooks of runs: those of packages in the order of their names, the project's own last.
pub(super) fn of_runs(cx: &Context<'_>, lookup: &Lookup, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    let own = &cx.project.own().config.name;
    let mut packages: Vec<&Package> = cx.project.packages.iter().collect();
    packages.sort_by_key(|package| (package.config.name == *own, &package.config.name));
    for package in packages {
        let config = &package.config;
        for (phase, hooks) in [(Phase::Start, &config.on_run_start), (Phase::End, &config.on_run_end)] {
            for (index, (sql, span)) in hooks.iter().enumerate() {
                let node = operation(cx, (package, phase, index), (sql, *span), diagnostics);
                let Some(node) = node.map(|node| Arc::new(Node { depends_on: parents(&node, lookup), ..node })) else {
                    continue;
                };
                // As in dbt, a package whose models are switched off has its hooks switched off with them.
                match node.config.enabled {
                    true => manifest.run_hooks.push(RunHook { node, phase, index }),
                    false => manifest.disabled.push(node),
                }
            }
        }
    }
}

/// A hook of runs as a node.
fn operation(
    cx: &Context<'_>,
    (package, phase, index): (&Package, Phase, usize),
    (sql, span): (&str, Span),
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    let name = format!("{}-{}-{index}", package.config.name, phase.as_str());
    let draft = Draft {
        package,
        resource: ResourceType::Operation,
        id: UniqueId::node(ResourceType::Operation, &package.config.name, &name),
        fqn: vec![package.config.name.clone(), "hooks".to_owned(), name.clone()],
        path: format!("hooks/{name}.sql"),
        original_path: "./dbt_project.yml".to_owned(),
        name,
        span,
        version: None,
        latest_version: None,
        template: Template::Text(sql.to_owned()),
        // Of the project file, as in dbt.
        checksum: Some(sha256_hex(cx.session.sources.get(span.file).text().trim().as_bytes())),
        test: None,
    };
    let (names, scope) = draft.names(cx);
    // What is wrong with it is told when it runs: before that it may ask for what is not there yet.
    let read = cx.surroundings.environment.read_text(sql, span, &scope);
    let mut macros: Vec<UniqueId> = read.calls.iter().map(|called| UniqueId::of_macro(called)).collect();
    let tree = tree_of(ResourceType::Operation);
    let configs = Merge::of(cx, &package.config.name, tree, &draft.fqn).root_tree(cx, package, tree, &draft.fqn);
    let node = draft.finish(cx, configs.finish(), names.captured(), diagnostics)?;
    macros.extend(node.macros.iter().filter(|id| !macros.contains(id)).cloned().collect::<Vec<_>>());
    let mut node = Node { macros, ..node };
    node.config.tags = vec![phase.as_str().to_owned()];
    Some(node)
}

/// What a node reads of what there is.
fn parents(node: &Node, lookup: &Lookup) -> Vec<UniqueId> {
    let package = node.package.as_str();
    let refs = node
        .refs
        .iter()
        .map(|call| lookup.find_ref(package, call.package.as_deref(), &call.name, call.version.as_ref()));
    let sources = node.source_calls.iter().map(|(source, table)| lookup.find_source(package, source, table));
    let found = refs.chain(sources).filter_map(|found| match found {
        Found::Here(id) => Some(id.clone()),
        _ => None,
    });
    let found: IndexSet<UniqueId> = found.collect();
    found.into_iter().collect()
}
