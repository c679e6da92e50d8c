//! Data tests: the query returns what is wrong; how many rows it may return is the test's config.

mod together;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};

pub(super) use together::{FEW_ROWS, judge_together};

use super::materialize::Job;
use super::{NodeResult, Status};
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::engine::{EngineError, ErrorKind, Layout, Operation, Rules};
use crate::manifest::{StoreFailures, TestConfig, TestSeverity};

/// What the judging query found.
pub(super) struct Judgement {
    failures: u64,
    should_warn: bool,
    should_error: bool,
}

impl Judgement {
    /// What so many failures mean where a test does not say otherwise.
    fn by_default(failures: u64) -> Self {
        Judgement { failures, should_warn: failures != 0, should_error: failures != 0 }
    }
}

/// Runs a test and judges it by its configs, unless that is done already.
pub(super) async fn run(
    job: &Job<'_>,
    config: &TestConfig,
    judged: Option<Judgement>,
) -> Result<NodeResult, Diagnostic> {
    check_kept_as(job)?;
    let failing = limited(job, config);
    let sql = match (&job.node.relation, config.store_failures) {
        (Some(relation), Some(kept)) => {
            let (relation, query) = (relation.clone(), failing);
            let from = format!("select * from {}", relation.render(job.runner.engine.dialect()));
            job.apply(match kept {
                StoreFailures::Table => {
                    Operation::CreateTable { relation, query, rules: Rules::default(), layout: Layout::default() }
                }
                StoreFailures::View => Operation::CreateView { relation, query },
            })
            .await?;
            judging_query(&from, config)
        }
        _ => judging_query(&failing, config),
    };
    job.runner.write("run", job.node, &sql)?;
    let judgement = match judged {
        Some(judged) => judged,
        None => judge(job, &sql).await.map_err(|error| job.failure(error, JUDGING_LINES))?,
    };
    Ok(result(job, config, &judgement))
}

/// Refuses a `store_failures_as` that there is not.
fn check_kept_as(job: &Job<'_>) -> Result<(), Diagnostic> {
    const KNOWN: [&str; 3] = ["ephemeral", "table", "view"];
    let said = job.node.config.values.get("store_failures_as").and_then(|value| value.as_str());
    let Some(unknown) = said.filter(|said| !KNOWN.contains(said)) else { return Ok(()) };
    let message = format!(
        "`store_failures_as` of test `{}`: '{unknown}' is not a valid value. Accepted values are: ['ephemeral', 'table', 'view']",
        job.node.name
    );
    Err(Diagnostic::error(codes::CONFIG_VALUE, message).at(job.node.span).suggest_near(unknown, KNOWN))
}

fn limited(job: &Job<'_>, config: &TestConfig) -> String {
    match config.limit {
        Some(limit) => format!("select * from (\n{}\n) dbt_internal_limited limit {limit}", job.query()),
        None => job.query(),
    }
}

fn judging_query(failing: &str, config: &TestConfig) -> String {
    let TestConfig { fail_calc, warn_if, error_if, .. } = config;
    format!(
        "select\n  {fail_calc} as failures,\n  {fail_calc} {warn_if} as should_warn,\n  {fail_calc} {error_if} as should_error\nfrom (\n{failing}\n) dbt_internal_test"
    )
}

/// The lines of the judging query before the test's own.
const JUDGING_LINES: usize = 5;

async fn judge(job: &Job<'_>, sql: &str) -> Result<Judgement, EngineError> {
    let (_, batches) = job.runner.engine.query(sql, &job.runner.cancel).await?.collect().await?;
    let row = batches.iter().find(|batch| batch.num_rows() > 0);
    let unusable = || EngineError::new(ErrorKind::Execution, "`fail_calc` does not give one number");
    let row = row.filter(|batch| batch.num_columns() == 3).ok_or_else(unusable)?;
    let failures = number(row, 0).ok_or_else(unusable)?;
    Ok(Judgement { failures, should_warn: is_true(row, 1), should_error: is_true(row, 2) })
}

/// The number in a column of the first row.
fn number(row: &RecordBatch, column: usize) -> Option<u64> {
    let number = cast(row.column(column), &DataType::Int64).ok()?;
    let number = number.as_primitive::<Int64Type>();
    // An aggregate over no rows, such as `sum(…)`, is null: nothing failed.
    Some(if number.is_null(0) { 0 } else { u64::try_from(number.value(0)).unwrap_or(0) })
}

fn is_true(row: &RecordBatch, column: usize) -> bool {
    cast(row.column(column), &DataType::Boolean).is_ok_and(|values| values.is_valid(0) && values.as_boolean().value(0))
}

fn result(job: &Job<'_>, config: &TestConfig, judgement: &Judgement) -> NodeResult {
    let failures = judgement.failures;
    let rows = if failures == 1 { "result" } else { "results" };
    let (status, message) = if config.severity == TestSeverity::Error && judgement.should_error {
        (Status::Fail, format!("got {failures} {rows}, configured to fail if {}", config.error_if))
    } else if judgement.should_warn {
        (Status::Warn, format!("got {failures} {rows}, configured to warn if {}", config.warn_if))
    } else {
        (Status::Pass, String::new())
    };
    let severity = match status {
        Status::Fail => Some(Severity::Error),
        Status::Warn => Some(Severity::Warning),
        _ => None,
    };
    let diagnostic = severity.map(|severity| {
        let message = format!("test `{}`: {message}", job.node.name);
        let diagnostic = Diagnostic::new(codes::TEST_FAILED, severity, message).at(job.node.span);
        match &job.node.relation {
            Some(relation) => diagnostic.note(format!("the failing rows are in `{relation}`")),
            None => diagnostic.note(format!("its query is in `{}`", job.compiled_file().path().display())),
        }
    });
    NodeResult { failures: Some(failures), diagnostic, ..NodeResult::new(job.node, status, message) }
}
