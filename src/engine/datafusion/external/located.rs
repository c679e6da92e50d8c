//! Says in which file a scan failed, and gives the rows of all files one schema.
//!
//! The readers say at most the line. When a scan fails, its files are read again one by one, until the one that fails alone is
//! found: errors are rare, and the way to them may be slow.
//!
//! DataFusion's readers of CSV and JSON say of a file in `p=a/` that its column `p` is never null, though the one beside it
//! lies in the partition of nulls. An operator that takes the first batch's word for all of them would refuse the next.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::config::ConfigOptions;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{StreamExt, TryStreamExt};

use super::fault::{Fault, shown_path};
use crate::engine::{EngineError, ErrorKind};

/// A scan whose errors name the file.
#[derive(Debug)]
pub(super) struct LocatedExec {
    scan: Arc<dyn ExecutionPlan>,
    project_dir: Arc<PathBuf>,
}

impl LocatedExec {
    /// Wraps a scan; paths below `project_dir` are shown relative to it.
    pub(super) fn new(scan: Arc<dyn ExecutionPlan>, project_dir: Arc<PathBuf>) -> Self {
        LocatedExec { scan, project_dir }
    }
}

impl DisplayAs for LocatedExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocatedExec")
    }
}

impl ExecutionPlan for LocatedExec {
    fn name(&self) -> &'static str {
        "LocatedExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.scan.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.scan]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let scan = children.into_iter().next().unwrap_or_else(|| Arc::clone(&self.scan));
        Ok(Arc::new(LocatedExec { scan, project_dir: Arc::clone(&self.project_dir) }))
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn supports_limit_pushdown(&self) -> bool {
        true
    }

    fn gather_filters_for_pushdown(
        &self,
        _: FilterPushdownPhase,
        parent_filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterDescription> {
        FilterDescription::from_children(parent_filters, &self.children())
    }

    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        Ok(FilterPushdownPropagation::if_all(result))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.schema();
        let rows = self.scan.execute(partition, Arc::clone(&context))?;
        let search =
            Search { scan: Arc::clone(&self.scan), project_dir: Arc::clone(&self.project_dir), context, partition };
        let search = Arc::new(search);
        let rows = rows.or_else(move |error| {
            let search = Arc::clone(&search);
            async move { Err(search.explain(error).await) }
        });
        let stated = Arc::clone(&schema);
        let rows = rows.map(move |batch| under(batch?, &stated));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}

/// The same columns under the scan's schema.
fn under(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if batch.schema_ref() == schema {
        return Ok(batch);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &options)?)
}

/// The search for the file that made a scan fail.
struct Search {
    scan: Arc<dyn ExecutionPlan>,
    project_dir: Arc<PathBuf>,
    context: Arc<TaskContext>,
    partition: usize,
}

impl Search {
    async fn explain(&self, error: DataFusionError) -> DataFusionError {
        let original = EngineError::from(error);
        if matches!(original.kind, ErrorKind::OutOfMemory | ErrorKind::Cancelled | ErrorKind::SourceFile) {
            return original.into();
        }
        let Some(config) = file_scan(&self.scan) else { return original.into() };
        // Idle partitions take files from the others: any file may be the one, though most likely it is one of this partition.
        let here = config.file_groups.get(self.partition).into_iter();
        let elsewhere =
            config.file_groups.iter().enumerate().filter(|(at, _)| *at != self.partition).map(|(_, group)| group);
        for file in here.chain(elsewhere).flat_map(FileGroup::files) {
            let group = FileGroup::new(vec![file.clone()]);
            let alone = match file_alone(&self.scan, group) {
                Ok(alone) => alone,
                Err(_) => continue,
            };
            if let Err(error) = self.drain(&alone).await {
                let path = shown_path(&config.object_store_url, &file.object_meta.location, &self.project_dir);
                return Fault::of(&error, config.file_schema()).in_file(&path).into();
            }
        }
        Fault::of(&original, config.file_schema()).somewhere().into()
    }

    async fn drain(&self, plan: &Arc<dyn ExecutionPlan>) -> Result<(), EngineError> {
        let mut rows = plan.execute(0, Arc::clone(&self.context))?;
        while let Some(batch) = rows.next().await {
            batch?;
        }
        Ok(())
    }
}

/// The scan of files at the bottom of a plan.
fn file_scan(plan: &Arc<dyn ExecutionPlan>) -> Option<FileScanConfig> {
    let mut found = None;
    // The closure never fails.
    let _ = plan.apply(|node| {
        if let Some(source) = node.downcast_ref::<DataSourceExec>() {
            found = source.data_source().downcast_ref::<FileScanConfig>().cloned();
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

/// The same plan over one group of files.
fn file_alone(plan: &Arc<dyn ExecutionPlan>, group: FileGroup) -> Result<Arc<dyn ExecutionPlan>> {
    let replaced = Arc::clone(plan).transform_down(|node| {
        let config = node
            .downcast_ref::<DataSourceExec>()
            .and_then(|source| source.data_source().downcast_ref::<FileScanConfig>().cloned());
        let Some(config) = config else { return Ok(Transformed::no(node)) };
        let config = FileScanConfigBuilder::from(config).with_file_groups(vec![group.clone()]).build();
        Ok(Transformed::yes(DataSourceExec::from_data_source(config) as _))
    })?;
    Ok(replaced.data)
}
