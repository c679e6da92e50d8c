//! `split`, `rsplit`, `splitlines`, `partition`: methods that take a text apart.

use minijinja::Error;
use minijinja::value::{Tuple, Value};

use crate::jinja::arguments::{Arguments, fail};
use crate::jinja::collection::List;

fn list(parts: impl IntoIterator<Item = impl AsRef<str>>) -> Value {
    parts.into_iter().map(|part| Value::from(part.as_ref())).collect::<List>().into()
}

/// `split(sep=none, maxsplit=-1)`, and the same from the end.
pub(super) fn split(text: &str, args: &Arguments, from_end: bool) -> Result<Value, Error> {
    args.limit(2, &["sep", "maxsplit"])?;
    let most = args.int(1, "maxsplit")?.and_then(|most| usize::try_from(most).ok());
    let pieces = most.map_or(usize::MAX, |most| most.saturating_add(1));
    let Some(separator) = args.text(0, "sep")? else {
        return Ok(if from_end { words_from_end(text, pieces) } else { words(text, pieces) });
    };
    if separator.is_empty() {
        return Err(fail("the separator is empty"));
    }
    if from_end {
        let mut parts: Vec<&str> = text.rsplitn(pieces, &*separator).collect();
        parts.reverse();
        return Ok(list(parts));
    }
    Ok(list(text.splitn(pieces, &*separator)))
}

fn words(text: &str, pieces: usize) -> Value {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if parts.len() + 1 == pieces {
            parts.push(rest);
            break;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    list(parts)
}

fn words_from_end(text: &str, pieces: usize) -> Value {
    let mut parts = Vec::new();
    let mut rest = text.trim_end();
    while !rest.is_empty() {
        if parts.len() + 1 == pieces {
            parts.push(rest);
            break;
        }
        let start = rest.char_indices().rev().find(|(_, c)| c.is_whitespace());
        let start = start.map_or(0, |(at, c)| at + c.len_utf8());
        parts.push(&rest[start..]);
        rest = rest[..start].trim_end();
    }
    parts.reverse();
    list(parts)
}

/// `splitlines(keepends=false)`.
pub(super) fn lines(text: &str, args: &Arguments) -> Result<Value, Error> {
    args.limit(1, &["keepends"])?;
    let keep = args.flag(0, "keepends");
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_end = |c: char| "\n\r\u{b}\u{c}\u{1c}\u{1d}\u{1e}\u{85}\u{2028}\u{2029}".contains(c);
        let at = rest.find(is_end).unwrap_or(rest.len());
        let end = if rest[at..].starts_with("\r\n") { 2 } else { rest[at..].chars().next().map_or(0, char::len_utf8) };
        parts.push(&rest[..if keep { at + end } else { at }]);
        rest = &rest[at + end..];
    }
    Ok(list(parts))
}

/// `partition(sep)` and `rpartition(sep)`.
pub(super) fn partition(text: &str, args: &Arguments, last: bool) -> Result<Value, Error> {
    args.limit(1, &["sep"])?;
    let separator = args.required_text(0, "sep")?;
    let split = if last { text.rsplit_once(&*separator) } else { text.split_once(&*separator) };
    let parts = match split {
        Some((left, right)) => [left, &separator, right],
        None if last => ["", "", text],
        None => [text, "", ""],
    };
    Ok(Value::from(Tuple::from(parts.map(Value::from).to_vec())))
}
