//! Relations that are known by their columns alone.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{CatalogProvider, CatalogProviderList, SchemaProvider, Session, TableProvider};
use datafusion::common::{DataFusionError, Result, not_impl_err};
use datafusion::datasource::TableType;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;

use crate::engine::analysis::Declared;
use crate::sql::Relation;

/// The relations that were declared.
#[derive(Clone, Debug, Default)]
pub(super) struct Declarations(Arc<RwLock<HashMap<Relation, Declared>>>);

impl Declarations {
    pub(super) fn insert(&self, relation: Relation, known: Declared) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(relation, known);
    }

    /// Whether the columns of a relation are known, or that there is none. One that nobody told of may be there all the same: made by a
    /// hook, or by hand.
    pub(super) fn is_known(&self, relation: &Relation) -> bool {
        matches!(self.get(relation), Some(Declared::Columns(_) | Declared::Absent))
    }

    /// The columns of a relation, where they are known.
    #[cfg(test)]
    pub(super) fn columns(&self, relation: &Relation) -> Option<SchemaRef> {
        match self.get(relation)? {
            Declared::Columns(columns) => Some(columns),
            Declared::Unknown | Declared::Absent => None,
        }
    }

    /// The names of the relations that are there, sorted.
    pub(super) fn names(&self, database: &str, schema: &str) -> Vec<String> {
        let declared = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let there =
            declared.iter().filter(|(_, known)| !matches!(known, Declared::Absent)).map(|(relation, _)| relation);
        let of_schema = there.filter(|relation| relation.database == database && relation.schema == schema);
        let mut names: Vec<String> = of_schema.map(|relation| relation.identifier.clone()).collect();
        names.sort_unstable();
        names
    }

    fn get(&self, relation: &Relation) -> Option<Declared> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(relation).cloned()
    }
}

/// A relation without rows.
#[derive(Debug)]
pub(super) struct Bare {
    relation: Relation,
    columns: SchemaRef,
}

impl Bare {
    /// Its name.
    pub(super) fn relation(&self) -> &Relation {
        &self.relation
    }
}

#[async_trait]
impl TableProvider for Bare {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.columns)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        _: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        not_impl_err!("`{}` is known by its columns alone", self.relation)
    }
}

impl CatalogProviderList for Declarations {
    fn register_catalog(&self, _: String, _: Arc<dyn CatalogProvider>) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        Some(Arc::new(Database { declarations: self.clone(), name: name.to_owned() }))
    }
}

#[derive(Debug)]
struct Database {
    declarations: Declarations,
    name: String,
}

impl CatalogProvider for Database {
    fn schema_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let declarations = self.declarations.clone();
        Some(Arc::new(Schema { declarations, database: self.name.clone(), name: name.to_owned() }))
    }
}

#[derive(Debug)]
struct Schema {
    declarations: Declarations,
    database: String,
    name: String,
}

#[async_trait]
impl SchemaProvider for Schema {
    fn table_names(&self) -> Vec<String> {
        Vec::new()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let relation = Relation::new(&self.database, &self.name, name);
        match self.declarations.get(&relation) {
            Some(Declared::Columns(columns)) => Ok(Some(Arc::new(Bare { relation, columns }))),
            Some(Declared::Unknown | Declared::Absent) | None => Ok(None),
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        let known = self.declarations.get(&Relation::new(&self.database, &self.name, name));
        known.is_some_and(|known| !matches!(known, Declared::Absent))
    }
}
