//! `{% docs %}` blocks, and the rendering of descriptions, which may only use `doc()`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{self, BlockKind, Environment, Error, Scope, Value, raise};
use crate::load::Project;
use crate::manifest::{Doc, Manifest, UniqueId};
use crate::source::{SourceMap, Span};

/// The blocks of all packages.
pub(super) struct Docs {
    environment: Environment,
    scope: Scope,
}

/// Reads the blocks of all packages into the manifest.
pub(super) fn read(project: &Project, manifest: &mut Manifest, diagnostics: &mut Diagnostics) -> Docs {
    let sources = &project.session.sources;
    for package in &project.packages {
        for file in &package.files.docs {
            let text = sources.get(file.id);
            let (blocks, found) = jinja::scan(file.id, text.text());
            diagnostics.extend(found);
            for block in blocks.iter().filter(|block| block.kind == BlockKind::Docs) {
                let id = UniqueId::of(&["doc", &package.config.name, &block.name]);
                let doc = Doc {
                    id: id.clone(),
                    package: package.config.name.clone(),
                    name: block.name.clone(),
                    path: file.original_path.clone(),
                    contents: sources.slice(block.body).trim().to_owned(),
                };
                manifest.docs.insert(id, doc);
            }
        }
    }
    Docs::new(sources, manifest)
}

impl Docs {
    fn new(sources: &Arc<SourceMap>, manifest: &Manifest) -> Self {
        let by_name: HashMap<String, String> =
            manifest.docs.values().map(|doc| (doc.name.clone(), doc.contents.clone())).collect();
        let doc = Value::from_function(move |first: String, second: Option<String>| -> Result<Value, Error> {
            let name = second.unwrap_or(first);
            by_name.get(&name).map(Value::from).ok_or_else(|| {
                let message = format!("no `{{% docs {name} %}}` block exists");
                raise(
                    Diagnostic::error(codes::JINJA_RUNTIME, message)
                        .suggest_near(&name, by_name.keys().map(String::as_str)),
                )
            })
        });
        let (environment, _) = Environment::builder(Arc::clone(sources)).build("", "dbt");
        let scope = Scope { package: "".into(), names: Value::from_pairs([("doc", doc)]) };
        Docs { environment, scope }
    }

    /// The description with `doc()` put in; text without Jinja as it is.
    pub(super) fn render(&self, description: &str, at: Span, diagnostics: &mut Diagnostics) -> Option<String> {
        if !description.contains("{{") {
            return None;
        }
        diagnostics.take(self.environment.render_text(description, at, &self.scope))
    }
}
