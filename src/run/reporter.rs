//! Whom a run tells what happens, from the task that drives it.

use tracing::Span;

use super::NodeResult;
use crate::manifest::Node;

/// Where a node stands in its run.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// Counts from 1.
    pub index: usize,
    /// How many there are.
    pub total: usize,
    /// The worker that has the node, as dbt names its threads.
    pub thread: &'a str,
}

/// Told what happens.
pub trait Reporter: Send + Sync {
    /// A node starts.
    fn started(&self, node: &Node, turn: Turn<'_>);

    /// A node ended, or was skipped.
    fn finished(&self, node: &Node, result: &NodeResult, turn: Turn<'_>);

    /// A hook of the run starts; its turn is among the hooks of its phase.
    fn hook_started(&self, _hook: &Node, _turn: Turn<'_>) {}

    /// A hook of the run ended.
    fn hook_finished(&self, _hook: &Node, _result: &NodeResult, _turn: Turn<'_>) {}

    /// What the work on a node or a hook happens in: every message on the way is one of the node.
    fn span(&self, _node: &Node, _thread: &str) -> Span {
        Span::none()
    }
}
