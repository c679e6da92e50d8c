//! `set`, `zip` and `diff_of_two_dicts`.

use crate::context::function::{Arguments, fail, function};
use crate::jinja::{Dict, Error, Set, Tuple, Value, ValueKind, mutable, text};

/// The functions.
pub(super) fn functions() -> Vec<(&'static str, Value)> {
    vec![
        ("set", function("set", |_, args| set(&args))),
        ("set_strict", function("set_strict", |_, args| Set::of(&args.required(0, "value")?).map(Value::from))),
        ("zip", function("zip", |_, args| zip(&args))),
        ("zip_strict", function("zip_strict", |_, args| zipped(&args))),
        ("diff_of_two_dicts", function("diff_of_two_dicts", |_, args| difference(&args))),
    ]
}

/// `set(value, default=none)`: each item once; the default for what is no collection.
fn set(args: &Arguments) -> Result<Value, Error> {
    let found = Set::of(&args.required(0, "value")?).ok().map(Value::from);
    Ok(found.or_else(|| args.get(1, "default")).unwrap_or_else(|| Value::from(())))
}

/// `zip(…, default=none)`: the default when something is no collection.
fn zip(args: &Arguments) -> Result<Value, Error> {
    let default = || args.named().iter().find(|(name, _)| name == "default").map(|(_, value)| value.clone());
    Ok(zipped(args).unwrap_or_else(|_| default().unwrap_or_else(|| Value::from(()))))
}

fn zipped(args: &Arguments) -> Result<Value, Error> {
    let items = |list: &Value| match list.kind() {
        ValueKind::None => Err(fail("`None` cannot be zipped")),
        _ => Ok(list.try_iter()?.collect::<Vec<_>>()),
    };
    let lists = args.positional().iter().map(items).collect::<Result<Vec<_>, Error>>()?;
    let length = lists.iter().map(Vec::len).min().unwrap_or(0);
    let row = |at: usize| Value::from(Tuple::from(lists.iter().map(|list| list[at].clone()).collect::<Vec<_>>()));
    Ok(mutable((0..length).map(row).collect()))
}

/// `diff_of_two_dicts(a, b)`: what the lists of `a` have and those of `b` have not, whatever the case of letters.
fn difference(args: &Arguments) -> Result<Value, Error> {
    let entries = |at, name| -> Result<Vec<(Value, Vec<Value>)>, Error> {
        let dict = args.required(at, name)?;
        dict.try_iter()?.map(|key| Ok((key.clone(), dict.get_item(&key)?.try_iter()?.collect()))).collect()
    };
    let folded = |value: &Value| text(value).to_lowercase();
    let (mine, theirs) = (entries(0, "dict_a")?, entries(1, "dict_b")?);
    let mut result = Vec::new();
    for (key, values) in mine {
        let other = theirs.iter().find(|(other, _)| folded(other) == folded(&key));
        let left: Vec<Value> = match other {
            None => values,
            Some((_, others)) => {
                let is_other = |value: &Value| others.iter().any(|other| folded(other) == folded(value));
                let left: Vec<Value> = values.into_iter().filter(|value| !is_other(value)).collect();
                if left.is_empty() {
                    continue;
                }
                left
            }
        };
        result.push((key, mutable(Value::from(left))));
    }
    Ok(result.into_iter().collect::<Dict>().into())
}
