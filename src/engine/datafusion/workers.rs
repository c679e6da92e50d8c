//! The threads that queries run on: a runtime of the engine's own.
//!
//! An operator may work for seconds before it gives its thread back. On the caller's runtime that would keep the caller from
//! noticing a cancel token, and everything else there from going on. So callers only wait, and all work happens here.

use std::future::Future;
use std::panic::resume_unwind;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tracing::Instrument;

use super::cancelled;
use crate::engine::{EngineError, ErrorKind};

/// Bytes of each thread's stack, which the system gives as they are used: plans are as deep as statements are long, and are walked by
/// functions that call themselves.
const STACK: usize = 256 * 1024 * 1024;

/// A runtime of its own, with a thread for each core.
#[derive(Debug)]
pub(super) struct Workers(Option<Runtime>);

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the system refuses them.
    pub(super) fn start() -> Result<Self, EngineError> {
        let runtime = Builder::new_multi_thread().thread_name("query").thread_stack_size(STACK).enable_all().build();
        let runtime = runtime.map_err(|error| {
            EngineError::new(ErrorKind::Io, format!("cannot start the threads for queries: {error}"))
        })?;
        Ok(Workers(Some(runtime)))
    }

    /// Work that goes on when the caller does not wait for it any more.
    ///
    /// # Errors
    /// When the engine is being dropped.
    pub(super) fn detached<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<JoinHandle<T>, EngineError> {
        let runtime = self.0.as_ref().ok_or_else(cancelled)?;
        Ok(runtime.spawn(work.in_current_span()))
    }

    /// Work that stops when what this returns is dropped.
    ///
    /// # Errors
    /// When the engine is being dropped.
    pub(super) fn attached<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<JoinSet<T>, EngineError> {
        let runtime = self.0.as_ref().ok_or_else(cancelled)?;
        let mut task = JoinSet::new();
        task.spawn_on(work.in_current_span(), runtime.handle());
        Ok(task)
    }

    /// Calls what starts tasks, so that they run here.
    ///
    /// # Errors
    /// When the engine is being dropped.
    pub(super) fn enter<T>(&self, start: impl FnOnce() -> T) -> Result<T, EngineError> {
        let runtime = self.0.as_ref().ok_or_else(cancelled)?;
        let _here = runtime.enter();
        Ok(start())
    }

    /// Runs work and waits for it.
    ///
    /// # Errors
    /// As the work says.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send + 'static,
    ) -> Result<T, EngineError> {
        self.attached(work)?.join_next().await.map_or_else(|| Err(cancelled()), finished)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Waiting for the threads is not allowed inside of a runtime, and nobody waits for their work any more.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// What work came to; its panic goes on in the caller.
///
/// # Errors
/// As the work says, or [`ErrorKind::Cancelled`] when it was stopped.
pub(super) fn finished<T>(joined: Result<Result<T, EngineError>, JoinError>) -> Result<T, EngineError> {
    joined.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => resume_unwind(panic),
        Err(_) => Err(cancelled()),
    })
}
