//! Whether a query takes all columns of something.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::Dialect;

/// Whether a query takes all columns of something, so that it has one more where that has: a star that is no multiplication, or may be none.
/// What cannot be read may have one.
#[must_use]
pub fn has_wildcard(sql: &str, dialect: Dialect) -> bool {
    let Ok(tokens) = Tokenizer::new(dialect.parser(), sql).tokenize() else { return true };
    let tokens: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    tokens.windows(2).any(|pair| match pair {
        [Token::Word(word), Token::Mul] => {
            matches!(word.keyword, Keyword::SELECT | Keyword::DISTINCT | Keyword::ALL) && word.quote_style.is_none()
        }
        [before, Token::Mul] => matches!(before, Token::Period | Token::Comma | Token::RParen),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_told_from_multiplications() {
        for (sql, has) in [
            ("select * from t", true),
            ("select\n -- all\n * from t", true),
            ("select t.* from t", true),
            ("select a, * from t", true),
            ("select distinct on (a) * from t", true),
            ("select a * b from t", false),
            ("select count(*), '*' from t", false),
            ("select 'not closed", true),
        ] {
            assert_eq!(has_wildcard(sql, Dialect::Generic), has, "{sql}");
        }
    }
}
