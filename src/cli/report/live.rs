//! For people at a terminal: a line for each running node with its time, a bar over all, and the lines of those that ended above.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::kind;
use super::line::{Columns, name};
use crate::base::HashMap;
use crate::manifest::{Node, UniqueId};
use crate::run::{NodeResult, Reporter, Turn};

/// Draws on stderr.
pub(super) struct LiveReporter {
    columns: Columns,
    all: MultiProgress,
    bar: ProgressBar,
    running: Mutex<HashMap<UniqueId, ProgressBar>>,
}

impl LiveReporter {
    pub(super) fn new(columns: Columns, total: usize) -> Self {
        let all = MultiProgress::new();
        let bar = all.add(ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX)));
        bar.set_style(style("{bar:40.green/black} {pos}/{len} {elapsed}"));
        bar.enable_steady_tick(Duration::from_millis(100));
        LiveReporter { columns, all, bar, running: Mutex::default() }
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<UniqueId, ProgressBar>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LiveReporter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Reporter for LiveReporter {
    fn started(&self, node: &Node, _turn: Turn<'_>) {
        let line = self.all.insert_before(&self.bar, ProgressBar::new_spinner());
        line.set_style(style("{spinner:.cyan} {msg} {elapsed}"));
        line.set_message(format!("{} {}", kind(node), name(node)));
        line.enable_steady_tick(Duration::from_millis(100));
        self.running().insert(node.id.clone(), line);
    }

    fn finished(&self, node: &Node, result: &NodeResult, turn: Turn<'_>) {
        if let Some(line) = self.running().remove(&node.id) {
            line.finish_and_clear();
        }
        self.bar.inc(1);
        // A terminal that went away has nobody left to tell.
        let _ = self.all.println(self.columns.line(node, result, turn));
    }
}

/// A style of a template of ours; a malformed one would fall back to the default look.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
