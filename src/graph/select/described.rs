//! The selectors of `selectors.yml` as the manifest has them: as they are written, texts taken apart and selectors in them replaced
//! by what they say.

use serde_json::{Map, Value as Json, json};

use super::grammar::Parts;
use super::method::Method;
use crate::config::SelectorProperties;

/// The selectors by name.
#[must_use]
pub fn described(selectors: &[SelectorProperties]) -> Map<String, Json> {
    let mut known = Map::new();
    for selector in selectors {
        let mut written = selector.written.clone();
        written["definition"] = definition(&written["definition"], &known);
        known.insert(selector.name.clone(), written);
    }
    known
}

fn definition(written: &Json, known: &Map<String, Json>) -> Json {
    let Json::Object(mapping) = written else {
        return written.as_str().map_or_else(|| written.clone(), text);
    };
    let list = |items: &Json| match items {
        Json::Array(items) => items.iter().map(|item| definition(item, known)).collect(),
        other => other.clone(),
    };
    if let Some(key) = ["union", "intersection"].into_iter().find(|key| mapping.contains_key(*key)) {
        return json!({ key: list(&mapping[key]) });
    }
    let of_selector = mapping.get("method").is_some_and(|method| method == "selector");
    match mapping.iter().next() {
        Some((key, items)) if key == "exclude" => json!({ key: list(items) }),
        Some((method, value)) if mapping.len() == 1 => json!({ "method": method, "value": list(value) }),
        _ if of_selector => {
            let selector = mapping.get("value").and_then(Json::as_str).and_then(|name| known.get(name));
            selector.map_or_else(|| written.clone(), |selector| selector["definition"].clone())
        }
        _ => written.clone(),
    }
}

/// A text in the parts of a criterion.
fn text(written: &str) -> Json {
    let Parts { childrens_parents, parents, children, rest } = Parts::of(written);
    let mut criterion = Map::new();
    let mut reach = |key: &str, digits: Option<&str>| {
        let Some(digits) = digits else { return };
        criterion.insert(key.to_owned(), json!(true));
        if !digits.is_empty() {
            criterion.insert(format!("{key}_depth"), json!(digits));
        }
    };
    reach("childrens_parents", childrens_parents.then_some(""));
    reach("parents", parents);
    reach("children", children);
    let (method, value) = Method::split(rest);
    criterion.insert("method".to_owned(), json!(method));
    criterion.insert("value".to_owned(), json!(value));
    Json::Object(criterion)
}
