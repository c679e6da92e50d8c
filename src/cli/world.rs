//! The world of the command line: the machine, with the variables of `.env`.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, codes};
use crate::source::{DiskWorld, DotenvWorld, World};

/// The machine, with the variables that `.env` in the working folder sets and the shell does not.
///
/// # Errors
/// When `.env` cannot be read.
pub(super) fn world() -> Result<Arc<dyn World>, Diagnostic> {
    DotenvWorld::around(Arc::new(DiskWorld)).map_err(|message| {
        Diagnostic::error(codes::FILE_UNREADABLE, message)
            .help("a line is `NAME=value`; values with blanks stand in quotes")
    })
}
