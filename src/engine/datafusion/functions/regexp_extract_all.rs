//! `regexp_extract_all(words, pattern)` and `regexp_extract_all(words, pattern, group)`: all matches of a regular expression, as a list.
//!
//! Of a pattern with a group it gives what the group matches, as `regexp_extract` does here; group 0 is the whole match.

use std::sync::Arc;

use arrow::array::{Array, AsArray, ListBuilder, StringBuilder};
use arrow::datatypes::Int64Type;
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use regex::Regex;

use super::part::texts;

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RegexpExtractAll {
    signature: Signature,
}

impl RegexpExtractAll {
    pub(super) fn new() -> Self {
        RegexpExtractAll { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RegexpExtractAll {
    fn name(&self) -> &'static str {
        "regexp_extract_all"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_, _] => Ok(vec![DataType::Utf8, DataType::Utf8]),
            [_, _, _] => Ok(vec![DataType::Utf8, DataType::Utf8, DataType::Int64]),
            _ => plan_err!("`regexp_extract_all` takes a text, a pattern, and the number of a group"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let (words, patterns, groups) = match arrays.as_slice() {
            [words, patterns] => (texts(words)?, texts(patterns)?, None),
            [words, patterns, groups] => (texts(words)?, texts(patterns)?, Some(groups.as_primitive::<Int64Type>())),
            _ => return exec_err!("`regexp_extract_all` takes two or three arguments"),
        };
        let mut lists = ListBuilder::new(StringBuilder::new());
        let mut last: Option<(&str, Regex)> = None;
        for row in 0..words.len() {
            if words.is_null(row) || patterns.is_null(row) || groups.is_some_and(|groups| groups.is_null(row)) {
                lists.append_null();
                continue;
            }
            // Most columns of patterns hold one, which is read once.
            let pattern = patterns.value(row);
            let regex = match &mut last {
                Some((known, regex)) if *known == pattern => &*regex,
                last => &last.insert((pattern, read(pattern)?)).1,
            };
            let group = match groups.map(|groups| groups.value(row)) {
                Some(group) => group_of(regex, group)?,
                None => usize::from(regex.captures_len() > 1),
            };
            for captures in regex.captures_iter(words.value(row)) {
                lists.values().append_option(captures.get(group).map(|found| found.as_str()));
            }
            lists.append(true);
        }
        Ok(ColumnarValue::Array(Arc::new(lists.finish())))
    }
}

fn read(pattern: &str) -> Result<Regex> {
    Regex::new(pattern).map_err(|_| exec_datafusion_err!("`{pattern}` is no regular expression"))
}

/// The group of this number.
fn group_of(regex: &Regex, number: i64) -> Result<usize> {
    match usize::try_from(number) {
        Ok(group) if group < regex.captures_len() => Ok(group),
        _ => exec_err!("the pattern `{regex}` has no group {number}"),
    }
}
