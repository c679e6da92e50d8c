//! `json.dumps`: JSON as Python writes it.

use std::fmt::Write as _;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::number::Number;
use super::text::{text, write_float};
use crate::jinja::collection::pairs;

/// The deepest nesting that is written.
const DEEPEST: usize = 250;

/// A value as JSON, with a space behind commas and colons, and characters beyond ASCII escaped.
///
/// # Errors
/// When a value has no JSON: dates, decimals, functions.
pub fn json(value: &Value, sort_keys: bool, indent: Option<usize>) -> Result<String, Error> {
    let mut writer = Writer { out: String::new(), sort_keys, indent };
    writer.value(value, 0)?;
    Ok(writer.out)
}

struct Writer {
    out: String,
    sort_keys: bool,
    indent: Option<usize>,
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Error> {
        let refuse = || Error::new(ErrorKind::BadSerialization, format!("a {} has no JSON", value.kind()));
        if depth > DEEPEST {
            return Err(Error::new(ErrorKind::BadSerialization, "the value is nested too deep for JSON"));
        }
        match value.kind() {
            ValueKind::None => self.out.push_str("null"),
            ValueKind::Bool => self.out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => match Number::of(value) {
                Some(Number::Float(float)) if float.is_nan() => self.out.push_str("NaN"),
                Some(Number::Float(float)) if float.is_infinite() => {
                    self.out.push_str(if float > 0.0 { "Infinity" } else { "-Infinity" });
                }
                Some(Number::Float(float)) => drop(write_float(&mut self.out, float)),
                _ => self.out.push_str(&text(value)),
            },
            ValueKind::String => self.string(value.as_str().unwrap_or_default()),
            ValueKind::Seq => {
                let items = value.try_iter()?.checked().collect::<Result<Vec<_>, _>>()?;
                self.container(('[', ']'), &items, depth, |writer, item| writer.value(item, depth + 1))?;
            }
            ValueKind::Map => {
                let mut entries = pairs(value)?
                    .into_iter()
                    .map(|(key, item)| Ok((name(&key)?, item)))
                    .collect::<Result<Vec<_>, Error>>()?;
                if self.sort_keys {
                    entries.sort_by(|one, other| one.0.cmp(&other.0));
                }
                self.container(('{', '}'), &entries, depth, |writer, (key, item)| {
                    writer.string(key);
                    writer.out.push_str(": ");
                    writer.value(item, depth + 1)
                })?;
            }
            _ => return Err(refuse()),
        }
        Ok(())
    }

    fn container<T>(
        &mut self,
        (open, close): (char, char),
        items: &[T],
        depth: usize,
        write: impl Fn(&mut Self, &T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.out.push(open);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push_str(if self.indent.is_some() { "," } else { ", " });
            }
            self.line(depth + 1);
            write(self, item)?;
        }
        if !items.is_empty() {
            self.line(depth);
        }
        self.out.push(close);
        Ok(())
    }

    fn line(&mut self, depth: usize) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(' ', (indent.min(16)) * depth));
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{c}' => self.out.push_str("\\f"),
                ' '..='~' => self.out.push(c),
                other => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        let _ = write!(self.out, "\\u{unit:04x}");
                    }
                }
            }
        }
        self.out.push('"');
    }
}

/// The key of an object: text, and what Python turns into text.
fn name(key: &Value) -> Result<String, Error> {
    match key.kind() {
        ValueKind::String => Ok(key.as_str().unwrap_or_default().to_owned()),
        ValueKind::None => Ok("null".to_owned()),
        ValueKind::Bool => Ok(if key.is_true() { "true" } else { "false" }.to_owned()),
        ValueKind::Number => Ok(text(key)),
        kind => Err(Error::new(ErrorKind::BadSerialization, format!("a {kind} cannot be a key in JSON"))),
    }
}
