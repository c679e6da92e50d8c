//! Runs a query and streams its rows.

use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::execute_stream;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::row_source::cancelled;
use crate::engine::{EngineError, Rows};

/// Plans a query and starts it.
///
/// # Errors
/// When it cannot be planned; errors while it runs come through the stream.
pub(super) async fn query(cx: &Context, sql: &str, cancel: &CancellationToken) -> Result<Rows, EngineError> {
    let start = async {
        let plan = cx.session.plan(sql).await?;
        let state = cx.session.state();
        let physical = state.create_physical_plan(&plan).await?;
        let schema = physical.schema();
        let stream = execute_stream(physical, state.task_ctx())?;
        Ok(Rows { schema, batches: until_cancelled(stream, cancel.clone()) })
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(cancelled()),
        rows = start => rows,
    }
}

/// The rows until the token is cancelled; then the work stops, for the stream that drives it is dropped.
fn until_cancelled(
    rows: SendableRecordBatchStream,
    cancel: CancellationToken,
) -> BoxStream<'static, Result<RecordBatch, EngineError>> {
    let step = |open: Option<(SendableRecordBatchStream, CancellationToken)>| async move {
        let (mut rows, cancel) = open?;
        let next = tokio::select! {
            biased;
            () = cancel.cancelled() => return Some((Err(cancelled()), None)),
            next = rows.next() => next?,
        };
        match next {
            Ok(batch) => Some((Ok(batch), Some((rows, cancel)))),
            Err(error) => Some((Err(EngineError::from(error)), None)),
        }
    };
    stream::unfold(Some((rows, cancel)), step).boxed()
}
