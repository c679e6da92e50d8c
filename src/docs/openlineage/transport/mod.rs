//! How events leave: one file a way. None of them holds up the run, and what goes wrong is told once, at the end.

mod console;
mod file;
mod http;

use std::sync::Arc;

use self::console::Console;
use self::file::File;
use self::http::Post;
use super::settings::Target;
use crate::base::Timestamp;
use crate::source::World;

/// A way for events.
pub(super) trait Transport: Send + Sync {
    /// Sends an event, a JSON object in one line, which happened at this time. Returns at once.
    fn emit(&self, event: String, time: Timestamp);

    /// Waits for what is on its way, but not for ever, and no longer than until `is_stopped`.
    ///
    /// # Errors
    /// What went wrong, in a sentence.
    fn close(self: Box<Self>, is_stopped: &dyn Fn() -> bool) -> Result<(), String>;
}

/// The way to a target.
///
/// # Errors
/// When it cannot be taken, in a sentence.
pub(super) fn open(target: &Target, world: Arc<dyn World>) -> Result<Box<dyn Transport>, String> {
    Ok(match target {
        Target::Console => Box::new(Console),
        Target::File { path, append } => Box::new(File::open(path, *append, world)?),
        Target::Http(http) => Box::new(Post::open(http)?),
    })
}
