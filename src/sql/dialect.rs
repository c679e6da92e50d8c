//! How an engine spells SQL.

use sqlparser::dialect::{BigQueryDialect, GenericDialect, SnowflakeDialect};

/// A way of spelling SQL: quoting and the parser that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dialect {
    /// ANSI-like SQL with double-quoted identifiers, as the embedded engine reads it.
    #[default]
    Generic,
    /// GoogleSQL: backticks.
    BigQuery,
    /// Snowflake: double quotes, unquoted names fold to upper case.
    Snowflake,
}

impl Dialect {
    /// The parser's view of the dialect.
    #[must_use]
    pub fn parser(self) -> &'static dyn sqlparser::dialect::Dialect {
        match self {
            Dialect::Generic => &GenericDialect {},
            Dialect::BigQuery => &BigQueryDialect {},
            Dialect::Snowflake => &SnowflakeDialect,
        }
    }

    /// The text as a constant of SQL.
    #[must_use]
    pub fn text(self, text: &str) -> String {
        match self {
            Dialect::Generic => format!("'{}'", text.replace('\'', "''")),
            Dialect::BigQuery | Dialect::Snowflake => {
                format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
            }
        }
    }

    /// The identifier in quotes, quotes inside it escaped.
    #[must_use]
    pub fn quote(self, identifier: &str) -> String {
        match self {
            Dialect::Generic | Dialect::Snowflake => format!("\"{}\"", identifier.replace('"', "\"\"")),
            Dialect::BigQuery => format!("`{}`", identifier.replace('`', "\\`")),
        }
    }
}
