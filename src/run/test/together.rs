//! The tests of one relation in one pass over it, where their queries are [plain](crate::sql::Counted): each would plan and read by itself
//! what the others read, too.
//!
//! Nothing but the time that it takes tells: what each test found is known as if it had run alone, and where the one query does not say it,
//! or fails, the tests run alone.

use arrow::array::RecordBatch;

use super::{Judgement, number};
use crate::base::{HashMap, IndexMap};
use crate::engine::{EngineError, ErrorKind};
use crate::run::Runner;
use crate::run::materialize::Job;
use crate::sql::{Counted, CountedRows, statement};

/// How many rows a relation may have for values that occur several times to be looked for beside what else its tests look for. Of a larger
/// one more is read and kept by that than planning costs.
pub(in crate::run) const FEW_ROWS: u64 = 1_000_000;

/// A pass over a relation.
struct Pass<'a> {
    relation: &'a str,
    /// The number of the test that looks for values that occur several times, the values, and the condition for rows to count.
    repeated: Option<(usize, &'a str, Option<&'a str>)>,
    /// The numbers of the other tests with the conditions of the rows that they look for, and whether their number is what the test gives.
    conditions: Vec<(usize, &'a str, bool)>,
}

/// What those tests found that one pass can tell of, by their numbers. `has_few_rows` says that the relation is known to be small.
pub(in crate::run) async fn judge_together(jobs: &[(usize, Job<'_>)], has_few_rows: bool) -> HashMap<usize, Judgement> {
    let counted: Vec<(usize, Counted)> = jobs.iter().filter_map(|(test, job)| Some((*test, counted(job)?))).collect();
    let mut found = HashMap::default();
    for pass in passes(&counted, has_few_rows) {
        // Also what is wrong with a single one of them makes the query fail, and is told by the test itself.
        let Some((_, Job { runner, .. })) = jobs.first() else { continue };
        let Ok(row) = run(runner, &pass.sql()).await else { continue };
        for (column, (test, is_exact)) in pass.tests().enumerate() {
            if let Some(failures) = number(&row, column).filter(|failures| is_exact || *failures == 0) {
                found.insert(test, Judgement::by_default(failures));
            }
        }
    }
    found
}

/// What a test counts, when it is judged as most are.
fn counted(job: &Job<'_>) -> Option<Counted> {
    let config = job.node.config.test.as_ref()?;
    let is_usual = config.fail_calc == "count(*)"
        && [&config.warn_if, &config.error_if].into_iter().all(|condition| condition == "!= 0")
        && config.limit.is_none()
        && config.store_failures.is_none();
    is_usual.then(|| Counted::of(statement(&job.compiled.sql), job.runner.engine.dialect())).flatten()
}

/// The passes that two tests or more share.
fn passes(counted: &[(usize, Counted)], has_few_rows: bool) -> Vec<Pass<'_>> {
    let mut passes: IndexMap<&str, Pass<'_>> = IndexMap::default();
    for (test, Counted { relation, rows }) in counted {
        let pass = || Pass { relation, repeated: None, conditions: Vec::new() };
        match rows {
            CountedRows::Where(condition) => {
                passes.entry(relation).or_insert_with(pass).conditions.push((*test, condition, true));
            }
            CountedRows::AnyWhere(condition) => {
                passes.entry(relation).or_insert_with(pass).conditions.push((*test, condition, false));
            }
            CountedRows::Repeated { key, among } if has_few_rows => {
                passes.entry(relation).or_insert_with(pass).repeated.get_or_insert((*test, key, among.as_deref()));
            }
            CountedRows::Repeated { .. } => {}
        }
    }
    passes.into_values().filter(|pass| pass.tests().count() > 1).collect()
}

impl Pass<'_> {
    /// Its tests in the order of its columns, each with whether the number there is the one that the test gives; else only 0 is.
    fn tests(&self) -> impl Iterator<Item = (usize, bool)> {
        let repeated = self.repeated.iter().map(|(test, ..)| (*test, true));
        repeated.chain(self.conditions.iter().map(|(test, _, is_exact)| (*test, *is_exact)))
    }

    /// One row with a number for each test.
    fn sql(&self) -> String {
        let Pass { relation, repeated, conditions } = self;
        let count =
            |(at, condition): (usize, &str)| format!("count(case when {condition} then 1 end) as failures_{at}");
        let Some((_, key, among)) = repeated else {
            let counts: Vec<String> =
                conditions.iter().enumerate().map(|(at, (_, condition, _))| count((at, condition))).collect();
            // Said of the rows, too, so that the engine skips what it knows to have none.
            let any: Vec<String> = conditions.iter().map(|(_, condition, _)| format!("({condition})")).collect();
            return format!("select\n  {}\nfrom {relation}\nwhere {}", counts.join(",\n  "), any.join(" or "));
        };
        let sums: String =
            (1..=conditions.len()).map(|at| format!(",\n  sum(failures_{at}) as failures_{at}")).collect();
        let counts: String = conditions
            .iter()
            .enumerate()
            .map(|(at, (_, condition, _))| format!(",\n    {}", count((at + 1, condition))))
            .collect();
        let among = among.map_or_else(|| "count(*) as failures_0".to_owned(), |among| count((0, among)));
        format!(
            "select\n  count(case when failures_0 > 1 then 1 end) as failures_0{sums}\nfrom (\n  select\n    {among}{counts}\n  from {relation}\n  group by {key}\n) dbt_internal_tests"
        )
    }
}

/// The one row of a query.
async fn run(runner: &Runner, sql: &str) -> Result<RecordBatch, EngineError> {
    let (_, batches) = runner.engine.query(sql, &runner.cancel).await?.collect().await?;
    let row = batches.into_iter().find(|batch| batch.num_rows() > 0);
    row.ok_or_else(|| EngineError::new(ErrorKind::Execution, "a count gave no row"))
}
