//! The commands, one file each.

pub(super) mod build;
pub(super) mod clean;
pub(super) mod clone;
pub(super) mod compile;
pub(super) mod debug;
pub(super) mod deps;
pub(super) mod docs;
pub(super) mod explain;
#[cfg(feature = "datafusion")]
pub(super) mod generate;
pub(super) mod history;
pub(super) mod init;
pub(super) mod lineage;
pub(super) mod ls;
pub(super) mod maintain;
pub(super) mod parse;
pub(super) mod retry;
pub(super) mod rollback;
pub(super) mod run_operation;
pub(super) mod runs;
pub(super) mod show;
pub(super) mod source;
