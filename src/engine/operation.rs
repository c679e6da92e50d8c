//! The changes that materializations are made of. Each is atomic for readers: they see the old relation or the new one.

use arrow::datatypes::{FieldRef, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::{DeclaredColumn, Export, Layout, PartitionColumn, PointInTime};
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
        /// What its rows must be like, and what is said of its columns.
        rules: Rules,
        /// How its rows lie in files.
        layout: Layout,
    },
    /// Writes the rows of a query to files, in the place of those that are there, and makes or replaces a view of them. Only for engines
    /// that have [`Capabilities::exports`](super::Capabilities::exports).
    Export {
        /// The view.
        relation: Relation,
        /// The rows.
        query: String,
        /// What they must be like.
        rules: Rules,
        /// Where they go, and how they are written.
        export: Export,
        /// How they lie in the files.
        layout: Layout,
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
        /// How they lie in files.
        layout: Layout,
    },
    /// Appends rows in memory to a table, which is made where it is not there. Columns are matched by name; those that the table has
    /// and the rows do not are null. Only for engines that have [`Capabilities::appends`](super::Capabilities::appends).
    Append {
        /// The table.
        relation: Relation,
        /// The rows.
        batch: RecordBatch,
    },
    /// Makes or replaces a table by the rows of a query, unless it has the rows of that query over what the query reads now: the outcome's
    /// response says whether it was `refreshed`. Only for engines that have [`Capabilities::refreshes`](super::Capabilities::refreshes).
    Refresh {
        /// The table.
        relation: Relation,
        /// Its rows.
        query: String,
        /// What its rows must be like.
        rules: Rules,
        /// How its rows lie in files.
        layout: Layout,
        /// What is done when it has another layout; `None` makes it anew in any case.
        on_change: Option<OnChange>,
    },
    /// Appends the rows of a query to a table, which is widened for them as by [`Operation::Widen`]; columns are matched by name, and
    /// columns that the table does not have are left out.
    Insert {
        /// The table.
        relation: Relation,
        /// The rows.
        query: String,
    },
    /// Merges the rows of a query into a table by a key. The table is widened for them.
    Merge {
        /// The table.
        relation: Relation,
        /// The rows.
        query: String,
        /// How.
        merge: Merge,
    },
    /// Removes rows of a table and appends the rows of a query, both or neither. The table is widened for them.
    DeleteInsert {
        /// The table.
        relation: Relation,
        /// The rows that are appended.
        query: String,
        /// The rows that go.
        delete: Delete,
    },
    /// Replaces the partitions of a table that a query has rows for.
    Overwrite {
        /// The table.
        relation: Relation,
        /// The rows.
        query: String,
        /// What a partition is; all rows are one where it is empty.
        partition_by: Vec<PartitionColumn>,
        /// Conditions that rows must meet to be replaced: SQL over the table's columns, which may be called `DBT_INTERNAL_DEST`.
        predicates: Vec<String>,
    },
    /// Lets what is written into a table from here on have a layout; nothing happens where it has it. Only for engines that have
    /// [`Capabilities::layouts`](super::Capabilities::layouts).
    Arrange {
        /// The table.
        relation: Relation,
        /// The layout. Where it says nothing of partitions the table keeps its own; it cannot have others.
        layout: Layout,
    },
    /// Changes the columns of a table, all at once.
    Alter {
        /// The table.
        relation: Relation,
        /// The changes, each made to what the ones before it left.
        changes: Vec<ColumnChange>,
    },
    /// Widens the columns of a table so that they hold the values of these columns, as far as none that is there changes: whole numbers
    /// with more digits, `double` for `real`, a timestamp for a date, decimals with more digits. Other columns of the two stay.
    Widen {
        /// The table.
        relation: Relation,
        /// The columns, by name.
        columns: SchemaRef,
    },
    /// Makes these the rules of a table, for the rows that are there and for all to come; earlier rules go.
    Constrain {
        /// The table.
        relation: Relation,
        /// The rules.
        rules: Rules,
    },
    /// Sets remarks on a relation and its columns; an empty one goes, those that are not named stay.
    Describe {
        /// The table or view.
        relation: Relation,
        /// The remarks.
        comments: Comments,
    },
    /// Drops a relation of any kind; none of that name is success.
    Drop {
        /// The relation.
        relation: Relation,
    },
    /// Keeps what happens to a relation from here on for this engine's own statements, as its draft, until it is published or rejected.
    /// Only for engines that have [`Capabilities::drafts`](super::Capabilities::drafts), as are the next three.
    Draft {
        /// The relation, which need not exist.
        relation: Relation,
    },
    /// Makes the draft the relation.
    Publish {
        /// The relation.
        relation: Relation,
        /// What is kept with the version, for who asks where it comes from.
        note: serde_json::Map<String, serde_json::Value>,
    },
    /// Ends the draft; the relation stays what it was. The outcome's response says whether a version is `kept` for inspection.
    Reject {
        /// The relation.
        relation: Relation,
        /// Why; without a reason the draft is not kept for inspection.
        why: Option<String>,
    },
    /// Shows the draft that was rejected last to this engine's own statements. The outcome's response says `why` and when (`at`).
    Reopen {
        /// The relation.
        relation: Relation,
    },
    /// Makes a table what it was: a new version with the rows and columns of an earlier one. Only for engines that have
    /// [`Capabilities::versions`](super::Capabilities::versions).
    Restore {
        /// The table.
        relation: Relation,
        /// Which version.
        to: PointInTime,
        /// What is kept with the new version, for who asks where it comes from.
        note: serde_json::Map<String, serde_json::Value>,
    },
    /// Puts the small files of a table together, or rows that are alike where its layout says by which columns, and removes the files of
    /// versions that were replaced longer ago than the engine keeps them; its rows stay what they are. The outcome's response says how
    /// many: `small_files` put together or `zordered_files` written anew (`zordered_by` what), `removed_files` and `removed_bytes`. Only
    /// for engines that have [`Capabilities::versions`](super::Capabilities::versions).
    Maintain {
        /// The table.
        relation: Relation,
        /// Whether it is only said what would be done.
        is_dry: bool,
        /// What is kept with the new version, for who asks where it comes from.
        note: serde_json::Map<String, serde_json::Value>,
    },
    /// Runs a statement of the user's own that is not a query.
    Execute {
        /// The statement.
        sql: String,
    },
}

/// What is done when a materialized view has other configs than its model says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// It gets them.
    Apply,
    /// It keeps its own, with a warning.
    Continue,
    /// That is an error.
    Fail,
}

impl OnChange {
    /// What a word of dbt's says.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "apply" => Some(OnChange::Apply),
            "continue" => Some(OnChange::Continue),
            "fail" => Some(OnChange::Fail),
            _ => None,
        }
    }
}

/// What the rows of a table must be like, from its making on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Columns that hold no nulls.
    pub not_null: Vec<String>,
    /// Conditions that no row may break; one that is null is not broken.
    pub checks: Vec<Check>,
}

/// A condition on the rows of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// SQL over the table's columns.
    pub expression: String,
}

/// How rows are merged: a row of the table with the same key is updated, others are inserted. A null key equals nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merge {
    /// The columns of the key; without any, all rows are inserted.
    pub unique_key: Vec<String>,
    /// The only columns to update; all where empty.
    pub update_columns: Vec<String>,
    /// Columns not to update; those that the table does not have are nothing to it.
    pub exclude_columns: Vec<String>,
    /// Further conditions for rows to be the same: SQL over `DBT_INTERNAL_DEST` (the table) and `DBT_INTERNAL_SOURCE` (the query).
    pub predicates: Vec<String>,
}

/// Which rows go before others are appended: those whose key is among the new rows and of which all conditions are true. Without a
/// key the conditions decide alone, and without either nothing goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delete {
    /// The columns of the key; a null in them equals nothing.
    pub unique_key: Vec<String>,
    /// SQL over the table's columns, which may be called `DBT_INTERNAL_DEST`.
    pub predicates: Vec<String>,
}

/// A change of a table's column.
#[derive(Clone, Debug)]
pub enum ColumnChange {
    /// A new column at the end.
    Add {
        /// Its name and type, and whether it may hold nulls.
        field: FieldRef,
        /// The SQL expression of its value in the rows that are there; null without one.
        default: Option<String>,
    },
    /// The column goes.
    Drop {
        /// Its name.
        name: String,
    },
    /// The column is called otherwise.
    Rename {
        /// Its name.
        name: String,
        /// The new one.
        new: String,
    },
    /// The column has another type, its values cast.
    Retype {
        /// Its name and new type.
        field: FieldRef,
    },
    /// The column may or must not hold nulls from now on.
    Nullable {
        /// Its name.
        name: String,
        /// Whether it may.
        nullable: bool,
    },
}

/// Remarks on a relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// On the relation as a whole; `None` leaves it as it is.
    pub relation: Option<String>,
    /// On columns, by name.
    pub columns: Vec<(String, String)>,
}

/// What an operation did.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Rows written (inserted and updated), where the engine knows.
    pub rows: Option<u64>,
    /// Facts for `adapter_response` of the run results: `bytes_written`, `version`, a job id.
    pub response: serde_json::Map<String, serde_json::Value>,
}
