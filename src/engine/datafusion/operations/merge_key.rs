//! Checks that the rows of a merge have each key once.

use datafusion::common::Column;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::DataFrame;

use crate::engine::EngineError;

const TIMES: &str = "__times";

/// Looks for a key that occurs more than once; keys with a null in them equal nothing.
///
/// # Errors
/// [`ErrorKind::DuplicateKey`](crate::engine::ErrorKind::DuplicateKey) naming the key and one value of it.
pub(super) async fn check(rows: DataFrame, key: &[String]) -> Result<(), EngineError> {
    let columns: Vec<Expr> = key.iter().map(|name| Expr::Column(Column::from_name(name))).collect();
    let complete = columns.iter().cloned().map(Expr::is_not_null).reduce(Expr::and).unwrap_or_else(|| lit(true));
    let twice = rows
        .filter(complete)?
        .aggregate(columns, vec![count(lit(1)).alias(TIMES)])?
        .filter(Expr::Column(Column::from_name(TIMES)).gt(lit(1)))?
        .limit(0, Some(1))?;
    let Some(example) = twice.collect().await?.into_iter().find(|batch| batch.num_rows() > 0) else { return Ok(()) };
    Err(EngineError::duplicate_key(key, &example))
}
