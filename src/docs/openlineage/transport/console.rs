//! Events among the messages of the command.

use super::Transport;
use crate::base::Timestamp;

pub(super) struct Console;

impl Transport for Console {
    fn emit(&self, event: String, _: Timestamp) {
        tracing::info!(target: "transform::openlineage", "{event}");
    }

    fn close(self: Box<Self>, _: &dyn Fn() -> bool) -> Result<(), String> {
        Ok(())
    }
}
