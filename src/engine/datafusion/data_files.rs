//! A version of a table as a source of rows: the data files that its log names, read as DataFusion reads any Parquet, with what the
//! log has counted of them.
//!
//! deltalake has a scan of its own, which can do all that Delta can; for that it asks the log anew in every query and looks at every batch
//! that was read. Most tables need none of it: their files hold their rows as they are. So those files are looked up once a version, and
//! the rest is left to DataFusion. Where rows are marked as deleted, columns have other names in the files, or files lie in another table's
//! folder, deltalake's scan reads.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, Result, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use deltalake::DeltaTable;
use deltalake::kernel::{EagerSnapshot, LogicalFileView};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use url::{Position, Url};

use crate::engine::EngineError;

/// The property of tables whose columns have other names in their files.
const COLUMN_MAPPING: &str = "delta.columnMapping.mode";

/// The rows of a version of a table.
///
/// # Errors
/// When its log cannot be read.
pub(super) async fn rows_of(table: &DeltaTable) -> Result<Arc<dyn TableProvider>, EngineError> {
    Ok(match DataFiles::of(table)? {
        Some(files) => Arc::new(files),
        None => table.table_provider().await?,
    })
}

/// The data files of one version of a table.
#[derive(Debug)]
struct DataFiles {
    /// The columns, in the table's order.
    schema: SchemaRef,
    /// What is read: the columns of the files, behind them those that the log tells of each file.
    read: TableSchema,
    /// Where each column of `schema` is in `read`.
    places: Vec<usize>,
    root: ObjectStoreUrl,
    store: Arc<dyn ObjectStore>,
    files: Vec<PartitionedFile>,
    statistics: Statistics,
}

impl DataFiles {
    /// The files of a table; `None` when more is needed to read it than them.
    fn of(table: &DeltaTable) -> Result<Option<Self>, EngineError> {
        let snapshot = table.snapshot()?.snapshot();
        let mapping = snapshot.metadata().configuration().get(COLUMN_MAPPING);
        if mapping.is_some_and(|mode| mode != "none") {
            return Ok(None);
        }
        let views: Vec<LogicalFileView> = snapshot.log_data().iter().collect();
        if views.iter().any(|file| file.deletion_vector_descriptor().is_some() || file.path().contains("://")) {
            return Ok(None);
        }
        let log = table.log_store();
        let (root, folder) = place(log.root_url())?;
        let (schema, read) = schemas(snapshot);
        let place = |column: &FieldRef| read.table_schema().index_of(column.name());
        let places = schema.fields().iter().map(place).collect::<Result<_, _>>()?;
        let files = views.iter().map(|view| file(view, &folder, &read)).collect::<Result<Vec<_>>>()?;
        let counted = files.iter().filter_map(|file| file.statistics.as_deref());
        let statistics = match files.is_empty() {
            true => Statistics::new_unknown(read.table_schema()),
            false => Statistics::try_merge_iter(counted, read.table_schema())?,
        };
        let store = log.root_object_store(None);
        Ok(Some(DataFiles { schema, read, places, root, store, files, statistics }))
    }
}

#[async_trait]
impl TableProvider for DataFiles {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        let columns = self.places.iter().map(|&at| self.statistics.column_statistics[at].clone()).collect();
        Some(Statistics { column_statistics: columns, ..self.statistics.clone() })
    }

    // Filters stay where they are: the physical optimizer hands them to the files, to skip what they cannot match.
    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted: Vec<usize> = match projection {
            Some(columns) => columns.iter().map(|&column| self.places[column]).collect(),
            None => self.places.clone(),
        };
        if self.files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.read.table_schema().project(&wanted)?))));
        }
        let runtime = session.runtime_env();
        if runtime.object_store(&self.root).is_err() {
            runtime.register_object_store(self.root.as_ref(), Arc::clone(&self.store));
        }
        let mut options =
            TableParquetOptions { global: session.config_options().execution.parquet.clone(), ..Default::default() };
        // Times of files that Spark wrote have more digits than the table.
        options.global.coerce_int96 = Some("us".to_owned());
        let reader = CachedParquetFileReaderFactory::new(
            runtime.object_store(&self.root)?,
            runtime.cache_manager.get_file_metadata_cache(),
        );
        let source = ParquetSource::new(self.read.clone())
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(reader));
        let groups = FileGroup::new(self.files.clone()).split_files(session.config().target_partitions());
        let scan = FileScanConfigBuilder::new(self.root.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(self.statistics.clone())
            .with_projection_indices(Some(wanted))?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }
}

/// The store that a table lies in, and its folder there.
fn place(root: &Url) -> Result<(ObjectStoreUrl, Path), EngineError> {
    let store = ObjectStoreUrl::parse(&root[..Position::BeforePath])?;
    let folder = Path::from_url_path(root.path()).map_err(object_store::Error::from);
    Ok((store, folder.map_err(deltalake::DeltaTableError::from)?))
}

/// The columns of a table in its order, and as they are read.
fn schemas(table: &EagerSnapshot) -> (SchemaRef, TableSchema) {
    let columns: Vec<FieldRef> = table.arrow_schema().fields().iter().map(|column| Arc::new(as_read(column))).collect();
    let told = table.metadata().partition_columns();
    let (told, held): (Vec<FieldRef>, Vec<FieldRef>) =
        columns.iter().cloned().partition(|column| told.iter().any(|name| name == column.name()));
    let read = TableSchema::builder(Arc::new(Schema::new(held))).with_table_partition_cols(told).build();
    (Arc::new(Schema::new(columns)), read)
}

/// A column as it is read: texts as views, which are not copied; and since files of others may say so of fields within it, those can be
/// null.
fn as_read(column: &Field) -> Field {
    column.clone().with_data_type(type_as_read(column.data_type()))
}

fn type_as_read(data_type: &DataType) -> DataType {
    let within = |field: &FieldRef| Arc::new(as_read(field).with_nullable(true));
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(within).collect()),
        DataType::List(item) => DataType::List(within(item)),
        DataType::LargeList(item) => DataType::LargeList(within(item)),
        // The keys of a map are never null.
        other => other.clone(),
    }
}

/// A data file, with the values of the columns that are the same in all its rows.
fn file(view: &LogicalFileView, folder: &Path, read: &TableSchema) -> Result<PartitionedFile> {
    let meta = ObjectMeta {
        location: folder.parts().chain(view.object_store_path().parts()).collect(),
        last_modified: DateTime::<Utc>::from_timestamp_millis(view.modification_time()).unwrap_or_default(),
        size: u64::try_from(view.size()).unwrap_or_default(),
        e_tag: None,
        version: None,
    };
    let told = view.partition_values_map();
    // Delta's protocol: the empty text is null, also where the column is one of texts ("Partition Value Serialization").
    let value = |column: &FieldRef| match told.get(column.name()).cloned().flatten() {
        Some(text) if !text.is_empty() => ScalarValue::try_from_string(text, column.data_type()),
        _ => ScalarValue::try_from(column.data_type()),
    };
    let values = read.table_partition_cols().iter().map(value).collect::<Result<_>>()?;
    let counted = view.stats().and_then(|stats| serde_json::from_str(&stats).ok()).unwrap_or_default();
    let statistics = statistics(&counted, view.num_records(), meta.size, read.file_schema());
    Ok(PartitionedFile::new_from_meta(meta).with_partition_values(values).with_statistics(Arc::new(statistics)))
}

/// What a log says of a data file.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Counted {
    min_values: Map<String, Json>,
    max_values: Map<String, Json>,
    null_count: Map<String, Json>,
}

fn statistics(counted: &Counted, rows: Option<usize>, bytes: u64, columns: &Schema) -> Statistics {
    let exact = |number: Option<usize>| number.map_or(Precision::Absent, Precision::Exact);
    let column = |column: &FieldRef| {
        let nulls = counted.null_count.get(column.name()).and_then(Json::as_u64);
        ColumnStatistics::new_unknown()
            .with_null_count(exact(nulls.and_then(|nulls| usize::try_from(nulls).ok())))
            .with_min_value(bound(&counted.min_values, column))
            .with_max_value(bound(&counted.max_values, column))
    };
    Statistics {
        num_rows: exact(rows),
        total_byte_size: usize::try_from(bytes).map_or(Precision::Absent, Precision::Inexact),
        column_statistics: columns.fields().iter().map(column).collect(),
    }
}

/// The least or the greatest value of a column. Only whole numbers and dates are sure to be written as they are: texts are cut, times
/// are rounded.
fn bound(values: &Map<String, Json>, column: &Field) -> Precision<ScalarValue> {
    let text = match values.get(column.name()) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        _ => return Precision::Absent,
    };
    match ScalarValue::try_from_string(text, column.data_type()) {
        Ok(value) if value.is_null() => Precision::Absent,
        Ok(value) if column.data_type().is_integer() || *column.data_type() == DataType::Date32 => {
            Precision::Exact(value)
        }
        Ok(value) => Precision::Inexact(value),
        Err(_) => Precision::Absent,
    }
}
