//! `on_schema_change`: what becomes of an incremental model's table when its query has other columns.

/// The config's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSchemaChange {
    /// `ignore`: the table keeps its columns.
    #[default]
    Ignore,
    /// `fail`: it is an error.
    Fail,
    /// `append_new_columns`: the table gets those that are new.
    Append,
    /// `sync_all_columns`: the table gets the columns of the query.
    Sync,
}

impl OnSchemaChange {
    /// The words for them.
    pub const NAMES: [&str; 4] = ["ignore", "fail", "append_new_columns", "sync_all_columns"];

    /// The value of a word, if it is one of them.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "ignore" => OnSchemaChange::Ignore,
            "fail" => OnSchemaChange::Fail,
            "append_new_columns" => OnSchemaChange::Append,
            "sync_all_columns" => OnSchemaChange::Sync,
            _ => return None,
        })
    }
}
