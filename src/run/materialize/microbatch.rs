//! `incremental_strategy: microbatch`: an incremental model built in batches of time.
//!
//! Each batch is the model over the rows of its inputs whose `event_time` lies in it, and takes the place of what the table holds of
//! that time. A batch that fails leaves the others as they are: the model has then succeeded in part. Batches are made in the order of their
//! time; on an engine that has drafts all of a run are published at once, so that a full refresh which is killed has changed nothing.

use std::sync::Arc;

use chrono::NaiveDateTime;
use serde_json::{Value as Json, json};

use super::{Job, contract, schema_change};
use crate::base::Timestamp;
use crate::context::EventWindow;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Delete, Operation, Outcome};
use crate::manifest::{BatchSize, Microbatch, Node};
use crate::run::{NodeResult, Status};
use crate::session::Session;

/// The stretch of time that a run builds.
struct Plan {
    size: BatchSize,
    start: NaiveDateTime,
    end: NaiveDateTime,
}

impl Plan {
    /// From the start and to the end that the command line gives; else from the model's begin, or of a table that exists from some
    /// batches back, to the batch that is not over yet.
    fn of(config: &Microbatch, session: &Session, is_incremental: bool) -> Self {
        let size = config.batch_size;
        let flag = |flag: &str| session.flags.text(flag).and_then(|text| Timestamp::parse(&text));
        let end = size.ceiling(flag("event_time_end").unwrap_or(session.started_at).0.naive_utc());
        let lookback = i32::try_from(config.lookback).unwrap_or(i32::MAX);
        let start = match flag("event_time_start") {
            Some(start) => size.floor(start.0.naive_utc()),
            None if is_incremental => size.step(end, -lookback.saturating_add(1)),
            None => size.floor(config.begin.0.naive_utc()),
        };
        Plan { size, start, end }
    }

    fn batches(&self) -> Vec<EventWindow> {
        let mut batches = Vec::new();
        let mut start = self.start;
        while start < self.end || batches.is_empty() {
            let end = self.size.step(start, 1).min(self.end.max(start));
            batches.push(EventWindow { id: self.size.batch_id(start), start: Some(start), end: Some(end) });
            start = self.size.step(start, 1);
        }
        batches
    }
}

/// Builds the batches, one after the other.
///
/// # Errors
/// When the configs are wrong; what fails in a batch is part of the result.
pub(super) async fn run(job: &Job<'_>) -> Result<NodeResult, Diagnostic> {
    let Some(config) = &job.node.config.microbatch else {
        let message = format!("model `{}` has no configs of batches", job.node.name);
        return Err(Diagnostic::error(codes::INTERNAL, message).at(job.node.span));
    };
    let earlier =
        job.runner.earlier_batches.get(&job.node.id).map(|results| Earlier::of(job, config, results)).transpose()?;
    // The batches that an earlier command built are in the table, whatever this one is told.
    let mut is_incremental = job.compiled.is_incremental || earlier.is_some();
    let Earlier { mut done, batches } = earlier.unwrap_or_else(|| Earlier {
        done: Vec::new(),
        batches: Plan::of(config, job.runner.session(), is_incremental).batches(),
    });
    let (mut failed, mut rows) = (Vec::new(), 0);
    let mut first_failure = None;
    for batch in batches {
        let period = json!([batch.start.map(iso), batch.end.map(iso)]);
        // Without a table there is nothing that the other batches could be added to.
        if !is_incremental && first_failure.is_some() {
            failed.push(period);
            continue;
        }
        match self::batch(job, config, batch, is_incremental).await {
            Ok(outcome) => {
                rows += outcome.rows.unwrap_or(0);
                is_incremental = true;
                done.push(period);
            }
            Err(diagnostic) if diagnostic.code == codes::CANCELLED => return Err(diagnostic),
            Err(diagnostic) => {
                failed.push(period);
                first_failure.get_or_insert(diagnostic);
            }
        }
    }
    let (count, bad) = (done.len() + failed.len(), failed.len());
    let results = Some(json!({ "successful": done, "failed": failed }));
    let result = match first_failure {
        None => {
            let words = format!("built {count} {}", if count == 1 { "batch" } else { "batches" });
            NodeResult { rows: Some(rows), ..NodeResult::new(job.node, Status::Success, words) }
        }
        Some(diagnostic) if bad == count => NodeResult::failed(job.node, diagnostic),
        Some(diagnostic) => {
            let words = format!("PARTIAL SUCCESS ({}/{count}): {}", count - bad, diagnostic.message);
            NodeResult {
                rows: Some(rows),
                diagnostic: Some(diagnostic),
                ..NodeResult::new(job.node, Status::PartialSuccess, words)
            }
        }
    };
    Ok(NodeResult { batch_results: results, ..result })
}

/// What an earlier command has left to be done.
struct Earlier {
    /// The periods that it built.
    done: Vec<Json>,
    /// Those with which it failed.
    batches: Vec<EventWindow>,
}

impl Earlier {
    fn of(job: &Job<'_>, config: &Microbatch, results: &Json) -> Result<Self, Diagnostic> {
        let list = |key: &str| results.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
        let window = |period: &Json| {
            let at = |at: usize| Some(Timestamp::parse(period.get(at)?.as_str()?)?.0.naive_utc());
            let (start, end) = (at(0)?, at(1)?);
            Some(EventWindow { id: config.batch_size.batch_id(start), start: Some(start), end: Some(end) })
        };
        let failed = list("failed");
        let batches = failed.iter().map(|period| window(period).ok_or(period)).collect::<Result<_, _>>();
        let batches = batches.map_err(|period| {
            let message = format!(
                "the results of the earlier command have a batch of `{}` that is none: {period}",
                job.node.name
            );
            Diagnostic::error(codes::STATE_UNREADABLE, message).at(job.node.span)
        });
        Ok(Earlier { done: list("successful"), batches: batches? })
    }
}

fn iso(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339()
}

async fn batch(
    job: &Job<'_>,
    config: &Microbatch,
    batch: EventWindow,
    is_incremental: bool,
) -> Result<Outcome, Diagnostic> {
    let name = batch.start.map(|start| config.batch_size.batch_name(start));
    let node = Arc::new(Node { batch: name, ..job.node.as_ref().clone() });
    let window = batch.clone();
    let compiled = job
        .runner
        .compile_by(&node, move |compiler, node| compiler.compile_window(node, window, is_incremental))
        .await?;
    let job = Job { compiled: &compiled, node: &node, ..*job };
    let shape = contract::shape(&job).await?;
    if !is_incremental {
        return job.create_table(shape).await;
    }
    let adapted = schema_change::adapt(&job, &shape).await?;
    job.arrange().await?;
    let (query, lines) = adapted.padded(&shape, job.runner.engine.dialect());
    let delete =
        Delete { unique_key: Vec::new(), predicates: batch.bounds(&config.event_time, job.runner.engine.dialect()) };
    job.apply_behind(Operation::DeleteInsert { relation: job.relation()?, query, delete }, lines).await
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::Plan;
    use crate::base::Timestamp;
    use crate::manifest::BatchSize;

    fn at(text: &str) -> NaiveDateTime {
        Timestamp::parse(text).unwrap().0.naive_utc()
    }

    fn plan(size: BatchSize, start: &str, end: &str) -> Vec<String> {
        let (start, end) = (at(start), at(end));
        let plan = Plan { size, start, end };
        let batches = plan.batches();
        batches.iter().map(|batch| format!("{}..{}", batch.id, batch.end.unwrap())).collect()
    }

    #[test]
    fn batches_are_whole_and_end_at_the_end() {
        assert_eq!(
            plan(BatchSize::Day, "2024-02-28", "2024-03-01"),
            ["20240228..2024-02-29 00:00:00", "20240229..2024-03-01 00:00:00"]
        );
        assert_eq!(
            plan(BatchSize::Month, "2023-12-01", "2024-01-15"),
            ["202312..2024-01-01 00:00:00", "202401..2024-01-15 00:00:00"]
        );
        assert_eq!(plan(BatchSize::Year, "2024-01-01", "2025-01-01"), ["2024..2025-01-01 00:00:00"]);
        assert_eq!(plan(BatchSize::Hour, "2024-01-01T23:00", "2024-01-02"), ["20240101T23..2024-01-02 00:00:00"]);
    }
}
