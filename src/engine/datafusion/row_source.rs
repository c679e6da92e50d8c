//! The rows of a query on their way into a table: a plan of ours made into something that Delta's writers can read.
//!
//! The plan is executed as it streams, never collected. On the way each batch takes on the table's types, rows are counted, and
//! the cancel token is looked at. Delta's writers turn errors into text; the first error is therefore kept here, whole, and
//! [`RowSource::explain`] puts it in the place of theirs.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::provider_as_source;
use datafusion::execution::{SendableRecordBatchStream, SessionState, TaskContext};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::cancelled;
use super::checks::Checks;
use super::storable::conform;
use crate::engine::EngineError;

/// Rows that are about to be written, with what is learnt while they stream.
#[derive(Clone, Debug)]
pub(super) struct RowSource {
    schema: SchemaRef,
    seen: Arc<Seen>,
    cancel: CancellationToken,
}

/// What was learnt while the rows streamed.
#[derive(Debug, Default)]
struct Seen {
    rows: AtomicU64,
    failure: Mutex<Option<EngineError>>,
    checks: OnceLock<Checks>,
}

impl RowSource {
    /// Rows that shall have the columns and types of `schema`.
    pub(super) fn new(schema: SchemaRef, cancel: &CancellationToken) -> Self {
        RowSource { schema, seen: Arc::default(), cancel: cancel.clone() }
    }

    /// A plan that reads the rows of `query`, under this source's schema, when it is executed.
    ///
    /// # Errors
    /// When the query has no physical plan.
    pub(super) async fn plan(&self, state: &SessionState, query: &LogicalPlan) -> Result<LogicalPlan, EngineError> {
        let physical = tokio::select! {
            physical = state.create_physical_plan(query) => physical?,
            () = self.cancel.cancelled() => return Err(cancelled()),
        };
        let partitions = (0..physical.output_partitioning().partition_count())
            .map(|partition| {
                let rows = self.clone();
                Arc::new(Partition { rows, plan: Arc::clone(&physical), partition }) as Arc<dyn PartitionStream>
            })
            .collect();
        let checks = Checks::of(state, &self.schema)?;
        // A source is planned once; a second plan would have the same checks.
        let _ = self.seen.checks.set(checks);
        let table = StreamingTable::try_new(Arc::clone(&self.schema), partitions)?;
        let scan = LogicalPlanBuilder::scan("rows", provider_as_source(Arc::new(table)), None)?;
        Ok(scan.build()?)
    }

    /// How many rows went by.
    pub(super) fn rows(&self) -> u64 {
        self.seen.rows.load(Ordering::Relaxed)
    }

    /// The error that really happened, when `error` is only its echo.
    pub(super) fn explain(&self, error: EngineError) -> EngineError {
        self.seen.failure.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or(error)
    }

    fn pass(&self, batch: Result<RecordBatch>) -> Result<RecordBatch> {
        let batch = batch.map_err(EngineError::from).and_then(|batch| conform(&batch, &self.schema));
        let batch = batch.and_then(|batch| match self.seen.checks.get() {
            Some(checks) => checks.look(&batch).map(|()| batch),
            None => Ok(batch),
        });
        match batch {
            Ok(batch) => {
                self.seen.rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
                Ok(batch)
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    fn fail(&self, error: EngineError) -> DataFusionError {
        let mut failure = self.seen.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert_with(|| error.clone());
        DataFusionError::External(Box::new(error))
    }
}

/// One partition of the query's plan.
struct Partition {
    rows: RowSource,
    plan: Arc<dyn ExecutionPlan>,
    partition: usize,
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partition").field("partition", &self.partition).finish_non_exhaustive()
    }
}

impl PartitionStream for Partition {
    fn schema(&self) -> &SchemaRef {
        &self.rows.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.rows.clone();
        let schema = Arc::clone(&rows.schema);
        let stream = self.plan.execute(self.partition, context);
        let batches =
            futures::stream::once(async move { stream.map_err(|error| rows.fail(error.into())).map(|s| (rows, s)) })
                .flat_map(|opened| match opened {
                    Ok((rows, stream)) => watched(rows, stream).left_stream(),
                    Err(error) => futures::stream::once(async { Err(error) }).right_stream(),
                });
        Box::pin(RecordBatchStreamAdapter::new(schema, batches))
    }
}

/// The stream until it ends, fails or is cancelled.
fn watched(
    rows: RowSource,
    stream: SendableRecordBatchStream,
) -> impl futures::Stream<Item = Result<RecordBatch>> + Send {
    futures::stream::unfold(Some((rows, stream)), |open| async move {
        let (rows, mut stream) = open?;
        let next = tokio::select! {
            biased;
            () = rows.cancel.cancelled() => return Some((Err(rows.fail(cancelled())), None)),
            next = stream.next() => next?,
        };
        let batch = rows.pass(next);
        let open = batch.is_ok().then_some((rows, stream));
        Some((batch, open))
    })
}
