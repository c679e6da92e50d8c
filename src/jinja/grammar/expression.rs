//! Expressions: what stands in `{{ … }}` and in statements.

use minijinja::machinery::ast::{self, BinOpKind, CallArg, CompareOpKind, Expr, UnaryOpKind};
use minijinja::machinery::{Span, Token};
use minijinja::value::Value;

use super::string::unescape;
use super::{Parsed, Parser};

/// The levels of operators, from those that bind least: `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`, `**`.
const NOT: usize = 2;
const COMPARISON: usize = 3;
const UNARY: usize = 8;

/// The operator of a level that a token is.
fn operator(level: usize, token: &Token<'_>) -> Option<BinOpKind> {
    Some(match (level, token) {
        (0, Token::Ident("or")) => BinOpKind::ScOr,
        (1, Token::Ident("and")) => BinOpKind::ScAnd,
        (4, Token::Plus) => BinOpKind::Add,
        (4, Token::Minus) => BinOpKind::Sub,
        (5, Token::Tilde) => BinOpKind::Concat,
        (6, Token::Mul) => BinOpKind::Mul,
        (6, Token::Div) => BinOpKind::Div,
        (6, Token::FloorDiv) => BinOpKind::FloorDiv,
        (6, Token::Mod) => BinOpKind::Rem,
        (7, Token::Pow) => BinOpKind::Pow,
        _ => return None,
    })
}

impl<'s> Parser<'s, '_> {
    /// An expression, or a tuple of several. Where a condition may follow, as in `for x in a if b`, there is none inside.
    pub(super) fn tuple(&mut self, conditional: bool) -> Parsed<Expr<'s>> {
        let start = self.here();
        let first = self.item(conditional)?;
        if !self.is(&Token::Comma) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.skip(&Token::Comma) && !self.is_tuple_end() {
            items.push(self.item(conditional)?);
        }
        Ok(Expr::Tuple(self.spanned(ast::Tuple { items }, start)))
    }

    fn is_tuple_end(&self) -> bool {
        let ends = matches!(self.tokens.peek(), None | Some(Token::VariableEnd | Token::BlockEnd | Token::ParenClose));
        ends || self.tokens.is_word("recursive")
    }

    fn item(&mut self, conditional: bool) -> Parsed<Expr<'s>> {
        if conditional { self.expression() } else { self.nested(|parser| parser.operation(0)) }
    }

    /// An expression.
    pub(super) fn expression(&mut self) -> Parsed<Expr<'s>> {
        self.nested(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed<Expr<'s>> {
        let start = self.here();
        let mut found = self.operation(0)?;
        while self.tokens.skip_word("if") {
            let test_expr = self.operation(0)?;
            let false_expr = if self.tokens.skip_word("else") { Some(self.conditional()?) } else { None };
            let node = ast::IfExpr { test_expr, true_expr: found, false_expr };
            found = Expr::IfExpr(self.spanned(node, start));
        }
        Ok(found)
    }

    /// An operation of this level or one that binds tighter.
    fn operation(&mut self, level: usize) -> Parsed<Expr<'s>> {
        match level {
            NOT => self.negation(),
            COMPARISON => self.comparison(),
            UNARY => self.filtered(),
            _ => self.binary(level),
        }
    }

    fn binary(&mut self, level: usize) -> Parsed<Expr<'s>> {
        let start = self.here();
        let mut left = self.operation(level + 1)?;
        while let Some(op) = self.tokens.peek().and_then(|token| operator(level, token)) {
            self.tokens.next("operator")?;
            let right = self.operation(level + 1)?;
            left = Expr::BinOp(self.spanned(ast::BinOp { op, left, right }, start));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed<Expr<'s>> {
        let start = self.here();
        if !self.tokens.skip_word("not") {
            return self.operation(NOT + 1);
        }
        let expr = self.nested(Self::negation)?;
        Ok(self.unary(UnaryOpKind::Not, expr, start))
    }

    fn unary(&self, op: UnaryOpKind, expr: Expr<'s>, start: Span) -> Expr<'s> {
        Expr::UnaryOp(self.spanned(ast::UnaryOp { op, expr }, start))
    }

    fn comparison(&mut self) -> Parsed<Expr<'s>> {
        let start = self.here();
        let first = self.operation(COMPARISON + 1)?;
        let mut ops = Vec::new();
        while let Some(op) = self.comparator()? {
            ops.push(ast::CompareOp { op, expr: self.operation(COMPARISON + 1)? });
        }
        if ops.len() > 1 {
            return Ok(Expr::Compare(self.spanned(ast::Compare { expr: first, ops }, start)));
        }
        let Some(ast::CompareOp { op, expr }) = ops.pop() else { return Ok(first) };
        let (kind, negated) = match op {
            CompareOpKind::Eq => (BinOpKind::Eq, false),
            CompareOpKind::Ne => (BinOpKind::Ne, false),
            CompareOpKind::Lt => (BinOpKind::Lt, false),
            CompareOpKind::Lte => (BinOpKind::Lte, false),
            CompareOpKind::Gt => (BinOpKind::Gt, false),
            CompareOpKind::Gte => (BinOpKind::Gte, false),
            CompareOpKind::In => (BinOpKind::In, false),
            CompareOpKind::NotIn => (BinOpKind::In, true),
        };
        let found = Expr::BinOp(self.spanned(ast::BinOp { op: kind, left: first, right: expr }, start));
        Ok(if negated { self.unary(UnaryOpKind::Not, found, start) } else { found })
    }

    fn comparator(&mut self) -> Parsed<Option<CompareOpKind>> {
        let op = match self.tokens.peek() {
            Some(Token::Eq) => CompareOpKind::Eq,
            Some(Token::Ne) => CompareOpKind::Ne,
            Some(Token::Lt) => CompareOpKind::Lt,
            Some(Token::Lte) => CompareOpKind::Lte,
            Some(Token::Gt) => CompareOpKind::Gt,
            Some(Token::Gte) => CompareOpKind::Gte,
            Some(Token::Ident("in")) => CompareOpKind::In,
            Some(Token::Ident("not")) => CompareOpKind::NotIn,
            _ => return Ok(None),
        };
        self.tokens.next("operator")?;
        if matches!(op, CompareOpKind::NotIn) && !self.tokens.skip_word("in") {
            return Err(self.tokens.unexpected("in"));
        }
        Ok(Some(op))
    }

    /// A value with filters and tests behind it. What a filter gives can be called.
    fn filtered(&mut self) -> Parsed<Expr<'s>> {
        let start = self.here();
        let mut found = self.signed()?;
        loop {
            found = match self.tokens.peek() {
                Some(Token::Pipe) => self.filters(Some(found))?,
                Some(Token::Ident("is")) => self.test(found, start)?,
                Some(Token::ParenOpen) => self.call(found, start)?,
                _ => return Ok(found),
            };
        }
    }

    /// A value with its sign: minus binds less than attributes and calls do, and tighter than filters. Plus is nothing.
    fn signed(&mut self) -> Parsed<Expr<'s>> {
        let start = self.here();
        if self.skip(&Token::Minus) {
            let expr = self.nested(Self::signed)?;
            return Ok(self.unary(UnaryOpKind::Neg, expr, start));
        }
        if self.skip(&Token::Plus) {
            return self.nested(Self::signed);
        }
        self.value()
    }

    /// A value with attributes, items and calls behind it.
    fn value(&mut self) -> Parsed<Expr<'s>> {
        let start = self.here();
        let mut found = self.nested(Self::primary)?;
        loop {
            found = match self.tokens.peek() {
                Some(Token::Dot) => self.attribute(found, start)?,
                Some(Token::BracketOpen) => self.subscript(found, start)?,
                Some(Token::ParenOpen) => self.call(found, start)?,
                _ => return Ok(found),
            };
        }
    }

    fn attribute(&mut self, expr: Expr<'s>, start: Span) -> Parsed<Expr<'s>> {
        self.tokens.expect(&Token::Dot, "`.`")?;
        let place = self.here();
        let index = match self.tokens.peek() {
            Some(Token::Int(index)) => Some(Value::from(*index)),
            Some(Token::Int128(index)) => Some(Value::from(**index)),
            Some(Token::Ident(_)) => None,
            _ => return Err(self.tokens.unexpected("identifier or integer")),
        };
        let Some(index) = index else {
            let (name, _) = self.tokens.word()?;
            return Ok(Expr::GetAttr(self.spanned(ast::GetAttr { name, expr }, start)));
        };
        self.tokens.next("integer")?;
        let subscript_expr = self.constant(index, place);
        Ok(Expr::GetItem(self.spanned(ast::GetItem { expr, subscript_expr }, start)))
    }

    fn constant(&self, value: Value, start: Span) -> Expr<'s> {
        Expr::Const(self.spanned(ast::Const { value }, start))
    }

    /// `value[item]`, `value[a, b]`, `value[start:stop:step]`.
    fn subscript(&mut self, expr: Expr<'s>, start: Span) -> Parsed<Expr<'s>> {
        self.tokens.expect(&Token::BracketOpen, "`[`")?;
        let place = self.here();
        let first = if self.is(&Token::Colon) { None } else { Some(self.expression()?) };
        let subscript_expr = match first {
            Some(first) if self.is(&Token::Comma) => {
                let mut items = vec![first];
                while self.skip(&Token::Comma) {
                    items.push(self.expression()?);
                }
                Expr::Tuple(self.spanned(ast::Tuple { items }, place))
            }
            Some(first) if !self.is(&Token::Colon) => first,
            first => {
                let stop = self.bound()?;
                let step = self.bound()?;
                self.tokens.expect(&Token::BracketClose, "`]`")?;
                return Ok(Expr::Slice(self.spanned(ast::Slice { expr, start: first, stop, step }, start)));
            }
        };
        self.tokens.expect(&Token::BracketClose, "`]`")?;
        Ok(Expr::GetItem(self.spanned(ast::GetItem { expr, subscript_expr }, start)))
    }

    /// The part of a slice behind a colon, if there is one.
    fn bound(&mut self) -> Parsed<Option<Expr<'s>>> {
        let is_given =
            self.skip(&Token::Colon) && !matches!(self.tokens.peek(), Some(Token::BracketClose | Token::Colon));
        if is_given { self.expression().map(Some) } else { Ok(None) }
    }

    fn call(&mut self, expr: Expr<'s>, start: Span) -> Parsed<Expr<'s>> {
        let args = self.arguments()?;
        Ok(Expr::Call(self.spanned(ast::Call { expr, args }, start)))
    }

    fn arguments(&mut self) -> Parsed<Vec<CallArg<'s>>> {
        self.tokens.expect(&Token::ParenOpen, "`(`")?;
        let mut arguments = Vec::new();
        let mut named = false;
        while !self.skip(&Token::ParenClose) {
            if !arguments.is_empty() {
                self.tokens.expect(&Token::Comma, "`,`")?;
                if self.skip(&Token::ParenClose) {
                    break;
                }
            }
            let argument = self.argument()?;
            match argument {
                CallArg::Kwarg(..) | CallArg::KwargSplat(_) => named = true,
                CallArg::Pos(_) if named => {
                    return Err(self.tokens.error("an argument without a name stands behind one that has a name"));
                }
                _ => {}
            }
            arguments.push(argument);
        }
        Ok(arguments)
    }

    fn argument(&mut self) -> Parsed<CallArg<'s>> {
        if self.skip(&Token::Pow) {
            return self.expression().map(CallArg::KwargSplat);
        }
        if self.skip(&Token::Mul) {
            return self.expression().map(CallArg::PosSplat);
        }
        match self.expression()? {
            Expr::Var(name) if self.skip(&Token::Assign) => Ok(CallArg::Kwarg(name.id, self.expression()?)),
            value => Ok(CallArg::Pos(value)),
        }
    }

    /// `| name(…)`, one after the other; the first works on `expr`, or on the text of a block. The first of a `filter` block
    /// has no pipe.
    pub(super) fn filters(&mut self, mut expr: Option<Expr<'s>>) -> Parsed<Expr<'s>> {
        loop {
            self.skip(&Token::Pipe);
            let place = self.here();
            let name = self.dotted()?;
            let args = if self.is(&Token::ParenOpen) { self.arguments()? } else { Vec::new() };
            let found = Expr::Filter(self.spanned(ast::Filter { name, expr, args }, place));
            if !self.is(&Token::Pipe) {
                return Ok(found);
            }
            expr = Some(found);
        }
    }

    /// The name of a filter or test.
    fn dotted(&mut self) -> Parsed<&'s str> {
        let (name, first) = self.tokens.word()?;
        let mut end = None;
        while self.skip(&Token::Dot) {
            end = Some(self.tokens.word()?.1.end_offset as usize);
        }
        let whole = end.and_then(|end| self.tokens.text.get(first.start_offset as usize..end));
        Ok(whole.unwrap_or(name))
    }

    fn test(&mut self, expr: Expr<'s>, start: Span) -> Parsed<Expr<'s>> {
        self.tokens.next("is")?;
        let negated = self.tokens.skip_word("not");
        let place = self.here();
        let name = self.dotted()?;
        let is_word = |word: &&str| matches!(*word, "and" | "or" | "else" | "is");
        let args = match self.tokens.peek() {
            Some(Token::ParenOpen) => self.arguments()?,
            Some(Token::Ident(word)) if is_word(word) => Vec::new(),
            Some(
                Token::Ident(_)
                | Token::Str(_)
                | Token::String(_)
                | Token::Int(_)
                | Token::Int128(_)
                | Token::Float(_)
                | Token::Plus
                | Token::Minus
                | Token::BracketOpen
                | Token::BraceOpen,
            ) => vec![CallArg::Pos(self.signed()?)],
            _ => Vec::new(),
        };
        let found = Expr::Test(self.spanned(ast::Test { name, expr, args }, place));
        Ok(if negated { self.unary(UnaryOpKind::Not, found, start) } else { found })
    }

    fn primary(&mut self) -> Parsed<Expr<'s>> {
        let start = self.here();
        let value = match self.tokens.peek() {
            Some(Token::ParenOpen) => return self.parenthesis(start),
            Some(Token::BracketOpen) => return self.list(start),
            Some(Token::BraceOpen) => return self.dict(start),
            Some(Token::Str(_) | Token::String(_)) => return self.string(start),
            Some(Token::Ident("true" | "True")) => Value::from(true),
            Some(Token::Ident("false" | "False")) => Value::from(false),
            Some(Token::Ident("none" | "None")) => Value::from(()),
            Some(Token::Int(value)) => Value::from(*value),
            Some(Token::Int128(value)) => Value::from(**value),
            Some(Token::Float(value)) => Value::from(*value),
            Some(Token::Ident(_)) => {
                let (id, _) = self.tokens.word()?;
                return Ok(Expr::Var(self.spanned(ast::Var { id }, start)));
            }
            Some(token) => return Err(self.tokens.error(&format!("unexpected {token}"))),
            None => return Err(self.tokens.unexpected("expression")),
        };
        self.tokens.next("expression")?;
        Ok(self.constant(value, start))
    }

    /// Strings that stand one after the other are one.
    fn string(&mut self, start: Span) -> Parsed<Expr<'s>> {
        let text = self.tokens.text;
        let mut whole = String::new();
        while let Some(Token::Str(_) | Token::String(_)) = self.tokens.peek() {
            let (token, span) = self.tokens.next("string")?;
            match token {
                Token::Str(plain) => whole.push_str(plain),
                _ => {
                    let code = text.get(span.start_offset as usize + 1..(span.end_offset as usize).saturating_sub(1));
                    whole.push_str(&unescape(code.unwrap_or_default()));
                }
            }
        }
        Ok(self.constant(Value::from(whole), start))
    }

    /// A tuple, or an expression in parentheses.
    fn parenthesis(&mut self, start: Span) -> Parsed<Expr<'s>> {
        self.tokens.expect(&Token::ParenOpen, "`(`")?;
        if self.skip(&Token::ParenClose) {
            return Ok(Expr::Tuple(self.spanned(ast::Tuple { items: Vec::new() }, start)));
        }
        let found = self.tuple(true)?;
        self.tokens.expect(&Token::ParenClose, "`)`")?;
        Ok(found)
    }

    fn list(&mut self, start: Span) -> Parsed<Expr<'s>> {
        self.tokens.expect(&Token::BracketOpen, "`[`")?;
        let mut items = Vec::new();
        self.until(&Token::BracketClose, |parser| {
            items.push(parser.expression()?);
            Ok(())
        })?;
        Ok(Expr::List(self.spanned(ast::List { items }, start)))
    }

    fn dict(&mut self, start: Span) -> Parsed<Expr<'s>> {
        self.tokens.expect(&Token::BraceOpen, "`{`")?;
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        self.until(&Token::BraceClose, |parser| {
            keys.push(parser.expression()?);
            parser.tokens.expect(&Token::Colon, "`:`")?;
            values.push(parser.expression()?);
            Ok(())
        })?;
        Ok(Expr::Map(self.spanned(ast::Map { keys, values }, start)))
    }

    /// Items with commas between them, and one behind the last if there is one, up to the token that closes them.
    fn until(&mut self, end: &Token<'static>, mut item: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        let mut is_first = true;
        while !self.skip(end) {
            if !is_first {
                self.tokens.expect(&Token::Comma, "`,`")?;
                if self.skip(end) {
                    break;
                }
            }
            is_first = false;
            item(self)?;
        }
        Ok(())
    }
}
