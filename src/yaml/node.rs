//! The untyped tree.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::source::{FileId, Span};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it was written; for the use of an alias, where the anchor is.
    pub span: Span,
}

/// A YAML value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Mapping),
}

/// A mapping with its entries in the order of the file; keys are texts (other scalars are written as YAML writes them).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// The entries.
    pub entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

/// A step on the way from a node to a value in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'n> {
    /// To the value of a key.
    Key(&'n str),
    /// To an item of a list.
    Item,
}

/// What takes the place of a text, if anything does: from the way that leads to it, the text, and where it stands.
type Replace<'r, 'n> = dyn FnMut(&[Step<'n>], &str, Span) -> Option<Json> + 'r;

impl Node {
    /// The text that the document ends with, if it ends with one.
    pub fn last_text_mut(&mut self) -> Option<&mut String> {
        match &mut self.value {
            Value::Text(text) => Some(text),
            Value::List(items) => items.last_mut()?.last_text_mut(),
            Value::Map(mapping) => mapping.entries.last_mut()?.node.last_text_mut(),
            _ => None,
        }
    }
}

impl Mapping {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The entries in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// The mapping as JSON, places forgotten.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Map<String, Json> {
        self.entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect()
    }
}

impl Node {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Map(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The items, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is `null` or nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// A scalar as text: `1.0` of `version: 1.0`, for keys that people write without quotes.
    #[must_use]
    pub fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Int(value) => Some(value.to_string()),
            Value::Float(value) => Some(value.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// What kind of value it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The value as JSON, places forgotten.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Int(value) => Json::from(*value),
            Value::Float(value) if value.is_finite() => Json::from(*value),
            // JSON has no word for these, and no value at all would be a lie: they are texts, as Jinja writes the numbers.
            Value::Float(value) => Json::String(value.to_string().to_ascii_lowercase()),
            Value::Text(text) => Json::String(text.clone()),
            Value::List(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Value::Map(mapping) => Json::Object(mapping.to_json()),
        }
    }

    /// Says in which file the tree stands; one that was read back from where it was stored does not know.
    pub fn set_file(&mut self, file: FileId) {
        self.span.file = file;
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.set_file(file)),
            Value::Map(mapping) => mapping.entries.iter_mut().for_each(|entry| {
                entry.key_span.file = file;
                entry.node.set_file(file);
            }),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {}
        }
    }

    /// A tree of the same JSON value, all of it at one place.
    #[must_use]
    pub fn from_json(json: Json, span: Span) -> Self {
        let value = match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(value),
            Json::Number(number) => {
                number.as_i64().map(Value::Int).unwrap_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN)))
            }
            Json::String(text) => Value::Text(text),
            Json::Array(items) => Value::List(items.into_iter().map(|item| Node::from_json(item, span)).collect()),
            Json::Object(map) => Value::Map(Mapping {
                entries: map
                    .into_iter()
                    .map(|(key, value)| Entry { key, key_span: span, node: Node::from_json(value, span) })
                    .collect(),
            }),
        };
        Node { value, span }
    }

    /// Calls `replace` for every text of the tree with the way that leads to it; what it gives takes the text's place.
    pub fn replace_texts<'n>(&'n mut self, replace: &mut Replace<'_, 'n>) {
        self.replace_texts_at(&mut Vec::new(), replace);
    }

    fn replace_texts_at<'n>(&'n mut self, way: &mut Vec<Step<'n>>, replace: &mut Replace<'_, 'n>) {
        if let Value::Text(text) = &self.value {
            if let Some(json) = replace(way, text, self.span) {
                *self = Node::from_json(json, self.span);
            }
            return;
        }
        match &mut self.value {
            Value::List(items) => {
                way.push(Step::Item);
                items.iter_mut().for_each(|item| item.replace_texts_at(way, replace));
                way.pop();
            }
            Value::Map(mapping) => {
                for Entry { key, node, .. } in &mut mapping.entries {
                    way.push(Step::Key(key));
                    node.replace_texts_at(way, replace);
                    way.pop();
                }
            }
            _ => {}
        }
    }
}
