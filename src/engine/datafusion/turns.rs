//! One change of a table at a time, within this process.
//!
//! A change reads the latest version of a table and commits the next one. Two at once would both start from the same version, and the
//! second would fail or, where it makes the table, undo the first. Nodes that run at once do that: their hooks write into one table.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as Shared, PoisonError};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::sql::Relation;

/// Whose turn it is, for each table.
#[derive(Debug, Default)]
pub(super) struct Turns(Shared<HashMap<Relation, Arc<Mutex<()>>>>);

impl Turns {
    /// Waits until nobody changes the table; it is the caller's turn until the guard goes. Nobody may wait for a second turn meanwhile.
    pub(super) async fn wait(&self, relation: &Relation) -> OwnedMutexGuard<()> {
        let turn =
            Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(relation.clone()).or_default());
        turn.lock_owned().await
    }
}
