//! The point of no return of an operation: either its caller cancels it, or it makes its change visible, never both.
//!
//! Work that was cancelled may run on for a while where nobody waits for it. A [`Gate`] keeps it from being committed then: each
//! commit passes the gate first, and a gate that the caller has closed lets nothing pass.

use std::sync::{Arc, Mutex, PoisonError};

use deltalake::logstore::LogStoreRef;
use tokio_util::sync::CancellationToken;

use super::cancelled;
use super::gated_log::GatedLog;
use super::written_files::WrittenFiles;
use crate::engine::EngineError;

/// Decides between cancelling and committing. Clones are the same gate.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    state: Arc<Mutex<State>>,
    stop: CancellationToken,
    written: WrittenFiles,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Passed,
    Closed,
}

impl Gate {
    /// A gate that is open.
    pub(super) fn new() -> Self {
        Gate {
            state: Arc::new(Mutex::new(State::Open)),
            stop: CancellationToken::new(),
            written: WrittenFiles::default(),
        }
    }

    /// Passes the gate, before a change is made visible. From here on the operation cannot be cancelled.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`](crate::engine::ErrorKind::Cancelled) when it is closed.
    pub(super) fn pass(&self) -> Result<(), EngineError> {
        if self.decide(State::Passed) == State::Closed { Err(cancelled()) } else { Ok(()) }
    }

    /// Closes the gate and stops the work, unless the gate has been passed. Says whether it is closed.
    pub(super) fn close(&self) -> bool {
        let closed = self.decide(State::Closed) == State::Closed;
        if closed {
            self.stop.cancel();
        }
        closed
    }

    /// Tells the work to stop. It is never cancelled after the gate was passed.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// What the operation has written into the folders of tables.
    pub(super) fn written(&self) -> &WrittenFiles {
        &self.written
    }

    /// The log of a table, each commit of which passes this gate.
    pub(super) fn guard(&self, log: LogStoreRef) -> LogStoreRef {
        Arc::new(GatedLog::new(log, self.clone()))
    }

    /// The first decision counts.
    fn decide(&self, wanted: State) -> State {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == State::Open {
            *state = wanted;
        }
        *state
    }
}

/// Closes a gate when it is dropped: the caller does not wait any more.
pub(super) struct CloseOnDrop<'a>(pub(super) &'a Gate);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;

    #[test]
    fn the_first_decision_counts() {
        let gate = Gate::new();
        gate.pass().unwrap();
        gate.pass().unwrap();
        assert!(!gate.close() && !gate.stop().is_cancelled());
        let gate = Gate::new();
        assert!(gate.close() && gate.close() && gate.stop().is_cancelled());
        gate.pass().unwrap_err();
    }
}
