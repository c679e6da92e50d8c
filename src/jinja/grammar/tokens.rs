//! The tokens of a text, as minijinja cuts them.

use std::mem::discriminant;

use minijinja::Error;
use minijinja::machinery::{Span, Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::{Parsed, SyntaxError};

/// The tokens of a text, and the one that is next.
pub(super) struct Tokens<'s> {
    /// The text.
    pub(super) text: &'s str,
    tokens: Vec<(Token<'s>, Span)>,
    at: usize,
    /// Why there are no more behind the last.
    failed: Option<SyntaxError>,
}

impl<'s> Tokens<'s> {
    /// Those of a template.
    pub(super) fn of_template(text: &'s str) -> Self {
        Tokens::read(text, false)
    }

    /// Those of an expression.
    pub(super) fn of_expression(text: &'s str) -> Self {
        Tokens::read(text, true)
    }

    fn read(text: &'s str, is_expression: bool) -> Self {
        let mut tokens = Tokens { text, tokens: Vec::new(), at: 0, failed: None };
        let mut line = 1;
        for token in tokenize(text, is_expression, SyntaxConfig::default()) {
            match token {
                Ok((token, span)) => {
                    if matches!(token, Token::TemplateData(_) | Token::BlockStart | Token::VariableStart) {
                        line = span.start_line;
                    }
                    // The code generator keeps the place of an expression only when it is on one line.
                    tokens.tokens.push((token, Span { start_line: line, ..span }));
                }
                Err(error) => {
                    tokens.failed = Some(tokens.failure(&error));
                    break;
                }
            }
        }
        tokens
    }

    fn failure(&self, error: &Error) -> SyntaxError {
        let end = self.tokens.last().map_or(0, |(_, span)| span.end_offset as usize);
        let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        SyntaxError { message, range: error.range().unwrap_or(end..self.text.len()) }
    }

    /// The next token.
    pub(super) fn peek(&self) -> Option<&Token<'s>> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    /// Where the next token stands, or the last one.
    pub(super) fn here(&self) -> Span {
        self.tokens.get(self.at).map_or_else(|| self.last(), |(_, span)| *span)
    }

    /// Where the token stands that was read last.
    pub(super) fn last(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map(|(_, span)| *span).unwrap_or_default()
    }

    /// Reads a token.
    ///
    /// # Errors
    /// At the end, where `expected` is missing.
    pub(super) fn next(&mut self, expected: &str) -> Parsed<(&Token<'s>, Span)> {
        if self.at == self.tokens.len() {
            return Err(self.unexpected(expected));
        }
        let (token, span) = &self.tokens[self.at];
        self.at += 1;
        Ok((token, *span))
    }

    /// Whether nothing is left.
    ///
    /// # Errors
    /// What is left is not made of tokens.
    pub(super) fn is_done(&self) -> Parsed<bool> {
        match &self.failed {
            Some(failed) if self.at == self.tokens.len() => Err(failed.clone()),
            _ => Ok(self.at == self.tokens.len()),
        }
    }

    /// Whether the next token is of this kind.
    pub(super) fn is(&self, wanted: &Token<'static>) -> bool {
        self.peek().is_some_and(|token| discriminant(token) == discriminant(wanted))
    }

    /// Whether the next token is this word.
    pub(super) fn is_word(&self, wanted: &str) -> bool {
        matches!(self.peek(), Some(Token::Ident(word)) if *word == wanted)
    }

    /// Passes over a token of this kind, if it is next.
    pub(super) fn skip(&mut self, wanted: &Token<'static>) -> bool {
        let found = self.is(wanted);
        self.at += usize::from(found);
        found
    }

    /// Passes over this word, if it is next.
    pub(super) fn skip_word(&mut self, wanted: &str) -> bool {
        let found = self.is_word(wanted);
        self.at += usize::from(found);
        found
    }

    /// Passes over all that ends before an offset of the text.
    pub(super) fn skip_to(&mut self, offset: usize) {
        while self.tokens.get(self.at).is_some_and(|(_, span)| (span.end_offset as usize) <= offset) {
            self.at += 1;
        }
    }

    /// Reads a token of this kind, which is `expected`.
    pub(super) fn expect(&mut self, wanted: &Token<'static>, expected: &str) -> Parsed<()> {
        if self.skip(wanted) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// Reads a name.
    pub(super) fn word(&mut self) -> Parsed<(&'s str, Span)> {
        match self.tokens.get(self.at) {
            Some((Token::Ident(word), span)) => {
                self.at += 1;
                Ok((*word, *span))
            }
            _ => Err(self.unexpected("identifier")),
        }
    }

    /// The error that the next token is not what is expected.
    pub(super) fn unexpected(&self, expected: &str) -> SyntaxError {
        match (self.peek(), &self.failed) {
            (Some(token), _) => self.error(&format!("unexpected {token}, expected {expected}")),
            (None, Some(failed)) => failed.clone(),
            (None, None) => self.error(&format!("unexpected end of input, expected {expected}")),
        }
    }

    /// An error at the next token.
    pub(super) fn error(&self, message: &str) -> SyntaxError {
        let here = self.here();
        SyntaxError { message: message.to_owned(), range: here.start_offset as usize..here.end_offset as usize }
    }
}
