//! The changes that materializations are made of. Each is atomic for readers: they see the old relation or the new one.

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::DeclaredColumn;
use crate::sql::Relation;

/// A change of a relation. Schemas that do not exist are made. Queries are SQL in the engine's dialect.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Makes or replaces a view; a table of that name goes.
    CreateView {
        /// The view.
        relation: Relation,
        /// Its query.
        query: String,
    },
    /// Makes or replaces a table by the rows of a query; a view of that name goes. The query may read the table itself.
    CreateTable {
        /// The table.
        relation: Relation,
        /// Its rows.
        query: String,
    },
    /// Makes or replaces a table by rows in memory.
    Load {
        /// The table.
        relation: Relation,
        /// Its columns.
        schema: SchemaRef,
        /// SQL types that some columns shall have instead; the values are cast.
        types: Vec<DeclaredColumn>,
        /// Its rows.
        batches: Vec<RecordBatch>,
    },
    /// Appends the rows of a query to a table; columns are matched by name, and columns that the table does not have are left out.
    Insert {
        /// The table.
        relation: Relation,
        /// The rows.
        query: String,
    },
    /// Merges the rows of a query into a table by a key.
    Merge {
        /// The table.
        relation: Relation,
        /// The rows.
        query: String,
        /// How.
        merge: Merge,
    },
    /// Drops a relation of any kind; none of that name is success.
    Drop {
        /// The relation.
        relation: Relation,
    },
    /// Runs a statement of the user's own that is not a query.
    Execute {
        /// The statement.
        sql: String,
    },
}

/// How rows are merged: a row of the table with the same key is updated, others are inserted. A null key equals nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// The columns of the key; without any, all rows are inserted.
    pub unique_key: Vec<String>,
    /// The only columns to update; all where empty.
    pub update_columns: Vec<String>,
    /// Columns not to update.
    pub exclude_columns: Vec<String>,
}

/// What an operation did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Rows written (inserted and updated), where the engine knows.
    pub rows: Option<u64>,
    /// Facts for `adapter_response` of the run results: `bytes_written`, `version`, a job id.
    pub response: serde_json::Map<String, serde_json::Value>,
}
