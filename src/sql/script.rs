//! Texts of several statements, as hooks and operations hold them.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::Dialect;
use super::cte::offset;

/// The statements of a text, without the semicolons between them; those of which only remarks are left are left out. A text that the
/// tokenizer cannot read is one statement, so that the engine reports what is wrong with it; and so is a script of BigQuery, whose
/// variables, transactions and temporary tables are there for all of its statements.
#[must_use]
pub fn statements(text: &str, dialect: Dialect) -> Vec<&str> {
    let found = divided(text, dialect);
    match dialect == Dialect::BigQuery && found.len() > 1 {
        true => vec![text.trim()],
        false => found,
    }
}

fn divided(text: &str, dialect: Dialect) -> Vec<&str> {
    let Some(tokens) = tokens(text, dialect) else { return vec![text.trim()] };
    let mut found = Vec::new();
    let (mut start, mut has_words) = (0, false);
    for token in &tokens {
        match token.token {
            Token::SemiColon => {
                let at = offset(text, token.span.start.line, token.span.start.column);
                found.extend(has_words.then(|| text[start..at].trim()));
                (start, has_words) = (at + 1, false);
            }
            Token::Whitespace(_) => {}
            _ => has_words = true,
        }
    }
    found.extend(has_words.then(|| text[start..].trim()));
    found
}

/// Whether a statement is a query, to be planned for its rows, and not one that changes something. Of a script its last statement counts,
/// whose rows are those of the script.
#[must_use]
pub fn is_query(statement: &str, dialect: Dialect) -> bool {
    const STARTS: &[Keyword] = &[
        Keyword::SELECT,
        Keyword::WITH,
        Keyword::VALUES,
        Keyword::TABLE,
        Keyword::FROM,
        Keyword::SHOW,
        Keyword::DESCRIBE,
        Keyword::DESC,
        Keyword::EXPLAIN,
    ];
    let last = divided(statement, dialect).pop().unwrap_or(statement);
    let Some(tokens) = tokens(last, dialect) else { return true };
    let first = tokens.iter().find(|token| !matches!(token.token, Token::Whitespace(_) | Token::LParen));
    match first.map(|token| &token.token) {
        Some(Token::Word(word)) => STARTS.contains(&word.keyword),
        _ => true,
    }
}

fn tokens(text: &str, dialect: Dialect) -> Option<Vec<TokenWithSpan>> {
    Tokenizer::new(dialect.parser(), text).tokenize_with_location().ok()
}

#[cfg(test)]
mod tests {
    use super::{is_query, statements};
    use crate::sql::Dialect;

    #[test]
    fn semicolons_divide_but_not_in_texts_or_remarks() {
        let text = "create table a as select ';' as x; -- one; two\n;\ninsert into a\nselect 'b' /* ; */ ;\n-- end";
        let found = statements(text, Dialect::Generic);
        assert_eq!(found, ["create table a as select ';' as x", "insert into a\nselect 'b' /* ; */"]);
        assert_eq!(statements("select 'open", Dialect::Generic), ["select 'open"]);
        assert!(statements(" ; ; -- nothing", Dialect::Generic).is_empty());
        let script = "declare n int64; set n = 1;\nselect n;";
        assert_eq!(statements(script, Dialect::BigQuery), [script]);
        assert_eq!(statements("select 1 ;", Dialect::BigQuery), ["select 1"]);
        assert!(is_query(script, Dialect::BigQuery) && !is_query("select 1; drop table t", Dialect::BigQuery));
    }

    #[test]
    fn a_query_is_told_by_its_first_word() {
        for query in ["select 1", "-- x\n(select 1)", "WITH a as (select 1) select * from a", "show tables"] {
            assert!(is_query(query, Dialect::Generic), "{query}");
        }
        for other in ["create table a as select 1", "insert into a select 1", "-- select\ndrop table a"] {
            assert!(!is_query(other, Dialect::Generic), "{other}");
        }
    }
}
