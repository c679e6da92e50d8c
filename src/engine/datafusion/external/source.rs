//! One declared source table: its declaration, and its files once they were looked into.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::catalog::TableProvider;
use datafusion::execution::SessionState;

use super::columns;
use super::files_table::FilesTable;
use super::location::{FoundFile, Location};
use super::partition::Partitions;
use super::shape::{Looking, group};
use super::workbook::Sheet;
use crate::engine::{EngineError, ExternalTable};
use crate::sql::Relation;

/// A declared source table.
#[derive(Debug)]
pub(in super::super) struct Source {
    table: ExternalTable,
    project_dir: Arc<PathBuf>,
    /// What was found the last time: as long as the same files are there, they need not be looked into again.
    opened: Mutex<Option<Arc<FilesTable>>>,
}

impl Source {
    /// A source that nobody has looked at yet.
    pub(in super::super) fn new(table: ExternalTable, project_dir: PathBuf) -> Self {
        Source { table, project_dir: Arc::new(project_dir), opened: Mutex::default() }
    }

    /// The name that SQL uses.
    pub(super) fn relation(&self) -> &Relation {
        &self.table.relation
    }

    /// Where its files are, or the first of them: an absolute path or a URL, with wildcards.
    pub(in super::super) fn location(&self) -> Option<String> {
        let location = self.table.locations.first()?;
        Some(match location.contains("://") {
            true => location.clone(),
            false => self.project_dir.join(location).display().to_string(),
        })
    }

    /// Looks for the files and into them.
    ///
    /// # Errors
    /// [`ErrorKind::SourceFile`](crate::engine::ErrorKind::SourceFile) naming the location or the file.
    pub(in super::super) async fn open(&self, state: &SessionState) -> Result<Arc<dyn TableProvider>, EngineError> {
        let files = self.files(state).await?;
        let known = self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.files == files) {
            return Ok(known);
        }
        let opened = Arc::new(self.look_into(state, files).await?);
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&opened));
        Ok(opened)
    }

    async fn files(&self, state: &SessionState) -> Result<Vec<FoundFile>, EngineError> {
        let mut files: Vec<FoundFile> = Vec::new();
        for text in &self.table.locations {
            let location = Location::parse(text, &self.project_dir)?;
            for file in location.files(state).await? {
                // Locations may overlap; a file is read once.
                if !files.iter().any(|known| known.store == file.store && known.meta.location == file.meta.location) {
                    files.push(file);
                }
            }
        }
        Ok(files)
    }

    async fn look_into(&self, state: &SessionState, files: Vec<FoundFile>) -> Result<FilesTable, EngineError> {
        let partitions = Partitions::read(state, &self.table.partitions, &files, &self.project_dir)?;
        let mut declared = columns::declared(state, &self.table.columns)?;
        declared.retain(|column| partitions.fields.iter().all(|partition| *partition.name() != column.name));
        let looking = Looking { state, table: &self.table, declared: &declared, project_dir: &self.project_dir };
        let shapes = group(&looking, &files).await?;
        let schema = columns::table_schema(&declared, &shapes, &partitions.fields);
        let project_dir = Arc::clone(&self.project_dir);
        let (csv, sheet) = (self.table.csv.clone(), Sheet::of(&self.table));
        Ok(FilesTable { schema, files, partitions, shapes, csv, sheet, project_dir })
    }
}
