//! Source tables.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Context;
use super::config;
use super::properties::Placed;
use crate::base::HashMap;
use crate::config::{External, Freshness, SourceLevel, SourceProperties, SourceTable, TreeName};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::registry;
use crate::manifest::{Manifest, NodeConfig, Source, UniqueId};
use crate::yaml::{Entry, Mapping, Node as Yaml};

/// What one package changes of another's source, by package and source.
type Overrides<'a> = HashMap<(&'a str, &'a str), &'a Placed<SourceProperties>>;

/// Puts the source tables of all packages into the manifest.
pub(super) fn parse(cx: &Context<'_>, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    let overrides = overrides(cx, diagnostics);
    for placed in cx.properties.sources().iter().filter(|placed| placed.properties.overrides.is_none()) {
        let over = overrides.get(&(placed.package.as_str(), placed.properties.name.as_str())).copied();
        let changed = over.map(|over| overridden(&placed.properties, &over.properties));
        let source = changed.as_ref().unwrap_or(&placed.properties);
        for table in &source.tables {
            let found = parse_table(cx, placed, (source, table), diagnostics);
            if !found.config.enabled {
                manifest.disabled_others.sources.push(Arc::new(found));
                continue;
            }
            if let Some(known) = manifest.sources.get(&found.id) {
                diagnostics.push(
                    Diagnostic::error(
                        codes::DUPLICATE_NAME,
                        format!("source `{}.{}` is declared twice", found.source, found.name),
                    )
                    .label(found.span, "")
                    .label(known.span, "is declared here already"),
                );
                continue;
            }
            manifest.sources.insert(found.id.clone(), Arc::new(found));
        }
    }
}

fn overrides<'a>(cx: &'a Context<'_>, diagnostics: &mut Diagnostics) -> Overrides<'a> {
    let mut found: Overrides<'a> = HashMap::default();
    for placed in cx.properties.sources() {
        let Some(package) = &placed.properties.overrides else { continue };
        let name = placed.properties.name.as_str();
        let sources = || cx.properties.sources().iter().filter(|other| other.package == *package);
        let target = sources().find(|other| other.properties.overrides.is_none() && other.properties.name == name);
        let at = placed.properties.span;
        let Some(target) = target else {
            let message = format!("source `{name}` of package `{package}`, which is overridden here, does not exist");
            let names = sources().map(|other| other.properties.name.as_str());
            diagnostics.push(Diagnostic::warning(codes::NOT_DESCRIBED, message).at(at).suggest_near(name, names));
            continue;
        };
        for table in &placed.properties.tables {
            let name = table.resource.name.as_str();
            let tables = || target.properties.tables.iter().map(|table| table.resource.name.as_str());
            if !tables().any(|known| known == name) {
                let message = format!("source table `{name}`, which is overridden here, does not exist");
                let diagnostic = Diagnostic::warning(codes::NOT_DESCRIBED, message).at(table.resource.span);
                diagnostics.push(diagnostic.suggest_near(name, tables()));
            }
        }
        if let Some(known) = found.insert((package, name), placed) {
            let message = format!("source `{name}` of package `{package}` is overridden twice");
            let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, message).at(at);
            diagnostics.push(diagnostic.label(known.properties.span, "is overridden here already"));
        }
    }
    found
}

/// The source with what another package says of it.
fn overridden(source: &SourceProperties, over: &SourceProperties) -> SourceProperties {
    let mut changed = source.clone();
    changed.description = over.description.clone().or(changed.description);
    changed.database = over.database.clone().or(changed.database);
    changed.schema = over.schema.clone().or(changed.schema);
    changed.loader = over.loader.clone().or(changed.loader);
    override_level(&mut changed.level, &over.level);
    for table in &mut changed.tables {
        let Some(over) = over.tables.iter().find(|over| over.resource.name == table.resource.name) else { continue };
        if !over.resource.description.is_empty() {
            table.resource.description.clone_from(&over.resource.description);
        }
        if !over.resource.columns.is_empty() {
            table.resource.columns.clone_from(&over.resource.columns);
        }
        if !over.resource.tests.is_empty() {
            table.resource.tests.clone_from(&over.resource.tests);
        }
        table.identifier = over.identifier.clone().or_else(|| table.identifier.clone());
        if over.external.is_some() {
            table.external.clone_from(&over.external);
        }
        override_level(&mut table.level, &over.level);
    }
    changed
}

fn override_level(level: &mut SourceLevel, over: &SourceLevel) {
    level.config.entries.extend(over.config.entries.iter().cloned());
    level.quoting.extend(over.quoting.clone());
    if !over.meta.is_empty() {
        level.meta.clone_from(&over.meta);
    }
    if !over.tags.is_empty() {
        level.tags.clone_from(&over.tags);
    }
    for (freshness, over) in level.freshness.iter_mut().zip(&over.freshness) {
        if over.as_ref().is_none_or(Freshness::is_set) {
            freshness.clone_from(over);
        }
    }
    if over.has_loaded_at_field {
        level.loaded_at_field.clone_from(&over.loaded_at_field);
        level.has_loaded_at_field = true;
    }
    level.loaded_at_query = over.loaded_at_query.clone().or_else(|| level.loaded_at_query.clone());
}

fn parse_table(
    cx: &Context<'_>,
    placed: &Placed<SourceProperties>,
    (source, table): (&SourceProperties, &SourceTable),
    diagnostics: &mut Diagnostics,
) -> Source {
    let resource = &table.resource;
    let package = placed.package.as_str();
    let fqn = placed.fqn(&[&source.name, &resource.name]);
    let configs = config::of_properties(cx, (package, TreeName::Sources), &fqn, &said(source, table));
    let target = &cx.session.target;
    let mut quoting = source.level.quoting.clone();
    quoting.extend(table.level.quoting.clone());
    // Another engine's are made by macros of a package, in words of its own.
    let external = table.external.as_ref().filter(|_| target.kind == registry::EMBEDDED);
    let config = NodeConfig::read(configs.values, &resource.name, resource.span, diagnostics);
    let describer = cx.docs.describer(package, config.enabled);
    let of_source = source.description.as_deref().unwrap_or_default();
    Source {
        id: UniqueId::source(package, &source.name, &resource.name),
        package: package.to_owned(),
        source: source.name.clone(),
        name: resource.name.clone(),
        span: resource.span,
        path: placed.file.original_path.clone(),
        relation: cx.session.relation(
            source.database.as_ref().unwrap_or(&target.database),
            source.schema.as_ref().unwrap_or(&source.name),
            table.identifier.as_ref().unwrap_or(&resource.name),
        ),
        description: describer.text(&resource.description, resource.span, diagnostics),
        doc_blocks: describer.blocks(&resource.description),
        source_description: describer.text(of_source, source.span, diagnostics),
        loader: source.loader.clone().unwrap_or_default(),
        columns: describer.columns(&resource.columns, diagnostics),
        config,
        external: external.and_then(|external| External::read(external, diagnostics)),
        external_json: table.external.as_ref().map(crate::yaml::Node::to_json),
        quoting,
        source_meta: source.level.meta.clone(),
        unrendered_config: configs.unrendered,
        unrendered_database: source.unrendered_database.clone(),
        unrendered_schema: source.unrendered_schema.clone(),
        fqn,
    }
}

/// What the source and its table say, the table's word over the source's.
fn said(source: &SourceProperties, table: &SourceTable) -> Mapping {
    let mut said = source.level.config.clone();
    said.entries.extend(table.level.config.entries.iter().cloned());
    let levels = [&source.level, &table.level];
    let merged = |key: &str| matches!(key, "freshness" | "meta" | "tags" | "loaded_at_field" | "loaded_at_query");
    said.entries.retain(|entry| !merged(&entry.key));
    let freshness = Freshness::merged(levels.iter().flat_map(|level| level.freshness.iter().cloned()));
    let mut set = |key: &str, value: Json| {
        let node = Yaml::from_json(value, table.resource.span);
        said.entries.push(Entry { key: key.to_owned(), key_span: table.resource.span, node });
    };
    match freshness {
        Some(freshness) if !freshness.is_set() => {}
        freshness => set("freshness", freshness.map(|freshness| freshness.to_json()).unwrap_or_default()),
    }
    let (whole, own) = (&source.level, &table.level);
    let field = if own.has_loaded_at_field { &own.loaded_at_field } else { &whole.loaded_at_field };
    let inherited = whole.loaded_at_query.as_ref().filter(|_| !own.has_loaded_at_field);
    set("loaded_at_field", field.clone().into());
    set("loaded_at_query", own.loaded_at_query.as_ref().or(inherited).cloned().into());
    let mut meta = whole.meta.clone();
    meta.extend(own.meta.clone());
    set("meta", Json::Object(meta));
    let mut tags: Vec<String> = levels.iter().flat_map(|level| level.tags.iter().cloned()).collect();
    tags.sort();
    tags.dedup();
    set("tags", tags.into());
    said
}
