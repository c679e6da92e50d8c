//! Reads Jinja as Jinja2 reads it, into minijinja's syntax tree.
//!
//! minijinja's own parser knows a smaller language: no bare tuples, no unary plus, no calls of what a filter gives, no colon at
//! the end of a statement, no types and computed defaults of parameters. The tokens are still its own, and so is everything
//! behind the tree.
//!
//! The span of an expression is all of it, a chain of attributes and calls from its first name on.

mod expression;
mod statement;
mod string;
mod tokens;

use std::ops::Range;
use std::slice::Iter;

use minijinja::machinery::{Span, Token, ast};

use crate::base::HashSet;
use crate::jinja::header::ParameterRange;
use tokens::Tokens;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// In the words of a diagnostic.
    pub(super) message: String,
    /// The place in the text.
    pub(super) range: Range<usize>,
}

/// The parameters of a macro or call block.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// Each of them.
    pub(super) parameters: Vec<ParameterRange>,
    /// Where the parenthesis behind them ends; 0 where there is none.
    pub(super) end: usize,
}

/// A template that was read.
pub(super) struct Template<'s> {
    /// All of it.
    pub(super) tree: ast::Stmt<'s>,
    /// Where the expressions stand whose value is dropped: those of `do` that are no calls.
    pub(super) silent: Vec<Range<usize>>,
}

/// Reads a template, whose macros and call blocks have these heads.
pub(super) fn template<'s>(text: &'s str, heads: &[Head]) -> Result<Template<'s>, SyntaxError> {
    let mut parser = Parser::new(Tokens::of_template(text), heads);
    let start = parser.here();
    let children = parser.body(&[])?;
    let tree = ast::Stmt::Template(parser.spanned(ast::Template { children }, start));
    Ok(Template { tree, silent: parser.silent })
}

/// Reads an expression that stands by itself. With commas it is a tuple.
pub(super) fn expression(text: &str) -> Result<ast::Expr<'_>, SyntaxError> {
    let mut parser = Parser::new(Tokens::of_expression(text), &[]);
    let found = parser.tuple(true)?;
    match parser.tokens.is_done()? {
        true => Ok(found),
        false => Err(parser.tokens.error("unexpected input after expression")),
    }
}

type Parsed<T> = Result<T, SyntaxError>;

/// How deep expressions and statements may stand one in the other.
const MAX_DEPTH: usize = 150;

struct Parser<'s, 'h> {
    tokens: Tokens<'s>,
    heads: Iter<'h, Head>,
    silent: Vec<Range<usize>>,
    /// The names of blocks.
    blocks: HashSet<&'s str>,
    in_loop: bool,
    depth: usize,
}

impl<'s, 'h> Parser<'s, 'h> {
    fn new(tokens: Tokens<'s>, heads: &'h [Head]) -> Self {
        let (silent, blocks) = (Vec::new(), HashSet::default());
        Parser { tokens, heads: heads.iter(), silent, blocks, in_loop: false, depth: 0 }
    }

    /// Where the next token stands.
    fn here(&self) -> Span {
        self.tokens.here()
    }

    /// A node that goes from `start` to the last token that was read.
    fn spanned<T>(&self, node: T, start: Span) -> ast::Spanned<T> {
        let last = self.tokens.last();
        let end = (last.end_line, last.end_col, last.end_offset.max(start.start_offset));
        let (end_line, end_col, end_offset) = end;
        ast::Spanned::new(node, Span { end_line, end_col, end_offset, ..start })
    }

    /// Reads something that may hold itself.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == MAX_DEPTH {
            return Err(self.tokens.error("this is nested too deep"));
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn is(&self, wanted: &Token<'static>) -> bool {
        self.tokens.is(wanted)
    }

    fn skip(&mut self, wanted: &Token<'static>) -> bool {
        self.tokens.skip(wanted)
    }
}
