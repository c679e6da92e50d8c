//! JSON documents, which are kept as their text.
//!
//! A path that is written in the statement, `$.items[0].name`, becomes the keys that the functions of DataFusion's JSON take.

use datafusion::sql::sqlparser::ast::{Expr, Value};

use super::Definition;
use crate::engine::datafusion::idioms::build;

pub(super) const DEFINED: &[Definition] = &[
    ("parse_json(words)", "cast(words as varchar)"),
    ("try_parse_json(words)", "json_get_json(words)"),
    ("json_array_length(document)", "json_length(document)"),
    ("json_keys(document)", "json_object_keys(document)"),
    ("object_keys(document)", "json_object_keys(document)"),
    ("to_json_string(any)", "to_json(any)"),
];

/// The functions that take a document and a path, or keys; and those that make a struct or a list of what they are given.
pub(super) fn varying(name: &str, args: &[Expr]) -> Option<Expr> {
    let function = match name {
        "json_extract" | "json_query" | "json_extract_path" => "json_get_json",
        "json_extract_scalar"
        | "json_extract_string"
        | "json_value"
        | "get_json_object"
        | "get_path"
        | "json_extract_path_text" => "json_as_text",
        "json_extract_array" | "json_query_array" | "json_value_array" => "json_get_array",
        "array_construct" | "list_value" | "list_pack" => return Some(build::call("make_array", args.to_vec())),
        "object_construct" | "object" => return Some(build::call("named_struct", args.to_vec())),
        "json_object" | "json_build_object" => {
            return Some(build::call("to_json", [build::call("named_struct", args.to_vec())]));
        }
        _ => return None,
    };
    let (document, keys) = args.split_first()?;
    let keys = match keys {
        [path] if !name.starts_with("json_extract_path") => path_keys(text(path)?)?,
        [] => Vec::new(),
        keys => keys.to_vec(),
    };
    Some(build::call(function, std::iter::once(document.clone()).chain(keys)))
}

fn text(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The keys of a path: `$.items[0].name`, `items[0].name`, `$['name']`, `$."name"`. `None` of one that means many values.
pub(super) fn path_keys(path: &str) -> Option<Vec<Expr>> {
    let mut rest = path.trim();
    rest = rest.strip_prefix('$').unwrap_or(rest);
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let (key, behind) = if let Some(inner) = rest.strip_prefix('[') {
            let (key, behind) = inner.split_once(']')?;
            let quoted = key.strip_prefix(['\'', '"']).and_then(|key| key.strip_suffix(['\'', '"']));
            match quoted {
                Some(key) => (build::text(key), behind),
                None => (build::number(key.trim().parse().ok()?), behind),
            }
        } else if let Some((key, behind)) = quoted_key(rest) {
            (build::text(key), behind)
        } else {
            let named = rest.strip_prefix('.').unwrap_or(rest);
            let end = named.find(['.', '[']).unwrap_or(named.len());
            let (key, behind) = named.split_at(end);
            if key.is_empty() || key == "*" {
                return None;
            }
            (build::text(key), behind)
        };
        keys.push(key);
        rest = behind;
    }
    Some(keys)
}

/// `."a key"`.
fn quoted_key(rest: &str) -> Option<(&str, &str)> {
    rest.strip_prefix(".\"")?.split_once('"')
}

#[cfg(test)]
mod tests {
    use super::path_keys;

    #[test]
    fn paths_are_keys() {
        for (path, keys) in [
            ("$.a.b[0].c", "'a' 'b' 0 'c'"),
            ("a.b", "'a' 'b'"),
            ("$", ""),
            ("$['a b'][\"c\"]", "'a b' 'c'"),
            ("$.\"a.b\".c", "'a.b' 'c'"),
        ] {
            let read = path_keys(path).unwrap();
            assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), keys, "{path}");
        }
        for path in ["$.*", "$[*]", "$.a..b", "$[a"] {
            assert!(path_keys(path).is_none(), "{path}");
        }
    }
}
