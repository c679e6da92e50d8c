//! Puts `doc()` into all descriptions.

use serde_json::{Map, Value as Json};

use crate::config::{ColumnProperties, Properties, ResourceProperties, SemanticProperties};
use crate::diagnostic::Diagnostics;
use crate::parse::docs::Docs;
use crate::source::Span;

/// Renders descriptions for the resources of one package.
struct Describer<'a> {
    docs: &'a Docs,
    package: &'a str,
    diagnostics: &'a mut Diagnostics,
}

/// Renders all descriptions of a property file of `package`, and notes the blocks that they use.
pub(super) fn describe(properties: &mut Properties, (docs, package): (&Docs, &str), diagnostics: &mut Diagnostics) {
    let mut describer = Describer { docs, package, diagnostics };
    let resources = [
        &mut properties.models,
        &mut properties.seeds,
        &mut properties.snapshots,
        &mut properties.analyses,
        &mut properties.tests,
        &mut properties.functions,
    ];
    for resource in resources.into_iter().flatten() {
        describer.resource(resource);
    }
    for source in &mut properties.sources {
        if let Some(description) = &mut source.description {
            describer.text(description, source.span);
        }
        for table in &mut source.tables {
            describer.resource(&mut table.resource);
        }
    }
    for found in &mut properties.macros {
        describer.text(&mut found.description, found.span);
        for (_, _, description) in &mut found.arguments {
            describer.text(description, found.span);
        }
    }
    for exposure in &mut properties.exposures {
        describer.text(&mut exposure.description, exposure.span);
    }
    let semantic = [&mut properties.metrics, &mut properties.semantic_models, &mut properties.saved_queries];
    for resource in semantic.into_iter().flatten() {
        describer.semantic(resource);
    }
}

impl Describer<'_> {
    fn text(&mut self, description: &mut String, at: Span) {
        if let Some(rendered) = self.docs.render(description, self.package, at, self.diagnostics) {
            *description = rendered;
        }
    }

    /// The text, and the blocks in it.
    fn text_with_blocks(&mut self, description: &mut String, blocks: &mut Vec<String>, at: Span) {
        *blocks = self.docs.blocks_in(description, self.package);
        self.text(description, at);
    }

    fn resource(&mut self, resource: &mut ResourceProperties) {
        self.text_with_blocks(&mut resource.description, &mut resource.doc_blocks, resource.span);
        self.columns(&mut resource.columns);
        for version in &mut resource.versions {
            self.text_with_blocks(&mut version.description, &mut version.doc_blocks, version.span);
            self.columns(&mut version.columns);
        }
    }

    fn columns(&mut self, columns: &mut [ColumnProperties]) {
        for column in columns {
            self.text_with_blocks(&mut column.description, &mut column.doc_blocks, column.span);
        }
    }

    fn semantic(&mut self, resource: &mut SemanticProperties) {
        let at = resource.span;
        self.json(&mut resource.body, at);
        for key in ["dimensions", "measures", "entities"] {
            let elements = resource.body.get_mut(key).and_then(Json::as_array_mut);
            for element in elements.into_iter().flatten().filter_map(Json::as_object_mut) {
                self.json(element, at);
            }
        }
    }

    fn json(&mut self, map: &mut Map<String, Json>, at: Span) {
        if let Some(Json::String(description)) = map.get_mut("description") {
            self.text(description, at);
        }
    }
}
