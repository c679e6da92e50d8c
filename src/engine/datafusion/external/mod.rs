//! Source tables that are files: what a project declares.

mod columns;
mod csv_head;
mod fault;
mod files_table;
mod format;
mod head;
mod located;
mod location;
mod partition;
mod shape;
mod source;
mod workbook;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use indexmap::IndexMap;

pub(super) use self::files_table::FilesTable;
pub(super) use self::source::Source;
use crate::engine::{EngineError, ErrorKind, ExternalTable};
use crate::sql::Relation;

/// The declared source tables by name.
#[derive(Debug)]
pub(super) struct Sources {
    project_dir: PathBuf,
    declared: RwLock<IndexMap<Relation, Arc<Source>>>,
}

impl Sources {
    /// None yet; relative locations will start from `project_dir`.
    pub(super) fn new(project_dir: PathBuf) -> Self {
        Sources { project_dir, declared: RwLock::default() }
    }

    /// The folder that relative locations start from.
    pub(super) fn project_dir(&self) -> &Path {
        &self.project_dir
    }

    /// Takes up declarations; a later one of the same name replaces the earlier one. Nothing is read.
    ///
    /// # Errors
    /// [`ErrorKind::SourceFile`] when a table has no location.
    pub(super) fn declare(&self, tables: Vec<ExternalTable>) -> Result<(), EngineError> {
        if let Some(table) = tables.iter().find(|table| table.locations.is_empty()) {
            let message = format!("source `{}` names no files", table.relation);
            return Err(EngineError::new(ErrorKind::SourceFile, message).help("give it a `location`"));
        }
        let mut declared = self.declared.write().unwrap_or_else(PoisonError::into_inner);
        for table in tables {
            let source = Source::new(table, self.project_dir.clone());
            declared.insert(source.relation().clone(), Arc::new(source));
        }
        Ok(())
    }

    /// A declared table.
    pub(super) fn get(&self, database: &str, schema: &str, name: &str) -> Option<Arc<Source>> {
        self.with(|declared| declared.get(&Relation::new(database, schema, name)).cloned())
    }

    /// The databases that declared tables are in.
    pub(super) fn databases(&self) -> Vec<String> {
        self.names(|relation| Some(&relation.database))
    }

    /// The schemas of a database that declared tables are in.
    pub(super) fn schemas(&self, database: &str) -> Vec<String> {
        self.names(|relation| (relation.database == database).then_some(&relation.schema))
    }

    /// The declared tables of a schema.
    pub(super) fn tables(&self, database: &str, schema: &str) -> Vec<String> {
        self.names(|relation| {
            (relation.database == database && relation.schema == schema).then_some(&relation.identifier)
        })
    }

    fn names(&self, part: impl Fn(&Relation) -> Option<&String>) -> Vec<String> {
        let names: BTreeSet<String> = self.with(|declared| declared.keys().filter_map(&part).cloned().collect());
        names.into_iter().collect()
    }

    fn with<T>(&self, read: impl FnOnce(&IndexMap<Relation, Arc<Source>>) -> T) -> T {
        read(&self.declared.read().unwrap_or_else(PoisonError::into_inner))
    }
}
