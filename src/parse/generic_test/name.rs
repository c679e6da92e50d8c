//! The names and ids of generic tests, made exactly as dbt makes them, so that artifacts and state can be compared.

use serde_json::{Map, Value as Json};

use super::Target;
use crate::base::{md5_hex, push_python_repr, python_str};
use crate::manifest::UniqueId;

/// How a generic test is called.
pub(super) struct Identity {
    /// The name in selections and artifacts.
    pub(super) name: String,
    /// The name in paths and relations, at most 63 characters.
    pub(super) short_name: String,
    /// `test.package.name.hash`.
    pub(super) id: UniqueId,
}

/// Longer names are cut and made unique by a digest.
const LONGEST: usize = 63;

impl Identity {
    /// Names the test of `target`.
    pub(super) fn new(target: &Target<'_>, namespace: Option<&str>, test: &str, arguments: &Map<String, Json>) -> Self {
        let (short_name, name) = match &target.test.name {
            Some(name) => (name.clone(), name.clone()),
            None => synthetic(target, namespace, test, arguments),
        };
        let mut digested = name.clone();
        push_metadata(&mut digested, namespace, test, arguments);
        let hash = md5_hex(digested.as_bytes());
        let id = UniqueId::of(&["test", &target.package.config.name, &name, &hash[hash.len() - 10..]]);
        Identity { name, short_name, id }
    }
}

/// `not_null_orders_id`, from the test, what it is on, and its arguments sorted by name.
fn synthetic(
    target: &Target<'_>,
    namespace: Option<&str>,
    test: &str,
    arguments: &Map<String, Json>,
) -> (String, String) {
    let prefix = if target.reference.is_source() { "source_" } else { "" };
    let mut full = String::with_capacity(LONGEST);
    for part in namespace.into_iter().flat_map(|namespace| [namespace, "_"]).chain([prefix, test, "_", &target.name]) {
        full.push_str(part);
    }
    let head = full.char_indices().nth(30).map_or(full.len(), |(at, _)| at);
    let mut said: Vec<_> = arguments.iter().filter(|(name, _)| *name != "model").collect();
    said.sort_unstable_by_key(|(name, _)| *name);
    let values = said.into_iter().flat_map(|(_, value)| match value {
        Json::Object(map) => map.values().collect(),
        Json::Array(items) => items.iter().collect(),
        scalar => vec![scalar],
    });
    full.push('_');
    for (at, value) in values.enumerate() {
        full.push_str(if at == 0 { "" } else { "__" });
        match value {
            Json::String(text) => push_word_characters(&mut full, text),
            other => push_word_characters(&mut full, &python_str(other)),
        }
    }
    let short =
        if full.len() <= LONGEST { full.clone() } else { format!("{}_{}", &full[..head], md5_hex(full.as_bytes())) };
    (short, full)
}

/// Adds a text, runs of other characters than those of words as one `_`.
fn push_word_characters(out: &mut String, text: &str) {
    let mut gap = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            out.push(c);
            gap = false;
        } else if !gap {
            out.push('_');
            gap = true;
        }
    }
}

/// The Python text of the test's metadata that dbt digests: mappings sorted by key, every scalar as text.
fn push_metadata(out: &mut String, namespace: Option<&str>, test: &str, arguments: &Map<String, Json>) {
    out.push_str("{'kwargs': ");
    push_map(out, arguments);
    out.push_str(", 'name': ");
    push_python_repr(out, test);
    out.push_str(", 'namespace': ");
    push_python_repr(out, namespace.unwrap_or("None"));
    out.push('}');
}

fn push_map(out: &mut String, map: &Map<String, Json>) {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    out.push('{');
    for (at, (key, value)) in entries.into_iter().enumerate() {
        out.push_str(if at == 0 { "" } else { ", " });
        push_python_repr(out, key);
        out.push_str(": ");
        push_value(out, value);
    }
    out.push('}');
}

fn push_value(out: &mut String, value: &Json) {
    match value {
        Json::Object(map) => push_map(out, map),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                push_value(out, item);
            }
            out.push(']');
        }
        Json::String(text) => push_python_repr(out, text),
        scalar => push_python_repr(out, &python_str(scalar)),
    }
}
