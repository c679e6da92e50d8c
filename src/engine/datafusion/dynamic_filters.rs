//! Leaves out rows that a query turns out not to need while it runs.
//!
//! A hash join knows the keys of one side before it reads the other, a sort with a limit knows the worst row that it keeps, and DataFusion
//! hands such knowledge down to the scans as dynamic filters. Parquet scans skip files and row groups by them, and no rows, unless all
//! filters are evaluated while decoding, which costs more than it gains where a filter lets most rows pass. Here the rows are filtered as
//! they leave the scan, as long as that is worth while: a stream looks at some batches, and where they pass nearly whole it lets a longer
//! and longer stretch go by unlooked at. Whoever made the filter looks at each row that comes, so that one too many does no harm.
//!
//! A scan keeps a filter in terms of the columns of its files; above it there are those that it gives on, under names of the query's. So a
//! filter is applied where each of its columns is given on as it is, and is compared as SQL compares it: lists and structs are not, of
//! which nulls inside have an order of their own.

use std::fmt;
use std::sync::Arc;

use arrow::compute::BatchCoalescer;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::common::cast::as_boolean_array;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, ScalarValue, Statistics, internal_err};
use datafusion::datasource::physical_plan::{FileScanConfig, FileSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::expressions::{Column, DynamicFilterPhysicalExpr};
use datafusion::physical_expr::utils::conjunction;
use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::CardinalityEffect;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{Stream, StreamExt};

/// How many batches are looked at before it is decided whether to go on.
const LOOK: u32 = 4;

/// The longest stretch of batches that goes by unlooked at.
const LONGEST_REST: u32 = 256;

/// The share of rows up to which a filter is worth what it costs.
const WORTH_WHILE: f64 = 0.7;

/// Puts the dynamic filters that scans were given above them.
#[derive(Debug)]
pub(super) struct DynamicFilters;

impl PhysicalOptimizerRule for DynamicFilters {
    fn name(&self) -> &'static str {
        "dynamic_filters"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| {
            let Some(filter) = filter(&plan)? else { return Ok(Transformed::no(plan)) };
            let filtered = Arc::new(DynamicFilterExec::new(plan, filter)) as Arc<dyn ExecutionPlan>;
            Ok(Transformed::new(filtered, true, TreeNodeRecursion::Jump))
        })
        .data()
    }
}

/// The dynamic filters that the scan of a plan was given, in terms of the plan's columns. The plan is the scan, or a filter of the query's
/// own above it, which is cheaper and goes first.
fn filter(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    let (scan, kept) = match plan.downcast_ref::<FilterExec>() {
        Some(filter) => (filter.input(), filter.projection().as_ref()),
        None => (plan, None),
    };
    let files =
        scan.downcast_ref::<DataSourceExec>().and_then(|scan| scan.data_source().downcast_ref::<FileScanConfig>());
    let Some(files) = files.map(FileScanConfig::file_source) else { return Ok(None) };
    let Some(filter) = files.filter() else { return Ok(None) };
    let given = Given { files: files.as_ref(), kept: kept.map(|kept| kept.as_ref()), schema: plan.schema() };
    let parts = split_conjunction(&filter).into_iter().filter(|part| part.is::<DynamicFilterPhysicalExpr>());
    let dynamic = parts.filter_map(|part| given.in_its_terms(part).transpose()).collect::<Result<Vec<_>>>()?;
    Ok((!dynamic.is_empty()).then(|| conjunction(dynamic)))
}

/// What a scan of files gives on.
struct Given<'a> {
    files: &'a dyn FileSource,
    /// The columns that a filter above it keeps; all of them where absent.
    kept: Option<&'a [usize]>,
    schema: SchemaRef,
}

impl Given<'_> {
    /// A filter over the columns of the files as one over what is given on; `None` where that is not all of them, or they are nested.
    fn in_its_terms(&self, filter: &Arc<dyn PhysicalExpr>) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let files = self.files.table_schema().table_schema();
        let mut is_whole = true;
        for key in filter.children() {
            is_whole &= !key.data_type(files)?.is_nested();
        }
        let translated = Arc::clone(filter).transform_up(|part| {
            let Some(column) = part.downcast_ref::<Column>() else { return Ok(Transformed::no(part)) };
            let Some(at) = self.place(column.index()) else {
                is_whole = false;
                return Ok(Transformed::no(part));
            };
            Ok(Transformed::yes(Arc::new(Column::new(self.schema.field(at).name(), at)) as Arc<dyn PhysicalExpr>))
        })?;
        Ok(is_whole.then_some(translated.data))
    }

    /// Where a column of the files is among those that are given on.
    fn place(&self, of_files: usize) -> Option<usize> {
        let is_it = |expr: &Arc<dyn PhysicalExpr>| {
            expr.downcast_ref::<Column>().is_some_and(|column| column.index() == of_files)
        };
        let scanned = match self.files.projection() {
            Some(projection) => projection.as_ref().iter().position(|given| is_it(&given.expr))?,
            None => of_files,
        };
        match self.kept {
            Some(kept) => kept.iter().position(|kept| *kept == scanned),
            None => Some(scanned),
        }
    }
}

/// Leaves out rows that a dynamic filter does not let pass, where it lets few pass.
#[derive(Clone, Debug)]
struct DynamicFilterExec {
    input: Arc<dyn ExecutionPlan>,
    filter: Arc<dyn PhysicalExpr>,
    metrics: ExecutionPlanMetricsSet,
}

impl DynamicFilterExec {
    fn new(input: Arc<dyn ExecutionPlan>, filter: Arc<dyn PhysicalExpr>) -> Self {
        DynamicFilterExec { input, filter, metrics: ExecutionPlanMetricsSet::new() }
    }
}

impl DisplayAs for DynamicFilterExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamicFilterExec: {}", self.filter)
    }
}

impl ExecutionPlan for DynamicFilterExec {
    fn name(&self) -> &'static str {
        "DynamicFilterExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        f(&self.filter)
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => Ok(Arc::new(DynamicFilterExec::new(input, Arc::clone(&self.filter)))),
            _ => internal_err!("a filter has one input"),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let batch_size = context.session_config().batch_size();
        let rows = self.input.execute(partition, context)?;
        let schema = self.schema();
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let filtered = Filtered::new(rows, Arc::clone(&self.filter), &schema, batch_size, metrics);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, filtered.into_stream())))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        match inputs {
            [input] => Ok(Arc::new(input.as_ref().clone().to_inexact())),
            _ => internal_err!("a filter has one input"),
        }
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::LowerEqual
    }
}

/// One partition that is being filtered.
struct Filtered {
    rows: SendableRecordBatchStream,
    filter: Arc<dyn PhysicalExpr>,
    /// What passes comes in few batches, not in many small ones.
    passed: BatchCoalescer,
    pace: Pace,
    metrics: BaselineMetrics,
    is_done: bool,
}

impl Filtered {
    fn new(
        rows: SendableRecordBatchStream,
        filter: Arc<dyn PhysicalExpr>,
        schema: &SchemaRef,
        batch_size: usize,
        metrics: BaselineMetrics,
    ) -> Self {
        let passed = BatchCoalescer::new(Arc::clone(schema), batch_size);
        // What is large already need not be copied.
        let passed = passed.with_biggest_coalesce_batch_size(Some(batch_size / 2));
        Filtered { rows, filter, passed, pace: Pace::default(), metrics, is_done: false }
    }

    fn into_stream(self) -> impl Stream<Item = Result<RecordBatch>> + Send {
        futures::stream::unfold(self, |mut filtered| async move {
            let next = filtered.next().await.transpose()?;
            filtered.is_done |= next.is_err();
            Some((next, filtered))
        })
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.passed.next_completed_batch() {
                self.metrics.record_output(batch.num_rows());
                return Ok(Some(batch));
            }
            if self.is_done {
                return Ok(None);
            }
            match self.rows.next().await.transpose()? {
                Some(batch) => self.take(batch)?,
                None => {
                    self.is_done = true;
                    self.passed.finish_buffered_batch()?;
                }
            }
        }
    }

    fn take(&mut self, batch: RecordBatch) -> Result<()> {
        let time = self.metrics.elapsed_compute().clone();
        let _timer = time.timer();
        if !self.pace.looks() {
            return Ok(self.passed.push_batch(batch)?);
        }
        match self.filter.evaluate(&batch)? {
            // Nothing is known yet.
            ColumnarValue::Scalar(ScalarValue::Boolean(Some(true))) => Ok(self.passed.push_batch(batch)?),
            passes => {
                let passes = passes.into_array(batch.num_rows())?;
                let passes = as_boolean_array(&passes)?;
                self.pace.seen(batch.num_rows(), passes.true_count());
                Ok(self.passed.push_batch_with_filter(batch, passes)?)
            }
        }
    }
}

/// When to look at batches, and when to let them go by.
#[derive(Debug, Default)]
struct Pace {
    /// The batches and the rows that were looked at since the last rest, and how many rows passed.
    batches: u32,
    rows: usize,
    passed: usize,
    /// How many batches still go by.
    resting: u32,
    /// How long the last rest was.
    rest: u32,
}

impl Pace {
    /// Whether the next batch is looked at.
    fn looks(&mut self) -> bool {
        match self.resting.checked_sub(1) {
            Some(left) => {
                self.resting = left;
                false
            }
            None => true,
        }
    }

    /// Takes note of a batch that was looked at.
    fn seen(&mut self, rows: usize, passed: usize) {
        self.batches += 1;
        self.rows += rows;
        self.passed += passed;
        if self.batches < LOOK {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
        let is_worth_while = self.passed as f64 <= self.rows as f64 * WORTH_WHILE;
        let rest = if is_worth_while { 0 } else { (self.rest * 2).clamp(2 * LOOK, LONGEST_REST) };
        *self = Pace { resting: rest, rest, ..Pace::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_REST, LOOK, Pace};

    /// How many of so many batches are looked at, where so many rows of a hundred pass.
    fn looked_at(batches: u32, passed: usize) -> u32 {
        let mut pace = Pace::default();
        let mut looked = 0;
        for _ in 0..batches {
            if pace.looks() {
                looked += 1;
                pace.seen(100, passed);
            }
        }
        looked
    }

    #[test]
    fn a_filter_that_lets_few_rows_pass_looks_at_all() {
        assert_eq!(looked_at(1_000, 10), 1_000);
        assert_eq!(looked_at(1_000, 70), 1_000);
    }

    #[test]
    fn a_filter_that_lets_most_rows_pass_looks_now_and_then() {
        let looked = looked_at(10 * LONGEST_REST, 90);
        assert!(looked <= 15 * LOOK, "{looked}");
    }
}
