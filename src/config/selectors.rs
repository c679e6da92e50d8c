//! `selectors.yml`: selections with names.

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Entry, Fields, Mapping, Node};

/// A selection with a name.
#[derive(Clone, Debug)]
pub struct SelectorProperties {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// Whether commands use it when no selection is given.
    pub is_default: bool,
    /// What is selected.
    pub definition: Definition,
    /// All of it as it is written.
    pub written: Json,
}

/// What a selector selects.
#[derive(Clone, Debug)]
pub enum Definition {
    /// As on the command line, but for spaces and commas.
    Text(String, Span),
    /// A method with a value.
    Criterion(Criterion),
    /// What any of the parts has, less what is excluded.
    Union(Parts),
    /// What all of the parts have, less what is excluded.
    Intersection(Parts),
}

/// The list below `union` or `intersection`.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// What is put together.
    pub parts: Vec<Definition>,
    /// What is left out.
    pub exclude: Vec<Definition>,
}

/// A method with a value and how far around the matches to go.
#[derive(Clone, Debug)]
pub struct Criterion {
    /// The method; a config with its key behind a dot.
    pub method: String,
    /// The value.
    pub value: String,
    /// Where it stands.
    pub span: Span,
    /// What the matches read.
    pub parents: bool,
    /// How many steps.
    pub parents_depth: Option<u64>,
    /// What reads the matches.
    pub children: bool,
    /// How many steps.
    pub children_depth: Option<u64>,
    /// What reads the matches, and all that those read.
    pub childrens_parents: bool,
    /// Which tests come along.
    pub indirect_selection: Option<(String, Span)>,
    /// What is left out.
    pub exclude: Vec<Definition>,
}

impl SelectorProperties {
    /// Reads a rendered `selectors.yml`. A selector that cannot be understood is reported and left out.
    #[must_use]
    pub fn read_all(root: &Node, diagnostics: &mut Diagnostics) -> Vec<Self> {
        let Some(mut fields) = Fields::of(root, "`selectors.yml`", diagnostics) else { return Vec::new() };
        fields.accept(&["version"]);
        let items = fields.list("selectors");
        fields.finish("`selectors.yml`");
        let mut found: Vec<SelectorProperties> = Vec::new();
        for item in items {
            let Some(selector) = Self::read(item, diagnostics) else { continue };
            if let Some(known) = found.iter().find(|known| known.name == selector.name) {
                let message = format!("two selectors are called `{}`", selector.name);
                diagnostics.push(
                    Diagnostic::error(codes::DUPLICATE_NAME, message)
                        .at(selector.span)
                        .label(known.span, "has the name already"),
                );
            } else if let Some(known) = found.iter().find(|known| known.is_default && selector.is_default) {
                let message = format!("`{}` and `{}` are both the default selector", known.name, selector.name);
                let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(selector.span);
                diagnostics.push(diagnostic.label(known.span, "is the default already"));
            } else {
                found.push(selector);
            }
        }
        found
    }

    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a selector", diagnostics)?;
        let name = fields.required_text("name", node.span);
        let description = fields.text("description").unwrap_or_default();
        let is_default = fields.flag("default").unwrap_or(false);
        let definition = fields.node("definition");
        let (name, span) = name?;
        let what = format!("selector `{name}`");
        if definition.is_none() {
            let message = format!("{what} has no `definition`");
            fields.diagnostics().push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(span));
        }
        fields.finish(&what);
        let definition = definition?;
        if let Some(entry) = mixed_keys(definition) {
            let message = format!("{what} has `{}` beside its `union` or `intersection`", entry.key);
            diagnostics.push(
                Diagnostic::error(codes::SELECTOR_SYNTAX, message)
                    .at(entry.key_span)
                    .help("put it into the list: `exclude` is an item of `union` and of `intersection`"),
            );
            return None;
        }
        let definition = Definition::read(definition, diagnostics)?;
        Some(SelectorProperties { name, span, description, is_default, definition, written: node.to_json() })
    }
}

/// A key that stands beside `union` or `intersection`.
fn mixed_keys(definition: &Node) -> Option<&Entry> {
    let is_group = |entry: &&Entry| matches!(entry.key.as_str(), "union" | "intersection");
    let mapping = definition.as_map()?;
    let group = mapping.iter().find(is_group)?;
    mapping.iter().find(|entry| entry.key != group.key)
}

impl Definition {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Some(text) = node.as_text() {
            return Some(Definition::Text(text.to_owned(), node.span));
        }
        let Some(mapping) = node.as_map() else {
            let message = format!("a selection must be a text or a mapping, not {}", node.kind());
            diagnostics.push(Diagnostic::error(codes::YAML_TYPE, message).at(node.span));
            return None;
        };
        if let Some(list) = mapping.get("union") {
            return Some(Definition::Union(Parts::read(list, "union", diagnostics)?));
        }
        if let Some(list) = mapping.get("intersection") {
            return Some(Definition::Intersection(Parts::read(list, "intersection", diagnostics)?));
        }
        Criterion::read(node, mapping, diagnostics).map(Definition::Criterion)
    }

    fn read_list(node: &Node, key: &str, diagnostics: &mut Diagnostics) -> Option<Vec<Self>> {
        let Some(items) = node.as_list() else {
            let message = format!("`{key}` must be a list, not {}", node.kind());
            diagnostics.push(Diagnostic::error(codes::YAML_TYPE, message).at(node.span));
            return None;
        };
        let read: Vec<Option<Self>> = items.iter().map(|item| Self::read(item, diagnostics)).collect();
        read.into_iter().collect()
    }
}

impl Parts {
    fn read(node: &Node, key: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(items) = node.as_list() else {
            let message = format!("`{key}` must be a list, not {}", node.kind());
            diagnostics.push(Diagnostic::error(codes::YAML_TYPE, message).at(node.span));
            return None;
        };
        let exclude =
            |item: &&Node| item.as_map().is_some_and(|map| map.get("exclude").is_some() && map.get("method").is_none());
        let (excludes, parts): (Vec<&Node>, Vec<&Node>) = items.iter().partition(exclude);
        if let [_, second, ..] = excludes[..] {
            let message = format!("`{key}` has more than one `exclude`");
            diagnostics.push(
                Diagnostic::error(codes::SELECTOR_SYNTAX, message)
                    .at(second.span)
                    .help("put all that is left out into one list"),
            );
            return None;
        }
        let excluded = excludes.first().and_then(|item| item.as_map()?.get("exclude"));
        let exclude = excluded.map(|list| Definition::read_list(list, "exclude", diagnostics));
        let parts: Vec<Option<Definition>> =
            parts.into_iter().map(|part| Definition::read(part, diagnostics)).collect();
        Some(Parts {
            parts: parts.into_iter().collect::<Option<_>>()?,
            exclude: exclude.unwrap_or_else(|| Some(Vec::new()))?,
        })
    }
}

impl Criterion {
    fn read(node: &Node, mapping: &Mapping, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let [entry] = mapping.entries.as_slice() {
            return Self::short(entry, diagnostics);
        }
        let mut fields = Fields::new(mapping, diagnostics);
        let method = fields.required_text("method", node.span);
        let value = fields.required_text("value", node.span);
        let exclude = fields.node("exclude");
        let criterion = Criterion {
            method: String::new(),
            value: String::new(),
            span: node.span,
            parents: fields.flag("parents").unwrap_or(false),
            parents_depth: fields.count("parents_depth"),
            children: fields.flag("children").unwrap_or(false),
            children_depth: fields.count("children_depth"),
            childrens_parents: fields.flag("childrens_parents").unwrap_or(false),
            indirect_selection: fields.placed_text("indirect_selection"),
            exclude: Vec::new(),
        };
        fields.finish("a selection");
        let ((method, _), (value, span)) = (method?, value?);
        let exclude = match exclude {
            Some(list) => Definition::read_list(list, "exclude", diagnostics)?,
            None => Vec::new(),
        };
        Some(Criterion { method, value, span, exclude, ..criterion })
    }

    /// `tag: nightly`.
    fn short(entry: &Entry, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(value) = entry.node.scalar() else {
            let message = format!("`{}` must be a text, not {}", entry.key, entry.node.kind());
            diagnostics.push(Diagnostic::error(codes::YAML_TYPE, message).at(entry.node.span));
            return None;
        };
        Some(Criterion {
            method: entry.key.clone(),
            value,
            span: entry.key_span,
            parents: false,
            parents_depth: None,
            children: false,
            children_depth: None,
            childrens_parents: false,
            indirect_selection: None,
            exclude: Vec::new(),
        })
    }
}
