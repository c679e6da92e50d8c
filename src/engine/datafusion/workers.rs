//! The threads that queries run on: a runtime of the engine's own.
//!
//! An operator may work for seconds before it gives its thread back. On the caller's runtime that would keep the caller from
//! noticing a cancel token, and everything else there from going on. So callers only wait, and all work happens here.

use std::any::Any;
use std::future::Future;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tracing::Instrument;

use super::cancelled;
use crate::engine::{EngineError, ErrorKind, STACK, WORKER};

/// A runtime of its own, with a thread for each core.
#[derive(Debug)]
pub(super) struct Workers(Option<Runtime>);

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the system refuses them.
    pub(super) fn start() -> Result<Self, EngineError> {
        let runtime = Builder::new_multi_thread().thread_name(WORKER).thread_stack_size(STACK).enable_all().build();
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

/// What work came to.
///
/// # Errors
/// As the work says, [`ErrorKind::Cancelled`] when it was stopped, or [`ErrorKind::Internal`] when it panicked: a defect of a library
/// fails the node that meets it and no other.
pub(super) fn finished<T>(joined: Result<Result<T, EngineError>, JoinError>) -> Result<T, EngineError> {
    joined.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => Err(panicked(panic.as_ref())),
        Err(_) => Err(cancelled()),
    })
}

fn panicked(panic: &(dyn Any + Send)) -> EngineError {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!("the engine has a defect: {}", said.unwrap_or("it panicked"));
    EngineError::new(ErrorKind::Internal, message).help("please report it, with the statement")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_work() {
        let workers = Workers::start().unwrap();
        let error = workers.run::<()>(async { panic!("at the {}", "disco") }).await.unwrap_err();
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::Internal, "the engine has a defect: at the disco")
        );
        assert_eq!(workers.run(async { Ok(1) }).await.unwrap(), 1);
    }
}
