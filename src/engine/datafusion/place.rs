//! The place of an error that comes without one: what it names is looked for in the statement.
//!
//! The planner knows where columns and tables stand that are named in most clauses, and nothing of functions, operators and clauses. Its
//! errors name them, so they are found again; what stands there more than once has no place.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::guard::place_of;
use crate::engine::{EngineError, Position};

/// The error with its place in the statement, where that can be told.
pub(super) fn placed(error: EngineError, sql: &str) -> EngineError {
    if error.position.is_some() {
        return error;
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().unwrap_or_default();
    let tokens: Vec<TokenWithSpan> =
        tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    let position = Sought::of(&error.message).and_then(|sought| sought.find(&tokens));
    error.at(position)
}

/// What an error is about.
#[derive(Debug, PartialEq, Eq)]
enum Sought<'m> {
    /// A column, with its table where the statement names it: the first one.
    Column(Vec<&'m str>),
    /// The last column of this name, or the last thing that is given it.
    LastColumn(&'m str),
    /// A function's call, if there is only one.
    Call(&'m str),
    /// What stands before a point.
    Qualifier(&'m str),
    /// A word of SQL or an operator, if there is only one.
    Only(&'m str),
}

impl<'m> Sought<'m> {
    fn of(message: &'m str) -> Option<Self> {
        let quoted = || message.split('`').nth(1);
        let between = |start: &str, end: &str| Some(message.split_once(start)?.1.split_once(end)?.0);
        let last_word = |text: &'m str| text.rsplit(' ').next();
        match message {
            _ if message.starts_with("there is no column `") => {
                quoted().map(|name| Sought::Column(name.split('.').collect()))
            }
            _ if message.contains("is in more than one of") || message.starts_with("two columns ") => {
                Some(Sought::LastColumn(quoted()?.rsplit('.').next()?))
            }
            _ if message.starts_with("function `") || message.starts_with("there is no function `") => {
                quoted().map(Sought::Call)
            }
            _ if message.starts_with("invalid qualifier ") => last_word(message).map(Sought::Qualifier),
            _ if message.contains("not found in struct") => {
                between("field ", " not found").map(|field| Sought::Column(vec![field]))
            }
            _ if message.contains("for comparison operation ") => {
                let operation = message.split_once("for comparison operation ")?.1;
                ["<=", ">=", "!=", "<>", "=", "<", ">"]
                    .into_iter()
                    .find(|operator| operation.contains(&format!(" {operator} ")))
                    .map(Sought::Only)
            }
            _ if message.starts_with("cannot coerce arithmetic expression ") => {
                let mut operators = ["+", "-", "*", "/", "%"].into_iter();
                operators.find(|operator| message.contains(&format!(" {operator} "))).map(Sought::Only)
            }
            _ => {
                let clauses = [
                    ("UNION queries", "union"),
                    ("for Union", "union"),
                    ("EXCEPT queries", "except"),
                    ("INTERSECT queries", "intersect"),
                    ("in the WHERE clause", "where"),
                    ("cannot create filter", "where"),
                    ("in CASE WHEN expression", "case"),
                    ("in BETWEEN expression", "between"),
                    ("can not find compatible types to compare", "in"),
                    ("length across values list", "values"),
                ];
                clauses.into_iter().find(|(words, _)| message.contains(words)).map(|(_, keyword)| Sought::Only(keyword))
            }
        }
    }

    fn find(&self, tokens: &[TokenWithSpan]) -> Option<Position> {
        let token = |at: usize| tokens.get(at).map(|token| &token.token);
        let is_word = |at: usize, name: &str| matches!(token(at), Some(Token::Word(word)) if word.value.eq_ignore_ascii_case(name));
        let is = |at: usize, expected: &Token| token(at) == Some(expected);
        let is_column = |at: usize, parts: &[&str]| {
            let mut named = parts.iter().enumerate();
            let is_named = named.all(|(part, name)| {
                is_word(at + 2 * part, name) && (part == 0 || is(at + 2 * part - 1, &Token::Period))
            });
            let is_alias = at.checked_sub(1).is_some_and(|before| is_word(before, "as"));
            is_named && !is_alias && !is(at + 2 * parts.len() - 1, &Token::LParen)
        };
        let mut all = 0..tokens.len();
        let at = match self {
            // The message may name the table where the statement does not.
            Sought::Column(parts) => {
                (0..parts.len()).find_map(|from| all.clone().find(|at| is_column(*at, &parts[from..])))
            }
            Sought::LastColumn(name) => all.rfind(|at| is_word(*at, name)),
            Sought::Call(name) => {
                let mut calls = all.filter(|at| is_word(*at, name) && is(at + 1, &Token::LParen));
                calls.next().filter(|_| calls.next().is_none())
            }
            Sought::Qualifier(name) => all.find(|at| is_word(*at, name) && is(at + 1, &Token::Period)),
            Sought::Only(text) => {
                let mut found = all.filter(|at| tokens[*at].token.to_string().eq_ignore_ascii_case(text));
                found.next().filter(|_| found.next().is_none())
            }
        };
        place_of(tokens.get(at?)?.span.start)
    }
}
