//! Source files as a table that DataFusion can scan.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, binary, case, cast, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::union::UnionExec;
use datafusion::scalar::ScalarValue;

use super::columns;
use super::fault::shown_path;
use super::located::LocatedExec;
use super::location::FoundFile;
use super::partition::Partitions;
use super::shape::Shape;
use super::workbook::{Sheet, Workbook};
use crate::engine::{CsvOptions, FileFormat};

/// Source files, looked into: what they hold and how they are read.
#[derive(Debug)]
pub(in super::super) struct FilesTable {
    /// The columns, partitions last.
    pub(super) schema: SchemaRef,
    /// The files.
    pub(super) files: Vec<FoundFile>,
    /// The partition that each file is.
    pub(super) partitions: Partitions,
    /// The files by how they are read.
    pub(super) shapes: Vec<Shape>,
    /// How CSV files are written.
    pub(super) csv: CsvOptions,
    /// Which cells of workbooks are rows.
    pub(super) sheet: Sheet,
    /// Where the paths in messages start.
    pub(super) project_dir: Arc<PathBuf>,
}

#[async_trait]
impl TableProvider for FilesTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Filters on partitions choose files, and are checked again above the scan. Others reach the readers that can use them
    /// later, when the plan is physical.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match self.partitions.decides(filter) {
            true => TableProviderFilterPushDown::Inexact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let keep = self.partitions.keep(state, filters)?;
        let target = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        let mut scans = Vec::new();
        for shape in &self.shapes {
            let files: Vec<PartitionedFile> =
                shape.files.iter().filter(|at| keep[**at]).map(|at| self.partitioned_file(*at)).collect();
            if !files.is_empty() {
                let scan = self.scan_shape(state, shape, files, &target, limit).await?;
                scans.push(Arc::new(LocatedExec::new(scan, Arc::clone(&self.project_dir))) as Arc<dyn ExecutionPlan>);
            }
        }
        match scans.len() {
            0 => Ok(Arc::new(EmptyExec::new(target))),
            1 => Ok(scans.remove(0)),
            _ => UnionExec::try_new(scans),
        }
    }
}

impl FilesTable {
    /// What the files look like: as long as that is the same, so are their rows.
    pub(in super::super) fn look(&self) -> String {
        let look = |file: &FoundFile| {
            let meta = &file.meta;
            format!("{} {} {} {:?}\n", meta.location, meta.size, meta.last_modified, meta.e_tag)
        };
        self.files.iter().map(look).collect()
    }

    fn partitioned_file(&self, at: usize) -> PartitionedFile {
        let mut file = PartitionedFile::new_from_meta(self.files[at].meta.clone());
        file.partition_values = self.partitions.values[at].clone();
        file
    }

    /// Reads files of one shape, under the table's columns.
    async fn scan_shape(
        &self,
        state: &dyn Session,
        shape: &Shape,
        files: Vec<PartitionedFile>,
        target: &Schema,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // A column of the files that is also a partition would be there twice; the folder's name is what counts.
        let sources: Vec<Option<usize>> = target.fields().iter().map(|field| self.source_of(shape, field)).collect();
        let read: Vec<usize> = sources.iter().flatten().copied().collect();
        let Some(reader) = shape.format.reader(&self.csv, state) else {
            let scan = self.workbooks(state, shape, files, (&read, limit))?;
            return self.conform(scan, &sources, target);
        };
        let columns = TableSchema::builder(self.read_schema(shape))
            .with_table_partition_cols(self.partitions.fields.clone())
            .build();
        let groups = FileGroup::new(files).split_files(state.config().target_partitions());
        let config = FileScanConfigBuilder::new(shape.store.clone(), reader.file_source(columns))
            .with_file_groups(groups)
            .with_projection_indices(Some(read))?
            .with_limit(limit)
            .build();
        let scan = reader.create_physical_plan(state, config).await?;
        self.conform(scan, &sources, target)
    }

    /// Reads workbooks, each a partition of the plan.
    fn workbooks(
        &self,
        state: &dyn Session,
        shape: &Shape,
        files: Vec<PartitionedFile>,
        (columns, limit): (&Vec<usize>, Option<usize>),
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let store = state.runtime_env().object_store(&shape.store)?;
        let fields = shape.schema.fields().iter().chain(&self.partitions.fields);
        let schema = Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>()));
        let workbook = |file: PartitionedFile| {
            let shown = shown_path(&shape.store, &file.object_meta.location, &self.project_dir);
            let (store, sheet, schema) = (Arc::clone(&store), self.sheet.clone(), Arc::clone(&schema));
            Arc::new(Workbook { store, file, sheet, shown, schema }) as Arc<dyn PartitionStream>
        };
        let workbooks = files.into_iter().map(workbook).collect();
        Ok(Arc::new(StreamingTableExec::try_new(Arc::clone(&schema), workbooks, Some(columns), [], false, limit)?))
    }

    /// Where a column of the table is among the columns of a file followed by the partitions.
    fn source_of(&self, shape: &Shape, field: &FieldRef) -> Option<usize> {
        let partition = self.partitions.fields.iter().position(|partition| partition.name() == field.name());
        match partition {
            Some(at) => Some(shape.schema.fields().len() + at),
            None => columns::find(&shape.schema, field.name()),
        }
    }

    /// The columns as they are read. DataFusion's CSV reader knows no word for null: where one is declared, all columns are read
    /// as text, and take on their types when the word is replaced.
    fn read_schema(&self, shape: &Shape) -> SchemaRef {
        if shape.format.format != FileFormat::Csv || self.csv.null_value.is_none() {
            return Arc::clone(&shape.schema);
        }
        let text = |field: &FieldRef| Field::new(field.name(), DataType::Utf8View, true);
        Arc::new(Schema::new(shape.schema.fields().iter().map(text).collect::<Vec<_>>()))
    }

    /// Gives a scan the table's columns: cast where the file's types are others, null where the file lacks them.
    fn conform(
        &self,
        scan: Arc<dyn ExecutionPlan>,
        sources: &[Option<usize>],
        target: &Schema,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = scan.schema();
        if self.csv.null_value.is_none() && sources.iter().all(Option::is_some) && same_columns(&schema, target) {
            return Ok(scan);
        }
        let mut next = 0;
        let mut columns: Vec<(Arc<dyn PhysicalExpr>, String)> = Vec::with_capacity(sources.len());
        for (source, field) in sources.iter().zip(target.fields()) {
            let column = if source.is_some() {
                let column = self.without_null_word(next, &schema)?;
                next += 1;
                cast(column, &schema, field.data_type().clone())?
            } else {
                lit(ScalarValue::try_from(field.data_type())?)
            };
            columns.push((column, field.name().clone()));
        }
        Ok(Arc::new(ProjectionExec::try_new(columns, scan)?))
    }

    /// A column that was read, null where it holds the word for null.
    fn without_null_word(&self, at: usize, schema: &Schema) -> Result<Arc<dyn PhysicalExpr>> {
        let field = schema.field(at);
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), at));
        match &self.csv.null_value {
            Some(word) if *field.data_type() == DataType::Utf8View => {
                let word = lit(ScalarValue::Utf8View(Some(word.clone())));
                let is_word = binary(Arc::clone(&column), Operator::Eq, word, schema)?;
                case(None, vec![(is_word, lit(ScalarValue::Utf8View(None)))], Some(column))
            }
            _ => Ok(column),
        }
    }
}

fn same_columns(a: &Schema, b: &Schema) -> bool {
    let same = |(a, b): (&FieldRef, &FieldRef)| a.name() == b.name() && a.data_type() == b.data_type();
    a.fields().len() == b.fields().len() && a.fields().iter().zip(b.fields()).all(same)
}
