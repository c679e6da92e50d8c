//! `information_schema`: what the catalog holds, as tables, with the columns and the words that the SQL standard and dbt's macros
//! expect. DataFusion's own would plan every view for each question and fail with the first broken one.
//!
//! Questions are mostly about one schema or one table: conditions of the form `table_name = '…'` (also behind `lower`) decide which
//! tables are opened at all.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::information_schema::InformationSchemaProvider;
use datafusion::catalog::{CatalogProviderList, SchemaProvider, Session, TableProvider};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::datasource::{MemTable, TableType};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;

use super::catalog::Catalogs;
use super::type_names::sql_name;

/// The name of the schema.
pub(super) const NAME: &str = "information_schema";

/// The schema, over the catalogs that it tells of.
#[derive(Debug)]
pub(super) struct InformationSchema {
    catalogs: Arc<Catalogs>,
    /// Settings and functions of the session, which DataFusion tells well.
    session: InformationSchemaProvider,
}

impl InformationSchema {
    /// The schema of these catalogs.
    pub(super) fn new(catalogs: Arc<Catalogs>) -> Self {
        let session = InformationSchemaProvider::new(Arc::clone(&catalogs) as Arc<dyn CatalogProviderList>);
        InformationSchema { catalogs, session }
    }
}

const OF_SESSION: [&str; 3] = ["df_settings", "routines", "parameters"];

#[async_trait]
impl SchemaProvider for InformationSchema {
    fn table_names(&self) -> Vec<String> {
        let own = [Kind::Tables, Kind::Views, Kind::Columns, Kind::Schemata].map(Kind::name);
        own.into_iter().chain(OF_SESSION).map(str::to_owned).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let kind = match name {
            "tables" => Kind::Tables,
            "views" => Kind::Views,
            "columns" => Kind::Columns,
            "schemata" => Kind::Schemata,
            name => return self.session.table(name).await,
        };
        Ok(Some(Arc::new(Listing { catalogs: Arc::clone(&self.catalogs), kind, schema: kind.schema() })))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.table_names().iter().any(|known| known == name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Tables,
    Views,
    Columns,
    Schemata,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Tables => "tables",
            Kind::Views => "views",
            Kind::Columns => "columns",
            Kind::Schemata => "schemata",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Kind::Tables => &["table_catalog", "table_schema", "table_name", "table_type", "comment"],
            Kind::Views => &["table_catalog", "table_schema", "table_name", "view_definition", "definition"],
            Kind::Columns => &[
                "table_catalog",
                "table_schema",
                "table_name",
                "column_name",
                "#ordinal_position",
                "column_default",
                "is_nullable",
                "data_type",
                "#character_maximum_length",
                "#character_octet_length",
                "#numeric_precision",
                "#numeric_precision_radix",
                "#numeric_scale",
                "#datetime_precision",
                "interval_type",
                "comment",
            ],
            Kind::Schemata => &["catalog_name", "schema_name", "schema_owner"],
        }
    }

    /// The columns; those that are marked hold whole numbers.
    fn schema(self) -> SchemaRef {
        let field = |name: &&str| match name.strip_prefix('#') {
            Some(number) => Field::new(number, DataType::Int32, true),
            None => Field::new(*name, DataType::Utf8, true),
        };
        Arc::new(Schema::new(self.columns().iter().map(field).collect::<Vec<_>>()))
    }
}

/// A value of a row.
#[derive(Clone, Debug)]
enum Value {
    Text(Option<String>),
    Number(Option<i32>),
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        Value::Text(Some(text.into()))
    }
}

/// One of the tables.
#[derive(Debug)]
struct Listing {
    catalogs: Arc<Catalogs>,
    kind: Kind,
    schema: SchemaRef,
}

#[async_trait]
impl TableProvider for Listing {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = self.rows(&Wanted::of(filters)).await?;
        let columns = (0..self.schema.fields().len()).map(|at| column(&rows, at, self.schema.field(at).data_type()));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())?;
        let table = MemTable::try_new(Arc::clone(&self.schema), vec![vec![batch]])?;
        table.scan(state, projection, &[], limit).await
    }
}

fn column(rows: &[Vec<Value>], at: usize, data_type: &DataType) -> ArrayRef {
    let values = rows.iter().map(|row| row.get(at));
    if *data_type == DataType::Int32 {
        let numbers = values.map(|value| match value {
            Some(Value::Number(number)) => *number,
            _ => None,
        });
        return Arc::new(numbers.collect::<Int32Array>());
    }
    let texts = values.map(|value| match value {
        Some(Value::Text(text)) => text.clone(),
        _ => None,
    });
    Arc::new(texts.collect::<StringArray>())
}

impl Listing {
    async fn rows(&self, wanted: &Wanted) -> Result<Vec<Vec<Value>>> {
        let mut rows = Vec::new();
        for catalog in self.catalogs.catalog_names() {
            let Some(database) = self.catalogs.catalog(&catalog) else { continue };
            for name in database.schema_names() {
                if self.kind == Kind::Schemata {
                    rows.push(vec![Value::text(&catalog), Value::text(&name), Value::Text(None)]);
                } else if wanted.schema(&name) {
                    let Some(schema) = database.schema(&name) else { continue };
                    self.relations((&catalog, &name), schema.as_ref(), wanted, &mut rows).await;
                }
            }
        }
        Ok(rows)
    }

    /// The rows about a schema's relations. One that cannot be read is left out: it is told of when it is read.
    async fn relations(
        &self,
        (catalog, name): (&str, &str),
        schema: &dyn SchemaProvider,
        wanted: &Wanted,
        rows: &mut Vec<Vec<Value>>,
    ) {
        for table in schema.table_names().into_iter().filter(|table| wanted.table(table)) {
            let Ok(Some(table_type)) = schema.table_type(&table).await else { continue };
            let place = [catalog, name, &table].map(Value::text);
            match self.kind {
                Kind::Tables => {
                    let word = if table_type == TableType::View { "VIEW" } else { "BASE TABLE" };
                    let comments = self.catalogs.comments(name, &table).await;
                    rows.push([&place[..], &[Value::text(word), Value::Text(comments.relation)]].concat());
                }
                Kind::Views if table_type == TableType::View => {
                    let definition = Value::Text(self.catalogs.view_definition(name, &table));
                    rows.push([&place[..], &[definition.clone(), definition]].concat());
                }
                Kind::Columns => {
                    let Ok(Some(provider)) = schema.table(&table).await else { continue };
                    let comments = self.catalogs.comments(name, &table).await.columns;
                    for (at, field) in provider.schema().fields().iter().enumerate() {
                        let comment = comments.iter().find(|(column, _)| column == field.name());
                        let comment = Value::Text(comment.map(|(_, text)| text.clone()));
                        rows.push([&place[..], &about(field, at), &[comment]].concat());
                    }
                }
                Kind::Views | Kind::Schemata => {}
            }
        }
    }
}

/// What is told of a column, from its name to `interval_type`.
fn about(field: &Field, at: usize) -> [Value; 12] {
    let none = Value::Number(None);
    let number = |number: i32| Value::Number(Some(number));
    let (name, precision, radix, scale) = match field.data_type() {
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            ("decimal".to_owned(), number(i32::from(*precision)), number(10), number(i32::from(*scale)))
        }
        other => {
            let bits =
                other.primitive_width().filter(|_| other.is_numeric()).and_then(|width| i32::try_from(width * 8).ok());
            let radix = bits.map(|_| 2);
            let scale = if other.is_integer() { number(0) } else { none.clone() };
            (sql_name(other), Value::Number(bits), Value::Number(radix), scale)
        }
    };
    let times = matches!(field.data_type(), DataType::Timestamp(..)).then_some(6);
    [
        Value::text(field.name()),
        Value::Number(i32::try_from(at + 1).ok()),
        Value::Text(None),
        Value::text(if field.is_nullable() { "YES" } else { "NO" }),
        Value::text(name),
        none.clone(),
        none,
        precision,
        radix,
        scale,
        Value::Number(times),
        Value::Text(None),
    ]
}

/// What a question is about, where its conditions say so; all else is asked of the rows themselves.
#[derive(Debug, Default)]
struct Wanted {
    schema: Option<String>,
    table: Option<String>,
}

impl Wanted {
    fn of(filters: &[Expr]) -> Self {
        let mut wanted = Wanted::default();
        for filter in filters {
            if let Some((column, value)) = equality(filter) {
                match column {
                    "table_schema" => wanted.schema = Some(value.to_lowercase()),
                    "table_name" => wanted.table = Some(value.to_lowercase()),
                    _ => {}
                }
            }
        }
        wanted
    }

    fn schema(&self, name: &str) -> bool {
        self.schema.as_ref().is_none_or(|wanted| *wanted == name.to_lowercase())
    }

    fn table(&self, name: &str) -> bool {
        self.table.as_ref().is_none_or(|wanted| *wanted == name.to_lowercase())
    }
}

/// A column, possibly folded, that must equal a text.
fn equality(filter: &Expr) -> Option<(&str, &str)> {
    let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = filter else { return None };
    named(left).zip(literal(right)).or_else(|| named(right).zip(literal(left)))
}

fn named(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Column(column) => Some(&column.name),
        Expr::ScalarFunction(call) if matches!(call.name(), "lower" | "upper") => named(call.args.first()?),
        Expr::Cast(cast) => named(&cast.expr),
        Expr::Alias(alias) => named(&alias.expr),
        _ => None,
    }
}

fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Literal(
            ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)),
            _,
        ) => Some(text),
        _ => None,
    }
}
