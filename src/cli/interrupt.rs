//! What Ctrl-C does.

use tokio_util::sync::CancellationToken;

/// The exit code of a process that an interrupt ended, as shells count it.
const INTERRUPTED: i32 = 130;

/// Ctrl-C stops the run, and what is running ends cleanly; a second one ends the process, which leaves relations whole too.
pub(super) async fn interrupted(run: CancellationToken) {
    if tokio::signal::ctrl_c().await.is_ok() {
        tracing::warn!("interrupted: stopping; once more to stop at once");
        run.cancel();
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(INTERRUPTED);
    }
}
