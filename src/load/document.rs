//! Reading a YAML document and rendering the Jinja in its values.

use std::path::Path;
use std::sync::Arc;

use super::files;
use crate::context::DocumentNames;
use crate::context::globals::{self, Secrets};
use crate::diagnostic::Diagnostics;
use crate::jinja::{Environment, Scope, Value};
use crate::session::Vars;
use crate::source::{SourceMap, World};
use crate::yaml::{self, Node, Step};

/// Renders the texts of documents: variables and the environment are known, macros are not.
pub struct Renderer {
    world: Arc<dyn World>,
    sources: Arc<SourceMap>,
    environment: Environment,
    scope: Scope,
}

impl Renderer {
    /// A renderer that knows these variables.
    #[must_use]
    pub fn new(world: &Arc<dyn World>, sources: &Arc<SourceMap>, vars: Vars, target: Option<Value>) -> Self {
        Self::with_names(
            sources,
            DocumentNames {
                world: Arc::clone(world),
                secrets: Secrets::Forbidden,
                vars,
                package: String::new(),
                target,
            },
        )
    }

    /// A renderer of files that name packages: secrets may be read. With the values of those that are set.
    #[must_use]
    pub fn for_packages(world: &Arc<dyn World>, sources: &Arc<SourceMap>, vars: Vars) -> (Self, Vec<String>) {
        let names = DocumentNames {
            world: Arc::clone(world),
            secrets: Secrets::Allowed,
            vars,
            package: String::new(),
            target: None,
        };
        (Self::with_names(sources, names), super::secrets(world.as_ref()))
    }

    /// A renderer with these names.
    #[must_use]
    pub fn with_names(sources: &Arc<SourceMap>, names: DocumentNames) -> Self {
        let world = Arc::clone(&names.world);
        let mut builder = Environment::builder(Arc::clone(sources));
        globals::add(&mut builder, &world);
        let (environment, _) = builder.build("");
        let scope = Scope::new(names.package.clone(), Value::from_object(names));
        Renderer { world, sources: Arc::clone(sources), environment, scope }
    }

    /// Where documents come from.
    #[must_use]
    pub fn world(&self) -> &dyn World {
        self.world.as_ref()
    }

    /// The same, to be kept.
    pub(super) fn shared_world(&self) -> Arc<dyn World> {
        Arc::clone(&self.world)
    }

    /// The texts of the command.
    pub(super) fn shared_sources(&self) -> Arc<SourceMap> {
        Arc::clone(&self.sources)
    }

    /// Reads a document, not rendered; messages show its path relative to `root`. `None` when it cannot be read or is not YAML,
    /// which is reported.
    pub fn read(&self, path: &Path, root: &Path, diagnostics: &mut Diagnostics) -> Option<Node> {
        let shown = files::shown(path, root);
        let text = diagnostics.take(files::text(self.world.as_ref(), path, &shown, &self.sources))?;
        let file = self.sources.add(shown, text);
        let node = yaml::parse(file, self.sources.get(file).text(), diagnostics);
        diagnostics.take(node)
    }

    /// Renders the texts with Jinja in them, those that `is_wanted` by the way to them. Failures are reported and leave the text.
    pub fn render(&self, node: &mut Node, is_wanted: &dyn Fn(&[Step<'_>]) -> bool, diagnostics: &mut Diagnostics) {
        node.replace_texts(&mut |way, text, span| {
            let rendered = is_wanted(way).then(|| self.environment.document_text(text, span, &self.scope))?;
            diagnostics.take(rendered)?
        });
    }
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").field("scope", &self.scope).finish_non_exhaustive()
    }
}
