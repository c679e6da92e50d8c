//! How a command ends.

use std::process::ExitCode;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::SourceMap;

/// dbt's exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that was asked for is done.
    Success = 0,
    /// Something that was run failed: a model, a test.
    Failed = 1,
    /// The project or the command is wrong; nothing was run.
    Usage = 2,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) exit: Exit,
    pub(super) diagnostics: Diagnostics,
    pub(super) sources: Arc<SourceMap>,
}

impl Failure {
    /// The project or the command is wrong.
    pub(super) fn usage(diagnostics: impl Into<Diagnostics>, sources: &Arc<SourceMap>) -> Self {
        Failure { exit: Exit::Usage, diagnostics: diagnostics.into(), sources: Arc::clone(sources) }
    }

    /// Something that was run failed.
    pub(super) fn failed(diagnostics: impl Into<Diagnostics>, sources: &Arc<SourceMap>) -> Self {
        Failure { exit: Exit::Failed, ..Failure::usage(diagnostics, sources) }
    }
}

impl From<Diagnostic> for Failure {
    /// A wrong command line, which has no file to point into.
    fn from(diagnostic: Diagnostic) -> Self {
        Failure::usage(diagnostic, &Arc::default())
    }
}
