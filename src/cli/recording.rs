//! Remembering a command that ran nodes.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::runtime::Runtime;

use super::printer::Printer;
use super::workspace::Workspace;
use crate::artifact::history::{History, Invocation, NodeRecord, Record};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::Engine;
use crate::run::{NodeResult, Plan, Schedule};
use crate::session::commit;

/// A run that has ended.
pub(super) struct Ended<'a> {
    pub(super) command: &'static str,
    pub(super) plan: &'a Plan,
    pub(super) results: &'a [NodeResult],
    /// How many nodes could run at once.
    pub(super) threads: usize,
    pub(super) was_interrupted: bool,
}

/// Remembers a run.
pub(super) fn record(
    workspace: &Workspace,
    ended: &Ended<'_>,
    engine: (&Arc<dyn Engine>, &Runtime),
    printer: &Printer,
) {
    let outcome = match ended.results.iter().any(NodeResult::is_failure) {
        _ if ended.was_interrupted => "interrupted",
        true => "failed",
        false => "success",
    };
    let flags = &workspace.project.session.flags;
    let partial = [("empty", flags.is("empty")), ("sample", flags.text("sample").is_some())];
    let partial = partial.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| format!(" --{name}"));
    let command = format!("{}{}", ended.command, partial.collect::<String>());
    let invocation = invocation(workspace, (&command, outcome), ended.threads);
    remember(workspace, Record { invocation, results: recorded(workspace, ended) }, engine, printer);
}

/// Adds a record to the project's history, unless the project wants none. That it cannot be added is said, and ends nothing.
pub(super) fn remember(
    workspace: &Workspace,
    record: Record,
    (engine, runtime): (&Arc<dyn Engine>, &Runtime),
    printer: &Printer,
) {
    let settings = workspace.project.own().config.history;
    if !settings.enabled || record.results.is_empty() {
        return;
    }
    let session = &workspace.project.session;
    let retention = TimeDelta::days(i64::from(settings.retention_days));
    let added = runtime.block_on(History::of(session, engine).add(&record, retention));
    if let Err(error) = added {
        let message = format!("the command is not remembered: {}", session.scrub(&error.message));
        printer.diagnostics(&Diagnostic::warning(codes::HISTORY_UNWRITTEN, message).into(), &workspace.sources);
    }
}

/// The command that ends now.
pub(super) fn invocation(workspace: &Workspace, (command, outcome): (&str, &str), threads: usize) -> Invocation {
    let session = &workspace.project.session;
    Invocation {
        invocation_id: session.invocation_id.clone(),
        project: session.project.clone(),
        command: command.to_owned(),
        target: session.target.name.clone(),
        outcome: outcome.to_owned(),
        started_at: session.started_at,
        ended_at: session.world.now(),
        invoked_by: session.user(),
        git_commit: commit(session.world.as_ref(), &workspace.project.root).map(|commit| commit.id),
        threads: u32::try_from(threads).unwrap_or(u32::MAX),
    }
}

fn recorded(workspace: &Workspace, ended: &Ended<'_>) -> Vec<NodeRecord> {
    let session = &workspace.project.session;
    let spans = ended.results.iter().filter_map(|result| Some((&result.id, result.span()?)));
    let began = ended.results.iter().filter_map(NodeResult::span).map(|(start, _)| start).min();
    let schedule = Schedule::new(ended.plan, spans, began.unwrap_or(session.started_at));
    let results = ended.results.iter().map(|result| {
        let scheduled = schedule.of(&result.id);
        let span = result.span();
        let is_told = result.is_failure() || result.diagnostic.is_some();
        NodeRecord {
            unique_id: result.id.to_string(),
            name: result.name.clone(),
            status: result.status.as_str().to_owned(),
            thread: result.thread.clone(),
            queued_at: scheduled.map(|scheduled| scheduled.queued_at),
            began_at: span.map(|(start, _)| start),
            finished_at: span.map(|(_, end)| end),
            slack: scheduled.map(|scheduled| scheduled.slack),
            is_critical: scheduled.is_some_and(|scheduled| scheduled.is_critical),
            rows_affected: result.rows,
            failures: result.failures,
            message: is_told.then(|| session.scrub(&result.message)),
        }
    });
    results.collect()
}
