//! The methods of `str`.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, State};

use super::split;
use crate::jinja::arguments::{Arguments, fail};
use crate::jinja::python::{repr, str_format, text as text_of};

/// Calls a method; `None` when a text has no such method.
pub(super) fn call(
    state: &mut State<'_, '_>,
    text: &str,
    method: &str,
    args: &[Value],
) -> Result<Option<Value>, Error> {
    let Some(name) = METHODS.iter().find(|name| **name == method) else { return Ok(None) };
    if *name == "format" {
        return str_format(state, text, args).map(Some);
    }
    let args = Arguments::of(name, args)?;
    if let Some(answer) = question(text, method, &args)? {
        return Ok(Some(Value::from(answer)));
    }
    if let Some(written) = written(text, method, &args)? {
        return Ok(Some(Value::from(written)));
    }
    match method {
        "split" => split::split(text, &args, false),
        "rsplit" => split::split(text, &args, true),
        "splitlines" => split::lines(text, &args),
        "partition" => split::partition(text, &args, false),
        "rpartition" => split::partition(text, &args, true),
        "find" | "index" => find(text, &args, method, false),
        "rfind" | "rindex" => find(text, &args, method, true),
        "count" => count(text, &args),
        "encode" => Ok(Value::from_bytes(text.as_bytes().to_vec())),
        "format_map" => {
            let mapping = args.required(0, "mapping")?;
            let named = crate::jinja::collection::pairs(&mapping)?;
            let named: Kwargs = named.into_iter().map(|(key, value)| (text_of(&key), value)).collect();
            str_format(state, text, &[named.into()])
        }
        _ => return Ok(None),
    }
    .map(Some)
}

/// The methods of `str`, sorted as in Python's documentation.
pub(super) const METHODS: [&str; 48] = [
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "format_map",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isprintable",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "translate",
    "upper",
    "zfill",
    "decode",
    "maketrans",
];

/// The methods that answer yes or no.
fn question(text: &str, method: &str, args: &Arguments) -> Result<Option<bool>, Error> {
    let all = |test: fn(char) -> bool| !text.is_empty() && text.chars().all(test);
    let cased = |wrong: fn(char) -> bool, right: fn(char) -> bool| !text.chars().any(wrong) && text.chars().any(right);
    Ok(Some(match method {
        "startswith" | "endswith" => {
            let (start, end) = (args.int(1, "start")?, args.int(2, "end")?);
            let part = part(text, start, end);
            let fits = |affix: &Value| {
                let affix =
                    affix.as_str().ok_or_else(|| fail(format!("`{method}` takes a text or a tuple of texts")))?;
                Ok(if method == "startswith" { part.starts_with(affix) } else { part.ends_with(affix) })
            };
            let affix = args.required(0, "prefix")?;
            if affix.is_tuple() {
                let found: Result<Vec<bool>, Error> = affix.try_iter()?.map(|affix| fits(&affix)).collect();
                found?.contains(&true)
            } else {
                fits(&affix)?
            }
        }
        "isalnum" => all(char::is_alphanumeric),
        "isalpha" => all(char::is_alphabetic),
        "isascii" => text.is_ascii(),
        "isdecimal" | "isdigit" | "isnumeric" => all(char::is_numeric),
        "isidentifier" => all(|c| c.is_alphanumeric() || c == '_') && !text.starts_with(|c: char| c.is_numeric()),
        "islower" => cased(char::is_uppercase, char::is_lowercase),
        "isupper" => cased(char::is_lowercase, char::is_uppercase),
        "isprintable" => !text.chars().any(char::is_control),
        "isspace" => all(char::is_whitespace),
        "istitle" => text.chars().any(char::is_alphabetic) && text == title(text),
        _ => return Ok(None),
    }))
}

/// The methods that give a text.
fn written(text: &str, method: &str, args: &Arguments) -> Result<Option<String>, Error> {
    Ok(Some(match method {
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        "casefold" => text.to_lowercase().replace('ß', "ss"),
        "capitalize" => capitalize(text),
        "title" => title(text),
        "swapcase" => text.chars().map(swap_case).collect(),
        "strip" | "lstrip" | "rstrip" => strip(text, method, args)?,
        "ljust" | "rjust" | "center" | "zfill" => padded(text, method, args)?,
        "replace" => {
            args.limit(3, &["old", "new", "count"])?;
            let (old, new) = (args.required_text(0, "old")?, args.required_text(1, "new")?);
            match args.int(2, "count")?.and_then(|count| usize::try_from(count).ok()) {
                Some(count) => text.replacen(&old, &new, count),
                None => text.replace(&old, &new),
            }
        }
        "removeprefix" => {
            let affix = args.required_text(0, "prefix")?;
            text.strip_prefix(&*affix).unwrap_or(text).to_owned()
        }
        "removesuffix" => {
            let affix = args.required_text(0, "suffix")?;
            text.strip_suffix(&*affix).unwrap_or(text).to_owned()
        }
        "join" => join(text, args)?,
        "expandtabs" => expanded(text, usize::try_from(args.int(0, "tabsize")?.unwrap_or(8)).unwrap_or(0)),
        "translate" => translated(text, &args.required(0, "table")?)?,
        _ => return Ok(None),
    }))
}

/// The first letter large, the others small.
pub(in crate::jinja) fn capitalize(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + &characters.as_str().to_lowercase()
}

/// Each run of letters with a capital.
fn title(text: &str) -> String {
    let mut inside = false;
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if inside {
            result.extend(c.to_lowercase());
        } else {
            result.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    result
}

fn swap_case(c: char) -> char {
    let swapped = if c.is_uppercase() { c.to_lowercase().next() } else { c.to_uppercase().next() };
    swapped.unwrap_or(c)
}

fn strip(text: &str, method: &str, args: &Arguments) -> Result<String, Error> {
    args.limit(1, &["chars"])?;
    let characters = args.text(0, "chars")?;
    let goes = |c: char| match &characters {
        Some(characters) => characters.contains(c),
        None => c.is_whitespace(),
    };
    Ok(match method {
        "lstrip" => text.trim_start_matches(goes),
        "rstrip" => text.trim_end_matches(goes),
        _ => text.trim_matches(goes),
    }
    .to_owned())
}

fn padded(text: &str, method: &str, args: &Arguments) -> Result<String, Error> {
    let width = usize::try_from(args.int(0, "width")?.unwrap_or(0)).unwrap_or(0);
    let fill = args.text(1, "fillchar")?.and_then(|fill| fill.chars().next()).unwrap_or(' ');
    let missing = width.saturating_sub(text.chars().count());
    Ok(match method {
        "ljust" => pad(text, 0, missing, fill),
        "rjust" => pad(text, missing, 0, fill),
        "zfill" => {
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
            format!("{sign}{}", pad(digits, missing, 0, '0'))
        }
        _ => center(text, width, fill),
    })
}

/// The text in the middle of `width` characters; what is odd goes to the left if the width is odd too, as in Python.
pub(in crate::jinja) fn center(text: &str, width: usize, fill: char) -> String {
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2 + (missing & width & 1);
    pad(text, left, missing - left, fill)
}

fn pad(text: &str, left: usize, right: usize, fill: char) -> String {
    // A width beyond any text is a mistake, and shall not take all memory.
    const MOST: usize = 1 << 20;
    let fill = |count: usize| std::iter::repeat_n(fill, count.min(MOST));
    fill(left).chain(text.chars()).chain(fill(right)).collect()
}

fn join(separator: &str, args: &Arguments) -> Result<String, Error> {
    let mut result = String::new();
    for (at, item) in args.required(0, "iterable")?.try_iter()?.enumerate() {
        let Some(item) = item.as_str().filter(|_| item.kind() == ValueKind::String).map(str::to_owned) else {
            let message = format!("`join` joins texts, and {} is a {}", repr(&item), item.kind());
            return Err(fail(message));
        };
        if at > 0 {
            result.push_str(separator);
        }
        result.push_str(&item);
    }
    Ok(result)
}

fn expanded(text: &str, size: usize) -> String {
    let (mut result, mut column) = (String::new(), 0);
    for c in text.chars() {
        match c {
            '\t' if size > 0 => {
                let spaces = size.min(1 << 10) - column % size.min(1 << 10);
                result.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\t' => {}
            '\n' | '\r' => {
                result.push(c);
                column = 0;
            }
            _ => {
                result.push(c);
                column += 1;
            }
        }
    }
    result
}

/// By a mapping from the numbers of characters to text, numbers or `None`.
fn translated(text: &str, table: &Value) -> Result<String, Error> {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        let found = table.get_item(&Value::from(u32::from(c)))?;
        match found.as_usize().and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32) {
            Some(replacement) => result.push(replacement),
            None if found.is_undefined() => result.push(c),
            None if found.is_none() => {}
            None => result.push_str(&text_of(&found)),
        }
    }
    Ok(result)
}

/// `text[start:end]`.
fn part(text: &str, start: Option<i64>, end: Option<i64>) -> &str {
    let (from, to) = bounds(text, start, end);
    text.get(from..to.max(from)).unwrap_or_default()
}

/// The bytes that two positions mean, which count characters, from the end if negative.
fn bounds(text: &str, start: Option<i64>, end: Option<i64>) -> (usize, usize) {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let clamp = |at: i64| if at < 0 { (at + length).max(0) } else { at.min(length) };
    let byte = |at: i64| {
        let at = usize::try_from(at).unwrap_or(0);
        text.char_indices().nth(at).map_or(text.len(), |(at, _)| at)
    };
    (byte(start.map_or(0, clamp)), byte(end.map_or(length, clamp)))
}

fn find(text: &str, args: &Arguments, method: &str, last: bool) -> Result<Value, Error> {
    args.limit(3, &[])?;
    let wanted = args.required_text(0, "sub")?;
    let (start, end) = (args.int(1, "start")?, args.int(2, "end")?);
    let (from, _) = bounds(text, start, end);
    let within = part(text, start, end);
    let found = if last { within.rfind(&*wanted) } else { within.find(&*wanted) };
    match found {
        Some(at) => Ok(Value::from(text[..from + at].chars().count())),
        None if method.ends_with("index") => Err(fail(format!("`{wanted}` is not in the text"))),
        None => Ok(Value::from(-1)),
    }
}

fn count(text: &str, args: &Arguments) -> Result<Value, Error> {
    args.limit(3, &[])?;
    let wanted = args.required_text(0, "sub")?;
    let within = part(text, args.int(1, "start")?, args.int(2, "end")?);
    let count = if wanted.is_empty() { within.chars().count() + 1 } else { within.matches(&*wanted).count() };
    Ok(Value::from(count))
}
