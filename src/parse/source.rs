//! Source tables.

use std::sync::Arc;

use super::Context;
use super::config::Merge;
use super::draft::columns;
use crate::config::{SourceProperties, SourceTable, TreeName};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::load::File;
use crate::manifest::{Manifest, NodeConfig, Source, UniqueId};
use crate::sql::Relation;

/// Puts the source tables of all packages into the manifest.
pub(super) fn parse(cx: &Context<'_>, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    for (package, file, source) in cx.properties.sources() {
        for table in &source.tables {
            let found = parse_table(cx, package, file, (source, table), diagnostics);
            if !found.config.enabled {
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

fn parse_table(
    cx: &Context<'_>,
    package: &str,
    file: &File,
    (source, table): (&SourceProperties, &SourceTable),
    diagnostics: &mut Diagnostics,
) -> Source {
    let resource = &table.resource;
    let fqn: Vec<String> = [package]
        .into_iter()
        .chain(file.folders())
        .chain([source.name.as_str(), resource.name.as_str()])
        .map(str::to_owned)
        .collect();
    let merged = Merge::of(cx, package, TreeName::Sources, &fqn);
    let values = merged.properties(&source.config).properties(&resource.config).finish();
    let target = &cx.session.target;
    Source {
        id: UniqueId::source(package, &source.name, &resource.name),
        package: package.to_owned(),
        source: source.name.clone(),
        name: resource.name.clone(),
        span: resource.span,
        path: file.original_path.clone(),
        relation: Relation::new(
            source.database.clone().unwrap_or_else(|| target.database.clone()),
            source.schema.clone().unwrap_or_else(|| source.name.clone()),
            table.identifier.clone().unwrap_or_else(|| resource.name.clone()),
        ),
        description: resource.description.clone(),
        source_description: source.description.clone(),
        loader: source.loader.clone(),
        columns: columns(resource),
        config: NodeConfig::read(values, &resource.name, resource.span, diagnostics),
        external: table.external.clone(),
        fqn,
    }
}
