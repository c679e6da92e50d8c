//! Changes what minijinja's parser does not take, without moving a byte.
//!
//! Every change keeps the length of what it replaces, so the offsets of the parsed text are those of the file:
//!
//! - Line ends inside tags become spaces: minijinja keeps the place of an expression only when it is on one line. So do the white
//!   spaces beyond ASCII, which Python takes for such and minijinja does not.
//! - `{% do e %}` becomes `{{    e }}` where `e` is no call, which is all that minijinja takes; `lower` then drops its value.
//! - `{{ a, b }}`, which is a tuple, becomes `{{(a, b)}}`.
//! - In the heads of macros and call blocks, annotations and defaults become spaces; [`Header`]s keep them.

use std::borrow::Cow;
use std::ops::Range;

use minijinja::machinery::{Token, ast, parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;

use crate::jinja::header::{Header, HeaderError, ParameterRange};
use crate::jinja::tag::{Tag, TagKind, Unclosed, tags};

/// A text that minijinja parses, and what was taken out of it.
#[derive(Debug)]
pub(super) struct Prepared<'a> {
    /// The text, as long as the original.
    pub(super) text: Cow<'a, str>,
    /// The parameters of each macro and call block, in the order of their tags.
    pub(super) heads: Vec<Vec<ParameterRange>>,
    /// The `do` tags that became expressions.
    pub(super) silent: Vec<Range<usize>>,
}

/// Why a text cannot be prepared.
#[derive(Debug)]
pub(super) enum PrepareError {
    /// A tag does not end.
    Unclosed(Unclosed),
    /// The head of a macro is malformed.
    Header(HeaderError),
    /// An expression, or a chain of `elif`, is longer than there is stack for: minijinja descends once for each operator.
    TooLong(Range<usize>),
}

/// How many tokens an expression may have between two commas.
const MAX_TOKENS: usize = 1500;

/// How many `elif` an `if` may have.
const MAX_BRANCHES: usize = 500;

/// Prepares a template.
pub(super) fn prepare(text: &str) -> Result<Prepared<'_>, PrepareError> {
    let mut edits = Edits { text, changed: None };
    let (mut heads, mut silent) = (Vec::new(), Vec::new());
    let mut branches = 0;
    for tag in tags(text) {
        let tag = tag.map_err(PrepareError::Unclosed)?;
        if !matches!(tag.kind, TagKind::Expression | TagKind::Statement) {
            continue;
        }
        branches = if tag.keyword(text) == "elif" { branches + 1 } else { branches };
        if branches > MAX_BRANCHES || is_too_long(&text[tag.inner.clone()]) {
            return Err(PrepareError::TooLong(tag.outer));
        }
        if tag.kind == TagKind::Expression {
            edits.enclose_tuple(&tag.inner);
        }
        if tag.kind == TagKind::Statement {
            match tag.keyword(text) {
                "endif" => branches = 0,
                "macro" => heads.push(macro_head(&mut edits, &tag).map_err(PrepareError::Header)?),
                "call" => heads.push(call_head(&mut edits, &tag).map_err(PrepareError::Header)?),
                "do" if !is_call(&text[tag.rest(text)]) => {
                    edits.silence(&tag);
                    silent.push(tag.outer.clone());
                }
                _ => {}
            }
        }
        edits.join_lines(tag.inner);
    }
    Ok(Prepared { text: edits.finish(), heads, silent })
}

/// An expression with its line ends outside of strings as spaces.
pub(super) fn join_lines(expression: &str) -> Cow<'_, str> {
    let mut edits = Edits { text: expression, changed: None };
    edits.join_lines(0..expression.len());
    edits.finish()
}

/// Whether an expression is longer than minijinja's parser has stack for.
pub(super) fn is_too_long(code: &str) -> bool {
    if code.len() < MAX_TOKENS {
        return false;
    }
    let mut length = 0;
    tokenize(code, true, SyntaxConfig::default()).map_while(Result::ok).any(|(token, _)| {
        length = if matches!(token, Token::Comma) { 0 } else { length + 1 };
        length > MAX_TOKENS
    })
}

fn is_call(expression: &str) -> bool {
    matches!(parse_expr(expression), Ok(ast::Expr::Call(_)))
}

fn macro_head(edits: &mut Edits<'_>, tag: &Tag) -> Result<Vec<ParameterRange>, HeaderError> {
    let header = Header::read(edits.text, tag.rest(edits.text))?;
    if header.name().is_none() {
        return Err(header.error("the macro has no name", 0));
    }
    let (parameters, _) = header.parameters(1)?;
    parameters.iter().for_each(|parameter| edits.keep_name(parameter));
    Ok(parameters)
}

/// The parameters of `{% call(a, b) m() %}`; most call blocks have none.
fn call_head(edits: &mut Edits<'_>, tag: &Tag) -> Result<Vec<ParameterRange>, HeaderError> {
    let rest = tag.rest(edits.text);
    if !edits.text[rest.clone()].trim_start().starts_with('(') {
        return Ok(Vec::new());
    }
    let header = Header::read(edits.text, rest)?;
    let (parameters, _) = header.parameters(0)?;
    parameters.iter().for_each(|parameter| edits.keep_name(parameter));
    Ok(parameters)
}

/// Changes of a text that keep its length; nothing is copied until there is one.
struct Edits<'a> {
    text: &'a str,
    changed: Option<Vec<u8>>,
}

impl<'a> Edits<'a> {
    /// Line ends outside of strings become spaces.
    fn join_lines(&mut self, range: Range<usize>) {
        let text = &self.text[range.clone()];
        let is_space = |c: char| c != ' ' && c.is_whitespace();
        if !text.contains(is_space) {
            return;
        }
        let mut quote = None;
        let mut escaped = false;
        for (at, c) in text.char_indices() {
            match quote {
                Some(_) if escaped => escaped = false,
                Some(_) if c == '\\' => escaped = true,
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if matches!(c, '\'' | '"') => quote = Some(c),
                None if is_space(c) => self.put(range.start + at, &b"    "[..c.len_utf8()]),
                None => {}
            }
        }
    }

    /// `{% do e %}` becomes `{{    e }}`.
    fn silence(&mut self, tag: &Tag) {
        self.put(tag.outer.start, b"{{");
        let keyword = self.text[tag.inner.clone()].find("do").map_or(tag.inner.start, |at| tag.inner.start + at);
        self.put(keyword, b"  ");
        self.put(tag.outer.end - 2, b"}}");
    }

    /// Puts parentheses around what has a comma outside of brackets, in place of the spaces around it.
    fn enclose_tuple(&mut self, inner: &Range<usize>) {
        let code = &self.text[inner.clone()];
        let trimmed = code.trim();
        let start = inner.start + (code.len() - code.trim_start().len());
        let is_free = code.starts_with(char::is_whitespace) && code.ends_with(char::is_whitespace);
        if !is_free || !trimmed.contains(',') || parse_expr(trimmed).is_ok() {
            return;
        }
        if parse_expr(&format!("({trimmed})")).is_ok() {
            self.put(start - 1, b"(");
            self.put(start + trimmed.len(), b")");
        }
    }

    /// Only the name of a parameter stays.
    fn keep_name(&mut self, parameter: &ParameterRange) {
        let rest = parameter.name.end..parameter.whole.end;
        if !rest.is_empty() {
            self.put(rest.start, &b" ".repeat(rest.len()));
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        let text = self.text;
        let changed = self.changed.get_or_insert_with(|| text.as_bytes().to_vec());
        changed[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn finish(self) -> Cow<'a, str> {
        match self.changed.map(String::from_utf8) {
            // Whole characters are replaced by ASCII, so the bytes are text.
            Some(Ok(changed)) => Cow::Owned(changed),
            _ => Cow::Borrowed(self.text),
        }
    }
}
