//! The flags of a command.

/// Flags of the command line that change what is compiled or run.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The command's name.
    pub command: String,
    /// `--full-refresh`.
    pub full_refresh: bool,
    /// `--store-failures`.
    pub store_failures: bool,
}
