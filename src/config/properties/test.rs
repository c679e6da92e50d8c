//! A generic test as a property file asks for it.

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Entry, Mapping, Node};

/// A generic test on a relation or a column.
#[derive(Clone, Debug)]
pub struct TestProperties {
    /// The test's macro, `not_null` or `package.test`.
    pub test: String,
    /// Where it stands.
    pub span: Span,
    /// A name of the user's choice.
    pub name: Option<String>,
    /// Markdown.
    pub description: String,
    /// What the macro is called with, not rendered; both the flat form and `arguments:`.
    pub arguments: Mapping,
    /// `config:` and configs in the flat form.
    pub config: Mapping,
}

/// Configs that may stand flat beside the arguments.
const FLAT_CONFIGS: &[&str] = &[
    "severity",
    "warn_if",
    "error_if",
    "fail_calc",
    "limit",
    "where",
    "store_failures",
    "store_failures_as",
    "tags",
    "enabled",
    "meta",
    "schema",
    "database",
    "alias",
    "group",
];

impl TestProperties {
    /// Reads an item of `data_tests:`: a name, or a mapping of one test to its arguments.
    pub fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        if let Some(test) = node.as_text() {
            return Some(TestProperties::named(test, node.span));
        }
        let wrong = |diagnostics: &mut Diagnostics, message: &str| {
            diagnostics.push(Diagnostic::error(codes::YAML_TYPE, message).at(node.span));
        };
        let Some(mapping) = node.as_map() else {
            wrong(diagnostics, "a test must be a name, or a mapping from its name to its arguments");
            return None;
        };
        // `- test_name: not_null` with the arguments beside it is the long form; else the only key is the test's name.
        if let Some(test) = mapping.get("test_name").and_then(Node::as_text) {
            let mut found = TestProperties::named(test, node.span);
            found.read_body(mapping);
            return Some(found);
        }
        match mapping.entries.as_slice() {
            [entry] => {
                let mut found = TestProperties::named(&entry.key, entry.key_span);
                match entry.node.as_map() {
                    Some(body) => found.read_body(body),
                    None if entry.node.is_null() => {}
                    None => wrong(diagnostics, "the arguments of a test must be a mapping"),
                }
                Some(found)
            }
            _ => {
                wrong(diagnostics, "a test must have one key, its name; are its arguments indented?");
                None
            }
        }
    }

    /// The test of a name; what a name cannot have, such as a colon too many, ends it.
    fn named(test: &str, span: Span) -> Self {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let end = test.find(|c| !is_part(c)).filter(|end| *end > 0).unwrap_or(test.len());
        TestProperties {
            test: test[..end].to_owned(),
            span,
            name: None,
            description: String::new(),
            arguments: Mapping::default(),
            config: Mapping::default(),
        }
    }

    /// Reads what stands below the test's name. What stands below `arguments:` counts as if it stood beside it, so that configs and the
    /// test's own name may be there, too.
    fn read_body(&mut self, body: &Mapping) {
        for entry in body.iter() {
            match (entry.key.as_str(), entry.node.as_map()) {
                ("test_name", _) => {}
                ("arguments", Some(arguments)) => arguments.iter().for_each(|entry| self.read_entry(entry)),
                _ => self.read_entry(entry),
            }
        }
    }

    fn read_entry(&mut self, entry: &Entry) {
        match entry.key.as_str() {
            "name" => self.name = entry.node.scalar(),
            "description" => self.description = entry.node.scalar().unwrap_or_default(),
            "config" => push_all(&mut self.config, &entry.node),
            key if FLAT_CONFIGS.contains(&key) => self.config.entries.push(entry.clone()),
            _ => self.arguments.entries.push(entry.clone()),
        }
    }
}

fn push_all(into: &mut Mapping, node: &Node) {
    if let Some(mapping) = node.as_map() {
        into.entries.extend(mapping.entries.iter().cloned());
    }
}
