//! Macros.

use serde_json::{Map, Value as Json};

use crate::diagnostic::Diagnostics;
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// What a property file says of a macro.
#[derive(Clone, Debug)]
pub struct MacroProperties {
    /// The macro's name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// Arguments: name, type, description.
    pub arguments: Vec<(String, Option<String>, String)>,
    /// Free facts.
    pub meta: Map<String, Json>,
    /// Whether and how the documentation shows it.
    pub docs: Option<Json>,
}

impl MacroProperties {
    /// Reads an item of `macros:`.
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a macro", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let description = fields.text("description").unwrap_or_default();
        let mut meta = fields.mapping("meta").map(Mapping::to_json).unwrap_or_default();
        let beside = fields.mapping("docs");
        let config = fields.mapping("config");
        let in_config = |key: &str| config.and_then(|config| config.get(key)).and_then(Node::as_map);
        meta.extend(in_config("meta").map(Mapping::to_json).unwrap_or_default());
        let docs = in_config("docs").or(beside).map(|docs| Json::Object(docs.to_json()));
        let nodes = fields.list("arguments");
        fields.finish(&format!("macro `{name}`"));
        let arguments = nodes.iter().filter_map(|argument| {
            let mut fields = Fields::of(argument, "an argument", diagnostics)?;
            let (name, _) = fields.required_text("name", argument.span)?;
            Some((name, fields.text("type"), fields.text("description").unwrap_or_default()))
        });
        let arguments = arguments.collect();
        Some(MacroProperties { name, span, description, arguments, meta, docs })
    }
}
