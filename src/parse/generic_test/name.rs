//! The names and ids of generic tests, made exactly as dbt makes them, so that artifacts and state can be compared.

use serde_json::{Map, Value as Json};

use super::Target;
use crate::base::{md5_hex, python_repr, python_str};
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
        let metadata = metadata(namespace, test, arguments);
        let hash = md5_hex(format!("{name}{metadata}").as_bytes());
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
    let prefix = if target.is_source { "source_" } else { "" };
    let namespace = namespace.map_or(String::new(), |namespace| format!("{namespace}_"));
    let identifier = format!("{namespace}{prefix}{test}_{}", target.name);
    let mut names: Vec<&String> = arguments.keys().filter(|name| *name != "model").collect();
    names.sort();
    let mut parts: Vec<String> = Vec::new();
    for name in names {
        match &arguments[name] {
            Json::Object(map) => parts.extend(map.values().map(python_str)),
            Json::Array(items) => parts.extend(items.iter().map(python_str)),
            scalar => parts.push(python_str(scalar)),
        }
    }
    let clean: Vec<String> = parts.iter().map(|part| only_word_characters(part)).collect();
    let full = format!("{identifier}_{}", clean.join("__"));
    if full.len() <= LONGEST {
        return (full.clone(), full);
    }
    let head: String = identifier.chars().take(30).collect();
    (format!("{head}_{}", md5_hex(full.as_bytes())), full)
}

/// Runs of other characters become one `_`.
fn only_word_characters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
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
    out
}

/// The Python text of the test's metadata that dbt digests: mappings sorted by key, every scalar as text.
fn metadata(namespace: Option<&str>, test: &str, arguments: &Map<String, Json>) -> String {
    let namespace = namespace.unwrap_or("None");
    format!(
        "{{'kwargs': {}, 'name': {}, 'namespace': {}}}",
        hashable(&Json::Object(arguments.clone())),
        python_repr(test),
        python_repr(namespace)
    )
}

fn hashable(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let entries: Vec<String> =
                keys.into_iter().map(|key| format!("{}: {}", python_repr(key), hashable(&map[key]))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(hashable).collect::<Vec<_>>().join(", ")),
        scalar => python_repr(&python_str(scalar)),
    }
}
