//! Filters of text: `upper`, `replace`, `indent`, `truncate`, `urlencode`…

use std::fmt::Write as _;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, State};

use super::{filter, wrap};
use crate::jinja::arguments::{Arguments, fail};
use crate::jinja::collection::pairs;
use crate::jinja::method;
use crate::jinja::python::{json, percent, repr, text};

pub(super) fn add(engine: &mut Environment<'static>) {
    plain(engine, "string", text);
    plain(engine, "upper", |value| text(value).to_uppercase());
    plain(engine, "lower", |value| text(value).to_lowercase());
    plain(engine, "capitalize", |value| method::capitalize(&text(value)));
    plain(engine, "title", |value| title(&text(value)));
    plain(engine, "striptags", |value| minijinja_contrib::filters::striptags(text(value)));
    plain(engine, "pprint", repr);
    plain(engine, "escape", |value| escaped(&text(value)));
    plain(engine, "e", |value| escaped(&text(value)));
    plain(engine, "forceescape", |value| escaped(&text(value)));
    plain(engine, "urlencode", urlencode);
    filter(engine, "wordcount", |_, value, _| Ok(Value::from(words(&text(&value)))));
    filter(engine, "replace", |_, value, args| replace(&value, &args));
    filter(engine, "trim", |_, value, args| trim(&value, &args));
    filter(engine, "center", |_, value, args| {
        let width = usize::try_from(args.int(0, "width")?.unwrap_or(80)).unwrap_or(0);
        Ok(Value::from(method::center(&text(&value), width, ' ')))
    });
    filter(engine, "indent", |_, value, args| indent(&text(&value), &args));
    filter(engine, "truncate", |_, value, args| truncate(&text(&value), &args));
    filter(engine, "wordwrap", |_, value, args| wrap::wordwrap(&text(&value), &args));
    filter(engine, "format", format);
    filter(engine, "tojson", |_, value, args| {
        args.limit(1, &["indent"])?;
        let indent = args.int(0, "indent")?.and_then(|indent| usize::try_from(indent).ok());
        let text = json(&value, true, indent)?;
        // Safe in HTML, as in Jinja.
        let safe =
            text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027");
        Ok(Value::from(safe))
    });
    engine.add_filter("filesizeformat", minijinja_contrib::filters::filesizeformat);
    filter(engine, "urlize", |_, value, _| Ok(Value::from(wrap::urlize(&text(&value)))));
}

/// A filter without arguments.
fn plain(engine: &mut Environment<'static>, name: &'static str, work: fn(&Value) -> String) {
    filter(engine, name, move |_, value, args| {
        args.limit(0, &[])?;
        Ok(Value::from(work(&value)))
    });
}

/// Text for HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '\'' => result.push_str("&#39;"),
            '"' => result.push_str("&#34;"),
            other => result.push(other),
        }
    }
    result
}

/// Each word with a capital; words begin behind spaces, dashes and opening brackets.
fn title(text: &str) -> String {
    let mut start = true;
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if start {
            result.extend(c.to_uppercase());
        } else {
            result.extend(c.to_lowercase());
        }
        start = c.is_whitespace() || "-({[<".contains(c);
    }
    result
}

fn words(text: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c| !is_word(c)).filter(|word| !word.is_empty()).count()
}

/// `replace(old, new, count=none)`.
fn replace(value: &Value, args: &Arguments) -> Result<Value, Error> {
    args.limit(3, &["old", "new", "count"])?;
    let (old, new) = (text(&args.required(0, "old")?), text(&args.required(1, "new")?));
    let count = args.int(2, "count")?.and_then(|count| usize::try_from(count).ok());
    let value = text(value);
    Ok(Value::from(match count {
        Some(count) => value.replacen(&old, &new, count),
        None => value.replace(&old, &new),
    }))
}

fn trim(value: &Value, args: &Arguments) -> Result<Value, Error> {
    args.limit(1, &["chars"])?;
    let value = text(value);
    Ok(Value::from(match args.text(0, "chars")? {
        Some(characters) => value.trim_matches(|c| characters.contains(c)).to_owned(),
        None => value.trim().to_owned(),
    }))
}

/// `indent(width=4, first=false, blank=false)`; `width` may be what is put in front.
fn indent(text: &str, args: &Arguments) -> Result<Value, Error> {
    args.limit(3, &["width", "first", "blank"])?;
    let lead = match args.given(0, "width") {
        Some(width) if width.kind() == ValueKind::String => width.to_string(),
        _ => " ".repeat(usize::try_from(args.int(0, "width")?.unwrap_or(4)).unwrap_or(0).min(1 << 16)),
    };
    let (first, blank) = (args.flag(1, "first"), args.flag(2, "blank"));
    let mut result = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            result.push('\n');
        }
        if (at > 0 && (blank || !line.is_empty())) || (at == 0 && first) {
            result.push_str(&lead);
        }
        result.push_str(line);
    }
    Ok(Value::from(result))
}

/// `truncate(length=255, killwords=false, end='...', leeway=5)`.
fn truncate(text: &str, args: &Arguments) -> Result<Value, Error> {
    args.limit(4, &["length", "killwords", "end", "leeway"])?;
    let size = |at, name, default| {
        args.int(at, name).map(|given| given.map_or(default, |given| usize::try_from(given).unwrap_or(0)))
    };
    let (length, leeway) = (size(0, "length", 255)?, size(3, "leeway", 5)?);
    let end = args.text(2, "end")?.unwrap_or_else(|| "...".to_owned());
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(Value::from(text));
    }
    let mut kept: String = text.chars().take(length.saturating_sub(end.chars().count())).collect();
    if !args.flag(1, "killwords")
        && let Some(space) = kept.rfind(' ')
    {
        kept.truncate(space);
    }
    Ok(Value::from(kept + &end))
}

/// `'…' | format(values)`: places with a percent sign.
fn format(state: &mut State<'_, '_>, value: Value, args: Arguments) -> Result<Value, Error> {
    if !args.named().is_empty() {
        if !args.positional().is_empty() {
            return Err(fail("`format` takes either values or names with values"));
        }
        let named = args.named().iter().map(|(name, value)| (name.as_str(), value.clone()));
        return percent(state, &text(&value), &Value::from_pairs(named));
    }
    let values = minijinja::value::Tuple::from(args.positional().to_vec());
    percent(state, &text(&value), &Value::from(values))
}

/// A text for a URL, or the entries of a mapping as its query.
fn urlencode(value: &Value) -> String {
    let entries = match value.kind() {
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable => pairs(value).ok(),
        _ => None,
    };
    match entries {
        Some(entries) => {
            let encode = |value: &Value| quoted(&text(value), "", true);
            let parts: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}={}", encode(key), encode(value))).collect();
            parts.join("&")
        }
        None => quoted(&text(value), "/", false),
    }
}

fn quoted(text: &str, safe: &str, plus: bool) -> String {
    let mut result = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' if plus => result.push('+'),
            b'_' | b'.' | b'-' | b'~' => result.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() || safe.as_bytes().contains(&byte) => result.push(char::from(byte)),
            byte => drop(write!(result, "%{byte:02X}")),
        }
    }
    result
}
