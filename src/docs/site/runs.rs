//! `runs` and `run/<place>`: what earlier commands did.

use serde::Serialize;

use super::places::{Places, hidden};
use super::{Site, core};
use crate::artifact::history::{Head, NodeRecord};
use crate::base::{HashSet, IndexMap, IndexSet, Timestamp};

#[derive(Serialize)]
pub(super) struct Runs {
    runs: Vec<RunHead>,
}

#[derive(Serialize)]
struct RunHead {
    id: String,
    command: String,
    status: String,
    start: Timestamp,
    end: Timestamp,
    target: String,
    user: Option<String>,
    commit: Option<String>,
    threads: u32,
    counts: IndexMap<String, u64>,
    detail: bool,
}

#[derive(Serialize)]
pub(super) struct Run {
    results: Vec<RunResult>,
    critical: Vec<usize>,
}

#[derive(Serialize)]
struct RunResult {
    id: String,
    name: String,
    kind: String,
    lane: i32,
    ready: Option<i64>,
    start: Option<i64>,
    end: Option<i64>,
    slack: Option<i64>,
    status: String,
    rows: Option<u64>,
    failures: Option<u64>,
    message: Option<String>,
    before: Option<i64>,
}

/// The commands that are remembered.
pub(super) fn runs(site: &Site<'_>) -> Runs {
    let past = site.past;
    let hidden = hidden(site.manifest);
    let head = |(at, Head { invocation, counts }): (usize, &Head)| RunHead {
        id: invocation.invocation_id.clone(),
        command: invocation.command.clone(),
        status: invocation.outcome.clone(),
        start: invocation.started_at,
        end: invocation.ended_at,
        target: invocation.target.clone(),
        user: invocation.invoked_by.clone(),
        commit: invocation.git_commit.clone(),
        threads: invocation.threads,
        counts: past.records.get(at).map_or_else(|| counts.clone(), |record| counted(&hidden, &record.results)),
        detail: at < past.records.len(),
    };
    Runs { runs: past.heads.iter().enumerate().map(head).collect() }
}

/// How many of the results that are shown ended how.
fn counted(hidden: &HashSet<&str>, results: &[NodeRecord]) -> IndexMap<String, u64> {
    let mut counts: IndexMap<String, u64> = IndexMap::default();
    for result in results.iter().filter(|result| !hidden.contains(result.unique_id.as_str())) {
        *counts.entry(result.status.clone()).or_default() += 1;
    }
    counts
}

/// What one of them did.
pub(super) fn run(site: &Site<'_>, places: &Places<'_>, at: usize) -> Option<Run> {
    let record = site.past.records.get(at)?;
    let hidden = hidden(site.manifest);
    let told: Vec<&NodeRecord> =
        record.results.iter().filter(|result| !hidden.contains(result.unique_id.as_str())).collect();
    let began = record.invocation.started_at;
    let since = |time: Option<Timestamp>| time.map(|time| (time.0 - began.0).num_milliseconds());
    let threads: IndexSet<&str> = {
        let mut threads: Vec<&str> = told.iter().map(|result| result.thread.as_str()).collect();
        threads.sort_by_key(|thread| (thread.len(), *thread));
        threads.into_iter().filter(|thread| *thread != crate::run::MAIN_THREAD).collect()
    };
    let lane = |result: &NodeRecord| {
        let lane = threads.get_index_of(result.thread.as_str());
        lane.and_then(|lane| i32::try_from(lane).ok()).unwrap_or(-1)
    };
    let reads_all = |run: usize| site.past.heads.get(run).is_some_and(|head| head.invocation.reads_all());
    let before = |id: &str| {
        let is_alike = |run: usize| run > at && reads_all(run) == reads_all(at);
        let (_, earlier) = site.past.of_node(id).find(|(run, result)| is_alike(*run) && result.began_at.is_some())?;
        Some((earlier.finished_at?.0 - earlier.began_at?.0).num_milliseconds())
    };
    // A version of a model has a name of its own where there are pages, and the model's in the record.
    let name = |result: &NodeRecord| places.known(&result.unique_id).map_or_else(|| result.name.clone(), core::name);
    let results: Vec<RunResult> = told
        .iter()
        .map(|result| RunResult {
            id: result.unique_id.clone(),
            name: name(result),
            kind: result.unique_id.split('.').next().unwrap_or_default().to_owned(),
            lane: lane(result),
            ready: since(result.queued_at),
            start: since(result.began_at),
            end: since(result.finished_at),
            #[expect(clippy::cast_possible_truncation, reason = "a whole number of milliseconds is meant")]
            slack: result.slack.map(|seconds| (seconds * 1_000.0).round() as i64),
            status: result.status.clone(),
            rows: result.rows_affected,
            failures: result.failures,
            message: result.message.clone(),
            before: before(&result.unique_id),
        })
        .collect();
    let critical = told.iter().enumerate().filter(|(_, result)| result.is_critical);
    let mut critical: Vec<usize> = critical.map(|(at, _)| at).collect();
    critical.sort_by_key(|at| told[*at].began_at);
    Some(Run { results, critical })
}
