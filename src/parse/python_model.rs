//! Python models: read for what they refer to and set, never run here.
//!
//! A model is a function `model(dbt, session)`. Its calls of `dbt.ref`, `dbt.source`, `dbt.config` and `dbt.config.get` have literals
//! for arguments, which are written in Python as in Jinja: each call is read as the expression of a template that it is.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{Environment, Scope};
use crate::source::{FileId, Span};

/// The calls that are read, longest first, with what they do.
const CALLS: [(&str, Call); 5] = [
    ("dbt.config.meta_get", Call::MetaGet),
    ("dbt.config.get", Call::ConfigGet),
    ("dbt.config", Call::Same("config")),
    ("dbt.source", Call::Same("source")),
    ("dbt.ref", Call::Same("ref")),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// What the template's function of this name does.
    Same(&'static str),
    /// Asks for a config when the model runs.
    ConfigGet,
    /// Asks for an entry of `meta` when the model runs.
    MetaGet,
}

/// Reads a Python model: the names of `scope` are told what it refers to and sets. `None` when it cannot be read, which is reported.
pub(super) fn read(
    environment: &Environment,
    scope: &Scope,
    (file, text): (FileId, &str),
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let code = Code::of(text);
    let before = diagnostics.iter().count();
    diagnostics.extend(code.wrong_function(file));
    let (mut keys, mut meta_keys) = (Asked::default(), Asked::default());
    for (name, call, arguments) in code.calls() {
        match call {
            Call::Same(function) => {
                let expression = format!("{{{{ {function}({}) }}}}", code.joined(arguments.clone()));
                let span = Span::new(file, arguments);
                if let Err(reason) = environment.render_text(&expression, span, scope).text {
                    diagnostics.push(not_read(name, span, &reason));
                }
            }
            Call::ConfigGet => keys.add(&code, arguments),
            Call::MetaGet => meta_keys.add(&code, arguments),
        }
    }
    if !keys.names.is_empty() || !meta_keys.names.is_empty() {
        // As dbt tells the code that it puts behind the model.
        let expression = format!("{{{{ config({}, {}) }}}}", keys.configs("config"), meta_keys.configs("meta"));
        let span = keys.place.clone().or(meta_keys.place).map_or(Span::whole(file), |place| Span::new(file, place));
        if let Err(reason) = environment.render_text(&expression, span, scope).text {
            diagnostics.push(not_read("dbt.config.get", span, &reason));
        }
    }
    (diagnostics.iter().count() == before).then_some(())
}

fn not_read(call: &str, span: Span, reason: &Diagnostic) -> Diagnostic {
    Diagnostic::error(codes::PYTHON_MODEL, format!("the arguments of `{call}` cannot be read: {}", reason.message))
        .at(span)
        .help("they are literals: what a model refers to is known before it runs")
}

/// The configs that a model asks for, with their defaults, as they are written.
#[derive(Default)]
struct Asked {
    names: Vec<String>,
    defaults: Vec<String>,
    place: Option<Range<usize>>,
}

impl Asked {
    fn add(&mut self, code: &Code<'_>, arguments: Range<usize>) {
        let mut parts = code.parts(arguments.clone()).into_iter().map(|part| code.joined(part).trim().to_owned());
        self.names.push(parts.next().unwrap_or_default());
        self.defaults.push(parts.next().filter(|default| !default.is_empty()).unwrap_or_else(|| "none".to_owned()));
        self.place.get_or_insert(arguments);
    }

    fn configs(&self, kind: &str) -> String {
        let (names, defaults) = (self.names.join(", "), self.defaults.join(", "));
        format!("{kind}_keys_used=[{names}], {kind}_keys_defaults=[{defaults}]")
    }
}

/// Python, its remarks and texts told from the rest.
struct Code<'t> {
    text: &'t str,
    /// What each byte is.
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    /// A text, its quotes included.
    Text,
    Remark,
}

impl<'t> Code<'t> {
    fn of(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let mut kinds = Vec::with_capacity(bytes.len());
        while let Some(byte) = bytes.get(kinds.len()) {
            let at = kinds.len();
            let (kind, length) = match byte {
                b'#' => (Kind::Remark, bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at)),
                b'"' | b'\'' => (Kind::Text, text_length(&bytes[at..])),
                _ => (Kind::Code, 1),
            };
            kinds.resize(at + length, kind);
        }
        Code { text, kinds }
    }

    fn is_code(&self, at: usize) -> bool {
        self.kinds.get(at) == Some(&Kind::Code)
    }

    /// The calls with the range of their arguments, in the order of the text.
    fn calls(&self) -> Vec<(&'static str, Call, Range<usize>)> {
        let starts = self.text.match_indices("dbt.").map(|(at, _)| at).filter(|at| self.is_code(*at));
        starts.filter_map(|at| self.call(at)).collect()
    }

    fn call(&self, at: usize) -> Option<(&'static str, Call, Range<usize>)> {
        let before = self.text[..at].chars().next_back();
        if before.is_some_and(|before| before.is_alphanumeric() || matches!(before, '_' | '.')) {
            return None;
        }
        CALLS.iter().find_map(|(name, call)| {
            let behind = self.text[at..].strip_prefix(name)?;
            let open = at + name.len() + behind.find(|c: char| c != ' ')?;
            self.text[open..].starts_with('(').then_some(())?;
            Some((*name, *call, open + 1..self.close(open)?))
        })
    }

    /// Where the bracket closes that opens here.
    fn close(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, byte) in self.text.bytes().enumerate().skip(open).filter(|(at, _)| self.is_code(*at)) {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' if depth <= 1 => return Some(at),
                b')' | b']' | b'}' => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// The stretch without its remarks, on one line.
    fn joined(&self, range: Range<usize>) -> String {
        let chars = self.text[range.clone()].char_indices().map(|(at, c)| match self.kinds.get(range.start + at) {
            Some(Kind::Remark) => ' ',
            Some(Kind::Code) if c.is_whitespace() => ' ',
            _ => c,
        });
        chars.collect()
    }

    /// The stretch at its commas.
    fn parts(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let (mut parts, mut start, mut depth) = (Vec::new(), range.start, 0_usize);
        for at in range.clone().filter(|at| self.is_code(*at)) {
            match self.text.as_bytes()[at] {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                b',' if depth == 0 => {
                    parts.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
        }
        parts.push(start..range.end);
        parts
    }

    /// What is wrong with the function that a model is.
    fn wrong_function(&self, file: FileId) -> Option<Diagnostic> {
        const HEAD: &str = "def model";
        let is_head = |at: &usize| {
            let behind = self.text[at + HEAD.len()..].trim_start_matches(' ');
            self.is_code(*at) && (*at == 0 || self.text[..*at].ends_with('\n')) && behind.starts_with('(')
        };
        let heads: Vec<usize> = self.text.match_indices(HEAD).map(|(at, _)| at).filter(is_head).collect();
        let help = "a Python model is one function `def model(dbt, session)` that returns a data frame";
        let wrong = |message: &str, span: Span| {
            Some(Diagnostic::error(codes::PYTHON_MODEL, message.to_owned()).at(span).help(help))
        };
        match heads.as_slice() {
            [] => wrong("the file has no function `model`", Span::whole(file)),
            [head] => {
                let open = head + self.text[*head..].find('(')?;
                let parameters = open + 1..self.close(open)?;
                let named = self.parts(parameters.clone()).into_iter().map(|part| self.joined(part));
                let named: Vec<String> = named.filter(|part| !part.trim().is_empty()).collect();
                let first = named.first().map(|first| first.split([':', '=']).next().unwrap_or_default().trim());
                match named.len() == 2 && first == Some("dbt") {
                    true => None,
                    false => wrong("`model` takes two parameters, `dbt` and the session", Span::new(file, parameters)),
                }
            }
            [_, second, ..] => {
                wrong("the file has two functions `model`", Span::new(file, *second..second + HEAD.len()))
            }
        }
    }
}

/// How many bytes of `bytes`, which start with a quote, are a text of Python.
fn text_length(bytes: &[u8]) -> usize {
    let quote = bytes[0];
    let triple = [quote; 3];
    let marks: &[u8] = if bytes.starts_with(&triple) { &triple } else { &triple[..1] };
    let mut at = marks.len();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            _ if bytes[at..].starts_with(marks) => return at + marks.len(),
            // One that is not closed ends with its line.
            b'\n' if marks.len() == 1 => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}
