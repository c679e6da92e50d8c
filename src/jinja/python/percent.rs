//! `'%s and %(name)05.2f' % values`.

use minijinja::value::{Tuple, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::number::Number;
use super::spec::Spec;
use super::text::{repr, text};

/// Fills the places of a template.
pub(in crate::jinja) fn percent(state: &mut State<'_, '_>, template: &str, values: &Value) -> Result<Value, Error> {
    let positional = match values.downcast_object_ref::<Tuple>() {
        Some(tuple) => tuple.to_vec(),
        None => vec![values.clone()],
    };
    let mut filler = Filler { state, values, positional, used: 0, named: false };
    let mut result = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        result.push_str(&rest[..at]);
        rest = filler.place(&rest[at + 1..], &mut result)?;
    }
    result.push_str(rest);
    let left_over = filler.used < filler.positional.len() && !filler.named;
    if left_over && values.kind() != ValueKind::Map {
        return Err(wrong("there are more values than places in the text"));
    }
    Ok(Value::from(result))
}

fn wrong(message: impl Into<String>) -> Error {
    let message: String = message.into();
    Error::new(ErrorKind::InvalidOperation, message)
}

struct Filler<'a, 's, 't, 'env> {
    state: &'a mut State<'t, 'env>,
    values: &'s Value,
    positional: Vec<Value>,
    used: usize,
    named: bool,
}

impl Filler<'_, '_, '_, '_> {
    /// Fills the place that starts behind a `%` and gives what follows.
    fn place<'t>(&mut self, place: &'t str, result: &mut String) -> Result<&'t str, Error> {
        let (key, mut rest) = match place.strip_prefix('(') {
            Some(inner) => {
                let (key, rest) = inner.split_once(')').ok_or_else(|| wrong("`%(` has no `)`"))?;
                (Some(key), rest)
            }
            None => (None, place),
        };
        let mut spec = Spec::default();
        while let Some(flag) = rest.chars().next().filter(|c| "-+ #0".contains(*c)) {
            match flag {
                '-' => spec.align = Some('<'),
                '#' => spec.alternate = true,
                '0' => spec.zero = true,
                sign => spec.sign = Some(sign),
            }
            rest = &rest[1..];
        }
        (spec.width, rest) = self.size(rest)?.unwrap_or((0, rest));
        if let Some(behind) = rest.strip_prefix('.') {
            let (precision, behind) = self.size(behind)?.unwrap_or((0, behind));
            spec.precision = Some(precision);
            rest = behind;
        }
        rest = rest.trim_start_matches(['h', 'l', 'L']);
        let kind = rest.chars().next().ok_or_else(|| wrong("the text ends within a place `%`"))?;
        let rest = &rest[kind.len_utf8()..];
        if kind == '%' {
            result.push('%');
            return Ok(rest);
        }
        let value = match key {
            Some(key) => {
                self.named = true;
                let found = self.values.get_item(&Value::from(key))?;
                if found.is_undefined() {
                    return Err(wrong(format!("there is no value for `%({key})`")));
                }
                found
            }
            None => self.next()?,
        };
        result.push_str(&self.write(spec, kind, &value)?);
        Ok(rest)
    }

    fn next(&mut self) -> Result<Value, Error> {
        let value = self.positional.get(self.used).cloned();
        self.used += 1;
        value.ok_or_else(|| wrong("there are fewer values than places in the text"))
    }

    /// A number, or `*` for one among the values.
    fn size<'t>(&mut self, rest: &'t str) -> Result<Option<(usize, &'t str)>, Error> {
        if let Some(behind) = rest.strip_prefix('*') {
            let size = self.next()?.as_usize().ok_or_else(|| wrong("`*` needs a number"))?;
            return Ok(Some((size, behind)));
        }
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            return Ok(None);
        }
        Ok(Some((rest[..end].parse().unwrap_or(usize::MAX), &rest[end..])))
    }

    fn write(&mut self, spec: Spec, kind: char, value: &Value) -> Result<String, Error> {
        let mut spec = spec.check()?;
        let as_text = |mut spec: Spec, text: &str| {
            spec.zero = false;
            spec.align = spec.align.or(Some('>'));
            spec.text(text)
        };
        match kind {
            's' => as_text(spec, &text(value)),
            'r' | 'a' => as_text(spec, &repr(value)),
            'c' => match value.as_str() {
                Some(text) => as_text(spec, text),
                None => {
                    spec.kind = Some('c');
                    spec.apply(self.state, value, "c")
                }
            },
            'd' | 'i' | 'u' => {
                let whole = Number::of(value).and_then(Number::truncated);
                let whole = whole.ok_or_else(|| wrong(format!("`%{kind}` needs a number, not a {}", value.kind())))?;
                spec.kind = Some('d');
                // The precision of an integer is how many digits it has at least.
                let digits = spec.precision.take();
                if let Some(digits) = digits {
                    spec.width = spec.width.max(digits);
                    spec.zero = true;
                }
                spec.number(Number::Int(whole))
            }
            'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                spec.kind = Some(kind);
                spec.apply(self.state, value, "number")
            }
            other => Err(wrong(format!("`%{other}` is no place of a value"))),
        }
    }
}
