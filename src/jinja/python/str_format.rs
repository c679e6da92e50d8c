//! `'{} and {name[key]:>5}'.format(…)`.

use minijinja::value::{Kwargs, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::spec::Spec;
use super::text::{repr, text};

/// Fills the places of a template with the arguments of a call.
pub(in crate::jinja) fn str_format(state: &mut State<'_, '_>, template: &str, args: &[Value]) -> Result<Value, Error> {
    let (positional, named): (&[Value], Kwargs) = from_args(args)?;
    let mut formatter = Formatter { state, positional, named: &named, next: 0 };
    formatter.fill(template, 0).map(Value::from)
}

fn wrong(message: impl Into<String>) -> Error {
    let message: String = message.into();
    Error::new(ErrorKind::InvalidOperation, message)
}

struct Formatter<'a, 't, 'env> {
    state: &'a mut State<'t, 'env>,
    positional: &'a [Value],
    named: &'a Kwargs,
    /// The argument that the next `{}` means.
    next: usize,
}

impl Formatter<'_, '_, '_> {
    /// Fills a template; a place's format may itself have places, but not theirs.
    fn fill(&mut self, template: &str, depth: usize) -> Result<String, Error> {
        let mut result = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            result.push_str(&rest[..at]);
            let (brace, behind) = (&rest[at..=at], &rest[at + 1..]);
            if let Some(escaped) = behind.strip_prefix(brace) {
                result.push_str(brace);
                rest = escaped;
                continue;
            }
            if brace == "}" {
                return Err(wrong("the text has a `}` that closes nothing; write `}}` for the character"));
            }
            let end = closing(behind)
                .ok_or_else(|| wrong("the text has a `{` that is not closed; write `{{` for the character"))?;
            result.push_str(&self.place(&behind[..end], depth)?);
            rest = &behind[end + 1..];
        }
        result.push_str(rest);
        Ok(result)
    }

    fn place(&mut self, place: &str, depth: usize) -> Result<String, Error> {
        if depth > 1 {
            return Err(wrong("places are nested too deep"));
        }
        let (field, spec) = split_spec(place);
        let (field, conversion) = match field.rsplit_once('!') {
            Some((field, conversion)) => (field, Some(conversion)),
            None => (field, None),
        };
        let value = self.field(field)?;
        let spec = self.fill(spec, depth + 1)?;
        match conversion {
            None => Spec::parse_for(&value, &spec)?.apply(self.state, &value, &spec),
            Some("s") => Spec::parse(&spec)?.text(&text(&value)),
            Some("r" | "a") => Spec::parse(&spec)?.text(&repr(&value)),
            Some(other) => Err(wrong(format!("`!{other}` is no conversion"))),
        }
    }

    /// `name`, `0`, `name.attribute[key]`.
    fn field(&mut self, field: &str) -> Result<Value, Error> {
        let end = field.find(['.', '[']).unwrap_or(field.len());
        let (name, mut path) = field.split_at(end);
        let mut value = match name.parse::<usize>() {
            Ok(index) => self.positional.get(index).cloned(),
            Err(_) if name.is_empty() => {
                self.next += 1;
                self.positional.get(self.next - 1).cloned()
            }
            Err(_) => self.named.get::<Option<Value>>(name)?,
        }
        .ok_or_else(|| wrong(format!("there is no argument for `{{{field}}}`")))?;
        while !path.is_empty() {
            if let Some(rest) = path.strip_prefix('.') {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                value = value.get_attr(&rest[..end])?;
                path = &rest[end..];
            } else {
                let (key, rest) = path[1..].split_once(']').ok_or_else(|| wrong("`[` is not closed"))?;
                let key = key.parse::<i64>().map_or_else(|_| Value::from(key), Value::from);
                value = value.get_item(&key)?;
                path = rest;
            }
        }
        Ok(value)
    }
}

impl Spec {
    /// The format of a value: objects read theirs themselves.
    fn parse_for(value: &Value, spec: &str) -> Result<Spec, Error> {
        let is_number = super::Number::of(value).is_some();
        match value.kind() {
            minijinja::value::ValueKind::Plain if !is_number => Ok(Spec::parse(spec).unwrap_or_default()),
            _ => Spec::parse(spec),
        }
    }
}

/// Where the place ends that starts at the beginning of `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
        None
    })
}

/// The field and the format behind its colon; a colon in brackets belongs to the key.
fn split_spec(place: &str) -> (&str, &str) {
    let mut bracket = false;
    for (at, c) in place.char_indices() {
        match c {
            '[' => bracket = true,
            ']' => bracket = false,
            ':' if !bracket => return (&place[..at], &place[at + 1..]),
            _ => {}
        }
    }
    (place, "")
}
