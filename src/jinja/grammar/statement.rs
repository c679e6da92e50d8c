//! Statements: what stands in `{% … %}`, and the text between.

use minijinja::machinery::ast::{self, Expr, Spanned, Stmt};
use minijinja::machinery::{Span, Token};

use super::{Head, Parsed, Parser};

/// Words that cannot be set.
const RESERVED: [&str; 8] = ["true", "True", "false", "False", "none", "None", "loop", "self"];

impl<'s> Parser<'s, '_> {
    /// Text, expressions and statements up to a statement that starts with one of these words, which is next then. Without
    /// words, up to the end.
    pub(super) fn body(&mut self, ends: &[&str]) -> Parsed<Vec<Stmt<'s>>> {
        let mut found = Vec::new();
        while !self.tokens.is_done()? {
            let start = self.here();
            if let Some(Token::TemplateData(raw)) = self.tokens.peek() {
                let raw = *raw;
                self.tokens.next("text")?;
                found.push(Stmt::EmitRaw(self.spanned(ast::EmitRaw { raw }, start)));
            } else if self.skip(&Token::VariableStart) {
                let expr = self.tuple(true)?;
                found.push(Stmt::EmitExpr(self.spanned(ast::EmitExpr { expr }, start)));
                self.tokens.expect(&Token::VariableEnd, "end of variable block")?;
            } else {
                self.tokens.expect(&Token::BlockStart, "start of block")?;
                if ends.iter().any(|end| self.tokens.is_word(end)) {
                    return Ok(found);
                }
                self.nested(|parser| parser.statement(&mut found))?;
                self.tokens.expect(&Token::BlockEnd, "end of block")?;
            }
        }
        if ends.is_empty() { Ok(found) } else { Err(self.tokens.unexpected("end of block")) }
    }

    /// The rest of the tag that opens a body, and the body with the word that ends it.
    fn block(&mut self, end: &str) -> Parsed<Vec<Stmt<'s>>> {
        self.open()?;
        let body = self.body(&[end])?;
        self.tokens.word()?;
        Ok(body)
    }

    /// The end of a tag that opens a body. As in Python there may be a colon.
    fn open(&mut self) -> Parsed<()> {
        self.skip(&Token::Colon);
        self.tokens.expect(&Token::BlockEnd, "end of block")
    }

    fn statement(&mut self, found: &mut Vec<Stmt<'s>>) -> Parsed<()> {
        let start = self.here();
        if self.tokens.peek().is_some() && !self.is(&Token::Ident("")) {
            return Err(self.tokens.unexpected("statement"));
        }
        let (word, _) = self.tokens.word()?;
        found.push(match word {
            "for" => self.for_loop(start)?,
            "if" => self.condition(start)?,
            "with" => self.with(start)?,
            "set" => self.set(start)?,
            "do" => self.do_(start)?,
            "print" => return self.print(start, found),
            "filter" => self.filter(start)?,
            "macro" => {
                let (name, _) = self.tokens.word()?;
                let declaration = self.declaration(name)?;
                let body = self.macro_body("endmacro")?;
                Stmt::Macro(self.spanned(ast::Macro { body, ..declaration }, start))
            }
            "call" => self.call_block(start)?,
            "block" => self.named_block(start)?,
            "autoescape" => {
                let enabled = self.expression()?;
                let body = self.block("endautoescape")?;
                Stmt::AutoEscape(self.spanned(ast::AutoEscape { enabled, body }, start))
            }
            "continue" | "break" if !self.in_loop => {
                return Err(self.tokens.error(&format!("'{word}' must be placed inside a loop")));
            }
            "continue" => Stmt::Continue(self.spanned(ast::Continue, start)),
            "break" => Stmt::Break(self.spanned(ast::Break, start)),
            "include" | "import" | "from" | "extends" => self.include(start)?,
            _ => {
                let mut error = self.tokens.error(&format!("there is no statement `{word}`"));
                error.range = start.start_offset as usize..start.end_offset as usize;
                return Err(error);
            }
        });
        Ok(())
    }

    fn for_loop(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        let target = self.target(false)?;
        if !self.tokens.skip_word("in") {
            return Err(self.tokens.unexpected("in"));
        }
        let iter = self.tuple(false)?;
        let filter_expr = if self.tokens.skip_word("if") { Some(self.expression()?) } else { None };
        let recursive = self.tokens.skip_word("recursive");
        self.open()?;
        let outside = std::mem::replace(&mut self.in_loop, true);
        let body = self.body(&["endfor", "else"])?;
        let else_body = if self.tokens.skip_word("else") {
            self.block("endfor")?
        } else {
            self.tokens.word()?;
            Vec::new()
        };
        self.in_loop = outside;
        let node = ast::ForLoop { target, iter, filter_expr, recursive, body, else_body };
        Ok(Stmt::ForLoop(self.spanned(node, start)))
    }

    fn condition(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        let expr = self.tuple(false)?;
        self.open()?;
        let true_body = self.body(&["endif", "else", "elif"])?;
        let place = self.here();
        let false_body = match self.tokens.word()? {
            ("else", _) => self.block("endif")?,
            ("elif", _) => vec![self.condition(place)?],
            _ => Vec::new(),
        };
        Ok(Stmt::IfCond(self.spanned(ast::IfCond { expr, true_body, false_body }, start)))
    }

    fn with(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        let mut assignments = Vec::new();
        while !self.is(&Token::BlockEnd) {
            if !assignments.is_empty() {
                self.tokens.expect(&Token::Comma, "comma")?;
            }
            let target = self.one_target(false)?;
            self.tokens.expect(&Token::Assign, "assignment operator")?;
            assignments.push((target, self.expression()?));
        }
        let body = self.block("endwith")?;
        Ok(Stmt::WithBlock(self.spanned(ast::WithBlock { assignments, body }, start)))
    }

    fn set(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        let target = self.target(true)?;
        if self.skip(&Token::Assign) {
            let expr = self.tuple(true)?;
            return Ok(Stmt::Set(self.spanned(ast::Set { target, expr }, start)));
        }
        let filter = match self.tokens.peek() {
            Some(Token::Pipe) => Some(self.filters(None)?),
            Some(Token::Colon | Token::BlockEnd) => None,
            _ => return Err(self.tokens.unexpected("assignment operator")),
        };
        let body = self.block("endset")?;
        Ok(Stmt::SetBlock(self.spanned(ast::SetBlock { target, filter, body }, start)))
    }

    /// Names that are set: one, or several with commas between.
    fn target(&mut self, dotted: bool) -> Parsed<Expr<'s>> {
        let start = self.here();
        let first = self.one_target(dotted)?;
        if !self.is(&Token::Comma) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.skip(&Token::Comma) {
            let is_end = matches!(self.tokens.peek(), Some(Token::ParenClose | Token::BlockEnd | Token::Assign));
            if is_end || self.tokens.is_word("in") {
                break;
            }
            items.push(self.one_target(dotted)?);
        }
        Ok(Expr::List(self.spanned(ast::List { items }, start)))
    }

    fn one_target(&mut self, dotted: bool) -> Parsed<Expr<'s>> {
        if self.skip(&Token::ParenOpen) {
            let found = self.nested(|parser| parser.target(dotted))?;
            self.tokens.expect(&Token::ParenClose, "`)`")?;
            return Ok(found);
        }
        let start = self.here();
        if let Some(Token::Ident(id)) = self.tokens.peek().filter(|token| is_reserved(token)) {
            return Err(self.tokens.error(&format!("cannot assign to reserved variable name {id}")));
        }
        let (id, _) = self.tokens.word()?;
        let mut found = Expr::Var(self.spanned(ast::Var { id }, start));
        while dotted && self.skip(&Token::Dot) {
            let place = self.here();
            let (name, _) = self.tokens.word()?;
            found = Expr::GetAttr(self.spanned(ast::GetAttr { expr: found, name }, place));
        }
        Ok(found)
    }

    /// minijinja has `do` for calls; other values are printed to nowhere.
    fn do_(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        match self.tuple(true)? {
            Expr::Call(call) => Ok(Stmt::Do(self.spanned(ast::Do { call }, start))),
            expr => {
                let node = self.spanned(ast::EmitExpr { expr }, start);
                let span = node.span();
                self.silent.push(span.start_offset as usize..span.end_offset as usize);
                Ok(Stmt::EmitExpr(node))
            }
        }
    }

    /// `print a, b`: one after the other.
    fn print(&mut self, start: Span, found: &mut Vec<Stmt<'s>>) -> Parsed<()> {
        while !self.is(&Token::BlockEnd) {
            let expr = self.expression()?;
            found.push(Stmt::EmitExpr(self.spanned(ast::EmitExpr { expr }, start)));
            if !self.skip(&Token::Comma) {
                break;
            }
        }
        Ok(())
    }

    fn filter(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        let filter = self.filters(None)?;
        let body = self.block("endfilter")?;
        Ok(Stmt::FilterBlock(self.spanned(ast::FilterBlock { filter, body }, start)))
    }

    /// A macro or call block up to its body. What its parameters default to is no part of the tree.
    fn declaration(&mut self, name: &'s str) -> Parsed<ast::Macro<'s>> {
        let Some(Head { parameters, end }) = self.heads.next() else {
            return Err(self.tokens.error("a macro cannot stand here"));
        };
        let text = self.tokens.text;
        let parameter = |range: &std::ops::Range<usize>| {
            let id = text.get(range.clone()).unwrap_or_default();
            let place = Span { start_offset: offset(range.start), end_offset: offset(range.end), ..self.here() };
            Expr::Var(Spanned::new(ast::Var { id }, place))
        };
        let args = parameters.iter().map(|found| parameter(&found.name)).collect();
        self.tokens.skip_to(*end);
        Ok(ast::Macro { name, args, defaults: Vec::new(), body: Vec::new() })
    }

    /// The body of a macro or call block: no loop goes through its edge.
    fn macro_body(&mut self, end: &str) -> Parsed<Vec<Stmt<'s>>> {
        let outside = std::mem::replace(&mut self.in_loop, false);
        let body = self.block(end)?;
        self.in_loop = outside;
        Ok(body)
    }

    fn call_block(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        let declaration = self.declaration("caller")?;
        let call = match self.expression()? {
            Expr::Call(call) => call,
            other => {
                let message = format!("expected call expression in call block, got {}", other.description());
                return Err(self.tokens.error(&message));
            }
        };
        let body = self.macro_body("endcall")?;
        let macro_decl = self.spanned(ast::Macro { body, ..declaration }, start);
        Ok(Stmt::CallBlock(self.spanned(ast::CallBlock { call, macro_decl }, start)))
    }

    fn is_known(&self, block: &Token<'s>) -> bool {
        matches!(block, Token::Ident(name) if self.blocks.contains(name))
    }

    /// A block prints its body: there are no templates that could put another in its place.
    fn named_block(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        if let Some(Token::Ident(name)) = self.tokens.peek().filter(|token| self.is_known(token)) {
            return Err(self.tokens.error(&format!("there are two blocks `{name}`")));
        }
        let (name, _) = self.tokens.word()?;
        self.blocks.insert(name);
        self.tokens.skip_word("scoped");
        self.tokens.skip_word("required");
        let outside = std::mem::replace(&mut self.in_loop, false);
        let body = self.block("endblock")?;
        self.in_loop = outside;
        self.tokens.skip_word(name);
        Ok(Stmt::WithBlock(self.spanned(ast::WithBlock { assignments: Vec::new(), body }, start)))
    }

    /// Other templates are named by an expression and never found.
    fn include(&mut self, start: Span) -> Parsed<Stmt<'s>> {
        let name = self.expression()?;
        while !self.is(&Token::BlockEnd) {
            self.tokens.next("end of block")?;
        }
        Ok(Stmt::Include(self.spanned(ast::Include { name, ignore_missing: false }, start)))
    }
}

fn is_reserved(token: &&Token<'_>) -> bool {
    matches!(token, Token::Ident(word) if RESERVED.contains(word))
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
