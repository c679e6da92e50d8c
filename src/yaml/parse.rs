//! Text → tree, through `serde-saphyr`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, MessageFormatter, Spanned, UserMessageFormatter};

use super::scalar::plain;
use super::{Entry, Mapping, Node, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileId, Span};

/// Reads the text of `file`. An empty document is `null`. Of a key that a mapping has twice, the last value counts, and `warnings` say
/// so.
///
/// # Errors
/// One diagnostic with the place where the text stops being YAML.
pub fn parse(file: FileId, text: &str, warnings: &mut Diagnostics) -> Result<Node, Diagnostic> {
    if text.trim().is_empty() {
        return Ok(Node { value: Value::Null, span: Span::whole(file) });
    }
    // A list of columns that each model of a file repeats by aliases is usual in property files, so their share is not limited; what
    // aliases expand to is.
    let budget = serde_saphyr::budget! {
        enforce_alias_anchor_ratio: false,
        max_nodes: 5_000_000,
        max_events: 20_000_000,
    };
    let options = serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        budget: budget,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Source { file, text, warnings }.node(raw),
        Err(error) => {
            let span = error.location().map_or(Span::whole(file), |location| span_of(location, file));
            let message = UserMessageFormatter.format_message(&error).into_owned();
            let diagnostic = Diagnostic::error(codes::YAML_SYNTAX, message.trim_end_matches('.').to_owned()).at(span);
            Err(match text.lines().any(|line| line.starts_with('\t')) {
                true => diagnostic.help("YAML is indented with spaces; this file has tabs"),
                false => diagnostic,
            })
        }
    }
}

/// The tree as the deserializer gives it, places not yet bound to a file. Its scalars are typed as YAML 1.2 has it.
enum Raw {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(i64::try_from(value).map_or_else(|_| Raw::Text(value.to_string()), Raw::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

impl Raw {
    /// A scalar that a tag or its quotes give a type.
    fn into_typed(self) -> Value {
        match self {
            Raw::Bool(value) => Value::Bool(value),
            Raw::Int(value) => Value::Int(value),
            Raw::Float(value) => Value::Float(value),
            Raw::Text(text) => Value::Text(text),
            Raw::Null | Raw::List(_) | Raw::Map(_) => Value::Null,
        }
    }

    /// A scalar that is a text: what was `written`, unless that has escapes or is spread over lines.
    fn into_text(self, written: &str) -> Value {
        match self {
            Raw::Text(text) => Value::Text(text),
            _ => Value::Text(written.to_owned()),
        }
    }
}

/// What the head of a block of text has behind its `|` or `>`.
const BLOCK_INDICATORS: [char; 11] = ['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// What the raw tree's places refer to, and what is said about them.
struct Source<'t> {
    file: FileId,
    text: &'t str,
    warnings: &'t mut Diagnostics,
}

impl Source<'_> {
    fn node(&mut self, raw: Spanned<Raw>) -> Result<Node, Diagnostic> {
        let span = span_of(raw.defined, self.file);
        let value = match raw.value {
            Raw::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect::<Result<_, _>>()?),
            Raw::Map(entries) => Value::Map(self.mapping(entries)?),
            Raw::Null => Value::Null,
            scalar => match self.plain(span) {
                Some(written) => plain(written).unwrap_or_else(|| scalar.into_text(written)),
                None => scalar.into_typed(),
            },
        };
        Ok(Node { value, span })
    }

    fn mapping(&mut self, raw: Vec<(Spanned<Raw>, Spanned<Raw>)>) -> Result<Mapping, Diagnostic> {
        let mut mapping = Mapping { entries: Vec::with_capacity(raw.len()) };
        for (key, value) in raw {
            let entry = self.entry(key, value)?;
            match mapping.entries.iter_mut().find(|known| known.key == entry.key) {
                Some(known) => {
                    self.warnings.push(repeated(&entry, known.key_span));
                    *known = entry;
                }
                None => mapping.entries.push(entry),
            }
        }
        Ok(mapping)
    }

    /// The scalar at `span` as it was written, if nothing says its type: neither a tag nor the style of a block.
    fn plain(&self, span: Span) -> Option<&str> {
        let before = self.text.get(..span.range().start)?;
        let line = before.trim_end().rsplit('\n').next()?;
        let line = match before[before.trim_end().len()..].contains('\n') {
            true => line.split(" #").next()?,
            false => line,
        };
        let lead = line.split_whitespace().rev().find(|word| !word.starts_with('&')).unwrap_or_default();
        let is_tag = lead.starts_with('!') && !lead.ends_with([':', ',']);
        let is_block = lead.strip_prefix(['|', '>']).is_some_and(|rest| rest.trim_matches(BLOCK_INDICATORS).is_empty());
        (!is_tag && !is_block).then(|| self.text.get(span.range())).flatten().map(str::trim_end)
    }

    fn entry(&mut self, key: Spanned<Raw>, value: Spanned<Raw>) -> Result<Entry, Diagnostic> {
        let key = self.node(key)?;
        let text = match &key.value {
            Value::Null => "null".to_owned(),
            // `key: {{ jinja }}` without quotes reads as a mapping inside a mapping.
            Value::Map(_) | Value::List(_) => {
                let message = format!("a key must be a text, not {}", key.kind());
                return Err(Diagnostic::error(codes::YAML_SYNTAX, message)
                    .at(key.span)
                    .help("put quotes round a value that starts with `{{`"));
            }
            // A folder may be called `on` or `off`: a key is what was written, whatever type the word has as a value.
            Value::Bool(_) => self.text.get(key.span.range()).unwrap_or_default().trim().to_owned(),
            _ => key.scalar().unwrap_or_default(),
        };
        Ok(Entry { key: text, key_span: key.span, node: self.node(value)? })
    }
}

/// The warning about a key that a mapping has already.
fn repeated(entry: &Entry, first: Span) -> Diagnostic {
    Diagnostic::warning(codes::YAML_DUPLICATE_KEY, format!("key `{}` stands here twice", entry.key))
        .at(entry.key_span)
        .label(first, "first here")
        .help("the last value counts; remove one of them")
}

fn span_of(location: Location, file: FileId) -> Span {
    let span = location.span();
    let start = span.byte_offset().unwrap_or_else(|| span.offset());
    let length = span.byte_len().unwrap_or_else(|| span.len());
    let narrow = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    Span::new(file, narrow(start)..narrow(start.saturating_add(length)))
}
