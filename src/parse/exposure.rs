//! Exposures.

use super::Context;
use super::config::Merge;
use super::resolve::missing_ref;
use crate::config::{ExposureProperties, TreeName};
use crate::context::{ParseNames, Subject};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{Scope, Value};
use crate::manifest::{Exposure, Found, Lookup, Manifest, NodeConfig, UniqueId};

/// Puts the exposures of all packages into the manifest.
pub(super) fn parse(cx: &Context<'_>, lookup: &Lookup, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    for (package, file, properties) in cx.properties.exposures() {
        let fqn: Vec<String> = [package.as_str()]
            .into_iter()
            .chain(file.folders())
            .chain([properties.name.as_str()])
            .map(str::to_owned)
            .collect();
        let merged = Merge::of(cx, package, TreeName::Exposures, &fqn);
        let values = merged.properties(&properties.config).finish();
        let config = NodeConfig::read(values, &properties.name, properties.span, diagnostics);
        if !config.enabled {
            continue;
        }
        let exposure = Exposure {
            id: UniqueId::of(&["exposure", package, &properties.name]),
            package: package.clone(),
            path: file.original_path.clone(),
            depends_on: depends_on(cx, lookup, package, properties, diagnostics),
            properties: properties.clone(),
            config,
            fqn,
        };
        manifest.exposures.insert(exposure.id.clone(), exposure);
    }
}

fn depends_on(
    cx: &Context<'_>,
    lookup: &Lookup,
    package: &str,
    properties: &ExposureProperties,
    diagnostics: &mut Diagnostics,
) -> Vec<UniqueId> {
    let mut found = Vec::new();
    for (text, span) in &properties.depends_on {
        let subject = Subject {
            unique_id: format!("exposure.{package}.{}", properties.name),
            name: properties.name.clone(),
            package: package.into(),
            resource_type: "exposure",
            fqn: Vec::new(),
            original_path: String::new(),
        };
        let names = ParseNames::new(cx.surroundings.clone(), subject);
        let scope = Scope { package: package.into(), names: Value::from_dyn_object(names.clone()) };
        let expression = if text.contains("{{") { text.clone() } else { format!("{{{{ {text} }}}}") };
        diagnostics.take(cx.surroundings.environment.render_text(&expression, *span, &scope));
        let captured = names.captured();
        for call in captured.refs {
            match lookup.find_ref(package, call.package.as_deref(), &call.name) {
                Found::Here(id) => found.push(id.clone()),
                Found::Disabled(_) => {}
                Found::Missing if cx.broken().contains(&call.name) => {}
                Found::Missing => {
                    let what = format!("exposure `{}`", properties.name);
                    diagnostics.push(missing_ref(&what, &call.name, lookup).at(*span));
                }
            }
        }
        for (source, table) in captured.sources {
            match lookup.find_source(package, &source, &table) {
                Found::Here(id) => found.push(id.clone()),
                _ => {
                    let message = format!(
                        "exposure `{}` reads source `{source}.{table}`, which is not declared",
                        properties.name
                    );
                    diagnostics.push(Diagnostic::error(codes::UNKNOWN_SOURCE, message).at(*span));
                }
            }
        }
    }
    found
}
