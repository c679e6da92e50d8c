//! Putting common table expressions in front of a query.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::Dialect;

/// The statement with these expressions (name, query) added before its own; where it has none, they are put in front. Where the query
/// cannot be read by the tokenizer, they are put in front as if it had none.
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

/// What the names of ephemeral models begin with in the queries of their readers.
const EPHEMERAL: &str = "__dbt__cte__";

/// What the readers of an ephemeral model call its expression.
#[must_use]
pub fn cte_name(alias: &str) -> String {
    format!("{EPHEMERAL}{alias}")
}

/// Whether an expression of this name is an ephemeral model.
#[must_use]
pub fn is_ephemeral_name(name: &str) -> bool {
    name.starts_with(EPHEMERAL)
}

/// The statement without white space and semicolons at its end, so that it can stand in brackets.
#[must_use]
pub fn statement(sql: &str) -> &str {
    sql.trim_end_matches(|c: char| c.is_whitespace() || c == ';').trim_start()
}

/// The byte behind the first `with` or `with recursive` of the statement that has common table expressions behind it and stands in
/// no brackets: it may follow `create table x as` or `insert into x`.
fn with_keyword(query: &str, dialect: Dialect) -> Option<usize> {
    let tokens = Tokenizer::new(dialect.parser(), query).tokenize_with_location().ok()?;
    let words: Vec<&TokenWithSpan> =
        tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    let mut depth = 0_usize;
    for (at, token) in words.iter().enumerate() {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::SemiColon => return None,
            _ if depth == 0 && is(token, Keyword::WITH) => {
                let behind = &words[at + 1..];
                let recursive = behind.first().filter(|token| is(token, Keyword::RECURSIVE));
                if at == 0 || is_expression(&behind[usize::from(recursive.is_some())..]) {
                    let end = recursive.unwrap_or(token).span.end;
                    return Some(offset(query, end.line, end.column));
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether the tokens start with a common table expression: `with` begins other clauses, too, `with offset as o`.
fn is_expression(tokens: &[&TokenWithSpan]) -> bool {
    let [TokenWithSpan { token: Token::Word(_), .. }, behind @ ..] = tokens else { return false };
    let columns = match behind.first().map(|token| &token.token) {
        Some(Token::LParen) => behind.iter().position(|token| token.token == Token::RParen).map_or(0, |end| end + 1),
        _ => 0,
    };
    let [keyword, behind @ ..] = &behind[columns..] else { return false };
    let hints = behind.iter().take_while(|token| is(token, Keyword::NOT) || is(token, Keyword::MATERIALIZED)).count();
    is(keyword, Keyword::AS) && behind.get(hints).is_some_and(|token| token.token == Token::LParen)
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
    fn a_query_may_stand_in_another_statement() {
        let with = "with eph as (\nselect 1 as é\n), a";
        for head in ["create table x as", "insert into t (a, b)", "select 1 as a union all"] {
            assert_eq!(
                added(&format!("{head} with a as (select 1) select * from a")),
                format!("{head} {with} as (select 1) select * from a")
            );
        }
        assert_eq!(
            added("explain with a(b) as not materialized (select 1) select * from a"),
            format!("explain {with}(b) as not materialized (select 1) select * from a")
        );
    }

    #[test]
    fn other_clauses_begin_with_the_same_word() {
        for query in [
            "select * from eph, unnest(b) with offset as o",
            "select b::timestamp with time zone from eph",
            "select * from (with a as (select 1) select * from a)",
            "select * from eph; with a as (select 1) select * from a",
        ] {
            assert_eq!(added(query), format!("with eph as (\nselect 1 as é\n)\n{query}"));
        }
    }

    #[test]
    fn a_broken_query_stays_readable() {
        assert_eq!(added("select 'open"), "with eph as (\nselect 1 as é\n)\nselect 'open");
    }
}
