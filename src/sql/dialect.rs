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

    /// A type as casts name it: those of BigQuery have no digits and lengths, which only columns have.
    #[must_use]
    pub fn cast_type(self, data_type: &str) -> String {
        if self != Dialect::BigQuery {
            return data_type.to_owned();
        }
        let (mut bare, mut depth) = (String::new(), 0_u32);
        for letter in data_type.chars() {
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                letter if depth == 0 => bare.push(letter),
                _ => {}
            }
        }
        bare.trim_end().to_owned()
    }

    /// What holds a moment, so that it can be compared with one: BigQuery compares no dates and clock times with moments.
    #[must_use]
    pub fn moment(self, expression: &str) -> String {
        match self {
            Dialect::BigQuery => format!("cast({expression} as timestamp)"),
            Dialect::Generic | Dialect::Snowflake => expression.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn casts_of_bigquery_name_types_without_digits() {
        for (said, bare) in
            [("numeric(10, 2)", "numeric"), ("struct<a string(5), b int64>", "struct<a string, b int64>")]
        {
            assert_eq!(Dialect::BigQuery.cast_type(said), bare);
            assert_eq!(Dialect::Generic.cast_type(said), said);
        }
    }
}
