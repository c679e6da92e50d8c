//! Filters of lists: `sort`, `max`, `sum`, `unique`, `join`, `dictsort`…

use minijinja::value::{Tuple, Value, ValueKind};
use minijinja::{Environment, Error, State};

use super::filter;
use crate::jinja::arguments::{Arguments, fail};
use crate::jinja::collection::{List, pairs};
use crate::jinja::python::{Arithmetic, binary, order, text};
use crate::jinja::sort::sorted;

pub(super) fn add(engine: &mut Environment<'static>) {
    filter(engine, "default", default);
    filter(engine, "d", default);
    filter(engine, "length", |_, value, args| length(&value, &args));
    filter(engine, "count", |_, value, args| length(&value, &args));
    filter(engine, "sort", sort);
    filter(engine, "max", |_, value, args| extreme(&value, &args, true));
    filter(engine, "min", |_, value, args| extreme(&value, &args, false));
    filter(engine, "sum", sum);
    filter(engine, "unique", |_, value, args| unique(&value, &args));
    filter(engine, "join", |_, value, args| join(&value, &args));
    filter(engine, "dictsort", dictsort);
    // What is random may not differ from run to run: the same project gives the same SQL.
    filter(engine, "random", |_, value, _| Ok(value.try_iter()?.next().unwrap_or_default()));
    filter(engine, "list", |_, value, args| {
        args.limit(0, &[])?;
        Ok(items(&value)?.into_iter().collect::<List>().into())
    });
    filter(engine, "xmlattr", |_, value, args| xmlattr(&value, &args));
}

fn items(value: &Value) -> Result<Vec<Value>, Error> {
    value.try_iter()?.checked().collect()
}

/// `default(value='', boolean=false)`: with `boolean`, every false value is replaced.
fn default(_: &mut State<'_, '_>, value: Value, args: Arguments) -> Result<Value, Error> {
    args.limit(2, &["default_value", "boolean"])?;
    let replaced = value.is_undefined() || (args.flag(1, "boolean") && !value.is_true());
    let replacement = || args.get(0, "default_value").unwrap_or_else(|| Value::from(""));
    Ok(if replaced { replacement() } else { value })
}

/// The length; that of an undefined value is zero.
fn length(value: &Value, args: &Arguments) -> Result<Value, Error> {
    args.limit(0, &[])?;
    if value.is_undefined() {
        return Ok(Value::from(0));
    }
    value.len().map(Value::from).ok_or_else(|| fail(format!("a {} has no length", value.kind())))
}

/// What items are compared by: an attribute, and text without its case unless it shall count.
struct Key {
    attributes: Vec<String>,
    case_sensitive: bool,
}

impl Key {
    fn of(args: &Arguments, attribute: usize, case_sensitive: bool) -> Result<Self, Error> {
        let named = args.text(attribute, "attribute")?;
        let attributes = named.map(|names| names.split(',').map(|name| name.trim().to_owned()).collect());
        Ok(Key { attributes: attributes.unwrap_or_default(), case_sensitive })
    }

    fn values(&self, item: &Value) -> Result<Vec<Value>, Error> {
        let fold = |value: Value| match value.as_str() {
            Some(text) if !self.case_sensitive => Value::from(text.to_lowercase()),
            _ => value,
        };
        if self.attributes.is_empty() {
            return Ok(vec![fold(item.clone())]);
        }
        self.attributes.iter().map(|path| attribute(item, path).map(fold)).collect()
    }
}

/// `a.b.0` of an item.
fn attribute(item: &Value, path: &str) -> Result<Value, Error> {
    let mut value = item.clone();
    for part in path.split('.') {
        value = match part.parse::<i64>() {
            Ok(index) => value.get_item(&Value::from(index))?,
            Err(_) => value.get_attr(part)?,
        };
    }
    Ok(value)
}

type Keyed = (Vec<Value>, Value);

fn keyed(value: &Value, key: &Key) -> Result<Vec<Keyed>, Error> {
    items(value)?.into_iter().map(|item| Ok((key.values(&item)?, item))).collect()
}

fn order_keys(left: &[Value], right: &[Value]) -> Result<std::cmp::Ordering, Error> {
    for (one, other) in left.iter().zip(right) {
        match order(one, other)? {
            std::cmp::Ordering::Equal => {}
            found => return Ok(found),
        }
    }
    Ok(std::cmp::Ordering::Equal)
}

/// `sort(reverse=false, case_sensitive=false, attribute=none)`.
fn sort(_: &mut State<'_, '_>, value: Value, args: Arguments) -> Result<Value, Error> {
    args.limit(3, &["reverse", "case_sensitive", "attribute"])?;
    let key = Key::of(&args, 2, args.flag(1, "case_sensitive"))?;
    let found = sorted(keyed(&value, &key)?, args.flag(0, "reverse"), |one, other| order_keys(&one.0, &other.0))?;
    Ok(found.into_iter().map(|(_, item)| item).collect::<List>().into())
}

/// `max(case_sensitive=false, attribute=none)`; the first of equal ones.
fn extreme(value: &Value, args: &Arguments, largest: bool) -> Result<Value, Error> {
    args.limit(2, &["case_sensitive", "attribute"])?;
    let key = Key::of(args, 1, args.flag(0, "case_sensitive"))?;
    let mut best: Option<Keyed> = None;
    for candidate in keyed(value, &key)? {
        let better = match &best {
            None => true,
            Some(best) if largest => order_keys(&candidate.0, &best.0)?.is_gt(),
            Some(best) => order_keys(&candidate.0, &best.0)?.is_lt(),
        };
        if better {
            best = Some(candidate);
        }
    }
    Ok(best.map_or(Value::UNDEFINED, |(_, item)| item))
}

/// `sum(attribute=none, start=0)`.
fn sum(state: &mut State<'_, '_>, value: Value, args: Arguments) -> Result<Value, Error> {
    args.limit(2, &["attribute", "start"])?;
    let path = args.text(0, "attribute")?;
    let start = args.get(1, "start").unwrap_or_else(|| Value::from(0));
    items(&value)?.into_iter().try_fold(start, |total, item| {
        let item = match &path {
            Some(path) => attribute(&item, path)?,
            None => item,
        };
        binary(state, Arithmetic::Add, &total, &item)
    })
}

/// `unique(case_sensitive=false, attribute=none)`.
fn unique(value: &Value, args: &Arguments) -> Result<Value, Error> {
    args.limit(2, &["case_sensitive", "attribute"])?;
    let key = Key::of(args, 1, args.flag(0, "case_sensitive"))?;
    let mut seen = crate::base::HashSet::default();
    let found = keyed(value, &key)?.into_iter().filter(|(key, _)| seen.insert(key.clone())).map(|(_, item)| item);
    Ok(found.collect::<List>().into())
}

/// `join(d='', attribute=none)`.
fn join(value: &Value, args: &Arguments) -> Result<Value, Error> {
    args.limit(2, &["d", "attribute"])?;
    let path = args.text(1, "attribute")?;
    let parts: Vec<String> = items(value)?
        .into_iter()
        .map(|item| match &path {
            Some(path) => attribute(&item, path).map(|value| text(&value)),
            None => Ok(text(&item)),
        })
        .collect::<Result<_, Error>>()?;
    Ok(Value::from(parts.join(&args.text(0, "d")?.unwrap_or_default())))
}

/// `dictsort(case_sensitive=false, by='key', reverse=false)`.
fn dictsort(_: &mut State<'_, '_>, value: Value, args: Arguments) -> Result<Value, Error> {
    args.limit(3, &["case_sensitive", "by", "reverse"])?;
    let by_value = match args.text(1, "by")?.as_deref() {
        None | Some("key") => false,
        Some("value") => true,
        Some(_) => return Err(fail("`by` of `dictsort` is `key` or `value`")),
    };
    if value.kind() != ValueKind::Map {
        return Err(fail(format!("`dictsort` sorts a dict, not a {}", value.kind())));
    }
    let key = Key { attributes: Vec::new(), case_sensitive: args.flag(0, "case_sensitive") };
    let keyed: Vec<(Vec<Value>, (Value, Value))> = pairs(&value)?
        .into_iter()
        .map(|(name, item)| Ok((key.values(if by_value { &item } else { &name })?, (name, item))))
        .collect::<Result<_, Error>>()?;
    let found = sorted(keyed, args.flag(2, "reverse"), |one, other| order_keys(&one.0, &other.0))?;
    let found = found.into_iter().map(|(_, (name, item))| Value::from(Tuple::from([name, item])));
    Ok(found.collect::<List>().into())
}

/// `xmlattr(autospace=true)`: ` name="value"` for each entry that is not `None`.
fn xmlattr(value: &Value, args: &Arguments) -> Result<Value, Error> {
    let entries = pairs(value)?.into_iter().filter(|(_, value)| !value.is_none() && !value.is_undefined());
    let attributes: Vec<String> =
        entries.map(|(name, value)| format!("{}=\"{}\"", text(&name), super::texts::escaped(&text(&value)))).collect();
    let lead =
        if attributes.is_empty() || !args.get(0, "autospace").is_none_or(|flag| flag.is_true()) { "" } else { " " };
    Ok(Value::from(format!("{lead}{}", attributes.join(" "))))
}
