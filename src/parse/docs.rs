//! `{% docs %}` blocks, and the rendering of descriptions, which see what a property file sees, and `doc()`.
//!
//! Only what takes part is described: as in dbt, descriptions of what is disabled stay as they are written, and nothing is said of
//! a block that is missing in them.

use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::properties;
use crate::base::{HashMap, IndexMap};
use crate::config::ColumnProperties;
use crate::context::globals;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{self, BlockKind, Environment, Error, Object, Scope, Value, raise};
use crate::load::Project;
use crate::manifest::{Column, Doc, Manifest, UniqueId};
use crate::session::Session;
use crate::source::Span;

/// The blocks of all packages.
pub(super) struct Docs {
    environment: Environment,
    blocks: Arc<Blocks>,
    /// The names that descriptions of a package see.
    scopes: HashMap<String, Scope>,
}

/// What descriptions see.
#[derive(Debug)]
struct DescriptionNames {
    doc: Value,
    /// What property files see.
    document: Value,
}

impl Object for DescriptionNames {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "doc" => Some(self.doc.clone()),
            _ => self.document.as_object()?.get_value(key),
        }
    }
}

/// Blocks by name: package, id, contents.
struct Blocks {
    root: String,
    by_name: HashMap<String, Vec<(String, UniqueId, String)>>,
}

/// A call of `doc` that is a whole expression: one or two names in quotes.
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r#"(?:'([^']*)'|"([^"]*)")"#;
    Regex::new(&format!(r"\{{\{{-?\s*doc\(\s*{name}\s*(?:,\s*{name}\s*)?\)\s*-?\}}\}}")).ok()
});

/// Reads the blocks of all packages into the manifest.
pub(super) fn read(project: &Project, manifest: &mut Manifest, diagnostics: &mut Diagnostics) -> Docs {
    let sources = &project.session.sources;
    let (environment, _) = Environment::builder(Arc::clone(sources)).build("");
    let mut places: HashMap<UniqueId, Span> = HashMap::default();
    for package in &project.packages {
        for file in &package.files.docs {
            let text = sources.get(file.id);
            let (blocks, found) = jinja::scan(file.id, text.text());
            diagnostics.extend(found);
            for block in blocks.iter().filter(|block| block.kind == BlockKind::Docs) {
                let id = UniqueId::of(&["doc", &package.config.name, &block.name]);
                if let Some(known) = places.insert(id.clone(), block.name_span) {
                    let message = format!("two `{{% docs %}}` blocks are called `{}`", block.name);
                    diagnostics.push(
                        Diagnostic::error(codes::DUPLICATE_NAME, message)
                            .label(block.name_span, "")
                            .label(known, "has the name already"),
                    );
                }
                let doc = Doc {
                    id: id.clone(),
                    package: package.config.name.clone(),
                    name: block.name.clone(),
                    path: file.path.clone(),
                    original_path: file.original_path.clone(),
                    contents: contents(&environment, block.body, &sources.slice(block.body), diagnostics),
                };
                manifest.docs.insert(id, doc);
            }
        }
    }
    let packages = project.packages.iter().map(|package| package.config.name.clone()).collect();
    Docs::new(&project.session, manifest, packages)
}

/// What a block says: a template without names, so that `{% raw %}` and remarks are no part of it.
fn contents(environment: &Environment, body: Span, text: &str, diagnostics: &mut Diagnostics) -> String {
    let rendered = environment.read(body, &Scope::new("", Value::from(())));
    let contents = diagnostics.take(rendered.text).unwrap_or_else(|| text.to_owned());
    contents.trim().to_owned()
}

impl Docs {
    fn new(session: &Session, manifest: &Manifest, packages: Vec<String>) -> Self {
        let mut by_name: HashMap<String, Vec<_>> = HashMap::default();
        for doc in manifest.docs.values() {
            let known = (doc.package.clone(), doc.id.clone(), doc.contents.clone());
            by_name.entry(doc.name.clone()).or_default().push(known);
        }
        let blocks = Arc::new(Blocks { root: manifest.project.clone(), by_name });
        let mut builder = Environment::builder(Arc::clone(&session.sources));
        globals::add(&mut builder, &session.world);
        let (environment, _) = builder.build("");
        // As in dbt, descriptions of all packages see the variables of the project.
        let document = Value::from_object(properties::names(session, &session.project));
        let scopes = packages.into_iter().map(|package| {
            let (known, from) = (Arc::clone(&blocks), package.clone());
            let doc =
                Value::from_function(move |first: String, second: Option<String>| known.value(&from, first, second));
            let names = DescriptionNames { doc, document: document.clone() };
            (package, Scope::new("", Value::from_object(names)))
        });
        let scopes = scopes.collect();
        Docs { environment, blocks, scopes }
    }

    /// The one who describes a resource that a property file of `package` speaks of.
    pub(super) fn describer<'a>(&'a self, package: &'a str, is_enabled: bool) -> Describer<'a> {
        Describer { docs: Some(self).filter(|_| is_enabled), package }
    }

    /// The description with `doc()` put in; `None` for text without Jinja.
    fn render(&self, description: &str, package: &str, at: Span, diagnostics: &mut Diagnostics) -> Option<String> {
        if !jinja::is_template(description) {
            return None;
        }
        let scope = self.scopes.get(package)?;
        diagnostics.take(self.environment.render_text(description, at, scope).text)
    }

    /// The ids of the blocks that a description puts in.
    fn blocks_in(&self, description: &str, package: &str) -> Vec<UniqueId> {
        let Some(call) = CALL.as_ref().filter(|_| description.contains("{{")) else { return Vec::new() };
        let calls = call.captures_iter(description).filter_map(|found| {
            let name = |single, double| found.get(single).or_else(|| found.get(double)).map(|name| name.as_str());
            let (of, name) = match (name(1, 2)?, name(3, 4)) {
                (package, Some(name)) => (Some(package), name),
                (name, None) => (None, name),
            };
            self.blocks.find(package, of, name).map(|(_, id, _)| id.clone())
        });
        calls.collect()
    }
}

/// Describes one resource and its columns.
pub(super) struct Describer<'a> {
    /// Nothing for what is disabled.
    docs: Option<&'a Docs>,
    package: &'a str,
}

impl Describer<'_> {
    /// What a description says.
    pub(super) fn text(&self, written: &str, at: Span, diagnostics: &mut Diagnostics) -> String {
        let rendered = self.docs.and_then(|docs| docs.render(written, self.package, at, diagnostics));
        rendered.unwrap_or_else(|| written.to_owned())
    }

    /// The blocks that it puts in.
    pub(super) fn blocks(&self, written: &str) -> Vec<UniqueId> {
        self.docs.map(|docs| docs.blocks_in(written, self.package)).unwrap_or_default()
    }

    /// Columns as nodes and sources keep them.
    pub(super) fn columns<'c>(
        &self,
        properties: impl IntoIterator<Item = &'c ColumnProperties>,
        diagnostics: &mut Diagnostics,
    ) -> IndexMap<String, Column> {
        let kept = properties.into_iter().map(|column| {
            let kept = Column {
                name: column.name.clone(),
                description: self.text(&column.description, column.span, diagnostics),
                doc_blocks: self.blocks(&column.description),
                span: column.span,
                data_type: column.data_type.clone(),
                quote: column.quote,
                meta: column.meta.clone(),
                tags: column.tags.clone(),
                constraints: column.constraints.clone(),
                granularity: column.granularity.clone(),
                extra: column.extra.clone(),
            };
            (column.name.clone(), kept)
        });
        kept.collect()
    }
}

impl Blocks {
    /// The block that `doc([package,] name)` means in `from`: the project's, the own package's, any other.
    fn find(&self, from: &str, package: Option<&str>, name: &str) -> Option<&(String, UniqueId, String)> {
        let known = self.by_name.get(name)?;
        let of = |package: &str| known.iter().find(|(own, ..)| own == package);
        match package {
            Some(package) => of(package),
            None => of(&self.root).or_else(|| of(from)).or_else(|| known.first()),
        }
    }

    fn value(&self, from: &str, first: String, second: Option<String>) -> Result<Value, Error> {
        let (package, name) = match second {
            Some(name) => (Some(first), name),
            None => (None, first),
        };
        self.find(from, package.as_deref(), &name).map(|(_, _, contents)| Value::from(contents)).ok_or_else(|| {
            let message = format!("no `{{% docs {name} %}}` block exists");
            let names = self.by_name.keys().map(String::as_str);
            raise(Diagnostic::error(codes::JINJA_RUNTIME, message).suggest_near(&name, names))
        })
    }
}
