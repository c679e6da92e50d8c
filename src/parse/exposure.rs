//! Exposures and groups.

use serde_json::Value as Json;

use super::Context;
use super::config;
use super::governance;
use super::reference::{self, Speaker};
use super::resolve::{missing_ref, missing_source};
use crate::config::{ExposureProperties, TreeName};
use crate::context::Captured;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{ConfigValues, Exposure, Found, Group, Lookup, Manifest, NodeConfig, SemanticKind, UniqueId};

/// Puts the groups of all packages into the manifest.
pub(super) fn groups(cx: &Context<'_>, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    for placed in cx.properties.groups() {
        let properties = &placed.properties;
        let id = UniqueId::of(&["group", &placed.package, &properties.name]);
        if let Some(known) = manifest.groups.get(&id) {
            let message = format!("two groups are called `{}`", properties.name);
            let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, message).at(properties.span);
            diagnostics.push(diagnostic.label(known.span, "has the name already"));
            continue;
        }
        let fqn = placed.fqn(&[&properties.name]);
        let group = Group {
            id: id.clone(),
            package: placed.package.clone(),
            name: properties.name.clone(),
            path: placed.file.path.clone(),
            original_path: placed.file.original_path.clone(),
            span: properties.span,
            description: properties.description.clone(),
            owner: properties.owner.clone(),
            config: config::of_group(cx, &placed.package, &fqn, &properties.config).to_map(),
        };
        manifest.groups.insert(id, group);
    }
}

/// Puts the exposures of all packages into the manifest.
pub(super) fn parse(cx: &Context<'_>, lookup: &Lookup, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    for placed in cx.properties.exposures() {
        let (package, properties) = (placed.package.as_str(), &placed.properties);
        let fqn = placed.fqn(&[&properties.name]);
        let mut configs = config::of_properties(cx, (package, TreeName::Exposures), &fqn, &properties.config);
        beside(&mut configs.values, properties);
        let config = NodeConfig::read(configs.values, &properties.name, properties.span, diagnostics);
        let captured = captured(cx, package, properties, diagnostics);
        let depends_on = match config.enabled {
            true => depends_on(cx, (lookup, manifest), (package, properties), &captured, diagnostics),
            false => Vec::new(),
        };
        let exposure = Exposure {
            id: UniqueId::of(&["exposure", package, &properties.name]),
            package: package.to_owned(),
            path: placed.file.original_path.clone(),
            short_path: placed.file.path.clone(),
            unrendered_config: configs.unrendered,
            refs: reference::refs(&captured),
            source_calls: captured.sources,
            metric_calls: captured.metrics,
            depends_on,
            properties: described(cx, (package, properties), config.enabled, diagnostics),
            config,
            fqn,
        };
        if !exposure.config.enabled {
            manifest.disabled_others.exposures.push(exposure);
        } else if let Some(known) = manifest.exposures.get(&exposure.id) {
            let message = format!("two exposures are called `{}`", properties.name);
            let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, message).at(properties.span);
            diagnostics.push(diagnostic.label(known.properties.span, "has the name already"));
        } else {
            manifest.exposures.insert(exposure.id.clone(), exposure);
        }
    }
}

/// What an exposure says of itself, `doc()` put in.
fn described(
    cx: &Context<'_>,
    (package, properties): (&str, &ExposureProperties),
    is_enabled: bool,
    diagnostics: &mut Diagnostics,
) -> ExposureProperties {
    let describer = cx.docs.describer(package, is_enabled);
    let description = describer.text(&properties.description, properties.span, diagnostics);
    ExposureProperties { description, ..properties.clone() }
}

/// Adds tags and facts that stand beside `config:`.
fn beside(values: &mut ConfigValues, properties: &ExposureProperties) {
    let texts = |value: Option<&Json>| match value {
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        Some(Json::String(tag)) => vec![tag.clone()],
        _ => Vec::new(),
    };
    let mut tags = texts(values.get("tags"));
    tags.extend(properties.tags.iter().cloned());
    tags.sort();
    tags.dedup();
    values.set("tags", tags.into());
    let mut meta = properties.meta.clone();
    meta.extend(values.get("meta").and_then(Json::as_object).cloned().unwrap_or_default());
    values.set("meta", Json::Object(meta));
}

fn captured(
    cx: &Context<'_>,
    package: &str,
    properties: &ExposureProperties,
    diagnostics: &mut Diagnostics,
) -> Captured {
    let speaker = Speaker { package, kind: "exposure", name: &properties.name };
    let mut all = Captured::default();
    for (text, at) in &properties.depends_on {
        let found = reference::named_by(cx, &speaker, (text, *at), diagnostics);
        all.refs.extend(found.refs);
        all.sources.extend(found.sources);
        all.metrics.extend(found.metrics);
    }
    all
}

fn depends_on(
    cx: &Context<'_>,
    (lookup, manifest): (&Lookup, &Manifest),
    (package, properties): (&str, &ExposureProperties),
    captured: &Captured,
    diagnostics: &mut Diagnostics,
) -> Vec<UniqueId> {
    let what = format!("exposure `{}`", properties.name);
    let place = |name: &str| {
        let named = properties.depends_on.iter().find(|(text, _)| text.contains(name));
        named.map_or(properties.span, |(_, at)| *at)
    };
    let mut found = Vec::new();
    for (source, table) in &captured.sources {
        match lookup.find_source(package, source, table) {
            Found::Here(id) => found.push(id.clone()),
            Found::Disabled(_) => diagnostics.push(disabled(&what, &format!("{source}.{table}")).at(place(table))),
            Found::Missing => diagnostics.push(missing_source(&what, (source, table), lookup).at(place(table))),
        }
    }
    for call in &captured.refs {
        match lookup.find_ref(package, call.package.as_deref(), &call.name, call.version.as_ref()) {
            Found::Here(id) => {
                if let Some(target) = manifest.node(id)
                    && let Some((access, why)) = governance::refused(cx, (package, None), target)
                {
                    let message = format!("{what} refers to `{}`, which is {access}: {why}", call.name);
                    diagnostics.push(Diagnostic::error(codes::ACCESS, message).at(place(&call.name)));
                }
                found.push(id.clone());
            }
            Found::Disabled(_) => diagnostics.push(disabled(&what, &call.name).at(place(&call.name))),
            Found::Missing if cx.broken().contains(&call.name) => {}
            Found::Missing => {
                let at = place(&call.name);
                diagnostics.push(missing_ref(&what, (&call.name, call.version.as_ref()), lookup).at(at));
            }
        }
    }
    for (_, name) in &captured.metrics {
        let metrics = || manifest.semantic.values().filter(|found| found.kind == SemanticKind::Metric);
        match metrics().find(|metric| metric.name == *name) {
            Some(metric) => found.push(metric.id.clone()),
            None => {
                let message = format!("{what} reads metric `{name}`, which does not exist");
                let diagnostic = Diagnostic::error(codes::UNKNOWN_REF, message).at(place(name));
                diagnostics.push(diagnostic.suggest_near(name, metrics().map(|metric| metric.name.as_str())));
            }
        }
    }
    let mut seen = crate::base::HashSet::default();
    found.retain(|id| seen.insert(id.clone()));
    found
}

fn disabled(what: &str, name: &str) -> Diagnostic {
    Diagnostic::error(codes::DISABLED_DEPENDENCY, format!("{what} refers to `{name}`, which is disabled"))
}
