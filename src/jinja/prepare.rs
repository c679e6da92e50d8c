//! Changes what minijinja's tokenizer does not take, without moving a byte, and reads the heads of macros and call blocks.
//!
//! Every change keeps the length of what it replaces, so the offsets of the parsed text are those of the file:
//!
//! - White spaces beyond ASCII, which Python takes for such, become spaces.
//! - An integer of more than 128 bits, which Python has, becomes a name that [`wide_integer`] reads.

use std::borrow::Cow;
use std::ops::Range;

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use crate::jinja::grammar::{Head, SyntaxError};
use crate::jinja::header::Header;
use crate::jinja::tag::{Tag, TagKind, Unclosed, tags};

/// A text that minijinja's tokenizer takes, and the heads in it.
#[derive(Debug)]
pub(super) struct Prepared<'a> {
    /// The text, as long as the original.
    pub(super) text: Cow<'a, str>,
    /// Those of each macro and call block, in the order of their tags.
    pub(super) heads: Vec<Head>,
}

/// Why a text cannot be prepared.
#[derive(Debug)]
pub(super) enum PrepareError {
    /// A tag does not end.
    Unclosed(Unclosed),
    /// The head of a macro is malformed.
    Header(SyntaxError),
    /// An expression, or a chain of `elif`, is longer than there is stack for: the code generator descends once for each operator.
    TooLong(Range<usize>),
}

/// How many tokens an expression may have between two commas.
const MAX_TOKENS: usize = 1500;

/// How many `elif` an `if` may have.
const MAX_BRANCHES: usize = 500;

/// Prepares a template.
pub(super) fn prepare(text: &str) -> Result<Prepared<'_>, PrepareError> {
    let mut edits = Edits { text, changed: None };
    let mut heads = Vec::new();
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
        if tag.kind == TagKind::Statement {
            match tag.keyword(text) {
                "endif" => branches = 0,
                "macro" => heads.push(macro_head(text, &tag).map_err(PrepareError::Header)?),
                "call" => heads.push(call_head(text, &tag).map_err(PrepareError::Header)?),
                _ => {}
            }
        }
        edits.name_wide_integers(tag.inner.clone());
        edits.plain_spaces(tag.inner);
    }
    Ok(Prepared { text: edits.finish(), heads })
}

/// Prepares an expression that stands by itself.
pub(super) fn prepare_expression(expression: &str) -> Cow<'_, str> {
    let mut edits = Edits { text: expression, changed: None };
    edits.name_wide_integers(0..expression.len());
    edits.plain_spaces(0..expression.len());
    edits.finish()
}

/// The digits of an integer that became a name, for which its first digit is a letter from `A`.
pub(super) fn wide_integer(name: &str) -> Option<String> {
    let (first, rest) = (*name.as_bytes().first()?, name.get(1..)?);
    let is_wide = (b'A'..=b'J').contains(&first) && rest.bytes().all(|byte| byte.is_ascii_digit());
    (is_wide && name.len() >= WIDE).then(|| format!("{}{rest}", first - b'A'))
}

/// How many digits an integer has at least that does not fit into 128 bits.
const WIDE: usize = 39;

/// Whether an expression is longer than there is stack for.
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

fn macro_head(text: &str, tag: &Tag) -> Result<Head, SyntaxError> {
    let header = Header::read(text, tag.rest(text))?;
    if header.name().is_none() {
        return Err(header.error("the macro has no name", 0));
    }
    let (parameters, behind) = header.parameters(1)?;
    Ok(Head { parameters, end: header.end_before(behind) })
}

/// The parameters of `{% call(a, b) m() %}`; most call blocks have none.
fn call_head(text: &str, tag: &Tag) -> Result<Head, SyntaxError> {
    let rest = tag.rest(text);
    if !text[rest.clone()].trim_start().starts_with('(') {
        return Ok(Head::default());
    }
    let header = Header::read(text, rest)?;
    let (parameters, behind) = header.parameters(0)?;
    Ok(Head { parameters, end: header.end_before(behind) })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

/// The characters of an expression that are not part of strings.
fn outside_of_strings(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut escaped = false;
    text.char_indices().filter(move |(_, c)| match quote {
        Some(open) => {
            quote = (escaped || *c != open).then_some(open);
            escaped = !escaped && *c == '\\';
            false
        }
        None if matches!(c, '\'' | '"') => {
            quote = Some(*c);
            false
        }
        None => true,
    })
}

/// Changes of a text that keep its length; nothing is copied until there is one.
struct Edits<'a> {
    text: &'a str,
    changed: Option<Vec<u8>>,
}

impl<'a> Edits<'a> {
    /// White spaces outside of strings that are not those of ASCII become spaces.
    fn plain_spaces(&mut self, range: Range<usize>) {
        let text = &self.text[range.clone()];
        let is_other = |c: char| c.is_whitespace() && !c.is_ascii_whitespace();
        if !text.contains(is_other) {
            return;
        }
        for (at, c) in outside_of_strings(text).filter(|(_, c)| is_other(*c)) {
            self.put(range.start + at, &b"    "[..c.len_utf8()]);
        }
    }

    /// The first digit of integers that do not fit into 128 bits becomes a letter.
    fn name_wide_integers(&mut self, range: Range<usize>) {
        let text = &self.text[range.clone()];
        if text.len() < WIDE || !text.contains(|c: char| c.is_ascii_digit()) {
            return;
        }
        // Where the run of letters, digits and points starts that the last character belongs to.
        let mut word: Option<Range<usize>> = None;
        let mut words = Vec::new();
        for (at, c) in outside_of_strings(text) {
            word = match word {
                Some(word) if is_word(c) && word.end == at => Some(word.start..at + c.len_utf8()),
                ended => {
                    words.extend(ended.filter(|word| word.len() >= WIDE));
                    is_word(c).then(|| at..at + c.len_utf8())
                }
            };
        }
        for word in words.into_iter().chain(word) {
            let digits = &text[word.clone()];
            if digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<i128>().is_err() {
                self.put(range.start + word.start, &[digits.as_bytes()[0] - b'0' + b'A']);
            }
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
