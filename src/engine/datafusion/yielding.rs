//! Makes joins give their thread back now and then.
//!
//! DataFusion counts what a plan has done where it reads, and yields after so many batches. A join makes thousands of batches of
//! one that it read; whoever sums them up would work through all of them before it yields, and a query that was cancelled would
//! go on for minutes. So the batches of joins count too, and those of everything else that makes more rows than it reads.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::execution_plan::CardinalityEffect;

/// Counts the batches of what makes more rows than it reads.
#[derive(Debug)]
pub(super) struct YieldingJoins;

impl PhysicalOptimizerRule for YieldingJoins {
    fn name(&self) -> &'static str {
        "yielding_joins"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let wrap = |plan: Arc<dyn ExecutionPlan>| {
            if multiplies(plan.as_ref()) {
                Transformed::yes(Arc::new(CooperativeExec::new(plan)) as Arc<dyn ExecutionPlan>)
            } else {
                Transformed::no(plan)
            }
        };
        plan.transform_up(|plan| Ok(wrap(plan))).data()
    }
}

fn multiplies(plan: &dyn ExecutionPlan) -> bool {
    plan.name().ends_with("JoinExec") || matches!(plan.cardinality_effect(), CardinalityEffect::GreaterEqual)
}
