//! Reading a mapping key by key.

use super::{Mapping, Node, Value};
use crate::base::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;

/// Reads the keys of one mapping. Each accessor remembers that its key is known; [`finish`](Fields::finish) then reports the keys
/// that nobody asked for. A value of the wrong type is reported and counts as absent.
pub struct Fields<'n, 'd> {
    mapping: &'n Mapping,
    known: Vec<&'static str>,
    diagnostics: &'d mut Diagnostics,
}

impl<'n, 'd> Fields<'n, 'd> {
    /// Starts reading `mapping`; what is wrong goes to `diagnostics`.
    pub fn new(mapping: &'n Mapping, diagnostics: &'d mut Diagnostics) -> Self {
        Fields { mapping, known: Vec::with_capacity(16), diagnostics }
    }

    /// Starts reading the mapping of `node`; reports when it is something else.
    pub fn of(node: &'n Node, what: &str, diagnostics: &'d mut Diagnostics) -> Option<Self> {
        match node.as_map() {
            Some(mapping) => Some(Self::new(mapping, diagnostics)),
            None => {
                diagnostics.push(wrong_type(what, "a mapping", node));
                None
            }
        }
    }

    /// The collector, for further checks of the caller.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// The value of a key as it is; `null` counts as absent.
    pub fn node(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        self.mapping.get(key).filter(|node| !node.is_null())
    }

    /// A scalar as text.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        node.scalar().or_else(|| self.wrong(key, "a text", node))
    }

    /// A scalar as text, with its place.
    pub fn placed_text(&mut self, key: &'static str) -> Option<(String, Span)> {
        let span = self.mapping.get(key).map(|node| node.span)?;
        self.text(key).map(|text| (text, span))
    }

    /// A text that must be there; its absence is reported at `owner`.
    pub fn required_text(&mut self, key: &'static str, owner: Span) -> Option<(String, Span)> {
        let found = self.placed_text(key);
        if found.is_none() && self.mapping.get(key).is_none_or(Node::is_null) {
            self.known.push(key);
            let missing = Diagnostic::error(codes::YAML_MISSING_KEY, format!("`{key}` is missing")).at(owner);
            let near = self.mapping.iter().find(|entry| nearest(&entry.key, [key]).is_some());
            self.diagnostics.push(match near {
                Some(near) => missing.label(near.key_span, "is this meant to be it?"),
                None => missing,
            });
        }
        found
    }

    /// A boolean.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => self.wrong(key, "true or false", node),
        }
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &'static str) -> Option<u64> {
        let node = self.node(key)?;
        match &node.value {
            Value::Int(value) => u64::try_from(*value).ok().or_else(|| self.wrong(key, "a number from 0", node)),
            _ => self.wrong(key, "a whole number", node),
        }
    }

    /// The items of a list; empty when absent.
    pub fn list(&mut self, key: &'static str) -> &'n [Node] {
        let Some(node) = self.node(key) else { return &[] };
        node.as_list().or_else(|| self.wrong(key, "a list", node)).unwrap_or_default()
    }

    /// Texts from a list, or one text that stands for a list of one; `None` when absent.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let node = self.node(key)?;
        let Some(items) = node.as_list() else {
            return node.scalar().map(|text| vec![text]).or_else(|| self.wrong(key, "a text or a list of texts", node));
        };
        items.iter().map(|item| item.scalar().or_else(|| self.wrong(key, "a list of texts", item))).collect()
    }

    /// A mapping.
    pub fn mapping(&mut self, key: &'static str) -> Option<&'n Mapping> {
        let node = self.node(key)?;
        node.as_map().or_else(|| self.wrong(key, "a mapping", node))
    }

    /// Marks keys as known that are read elsewhere or not at all.
    pub fn accept(&mut self, keys: &[&'static str]) {
        self.known.extend_from_slice(keys);
    }

    /// Warns of each key that nobody asked for; `what` names the owner, e.g. ``model `orders` ``.
    pub fn finish(self, what: &str) {
        for entry in self.mapping.iter() {
            if self.known.contains(&entry.key.as_str()) {
                continue;
            }
            let diagnostic = Diagnostic::warning(codes::YAML_UNKNOWN_KEY, format!("{what} has no key `{}`", entry.key))
                .at(entry.key_span);
            self.diagnostics.push(diagnostic.suggest_near(&entry.key, self.known.iter().copied()));
        }
    }

    fn wrong<T>(&mut self, key: &str, wanted: &str, node: &Node) -> Option<T> {
        self.diagnostics.push(wrong_type(&format!("`{key}`"), wanted, node));
        None
    }
}

fn wrong_type(what: &str, wanted: &str, node: &Node) -> Diagnostic {
    Diagnostic::error(codes::YAML_TYPE, format!("{what} must be {wanted}, not {}", node.kind())).at(node.span)
}
