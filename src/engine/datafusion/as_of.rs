//! Tables as they were: `from orders version as of 3`, `from orders timestamp as of '2026-01-31 08:15'`, and
//! `for system_time as of '…'`, which is the same.
//!
//! The parser knows these words in other dialects only. So they are taken out before it reads, and the table gets a name that says which
//! version is meant, under which the [catalog](super::catalog) finds it.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Ident, ObjectNamePart, TableAlias, TableFactor, VisitMut, VisitorMut};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Word};

use super::guard::place_of;
use crate::engine::{EngineError, ErrorKind, PointInTime};

/// What stands between a name and what tells its version.
const SEPARATOR: &str = " as of ";

/// The words behind a table's name, and whether a number follows; else it is a time.
const WORDS: [(&[&str], bool); 3] = [
    (&["version", "as", "of"], true),
    (&["timestamp", "as", "of"], false),
    (&["for", "system_time", "as", "of"], false),
];

/// Words that are no tables, before which a column can be named `version`.
const NO_TABLES: [Keyword; 9] = [
    Keyword::SELECT,
    Keyword::DISTINCT,
    Keyword::ALL,
    Keyword::NOT,
    Keyword::AND,
    Keyword::OR,
    Keyword::END,
    Keyword::LIKE,
    Keyword::ON,
];

/// The tokens of a statement that reads tables as they were, in the words that the parser knows; nothing of any other.
///
/// # Errors
/// [`ErrorKind::Syntax`] with the place of a version that is told by something else than a number or a text.
pub(super) fn tokens(sql: &str) -> Result<Option<Vec<TokenWithSpan>>, EngineError> {
    // Most statements have no such word, alone. To look for its letters first is much faster.
    if !sql.as_bytes().windows(2).any(|letters| letters.eq_ignore_ascii_case(b"of")) {
        return Ok(None);
    }
    let mut words = sql.split(|c: char| !c.is_alphanumeric() && c != '_');
    if !words.any(|word| word.eq_ignore_ascii_case("of")) {
        return Ok(None);
    }
    // What cannot be read is the parser's to explain.
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location() else { return Ok(None) };
    let mut read: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let mut is_found = false;
    while let Some(token) = rest.next() {
        read.push(token);
        let Some((words, is_number)) = WORDS.into_iter().find(|(words, _)| ends_with(&read, words)) else { continue };
        let named = read.len() - words.len();
        let Some(TokenWithSpan { token: Token::Word(name), .. }) = named.checked_sub(1).and_then(|at| read.get_mut(at))
        else {
            continue;
        };
        // `select version as of` is a column with a strange name.
        if name.quote_style.is_none() && NO_TABLES.contains(&name.keyword) {
            continue;
        }
        let told = rest.next();
        let at = match told.as_ref().map(|told| &told.token) {
            Some(Token::Number(number, _)) if is_number => number.parse().ok().map(PointInTime::Version),
            Some(Token::SingleQuotedString(time)) if !is_number => time.parse().ok(),
            _ => None,
        };
        let Some(at) = at else {
            let wanted =
                if is_number { "the number of a version" } else { "a time in quotes, such as '2026-01-31 08:15'" };
            let message = format!("`{}` is followed by {wanted}", words.join(" "));
            let place = told.as_ref().and_then(|told| place_of(told.span.start));
            return Err(EngineError::new(ErrorKind::Syntax, message).at(place));
        };
        *name = Word { value: versioned(name, at), quote_style: Some('"'), keyword: name.keyword };
        read.truncate(named);
        is_found = true;
    }
    Ok(is_found.then_some(read))
}

/// Whether the last tokens are these words.
fn ends_with(tokens: &[TokenWithSpan], words: &[&str]) -> bool {
    let Some(at) = tokens.len().checked_sub(words.len()) else { return false };
    let is = |(token, word): (&TokenWithSpan, &&str)| match &token.token {
        Token::Word(found) => found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word),
        _ => false,
    };
    tokens[at..].iter().zip(words).all(is)
}

/// The name of a table with the version that is meant.
fn versioned(name: &Word, at: PointInTime) -> String {
    let name = if name.quote_style.is_some() { name.value.clone() } else { name.value.to_lowercase() };
    match at {
        PointInTime::Version(number) => format!("{name}{SEPARATOR}{number}"),
        PointInTime::Time(time) => format!("{name}{SEPARATOR}{time}"),
    }
}

/// The table and the point in time that a name means.
pub(super) fn meant(name: &str) -> Option<(&str, PointInTime)> {
    let (table, at) = name.rsplit_once(SEPARATOR)?;
    Some((table, at.parse().ok()?))
}

/// Lets a statement call its tables by their own names.
pub(super) fn alias(statement: &mut Statement) {
    if let Statement::Statement(statement) = statement {
        let _ = statement.visit(&mut Aliases);
    }
}

struct Aliases;

impl VisitorMut for Aliases {
    type Break = ();

    fn post_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, alias: alias @ None, .. } = factor
            && let Some(ObjectNamePart::Identifier(last)) = name.0.last()
            && let Some((table, _)) = meant(&last.value)
        {
            let name = Ident::with_quote('"', table);
            *alias = Some(TableAlias { explicit: false, name, columns: Vec::new(), at: None });
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use datafusion::sql::parser::DFParserBuilder;

    use super::{alias, tokens};

    fn read(sql: &str) -> String {
        let tokens = match tokens(sql) {
            Ok(Some(tokens)) => tokens,
            Ok(None) => return "no version".to_owned(),
            Err(error) => return error.message,
        };
        let mut statement = DFParserBuilder::new(tokens).build().unwrap().parse_statement().unwrap();
        alias(&mut statement);
        statement.to_string()
    }

    #[test]
    fn the_version_becomes_part_of_the_name() {
        let cases = [
            ("select a.x from s.A version as of 3 a", r#"SELECT a.x FROM s."a as of 3" a"#),
            ("select * from \"A\" Version As Of 3 where x", r#"SELECT * FROM "A as of 3" "A" WHERE x"#),
            (
                "select 1 from a timestamp as of '2026-01-31 08:15' join b for system_time as of '2026-01-31' on true",
                r#"SELECT 1 FROM "a as of 2026-01-31T08:15:00.000000Z" "a" JOIN "b as of 2026-01-31T00:00:00.000000Z" "b" ON true"#,
            ),
            ("select 'version as of 3' as of from a", "no version"),
            ("select version as of from a", "no version"),
            ("select distinct timestamp as of from a", "no version"),
            ("select version as of from a version as of 3", r#"SELECT version AS of FROM "a as of 3" "a""#),
            ("select 1 from a version as of x", "`version as of` is followed by the number of a version"),
            (
                "select 1 from a timestamp as of 3",
                "`timestamp as of` is followed by a time in quotes, such as '2026-01-31 08:15'",
            ),
        ];
        for (sql, expected) in cases {
            assert_eq!(read(sql), expected, "{sql}");
        }
    }
}
