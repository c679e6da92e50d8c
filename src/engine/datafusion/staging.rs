//! The rows of a query in a temporary file: run once, read as often as needed.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::FileReader;
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::execution::SpillFile;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::DataFrame;
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use super::cancelled;
use super::context::Context;
use super::row_source::RowSource;
use crate::engine::EngineError;

/// Rows in a temporary file, which goes when the last reader does.
#[derive(Clone)]
pub(super) struct Staged {
    schema: SchemaRef,
    file: Arc<dyn SpillFile>,
    cancel: Option<CancellationToken>,
}

impl fmt::Debug for Staged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staged").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Staged {
    /// Runs a query and keeps its rows as `rows` shapes them.
    ///
    /// # Errors
    /// When the query fails, or the temporary file cannot be written.
    pub(super) async fn fill(cx: &Context, query: &LogicalPlan, rows: &RowSource) -> Result<Self, EngineError> {
        let state = cx.session.state();
        let file = state.runtime_env().disk_manager.create_tmp_file("merge")?;
        let plan = state.create_physical_plan(&rows.plan(&state, query).await?).await?;
        let mut stream = execute_stream(plan, state.task_ctx())?;
        let schema = stream.schema();
        let mut writer =
            FileWriter::try_new_buffered(File::create(path(file.as_ref())?).map_err(ArrowError::from)?, &schema)?;
        while let Some(batch) = stream.next().await {
            writer.write(&batch?)?;
        }
        writer.finish()?;
        Ok(Staged { schema, file, cancel: None })
    }

    /// The rows, to be read once more.
    ///
    /// # Errors
    /// When the session cannot read them.
    pub(super) fn read(&self, cx: &Context, cancel: &CancellationToken) -> Result<DataFrame, EngineError> {
        let staged = Staged { cancel: Some(cancel.clone()), ..self.clone() };
        let table = StreamingTable::try_new(Arc::clone(&self.schema), vec![Arc::new(staged)])?;
        Ok(cx.session.context().read_table(Arc::new(table))?)
    }

    fn open(&self) -> Result<FileReader<BufReader<File>>, ArrowError> {
        FileReader::try_new_buffered(File::open(path(self.file.as_ref())?)?, None)
    }
}

impl PartitionStream for Staged {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (staged, schema) = (self.clone(), Arc::clone(&self.schema));
        let batches =
            futures::stream::once(async move { staged.open().map(|reader| (staged, reader)) }).flat_map(|open| {
                match open {
                    Ok((staged, reader)) => {
                        futures::stream::iter(reader).map(move |batch| staged.pass(batch)).left_stream()
                    }
                    Err(error) => futures::stream::once(async { Err(error.into()) }).right_stream(),
                }
            });
        Box::pin(RecordBatchStreamAdapter::new(schema, batches))
    }
}

impl Staged {
    fn pass(
        &self,
        batch: Result<datafusion::arrow::array::RecordBatch, ArrowError>,
    ) -> datafusion::common::Result<datafusion::arrow::array::RecordBatch> {
        if self.cancel.as_ref().is_some_and(CancellationToken::is_cancelled) {
            return Err(datafusion::common::DataFusionError::External(Box::new(cancelled())));
        }
        Ok(batch?)
    }
}

/// The place of a temporary file. DataFusion allows for files without one; those that we ask it for have one.
fn path(file: &dyn SpillFile) -> Result<&Path, ArrowError> {
    file.path().ok_or_else(|| ArrowError::IoError("the temporary file has no path".to_owned(), ErrorKind::Other.into()))
}
