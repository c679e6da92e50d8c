//! Files that a model has written, as a table with the columns of its query in their order.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema};
use datafusion::catalog::TableProvider;
use datafusion::common::Column;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};

use super::external::Source;
use super::lake::Files;
use super::session::data_type;
use crate::engine::EngineError;
use crate::sql::Relation;

/// The files as a table.
///
/// # Errors
/// When they are gone, or hold something else by now.
pub(super) async fn open(
    state: &SessionState,
    relation: Relation,
    files: &Files,
    project_dir: &Path,
) -> Result<Arc<dyn TableProvider>, EngineError> {
    if files.is_empty() {
        // Where there are no rows a format may have no files.
        let field = |(name, text): &(String, String)| Ok(Field::new(name, data_type(state, text, name)?, true));
        let fields = files.columns().iter().map(field).collect::<Result<Vec<_>, EngineError>>()?;
        return Ok(Arc::new(EmptyTable::new(Arc::new(Schema::new(fields)))));
    }
    let table = Source::new(files.source(relation), project_dir.to_owned()).open(state).await?;
    let columns = files.columns().iter().map(|(name, _)| Expr::Column(Column::from_name(name)));
    let plan = LogicalPlanBuilder::scan("files", provider_as_source(table), None)?.project(columns)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}
