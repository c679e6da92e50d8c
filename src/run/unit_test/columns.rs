//! The columns of what a unit test gives rows of: as the engine has them where the relation exists, else as the contract or the
//! columns of the properties say, as the model's query or the seed's file gives them, and at last as the rows themselves look.

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value as Json;

use super::Input;
use super::rows::{self, Given};
use crate::base::{HashMap, IndexMap};
use crate::engine::Engine;
use crate::manifest::{Column as Described, Manifest, Node, ResourceType, UniqueId};
use crate::run::Runner;
use crate::sql::{Relation, statement};

/// A column of an input or of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name, as the engine has it.
    pub(super) name: String,
    /// Its SQL type; `None` for one that SQL has no name for.
    pub(super) data_type: Option<String>,
}

/// The columns of an input.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    columns: Vec<Column>,
    /// Whether there are no others.
    is_whole: bool,
}

impl Column {
    /// Whether rows that name a column so mean this one.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// An expression as a value of this column.
    pub(super) fn value(&self, expression: &str) -> String {
        match &self.data_type {
            Some(data_type) => format!("cast({expression} as {data_type})"),
            None => expression.to_owned(),
        }
    }
}

impl Shape {
    /// The columns of these rows: the known ones and, where there may be others, those that the rows have besides.
    pub(super) fn columns_for(self, rows: &[Given], format: &str) -> Vec<Column> {
        let mut columns = self.columns;
        if !self.is_whole {
            for name in rows.iter().flat_map(Given::keys) {
                if !columns.iter().any(|column| column.is_named(name)) {
                    let values = rows.iter().filter_map(|row| row.get(name)).filter(|value| !value.is_null());
                    columns.push(Column { name: name.clone(), data_type: type_of(values, format == "csv") });
                }
            }
        }
        columns
    }
}

/// What is known of inputs so far.
pub(super) struct Shapes<'r> {
    runner: &'r Runner,
    known: HashMap<UniqueId, Shape>,
}

impl<'r> Shapes<'r> {
    pub(super) fn new(runner: &'r Runner) -> Self {
        Shapes { runner, known: HashMap::default() }
    }

    /// The columns of a node or source.
    pub(super) fn of<'s>(&'s mut self, id: &'s UniqueId) -> BoxFuture<'s, Shape> {
        let found = async move {
            if let Some(known) = self.known.get(id) {
                return known.clone();
            }
            // An incremental model reads itself.
            self.known.insert(id.clone(), Shape::default());
            let shape = match self.existing(id).await {
                Some(columns) => Shape { columns, is_whole: true },
                None => self.promised(id).await,
            };
            self.known.insert(id.clone(), shape.clone());
            shape
        };
        found.boxed()
    }

    /// The columns of the relation, if there is one: here, or with `--defer` elsewhere.
    async fn existing(&self, id: &UniqueId) -> Option<Vec<Column>> {
        let compiler = &self.runner.compiler;
        let own = compiler.parsed().manifest.relation(id);
        for relation in own.into_iter().chain(compiler.deferred(id)) {
            if let Some(columns) = self.columns_of(relation).await {
                return Some(columns);
            }
        }
        None
    }

    async fn columns_of(&self, relation: &Relation) -> Option<Vec<Column>> {
        let engine = &self.runner.engine;
        let found = engine.relation(relation).await.ok().flatten()?;
        if let Some(schema) = found.schema {
            return Some(of_schema(engine.as_ref(), &schema));
        }
        self.planned(&format!("select * from {}", relation.render(engine.dialect()))).await
    }

    /// The columns that a query would have.
    async fn planned(&self, sql: &str) -> Option<Vec<Column>> {
        let schema = self.runner.engine.columns(sql, &self.runner.cancel).await.ok()?;
        Some(of_schema(self.runner.engine.as_ref(), &schema))
    }

    /// The columns that the relation would have.
    async fn promised(&mut self, id: &UniqueId) -> Shape {
        let manifest = Arc::clone(&self.runner.compiler.parsed().manifest);
        let Some(node) = manifest.node(id) else {
            let described = manifest.sources.get(id).map(|source| &source.columns);
            return described.map(|columns| Shape::default().declared(columns)).unwrap_or_default();
        };
        if node.contract.enforced && node.columns.values().all(|column| column.data_type.is_some()) {
            return Shape { is_whole: true, ..Shape::default().declared(&node.columns) };
        }
        let shape = match node.resource {
            ResourceType::Seed => self.of_seed(node),
            _ => self.of_query(node).await,
        };
        shape.unwrap_or_default().declared(&node.columns)
    }

    fn of_seed(&self, node: &Node) -> Option<Shape> {
        let session = self.runner.session();
        let schema = self.runner.seeds.columns(session.world.as_ref(), &session.sources, node).ok()?;
        let mut columns = of_schema(self.runner.engine.as_ref(), &schema);
        for (name, data_type) in &node.config.column_types {
            for column in columns.iter_mut().filter(|column| column.is_named(name)) {
                column.data_type = Some(data_type.clone());
            }
        }
        Some(Shape { columns, is_whole: true })
    }

    /// The columns of a model's query, planned over nothing but the columns of what it reads, as far as that does not exist.
    async fn of_query(&mut self, node: &Arc<Node>) -> Option<Shape> {
        let dialect = self.runner.engine.dialect();
        let mut inputs: Vec<Input> = Vec::new();
        // A snapshot adds columns of its own, and `select *` gives those that are not described.
        let mut is_whole = node.resource == ResourceType::Model;
        let manifest = Arc::clone(&self.runner.compiler.parsed().manifest);
        let has_rows = |id: &&UniqueId| manifest.node(id).is_none_or(|node| node.resource != ResourceType::Function);
        for parent in node.depends_on.iter().filter(has_rows) {
            if self.existing(parent).await.is_none() {
                let shape = Some(self.of(parent).await).filter(|shape| !shape.columns.is_empty())?;
                is_whole &= shape.is_whole;
                inputs.push((parent.clone(), rows::query(&[], &shape.columns, dialect)));
            }
        }
        let (compiler, of_task) = (self.runner.compiler.clone(), Arc::clone(node));
        let compiled = self.runner.blocking(move || compiler.compile_given(&of_task, &inputs)).await.ok()?;
        let columns = self.planned(statement(&compiled.sql)).await?;
        Some(Shape { columns, is_whole })
    }
}

impl Shape {
    /// The same with the types that properties declare.
    fn declared(mut self, described: &IndexMap<String, Described>) -> Self {
        for column in described.values().filter(|column| column.data_type.is_some()) {
            match self.columns.iter_mut().find(|known| known.is_named(&column.name)) {
                Some(known) => known.data_type.clone_from(&column.data_type),
                None if self.is_whole => {}
                None => self.columns.push(Column { name: column.name.clone(), data_type: column.data_type.clone() }),
            }
        }
        self
    }
}

/// The columns of a schema.
pub(super) fn of_schema(engine: &dyn Engine, schema: &Schema) -> Vec<Column> {
    let has_name =
        |data_type: &DataType| !matches!(data_type, DataType::Null | DataType::Map(..) | DataType::Union(..));
    let columns = schema.fields().iter().map(|field| Column {
        name: field.name().clone(),
        data_type: has_name(field.data_type()).then(|| engine.type_name(field.data_type())),
    });
    columns.collect()
}

/// What people call a node or source.
pub(super) fn name<'m>(manifest: &'m Manifest, id: &UniqueId) -> &'m str {
    match manifest.node(id) {
        Some(node) => &node.name,
        None => manifest.sources.get(id).map_or("", |source| &source.name),
    }
}

/// The SQL type of values of which nothing is known but how they look. In CSV all of them are text.
fn type_of<'v>(values: impl Iterator<Item = &'v Json>, is_csv: bool) -> Option<String> {
    let values: Vec<&Json> = values.collect();
    let all = |test: fn(&str) -> bool| values.iter().all(|value| value.as_str().is_some_and(test));
    let all_csv = |test: fn(&str) -> bool| is_csv && all(test);
    let name = match () {
        () if values.is_empty() => "varchar",
        () if values.iter().any(|value| value.is_array() || value.is_object()) => return None,
        () if values.iter().all(|value| value.is_boolean()) => "boolean",
        () if values.iter().all(|value| value.is_i64()) => "bigint",
        () if values.iter().all(|value| value.is_number()) => "double",
        () if all_csv(|text| text.parse::<i64>().is_ok()) => "bigint",
        () if all_csv(|text| text.parse::<f64>().is_ok()) => "double",
        () if all_csv(|text| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")) => "boolean",
        () if all(|text| chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()) => "date",
        () if all(is_time) => "timestamp",
        () => "varchar",
    };
    Some(name.to_owned())
}

fn is_time(text: &str) -> bool {
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .any(|format| chrono::NaiveDateTime::parse_from_str(text, format).is_ok())
}
