//! Reads the heads of blocks: `name(a, b: str = 'x')`.
//!
//! Those of the macros of files and those of macros inside a template are read alike.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};

use crate::jinja::grammar::SyntaxError;

/// A parameter as byte offsets into the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ParameterRange {
    /// The name.
    pub(super) name: Range<usize>,
    /// The annotation behind the colon.
    pub(super) annotation: Option<Range<usize>>,
    /// The expression behind the equals sign.
    pub(super) default: Option<Range<usize>>,
    /// All of it.
    pub(super) whole: Range<usize>,
}

/// A token without its lifetime and payload, which is all that reading a head needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Ident,
    Open,
    Close,
    Comma,
    Colon,
    Assign,
    Other,
}

/// The tokens of a stretch of text, cut into parts at its commas.
pub(super) struct Header<'a> {
    text: &'a str,
    tokens: Vec<(Mark, Range<usize>)>,
    range: Range<usize>,
}

impl<'a> Header<'a> {
    /// Reads the tokens of `text[range]`.
    pub(super) fn read(text: &'a str, range: Range<usize>) -> Result<Self, SyntaxError> {
        let mut tokens = Vec::new();
        for token in tokenize(&text[range.clone()], true, minijinja::syntax::SyntaxConfig::default()) {
            let (token, span) = token.map_err(|error| SyntaxError {
                message: error.detail().unwrap_or("this is not Jinja").to_owned(),
                range: range.clone(),
            })?;
            let place = range.start + span.start_offset as usize..range.start + span.end_offset as usize;
            tokens.push((mark(&token), place));
        }
        Ok(Header { text, tokens, range })
    }

    /// The name at the start.
    pub(super) fn name(&self) -> Option<Range<usize>> {
        self.tokens.first().filter(|(mark, _)| *mark == Mark::Ident).map(|(_, range)| range.clone())
    }

    /// The parameters in the parentheses that open at token `at`, and the index of the token behind them.
    pub(super) fn parameters(&self, at: usize) -> Result<(Vec<ParameterRange>, usize), SyntaxError> {
        let Some((Mark::Open, open)) = self.tokens.get(at).filter(|(_, range)| &self.text[range.clone()] == "(") else {
            return Err(self.error("expected `(` and the parameters", at));
        };
        let close = self
            .closing(at)
            .ok_or_else(|| SyntaxError { message: "this parenthesis is not closed".to_owned(), range: open.clone() })?;
        let parameters = self.parts(at + 1..close).map(|part| self.parameter(part)).collect::<Result<_, _>>()?;
        Ok((parameters, close + 1))
    }

    /// The parts between the commas behind the name, as offsets of their key and of their value behind `=`.
    pub(super) fn options(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + '_ {
        self.parts(1..self.tokens.len()).filter_map(|part| {
            let assign = part.clone().find(|at| self.tokens[*at].0 == Mark::Assign);
            let key = self.slice(part.start..assign.unwrap_or(part.end))?;
            Some((key, assign.and_then(|assign| self.slice(assign + 1..part.end))))
        })
    }

    /// Where the token before this one ends.
    pub(super) fn end_before(&self, at: usize) -> usize {
        at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(self.range.start, |(_, range)| range.end)
    }

    /// How many tokens there are, without the colon that may end the tag.
    pub(super) fn len(&self) -> usize {
        let colon = self.tokens.last().is_some_and(|(mark, _)| *mark == Mark::Colon);
        self.tokens.len() - usize::from(colon)
    }

    /// An error at a token, or at the end.
    pub(super) fn error(&self, message: &str, at: usize) -> SyntaxError {
        let range = self.tokens.get(at).map_or(self.range.end..self.range.end, |(_, range)| range.clone());
        SyntaxError { message: message.to_owned(), range }
    }

    fn parameter(&self, part: Range<usize>) -> Result<ParameterRange, SyntaxError> {
        if self.tokens[part.start].0 != Mark::Ident {
            return Err(self.error("expected the name of a parameter", part.start));
        }
        let find = |mark| self.top_level(part.clone()).find(|at| self.tokens[*at].0 == mark);
        let assign = find(Mark::Assign);
        let colon = find(Mark::Colon).filter(|colon| assign.is_none_or(|assign| *colon < assign));
        if part.len() > 1 && colon.or(assign) != Some(part.start + 1) {
            return Err(self.error("expected `,` or `)`", part.start + 1));
        }
        Ok(ParameterRange {
            name: self.tokens[part.start].1.clone(),
            annotation: colon.and_then(|colon| self.range(colon + 1..assign.unwrap_or(part.end))),
            default: assign.and_then(|assign| self.range(assign + 1..part.end)),
            whole: self.tokens[part.start].1.start..self.tokens[part.end - 1].1.end,
        })
    }

    /// Ranges of tokens between the commas in `within`; empty parts are left out.
    fn parts(&self, within: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
        let commas = self.top_level(within.clone()).filter(|at| self.tokens[*at].0 == Mark::Comma);
        let ends: Vec<usize> = commas.chain([within.end]).collect();
        let mut start = within.start;
        ends.into_iter().filter_map(move |end| {
            let part = start..end;
            start = end + 1;
            (!part.is_empty()).then_some(part)
        })
    }

    /// The tokens in `within` that are in no bracket.
    fn top_level(&self, within: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let mut depth = 0_i32;
        within.filter(move |at| {
            match self.tokens[*at].0 {
                Mark::Open => depth += 1,
                Mark::Close => depth -= 1,
                _ => return depth == 0,
            }
            false
        })
    }

    fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_i32;
        (open..self.tokens.len()).find(|at| {
            match self.tokens[*at].0 {
                Mark::Open => depth += 1,
                Mark::Close => depth -= 1,
                _ => return false,
            }
            depth == 0
        })
    }

    fn range(&self, tokens: Range<usize>) -> Option<Range<usize>> {
        (!tokens.is_empty()).then(|| self.tokens[tokens.start].1.start..self.tokens[tokens.end - 1].1.end)
    }

    fn slice(&self, tokens: Range<usize>) -> Option<&'a str> {
        self.range(tokens).map(|range| &self.text[range])
    }
}

fn mark(token: &Token<'_>) -> Mark {
    match token {
        Token::Ident(_) => Mark::Ident,
        Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => Mark::Open,
        Token::ParenClose | Token::BracketClose | Token::BraceClose => Mark::Close,
        Token::Comma => Mark::Comma,
        Token::Colon => Mark::Colon,
        Token::Assign => Mark::Assign,
        _ => Mark::Other,
    }
}
