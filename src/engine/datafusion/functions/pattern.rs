//! Formats of dates as warehouses write them: `YYYY-MM-DD HH24:MI:SS`.
//!
//! DataFusion reads strftime's words (`%Y-%m-%d`) and copies all others, so that a warehouse's format came out as it went in. A format
//! with a `%` is strftime's; of any other the words are those that Snowflake, Oracle and PostgreSQL share. Names of months and days come
//! out as Snowflake writes them (`Jan`), whatever the case of the word.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::StringArray;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};

use super::part::texts;

/// The words with strftime's, those first that begin like shorter ones.
const WORDS: &[(&str, &str)] = &[
    ("HH24", "%H"),
    ("HH12", "%I"),
    ("HH", "%I"),
    ("YYYY", "%Y"),
    ("IYYY", "%G"),
    ("YY", "%y"),
    ("MMMM", "%B"),
    ("MONTH", "%B"),
    ("MON", "%b"),
    ("MM", "%m"),
    ("MI", "%M"),
    ("MS", "%3f"),
    ("US", "%6f"),
    ("SS", "%S"),
    ("FF9", "%9f"),
    ("FF6", "%6f"),
    ("FF3", "%3f"),
    ("FF", "%9f"),
    ("DDD", "%j"),
    ("DD", "%d"),
    ("DAY", "%A"),
    ("DY", "%a"),
    ("ID", "%u"),
    ("IW", "%V"),
    ("AM", "%p"),
    ("PM", "%p"),
    ("TZH:TZM", "%:z"),
    ("TZHTZM", "%z"),
    ("Q", "%q"),
];

/// The format in strftime's words.
///
/// # Errors
/// When a letter belongs to no word that is known: the result would be wrong without a word said.
pub(super) fn strftime(format: &str) -> Result<Cow<'_, str>> {
    if format.contains('%') || !format.contains(|letter: char| letter.is_ascii_alphabetic()) || format == "ISO8601" {
        return Ok(Cow::Borrowed(format));
    }
    let (mut found, mut rest) = (String::new(), format);
    while let Some(letter) = rest.chars().next() {
        let begins = |word: &str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if let Some((word, own)) = WORDS.iter().find(|(word, _)| begins(word)) {
            found.push_str(own);
            rest = &rest[word.len()..];
        } else if let Some((text, behind)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            found.push_str(text);
            rest = behind;
        } else if letter.is_ascii_alphabetic() && !matches!(letter, 'T' | 'Z') {
            return exec_err!(
                "the format `{format}` has a word that is not known, at `{rest}`: use strftime's, such as `%Y-%m-%d`"
            );
        } else {
            found.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    Ok(Cow::Owned(found))
}

/// A function of DataFusion's that takes formats behind its first argument.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Patterned {
    inner: Arc<ScalarUDF>,
}

impl Patterned {
    /// The functions that read formats in strftime's words alone.
    pub(super) fn all() -> [Self; 2] {
        let inner = [datafusion::functions::datetime::to_char(), datafusion::functions::datetime::to_date()];
        inner.map(|inner| Patterned { inner })
    }
}

impl ScalarUDFImpl for Patterned {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(given)
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.inner.return_type(given)
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        for format in args.args.iter_mut().skip(1) {
            *format = translated(format)?;
        }
        self.inner.invoke_with_args(args)
    }
}

fn translated(format: &ColumnarValue) -> Result<ColumnarValue> {
    match format {
        ColumnarValue::Scalar(scalar) => match scalar.try_as_str() {
            Some(Some(text)) => Ok(ColumnarValue::Scalar(ScalarValue::Utf8(Some(strftime(text)?.into_owned())))),
            _ => Ok(format.clone()),
        },
        ColumnarValue::Array(array) => {
            let formats = texts(array)?;
            let own = formats.iter().map(|format| format.map(strftime).transpose());
            Ok(ColumnarValue::Array(Arc::new(own.collect::<Result<StringArray>>()?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::strftime;

    #[test]
    fn words_of_warehouses_are_those_of_strftime() {
        let cases = [
            ("YYYY-MM-DD HH24:MI:SS", "%Y-%m-%d %H:%M:%S"),
            ("yyyymmdd", "%Y%m%d"),
            ("DD Mon YYYY", "%d %b %Y"),
            ("YYYY-MM-DD\"T\"HH24:MI:SS.FF3Z", "%Y-%m-%dT%H:%M:%S.%3fZ"),
            ("YYYY-MM-DDTHH24:MI:SS.FF6", "%Y-%m-%dT%H:%M:%S.%6f"),
            ("YYYY-\"Q\"Q", "%Y-Q%q"),
            ("IYYY-IW", "%G-%V"),
            ("%d.%m.%Y", "%d.%m.%Y"),
            ("", ""),
            ("é", "é"),
        ];
        for (given, wanted) in cases {
            assert_eq!(strftime(given).unwrap(), wanted, "{given}");
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_an_error() {
        let error = strftime("YYYY-XX").unwrap_err();
        assert!(error.to_string().contains("at `XX`"), "{error}");
    }
}
