//! The methods of a relation. None of them changes it: each gives another.

use std::borrow::Cow;

use super::{PARTS, RelationValue, class};
use crate::context::function::{Arguments, fail};
use crate::jinja::{Error, Value};

/// Calls a method.
pub(super) fn call(relation: &RelationValue, method: &str, args: &[Value]) -> Result<Value, Error> {
    let arguments = |function| Arguments::of(function, args);
    Ok(match method {
        "render" => Value::from(relation.name()),
        "render_limited" => Value::from(relation.limited()),
        "include" => {
            let included = flags(&arguments("include")?, relation.included);
            RelationValue { included, ..relation.clone() }.into_value()
        }
        "quote" => {
            let quoted = flags(&arguments("quote")?, relation.quoted);
            RelationValue { quoted, ..relation.clone() }.into_value()
        }
        "incorporate" | "replace" => replaced(relation, &arguments("incorporate")?)?.into_value(),
        "replace_path" => {
            let mut replaced = relation.clone();
            let arguments = arguments("replace_path")?;
            set_parts(&mut replaced, &|name| named(&arguments, name));
            replaced.into_value()
        }
        "without_identifier" => {
            let mut without = relation.clone();
            without.parts[2] = None;
            without.into_value()
        }
        "information_schema" => information_schema(relation, arguments("information_schema")?.text(0, "view_name")?),
        "information_schema_only" => information_schema(relation, None),
        "matches" => Value::from(matches(relation, &arguments("matches")?)?),
        "quoted" => Value::from(relation.dialect.quote(&arguments("quoted")?.required_text(0, "identifier")?)),
        "get" => {
            let arguments = arguments("get")?;
            let key = arguments.required(0, "key")?;
            let found = std::sync::Arc::new(relation.clone());
            crate::jinja::Object::get_value(&found, &key)
                .or_else(|| arguments.get(1, "default"))
                .unwrap_or_else(|| Value::from(()))
        }
        other => return class::call(&class::RelationClass::like(relation), other, args),
    })
}

/// What packages look for to know that a value is a relation.
pub(super) fn metadata() -> Value {
    Value::from_pairs([("type", "Relation")])
}

fn named(arguments: &Arguments, name: &str) -> Option<Value> {
    arguments.named().iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

/// `database=`, `schema=`, `identifier=`, by position or by name; none leaves a flag as it is.
fn flags(arguments: &Arguments, mut flags: [bool; 3]) -> [bool; 3] {
    for (at, name) in PARTS.into_iter().enumerate() {
        if let Some(value) = arguments.get(at, name).filter(|value| !value.is_none()) {
            flags[at] = value.is_true();
        }
    }
    flags
}

/// Sets the parts of the name that `of` gives, and takes away those that it gives as none.
fn set_parts(relation: &mut RelationValue, of: &dyn Fn(&str) -> Option<Value>) {
    for (at, name) in PARTS.into_iter().enumerate() {
        if let Some(value) = of(name).filter(|value| !value.is_undefined()) {
            relation.parts[at] = (!value.is_none()).then(|| value.to_string());
        }
    }
}

/// `path={…}, type=…, quote_policy={…}, include_policy={…}`.
fn replaced(relation: &RelationValue, arguments: &Arguments) -> Result<RelationValue, Error> {
    let mut replaced = relation.clone();
    for (name, value) in arguments.named() {
        let of = |part: &str| value.get_attr(part).ok();
        match name.as_str() {
            "path" => set_parts(&mut replaced, &of),
            "type" => replaced.kind = kind(value),
            "quote_policy" => merge_flags(&mut replaced.quoted, value),
            "include_policy" => merge_flags(&mut replaced.included, value),
            "information_schema_view" => replaced.view = (!value.is_none()).then(|| value.to_string()),
            "limit" => replaced.limit = u64::try_from(value.clone()).ok(),
            // Of engines that say more of a relation.
            _ => {}
        }
    }
    if replaced.kind.as_deref() != Some("cte") && relation.text.is_some() && named(arguments, "path").is_some() {
        replaced.text = None;
    }
    Ok(replaced)
}

/// The flags of a policy where it says so.
pub(super) fn merge_flags(flags: &mut [bool; 3], policy: &Value) {
    for (at, name) in PARTS.into_iter().enumerate() {
        if let Ok(value) = policy.get_attr(name)
            && !value.is_undefined()
            && !value.is_none()
        {
            flags[at] = value.is_true();
        }
    }
}

/// dbt's word for a kind of relation.
pub(super) fn kind(value: &Value) -> Option<Cow<'static, str>> {
    (!value.is_none() && !value.is_undefined()).then(|| Cow::Owned(value.to_string()))
}

/// `database.INFORMATION_SCHEMA`, and a view of it.
fn information_schema(relation: &RelationValue, view: Option<String>) -> Value {
    let [database, schema, _] = relation.parts.clone();
    let mut parts = [database, schema, Some("INFORMATION_SCHEMA".to_owned())];
    parts[1] = None;
    let mut quoted = relation.quoted;
    quoted[2] = false;
    RelationValue { parts, quoted, kind: Some(Cow::Borrowed("view")), text: None, view, ..relation.clone() }
        .into_value()
}

/// Whether the parts that are given are this relation's. Names that are not quoted match in any case.
fn matches(relation: &RelationValue, arguments: &Arguments) -> Result<bool, Error> {
    let mut asked = false;
    for (at, name) in PARTS.into_iter().enumerate() {
        let Some(wanted) = arguments.text(at, name)? else { continue };
        asked = true;
        let own = relation.parts[at].as_deref().unwrap_or_default();
        let same = if relation.quoted[at] { own == wanted } else { own.to_lowercase() == wanted.to_lowercase() };
        if !same {
            return Ok(false);
        }
    }
    if asked { Ok(true) } else { Err(fail("`matches` needs a database, a schema or an identifier")) }
}
