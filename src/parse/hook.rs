//! Hooks while the project is read: those of nodes are rendered for what they refer to, those of runs are put into their order.

use serde_json::Value as Json;

use super::Context;
use super::draft::Draft;
use super::resolve;
use crate::context::Captured;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja;
use crate::manifest::{ConfigValues, Manifest, Phase, ResourceType, RunHook, UniqueId};

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
    for text in hooks.filter(|text| text.contains("{{") || text.contains("{%")) {
        let (names, scope) = draft.names(cx);
        if let Err(diagnostic) = cx.surroundings.environment.render_text(&text, draft.span, &scope) {
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
pub(super) fn of_runs(cx: &Context<'_>, manifest: &mut Manifest) {
    let own = &cx.project.own().config.name;
    let mut packages: Vec<_> = cx.project.packages.iter().map(|package| &package.config).collect();
    packages.sort_by_key(|config| (config.name == *own, config.name.clone()));
    for config in packages {
        for (phase, hooks) in [(Phase::Start, &config.on_run_start), (Phase::End, &config.on_run_end)] {
            let hooks = hooks.iter().enumerate().map(|(index, (sql, span))| {
                let name = format!("{}-{}-{index}", config.name, phase.as_str());
                RunHook {
                    id: UniqueId::of(&[ResourceType::Operation.as_str(), &config.name, &name]),
                    package: config.name.clone(),
                    phase,
                    sql: sql.clone(),
                    span: *span,
                }
            });
            manifest.run_hooks.extend(hooks);
        }
    }
}
