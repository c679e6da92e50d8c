//! Changes what minijinja's parser does not take, without moving a byte.
//!
//! Every change keeps the length of what it replaces, so the offsets of the parsed text are those of the file:
//!
//! - Line ends inside tags become spaces: minijinja keeps the place of an expression only when it is on one line. So do the white
//!   spaces beyond ASCII, which Python takes for such and minijinja does not.
//! - `{% do e %}` becomes `{{    e }}` where `e` is no call, which is all that minijinja takes; `lower` then drops its value.
//! - `{{ a, b }}`, which is a tuple, becomes `{{(a, b)}}`.
//! - A plus before a value, which Python takes for nothing, becomes a space.
//! - An integer of more than 128 bits, which Python has, becomes a name that [`wide_integer`] reads.
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
        edits.name_wide_integers(tag.inner.clone());
        edits.drop_signs(tag.inner.clone(), false);
        edits.join_lines(tag.inner);
    }
    Ok(Prepared { text: edits.finish(), heads, silent })
}

/// Prepares an expression that stands by itself.
pub(super) fn prepare_expression(expression: &str) -> Cow<'_, str> {
    let mut edits = Edits { text: expression, changed: None };
    edits.name_wide_integers(0..expression.len());
    edits.drop_signs(0..expression.len(), true);
    edits.join_lines(0..expression.len());
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
    /// Line ends outside of strings become spaces.
    fn join_lines(&mut self, range: Range<usize>) {
        let text = &self.text[range.clone()];
        let is_space = |c: char| c != ' ' && c.is_whitespace();
        if !text.contains(is_space) {
            return;
        }
        for (at, c) in outside_of_strings(text).filter(|(_, c)| is_space(*c)) {
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

    /// A plus before a value, `n=+1`, becomes a space. The first character of a tag is another thing, that of an expression is not.
    fn drop_signs(&mut self, range: Range<usize>, is_expression: bool) {
        let text = &self.text[range.clone()];
        if !text.contains('+') {
            return;
        }
        for (at, _) in outside_of_strings(text).filter(|(_, c)| *c == '+') {
            let before = text[..at].trim_end();
            let word = before.rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
            let is_sign = (is_expression && before.is_empty())
                || before.ends_with(['=', '(', ',', '[', '{', ':', '*', '/', '%', '<', '>', '~'])
                || matches!(word, "and" | "or" | "not" | "in" | "if" | "else");
            if is_sign {
                self.put(range.start + at, b" ");
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
