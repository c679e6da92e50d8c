//! Statements that are planned without a lake: over relations that are known by their columns alone.

mod catalog;
mod functions;
mod lineage;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::TableReference;
use datafusion::execution::SessionState;
use datafusion::sql::parser::Statement;
use datafusion::sql::planner::object_name_to_table_reference;
use datafusion::sql::sqlparser::ast::ObjectName;
use futures::FutureExt;

use self::catalog::Declarations;
use self::functions::DeclaredFunctions;
use super::place::placed;
use super::settings::Settings;
use super::{as_of, information_schema, session};
use crate::base::{Fingerprint, IndexMap};
use crate::engine::analysis::{Analysis, Analyst, Declared, DeclaredFunction, NotAnalyzed, Query};
use crate::engine::{EngineError, ErrorKind};
use crate::sql::{Named, Relation, UnusedCte, expressions};

/// Plans as the engine does, and runs nothing.
pub(super) struct Planner {
    state: SessionState,
    fingerprint: Fingerprint,
    declared: Declarations,
    functions: Arc<DeclaredFunctions>,
}

impl std::fmt::Debug for Planner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planner").finish_non_exhaustive()
    }
}

impl Planner {
    /// A planner with the settings of an engine.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when an option of the session is wrong.
    pub(super) fn new(settings: &Settings) -> Result<Self, EngineError> {
        let declared = Declarations::default();
        let functions: Arc<DeclaredFunctions> = Arc::default();
        let state = session::planning_state(settings, Arc::new(declared.clone()), Arc::clone(&functions) as _)?;
        Ok(Planner { state, fingerprint: settings.of_planning(), declared, functions })
    }

    /// The relations that a statement reads.
    fn read(&self, named: Vec<ObjectName>) -> Result<Vec<Relation>, EngineError> {
        let catalog = &self.state.config_options().catalog;
        let functions = self.state.table_functions();
        let names = named.into_iter().map(|name| object_name_to_table_reference(name, true));
        let names = names.collect::<Result<Vec<TableReference>, _>>()?.into_iter();
        let names = names.filter(|name| name.schema().is_some() || !functions.contains_key(name.table()));
        let names = names.map(|name| name.resolve(&catalog.default_catalog, &catalog.default_schema));
        Ok(names.map(|name| Relation::new(&*name.catalog, &*name.schema, &*name.table)).collect())
    }

    /// Plans a query and looks at the plan.
    ///
    /// # Errors
    /// As [`Analyst::analyze`].
    fn planned(&self, query: Query<'_>) -> Result<Analysis, NotAnalyzed> {
        let sql = query.sql;
        let statement = session::parse(&self.state, sql)?;
        let Named { relations, unused } = match &statement {
            Statement::Statement(statement) => Named::by(statement.as_ref()),
            _ => Named::default(),
        };
        let reads = self.read(relations)?;
        match reads.iter().find(|relation| !self.declared.is_known(relation)) {
            Some(relation) => Err(unread(relation)),
            None => self.analysis(statement, reads, unused, query.inlined).map_err(|error| {
                let suggested = session::suggest_table(error, |database, schema| self.declared.names(database, schema));
                placed(suggested, sql).into()
            }),
        }
    }

    /// The analysis of a query.
    ///
    /// # Errors
    /// Of the planner, or of the rules that check types.
    fn analysis(
        &self,
        statement: Statement,
        reads: Vec<Relation>,
        unused: Vec<UnusedCte>,
        inlined: &[(String, Relation)],
    ) -> Result<Analysis, EngineError> {
        let inlining: Vec<&str> = inlined.iter().map(|(name, _)| name.as_str()).collect();
        let mut made = match &statement {
            Statement::Statement(statement) => expressions(statement, &inlining),
            _ => IndexMap::default(),
        };
        let planning = session::plan_statement(&self.state, statement).now_or_never();
        let plan = planning.ok_or_else(|| EngineError::new(ErrorKind::Internal, "a plan waits for a table"))??;
        let lineage = lineage::of(&plan, inlined)?;
        let analyzed = self.state.analyzer().execute_and_check(plan, self.state.config_options(), |_, _| {})?;
        let schema = Arc::clone(analyzed.schema().inner());
        let made = schema.fields().iter().map(|field| made.swap_remove(field.name()).unwrap_or_default());
        Ok(Analysis {
            expressions: made.collect(),
            schema,
            columns: lineage.columns,
            influences: lineage.influences,
            unused,
            reads,
            before: None,
        })
    }
}

/// Why a query is not analyzed that reads a relation whose columns are not known.
fn unread(relation: &Relation) -> NotAnalyzed {
    let unknown = |message| NotAnalyzed::Unknown(EngineError::new(ErrorKind::Unsupported, message));
    match as_of::meant(&relation.identifier) {
        Some((now, _)) => unknown(format!("it reads an earlier version of `{now}`")),
        None if relation.schema == information_schema::NAME => unknown("it reads the engine's catalog".to_owned()),
        None => NotAnalyzed::Unread(relation.clone()),
    }
}

impl From<EngineError> for NotAnalyzed {
    /// What is not understood may be right.
    fn from(error: EngineError) -> Self {
        match error.kind {
            // Nothing is run here: what fails fails for its types.
            ErrorKind::Syntax | ErrorKind::Plan | ErrorKind::Execution => NotAnalyzed::Wrong(error),
            _ => NotAnalyzed::Unknown(error),
        }
    }
}

impl Analyst for Planner {
    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn declare(&self, relation: Relation, known: Declared) {
        self.declared.insert(relation, known);
    }

    fn declare_function(&self, name: Relation, function: DeclaredFunction) {
        self.functions.insert(name, function);
    }

    fn data_type(&self, sql_type: &str) -> Option<DataType> {
        session::data_type(&self.state, sql_type, "").ok()
    }

    fn analyze(&self, query: Query<'_>) -> Result<Analysis, NotAnalyzed> {
        // A defect of the planner is no reason to give up the others.
        catch_unwind(AssertUnwindSafe(|| self.planned(query))).unwrap_or_else(|_| {
            Err(NotAnalyzed::Unknown(EngineError::new(ErrorKind::Internal, "the planner fails on it")))
        })
    }
}
