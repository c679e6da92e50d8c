//! `pre_hook` and `post_hook`: statements before and after a node, rendered when they run, with the node's names.
//!
//! Those that belong outside of the transaction run first before the node, and last behind it.

use super::Job;
use crate::diagnostic::Diagnostic;
use crate::manifest::Hook;

/// Before or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Before,
    After,
}

impl When {
    fn config(self) -> &'static str {
        match self {
            When::Before => "pre-hook",
            When::After => "post-hook",
        }
    }
}

/// Runs the hooks of a node.
///
/// # Errors
/// The first hook that cannot be rendered or fails; those behind it are not run.
pub(super) async fn run(job: &Job<'_>, when: When) -> Result<(), Diagnostic> {
    let mut hooks = Hook::all(job.node.config.values.get(when.config()));
    // The sort is stable: hooks of one kind stay in their order.
    hooks.sort_by_key(|hook| hook.in_transaction == (when == When::Before));
    for hook in hooks {
        let sql = job.render(&hook.sql).await.map_err(|diagnostic| told(job, when, diagnostic))?;
        if !sql.trim().is_empty() {
            let ran = job.runner.script(&sql).await;
            ran.map_err(|error| told(job, when, job.statement_failure(&error, &sql)))?;
        }
    }
    Ok(())
}

fn told(job: &Job<'_>, when: When, diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.note(format!("in a {} of {} `{}`", when.config(), job.node.resource, job.node.name))
}
