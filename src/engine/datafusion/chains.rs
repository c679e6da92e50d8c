//! Refuses chains of operators that are longer than a thread's stack is deep.
//!
//! `a or b or c …` and `… union all … union all …` are trees as deep as the chain is long, and those who plan them, run them and drop
//! them go down by calling themselves. The parser refuses what is nested too deeply, but not what is only long.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use crate::engine::{EngineError, ErrorKind, Position};

/// The longest chain that the stack of a worker has room for, with much to spare.
pub(super) const LONGEST: usize = 5_000;

/// Checks the text of a statement before it is parsed.
///
/// # Errors
/// [`ErrorKind::Unsupported`] with the place at which a chain becomes too long.
pub(super) fn check(sql: &str) -> Result<(), EngineError> {
    // An operator and what it joins are two characters at least.
    if sql.len() < 2 * LONGEST {
        return Ok(());
    }
    // What cannot be read is the parser's to explain.
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location() else { return Ok(()) };
    let Some(token) = too_long(&tokens) else { return Ok(()) };
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let position = Position { line: place(token.span.start.line), column: place(token.span.start.column) };
    let message = format!("a chain of more than {LONGEST} operators is not supported");
    let error = EngineError::new(ErrorKind::Unsupported, message);
    Err(error.help("keep the values in a seed or a table, and join it").at(Some(position)))
}

/// The operator with which a chain becomes too long. Each bracket and each query has chains of its own; a comma ends those of
/// expressions, but not that of queries.
fn too_long(tokens: &[TokenWithSpan]) -> Option<&TokenWithSpan> {
    let mut open = vec![Chains::default()];
    for token in tokens {
        match &token.token {
            Token::LParen => open.push(Chains::default()),
            Token::RParen if open.len() > 1 => drop(open.pop()),
            other => open.last_mut()?.read(other),
        }
        let longest = open.last().map_or(0, |chains| chains.operators.max(chains.queries).max(chains.joins));
        if longest > LONGEST {
            return Some(token);
        }
    }
    None
}

/// How long the chains are that are being read.
#[derive(Clone, Copy, Debug, Default)]
struct Chains {
    operators: usize,
    queries: usize,
    joins: usize,
}

impl Chains {
    fn read(&mut self, token: &Token) {
        match token {
            Token::Comma => self.operators = 0,
            Token::Word(word) => match word.keyword {
                Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT => self.queries += 1,
                Keyword::JOIN => self.joins += 1,
                Keyword::AND | Keyword::OR => self.operators += 1,
                Keyword::SELECT => (self.operators, self.joins) = (0, 0),
                Keyword::FROM | Keyword::WHERE => self.operators = 0,
                _ => {}
            },
            Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::StringConcat => {
                self.operators += 1;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, check};

    #[test]
    fn chains_that_are_too_long_are_refused_where_they_become_so() {
        let ors = |count: usize| format!("select 1\nwhere {}", vec!["x = 1"; count].join(" or "));
        assert!(check(&ors(LONGEST + 1)).is_ok());
        let error = check(&ors(LONGEST + 2)).expect_err("too long");
        assert_eq!(error.position.expect("a place").line, 2);
        assert!(check(&vec!["select 1"; LONGEST + 2].join("\nunion all\n")).is_err());
    }

    #[test]
    fn long_lists_are_no_chains() {
        assert!(check(&format!("select {}", vec!["1 + 1"; 3 * LONGEST].join(", "))).is_ok());
        assert!(check(&format!("select {}", vec!["(1 + 1)"; LONGEST].join(", "))).is_ok());
    }
}
