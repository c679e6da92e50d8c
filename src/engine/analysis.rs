//! What a statement means, told without running it: the columns that it gives, and where their values come from.
//!
//! The kinds are those of OpenLineage's facet `columnLineage` (1-2-0): values flow directly, unchanged, transformed or aggregated; other
//! columns decide about rows indirectly.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use serde::{Deserialize, Serialize};

use super::{EngineError, ErrorKind};
use crate::base::Fingerprint;
use crate::sql::{Relation, UnusedCte};

/// Understands statements of an engine's SQL. It knows the relations that it was told of and no others; nothing is read or run.
pub trait Analyst: Send + Sync + fmt::Debug {
    /// Of all that decides about what it says besides the statement and what is told of relations: two that have the same one say the same.
    fn fingerprint(&self) -> Fingerprint;

    /// Tells of a relation.
    fn declare(&self, relation: Relation, known: Declared);

    /// Tells of a function of the project's own.
    fn declare_function(&self, name: Relation, function: DeclaredFunction);

    /// The type of a column that the project declares, if there is one of that name.
    fn data_type(&self, sql_type: &str) -> Option<DataType>;

    /// Analyzes a query.
    ///
    /// # Errors
    /// What is wrong with it, or why that cannot be told.
    fn analyze(&self, query: Query<'_>) -> Result<Analysis, NotAnalyzed>;
}

/// A query that is analyzed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<'a> {
    /// Its SQL.
    pub sql: &'a str,
    /// Common table expressions of it that are relations to whoever asks, by name: values come from these, and not from what they read.
    pub inlined: &'a [(String, Relation)],
}

impl<'a> Query<'a> {
    /// A query in which nothing stands for a relation.
    #[must_use]
    pub fn of(sql: &'a str) -> Self {
        Query { sql, inlined: &[] }
    }
}

/// What is told of a relation.
#[derive(Clone, Debug)]
pub enum Declared {
    /// Its columns.
    Columns(SchemaRef),
    /// It is there, and its columns are not known.
    Unknown,
    /// There is none of this name.
    Absent,
}

/// What is told of a function: it is an expression of SQL over its arguments.
#[derive(Clone, Debug)]
pub struct DeclaredFunction {
    /// Its arguments in order.
    pub arguments: Vec<DeclaredArgument>,
    /// The SQL type of its results.
    pub returns: String,
    /// What it computes: an expression, or a query of one value.
    pub body: String,
}

/// What is told of an argument of a function.
#[derive(Clone, Debug)]
pub struct DeclaredArgument {
    /// Its name.
    pub name: String,
    /// Its SQL type.
    pub data_type: String,
    /// The expression that stands for it where a call leaves it out.
    pub default: Option<String>,
}

/// What a query gives.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The names and types of its columns.
    pub schema: SchemaRef,
    /// Where the values of each come from, in the order of the schema.
    pub columns: Vec<Origins>,
    /// The expressions of its text that make each, in the order of the schema: none for what is passed on from a relation, several where
    /// rows come from several queries.
    pub expressions: Vec<Vec<String>>,
    /// What decides about its rows.
    pub influences: Influences,
    /// The common table expressions in it that nothing reads.
    pub unused: Vec<UnusedCte>,
    /// The relations that it names, each once.
    pub reads: Vec<Relation>,
    /// The names of the columns that it gave when somebody was told of it last, where they are others now.
    pub before: Option<Vec<String>>,
}

/// Why a query could not be analyzed.
#[derive(Clone, Debug)]
pub enum NotAnalyzed {
    /// It is wrong: it could not run.
    Wrong(EngineError),
    /// It may be right: something in it is not understood.
    Unknown(EngineError),
    /// It may be right: the columns of this relation, which it reads, are not known.
    Unread(Relation),
}

/// A column of a relation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnRef {
    /// The relation.
    pub relation: Relation,
    /// The column's name, as the relation has it.
    pub column: String,
}

/// Where the values of a column come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// The columns that values are made of. Large projects have many of these: a column that is named often is there once.
    pub values: BTreeMap<Arc<ColumnRef>, Flow>,
    /// The columns that decide about the values of this column alone.
    pub influences: Influences,
}

/// Columns that decide about others, and how.
pub type Influences = BTreeSet<(Arc<ColumnRef>, Influence)>;

/// How a value becomes that of another column. The later ones hide the earlier ones: what is summed up was perhaps calculated before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Flow {
    /// It is the same value.
    Identity,
    /// It is calculated from the values of a row.
    Transform,
    /// It is calculated from the values of many rows.
    Aggregate,
}

/// How a column decides about rows and values that it is no part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Influence {
    /// Which rows there are.
    Filter,
    /// Which rows come together.
    Join,
    /// Which rows are one.
    Group,
    /// In which order they are, which counts where there is a limit.
    Sort,
    /// Which rows a window function looks at.
    Window,
}

impl Flow {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Flow::Identity => "identity",
            Flow::Transform => "transform",
            Flow::Aggregate => "aggregate",
        }
    }
}

impl Influence {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Influence::Filter => "filter",
            Influence::Join => "join",
            Influence::Group => "group",
            Influence::Sort => "sort",
            Influence::Window => "window",
        }
    }
}

impl Origins {
    /// Values that are those of one column.
    #[must_use]
    pub fn of(column: ColumnRef) -> Self {
        Origins { values: BTreeMap::from([(Arc::new(column), Flow::Identity)]), influences: Influences::new() }
    }

    /// Takes in what other values come from, where they become part of these by a further step.
    pub fn add(&mut self, other: &Origins, step: Flow) {
        for (column, flow) in &other.values {
            let flow = (*flow).max(step);
            let known = self.values.entry(column.clone()).or_insert(flow);
            *known = flow.max(*known);
        }
        self.influences.extend(other.influences.iter().cloned());
    }

    /// The columns of these origins, as deciding about something: those of values in this way, the others in theirs.
    pub fn deciding(&self, how: Influence) -> impl Iterator<Item = (Arc<ColumnRef>, Influence)> {
        self.values.keys().map(move |column| (column.clone(), how)).chain(self.influences.iter().cloned())
    }
}

/// Understands nothing: what there is for an engine whose SQL only it understands.
#[derive(Clone, Copy, Debug)]
pub struct Unanalyzed;

impl Analyst for Unanalyzed {
    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(["unanalyzed"])
    }

    fn declare(&self, _relation: Relation, _known: Declared) {}

    fn declare_function(&self, _name: Relation, _function: DeclaredFunction) {}

    fn data_type(&self, _sql_type: &str) -> Option<DataType> {
        None
    }

    fn analyze(&self, _query: Query<'_>) -> Result<Analysis, NotAnalyzed> {
        Err(NotAnalyzed::Unknown(EngineError::new(
            ErrorKind::Unsupported,
            "only the engine itself understands its SQL",
        )))
    }
}
