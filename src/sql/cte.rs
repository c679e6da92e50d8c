//! Putting common table expressions in front of a query.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::Dialect;

/// The query with these expressions (name, query) added before its own. Where the query cannot be read by the tokenizer, they are
/// put in front as if it had none.
#[must_use]
pub fn with_ctes(query: &str, ctes: &[(String, String)], dialect: Dialect) -> String {
    if ctes.is_empty() {
        return query.to_owned();
    }
    let definitions: Vec<String> =
        ctes.iter().map(|(name, sql)| format!("{name} as (\n{}\n)", statement(sql))).collect();
    let definitions = definitions.join(", ");
    match with_keyword(query, dialect) {
        Some(end) => format!("{} {definitions}, {}", &query[..end], query[end..].trim_start()),
        None => format!("with {definitions}\n{query}"),
    }
}

/// What the readers of an ephemeral model call its expression.
#[must_use]
pub fn cte_name(alias: &str) -> String {
    format!("__dbt__cte__{alias}")
}

/// The statement without white space and semicolons at its end, so that it can stand in brackets.
#[must_use]
pub fn statement(sql: &str) -> &str {
    sql.trim_end_matches(|c: char| c.is_whitespace() || c == ';').trim_start()
}

/// The byte behind `with` or `with recursive`, when the query starts with it.
fn with_keyword(query: &str, dialect: Dialect) -> Option<usize> {
    let tokens = Tokenizer::new(dialect.parser(), query).tokenize_with_location().ok()?;
    let mut words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let first = words.next().filter(|token| is(token, Keyword::WITH))?;
    let last = words.next().filter(|token| is(token, Keyword::RECURSIVE)).unwrap_or(first);
    let end = last.span.end;
    Some(offset(query, end.line, end.column))
}

fn is(token: &TokenWithSpan, keyword: Keyword) -> bool {
    matches!(&token.token, Token::Word(word) if word.keyword == keyword)
}

/// The byte of a line and column, both from 1, columns in characters.
pub(super) fn offset(text: &str, line: u64, column: u64) -> usize {
    let mut rest = text;
    for _ in 1..line {
        rest = rest.find('\n').map_or("", |at| &rest[at + 1..]);
    }
    let start = text.len() - rest.len();
    let column = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    rest.char_indices().nth(column).map_or(text.len(), |(at, _)| start + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(query: &str) -> String {
        with_ctes(query, &[("eph".to_owned(), "select 1 as é;\n".to_owned())], Dialect::Generic)
    }

    #[test]
    fn a_query_without_ctes_gets_a_with() {
        assert_eq!(added("select * from eph"), "with eph as (\nselect 1 as é\n)\nselect * from eph");
    }

    #[test]
    fn own_ctes_come_behind() {
        assert_eq!(
            added("-- with é\n/* with */ WITH a as (select 1) select * from a"),
            "-- with é\n/* with */ WITH eph as (\nselect 1 as é\n), a as (select 1) select * from a"
        );
        assert_eq!(
            added("with recursive a as (select 1) select 2"),
            "with recursive eph as (\nselect 1 as é\n), a as (select 1) select 2"
        );
    }

    #[test]
    fn a_broken_query_stays_readable() {
        assert_eq!(added("select 'open"), "with eph as (\nselect 1 as é\n)\nselect 'open");
    }
}
