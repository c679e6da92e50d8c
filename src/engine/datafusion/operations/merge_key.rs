//! Checks that the rows of a merge have each key once.

use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::Column;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::DataFrame;

use crate::base::quoted_list;
use crate::engine::{EngineError, ErrorKind};

const TIMES: &str = "__times";

/// Looks for a key that occurs more than once; keys with a null in them equal nothing.
///
/// # Errors
/// [`ErrorKind::DuplicateKey`] naming the key and one value of it.
pub(super) async fn check(rows: DataFrame, key: &[String]) -> Result<(), EngineError> {
    let columns: Vec<Expr> = key.iter().map(|name| Expr::Column(Column::from_name(name))).collect();
    let complete = columns.iter().cloned().map(Expr::is_not_null).reduce(Expr::and).unwrap_or_else(|| lit(true));
    let twice = rows
        .filter(complete)?
        .aggregate(columns, vec![count(lit(1)).alias(TIMES)])?
        .filter(Expr::Column(Column::from_name(TIMES)).gt(lit(1)))?
        .limit(0, Some(1))?;
    let Some(example) = twice.collect().await?.into_iter().find(|batch| batch.num_rows() > 0) else { return Ok(()) };
    let text = |at: usize| -> Result<String, EngineError> {
        let options = FormatOptions::default();
        Ok(ArrayFormatter::try_new(example.column(at), &options)?.value(0).to_string())
    };
    let values = (0..key.len()).map(|at| Ok(format!("{} = {}", key[at], text(at)?)));
    let values = values.collect::<Result<Vec<_>, EngineError>>()?.join(", ");
    let times = text(key.len())?;
    Err(EngineError::new(
        ErrorKind::DuplicateKey,
        format!("the query has {times} rows for one value of the unique key {}: {values}", quoted_list(key)),
    )
    .help("keep one row of each key, for instance with `qualify row_number() over (partition by …) = 1`"))
}
