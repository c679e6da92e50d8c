//! The methods that Python's strings, lists and dicts have, for values that are minijinja's own.

use minijinja::value::{Kwargs, Tuple, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat::unknown_method_callback;

use crate::jinja::collection::{View, mutable, own, pairs};

/// Calls a method that minijinja does not know.
pub(super) fn call(state: &mut State<'_, '_>, value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            if let Some(result) = text_method(text, method, args)? {
                return Ok(result);
            }
        }
        ValueKind::Map if matches!(method, "keys" | "values" | "items") => {
            let () = from_args(args)?;
            return Ok(View::of(method, pairs(value)?).into());
        }
        ValueKind::Map | ValueKind::Seq if method == "copy" => {
            let () = from_args(args)?;
            return Ok(mutable(value.clone()));
        }
        ValueKind::Seq if method == "index" => return index(value, args),
        _ => {}
    }
    unknown_method_callback(state, value, method, args).and_then(own)
}

/// The text in the middle of `width` characters.
pub(super) fn center(text: &str, width: usize, fill: char) -> String {
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2;
    pad(text, left, missing - left, fill)
}

fn index(value: &Value, args: &[Value]) -> Result<Value, Error> {
    let (wanted,): (Value,) = from_args(args)?;
    let found = value.try_iter()?.position(|item| item == wanted);
    let missing = || Error::new(ErrorKind::InvalidOperation, format!("{wanted:?} is not in the list"));
    found.map(Value::from).ok_or_else(missing)
}

/// The methods of `str` that `pycompat` has not, or `None`.
fn text_method(text: &str, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    let result = match method {
        "zfill" => {
            let (width,): (usize,) = from_args(args)?;
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
            Value::from(format!("{sign}{}", pad(digits, missing(text, width), 0, '0')))
        }
        "ljust" | "rjust" | "center" => {
            let (width, fill): (usize, Option<char>) = from_args(args)?;
            let (fill, missing) = (fill.unwrap_or(' '), missing(text, width));
            Value::from(match method {
                "ljust" => pad(text, 0, missing, fill),
                "rjust" => pad(text, missing, 0, fill),
                _ => center(text, width, fill),
            })
        }
        "removeprefix" | "removesuffix" => {
            let (part,): (&str,) = from_args(args)?;
            let rest = if method == "removeprefix" { text.strip_prefix(part) } else { text.strip_suffix(part) };
            Value::from(rest.unwrap_or(text))
        }
        "partition" | "rpartition" => {
            let (separator,): (&str,) = from_args(args)?;
            partition(text, separator, method == "rpartition")
        }
        "rsplit" => {
            let (separator, most): (Option<&str>, Option<i64>) = from_args(args)?;
            rsplit(text, separator, most.and_then(|most| usize::try_from(most).ok()))
        }
        "swapcase" => {
            let () = from_args(args)?;
            Value::from(text.chars().map(swap_case).collect::<String>())
        }
        "casefold" => {
            let () = from_args(args)?;
            Value::from(text.to_lowercase())
        }
        "index" | "rindex" => {
            let (part,): (&str,) = from_args(args)?;
            let found = if method == "index" { text.find(part) } else { text.rfind(part) };
            let missing = || Error::new(ErrorKind::InvalidOperation, format!("{part:?} is not in the text"));
            Value::from(text[..found.ok_or_else(missing)?].chars().count())
        }
        "encode" | "decode" => {
            // Bytes are of no use to a template but to be hashed or decoded again.
            let (_, _): (Option<&str>, Kwargs) = from_args(args)?;
            Value::from(text)
        }
        _ => return Ok(None),
    };
    Ok(Some(result))
}

fn missing(text: &str, width: usize) -> usize {
    width.saturating_sub(text.chars().count())
}

fn pad(text: &str, left: usize, right: usize, fill: char) -> String {
    // A width beyond any text is a mistake, and shall not take all memory.
    const MOST: usize = 1 << 20;
    let fill = |count: usize| std::iter::repeat_n(fill, count.min(MOST));
    fill(left).chain(text.chars()).chain(fill(right)).collect()
}

fn partition(text: &str, separator: &str, last: bool) -> Value {
    let split = if last { text.rsplit_once(separator) } else { text.split_once(separator) };
    let parts = match split {
        Some((left, right)) => [left, separator, right],
        None if last => ["", "", text],
        None => [text, "", ""],
    };
    Value::from(Tuple::from(parts.map(Value::from).to_vec()))
}

fn rsplit(text: &str, separator: Option<&str>, most: Option<usize>) -> Value {
    let most = most.map_or(usize::MAX, |most| most.saturating_add(1));
    let mut parts: Vec<&str> = match separator {
        Some(separator) => text.rsplitn(most, separator).collect(),
        None => text.trim_end().rsplitn(most, char::is_whitespace).filter(|part| !part.is_empty()).collect(),
    };
    parts.reverse();
    mutable(parts.into_iter().map(Value::from).collect())
}

fn swap_case(c: char) -> char {
    let swapped = if c.is_uppercase() { c.to_lowercase().next() } else { c.to_uppercase().next() };
    swapped.unwrap_or(c)
}
