//! What is the same for all nodes of a run and dear to make: made when it is first asked for.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::context::adapter::Asked;
use crate::jinja::{Value, mutable};

/// See the module. Clones share what is kept.
#[derive(Clone, Default)]
pub struct Kept(Arc<Inner>);

#[derive(Default)]
struct Inner {
    graph: OnceLock<Value>,
    selected: OnceLock<Vec<String>>,
    asked: Arc<Asked>,
}

impl Kept {
    /// Keeps the ids of the nodes that the command selected; only the first selection counts.
    pub fn select(&self, ids: Vec<String>) {
        // A second selection, as of a command within a command, is not the user's.
        let _ = self.0.selected.set(ids);
    }

    /// `selected_resources`.
    pub(super) fn selected(&self) -> Value {
        let ids = self.0.selected.get().map(Vec::as_slice).unwrap_or_default();
        mutable(ids.iter().map(Value::from).collect())
    }

    /// The questions to the adapter that macros of the project are answering.
    pub(super) fn asked(&self) -> Arc<Asked> {
        Arc::clone(&self.0.asked)
    }

    /// `graph`, made once.
    pub(super) fn graph(&self, make: impl FnOnce() -> Value) -> Value {
        self.0.graph.get_or_init(make).clone()
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}
