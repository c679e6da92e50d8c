//! Runs a query and streams its rows.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::cancelled;
use super::context::Context;
use super::workers::{Workers, finished};
use crate::engine::{EngineError, ErrorKind, Rows};

/// Plans a query and starts it.
///
/// # Errors
/// When it cannot be planned; errors while it runs come through the stream.
pub(super) async fn query(
    workers: &Workers,
    cx: Arc<Context>,
    sql: &str,
    cancel: &CancellationToken,
) -> Result<Rows, EngineError> {
    let sql = sql.to_owned();
    let planning = {
        let (cx, sql) = (Arc::clone(&cx), sql.clone());
        async move { planned(&cx, &sql).await }
    };
    let (plan, context) = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(cancelled()),
        plan = workers.run(planning) => plan?,
    };
    let schema = plan.schema();
    // Started from here, the partitions begin in their order; a worker would begin with the last one.
    let rows = workers.enter(|| execute_stream(plan, context))??;
    let (sender, batches) = mpsc::channel(1);
    let task = workers.attached(async move {
        match drive(rows, &sender).await {
            Err((error, 0)) if error.kind == ErrorKind::OutOfMemory => {
                tracing::info!(%error, "a query begins once more, to need less memory");
                let (plan, context) = planned(&cx.frugal(), &sql).await?;
                drive(execute_stream(plan, context)?, &sender).await.map_err(|(error, _)| error)
            }
            driven => driven.map_err(|(error, _)| error),
        }
    })?;
    Ok(Rows { schema, batches: until_cancelled(Running { batches, task }, cancel.clone()) })
}

async fn planned(cx: &Context, sql: &str) -> Result<(Arc<dyn ExecutionPlan>, Arc<TaskContext>), EngineError> {
    let plan = cx.session.plan(sql).await?;
    let state = cx.session.state();
    Ok((state.create_physical_plan(&plan).await?, state.task_ctx()))
}

/// A query that runs on the workers; it stops when this is dropped.
struct Running {
    batches: mpsc::Receiver<RecordBatch>,
    task: JoinSet<Result<(), EngineError>>,
}

impl Running {
    /// The next rows; an error is the end, too.
    async fn next(&mut self) -> Option<Result<RecordBatch, EngineError>> {
        if let Some(batch) = self.batches.recv().await {
            return Some(Ok(batch));
        }
        finished(self.task.join_next().await?).err().map(Err)
    }
}

/// Sends the rows to whoever waits for them.
///
/// # Errors
/// The query's, with how many batches came before it.
async fn drive(
    mut rows: SendableRecordBatchStream,
    sender: &mpsc::Sender<RecordBatch>,
) -> Result<(), (EngineError, usize)> {
    let mut sent = 0;
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(|error| (error.into(), sent))?;
        if sender.send(batch).await.is_err() {
            break;
        }
        sent += 1;
    }
    Ok(())
}

/// The rows until the token is cancelled; then the work stops, for the task that does it is dropped.
fn until_cancelled(
    running: Running,
    cancel: CancellationToken,
) -> BoxStream<'static, Result<RecordBatch, EngineError>> {
    let step = |open: Option<(Running, CancellationToken)>| async move {
        let (mut running, cancel) = open?;
        let next = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(cancelled()),
            next = running.next() => next?,
        };
        let open = next.is_ok().then_some((running, cancel));
        Some((next, open))
    };
    stream::unfold(Some((running, cancel)), step).boxed()
}
