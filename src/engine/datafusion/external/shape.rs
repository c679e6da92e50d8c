//! Files that are read the same way: same store, same format, same columns.
//!
//! The files of a source may differ: a column was added last year, two exports order their columns differently. Each shape is
//! read with the columns that its files have; the table finds them by name.

use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::execution::SessionState;
use datafusion::execution::object_store::ObjectStoreUrl;
use futures::{StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStore};

use super::columns::{self, Declared};
use super::fault::Fault;
use super::format::Format;
use super::location::FoundFile;
use super::workbook::{self, Sheet};
use super::{csv_head, head};
use crate::engine::{EngineError, ErrorKind, ExternalTable, FileFormat};

/// How many files are looked into at once.
const AT_ONCE: usize = 16;

/// Files that are read the same way.
#[derive(Debug)]
pub(super) struct Shape {
    /// The store they are in.
    pub(super) store: ObjectStoreUrl,
    /// How they are written.
    pub(super) format: Format,
    /// Their columns as they are read.
    pub(super) schema: SchemaRef,
    /// Which of the source's files they are.
    pub(super) files: Vec<usize>,
}

/// What looking into files needs.
pub(super) struct Looking<'a> {
    /// The session.
    pub(super) state: &'a SessionState,
    /// What the project declares.
    pub(super) table: &'a ExternalTable,
    /// The declared columns, their types resolved.
    pub(super) declared: &'a [Declared],
    /// Where shown paths start.
    pub(super) project_dir: &'a Path,
}

/// What a file says of its columns.
#[derive(Clone, Debug, PartialEq)]
enum Columns {
    /// Their names, in a header.
    Names(Vec<String>),
    /// Names and types.
    Typed(SchemaRef),
    /// Nothing.
    Unknown,
}

/// Looks into the files and groups them by shape.
///
/// # Errors
/// [`ErrorKind::SourceFile`] naming the file that cannot be read, or that lacks a declared column.
pub(super) async fn group(cx: &Looking<'_>, files: &[FoundFile]) -> Result<Vec<Shape>, EngineError> {
    let looks: Vec<_> = files.iter().map(|file| look(cx, file)).collect();
    let looked: Vec<(Format, Columns)> = futures::stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    let mut kinds: Vec<(ObjectStoreUrl, Format, Columns, Vec<usize>)> = Vec::new();
    for (at, (format, columns)) in looked.into_iter().enumerate() {
        let store = &files[at].store;
        match kinds.iter_mut().find(|kind| kind.0 == *store && kind.1 == format && kind.2 == columns) {
            Some(kind) => kind.3.push(at),
            None => kinds.push((store.clone(), format, columns, vec![at])),
        }
    }
    let mut shapes = Vec::with_capacity(kinds.len());
    for (store, format, columns, members) in kinds {
        let of_shape: Vec<&FoundFile> = members.iter().map(|at| &files[*at]).collect();
        let schema = schema(cx, format, &columns, &of_shape).await?;
        shapes.push(Shape { store, format, schema, files: members });
    }
    Ok(shapes)
}

async fn look(cx: &Looking<'_>, file: &FoundFile) -> Result<(Format, Columns), EngineError> {
    let store = cx.state.runtime_env().object_store(&file.store)?;
    let looked = async {
        let mut format = Format::of(cx.table, file.meta.location.as_ref())?;
        let columns = match format.format {
            FileFormat::Csv if cx.table.csv.header => {
                Columns::Names(csv_head::names(&store, &file.meta, format, &cx.table.csv).await?)
            }
            FileFormat::Csv | FileFormat::NdJson => Columns::Unknown,
            FileFormat::Json => {
                if cx.table.format.is_none() && !is_array(&store, &file.meta, format).await? {
                    format.format = FileFormat::NdJson;
                }
                Columns::Unknown
            }
            FileFormat::Parquet | FileFormat::Avro | FileFormat::Arrow | FileFormat::Excel => {
                Columns::Typed(infer(cx, format, &store, std::slice::from_ref(&file.meta)).await?)
            }
        };
        Ok((format, columns))
    };
    looked.await.map_err(|error| cx.fault(&error, file))
}

/// Whether a JSON file is one array rather than an object a line.
async fn is_array(store: &Arc<dyn ObjectStore>, file: &ObjectMeta, format: Format) -> Result<bool, EngineError> {
    let first = |bytes: &[u8]| bytes.iter().position(|byte| !byte.is_ascii_whitespace()).map(|at| at + 1);
    Ok(head::read(store, file, format, first).await?.ends_with(b"["))
}

async fn schema(
    cx: &Looking<'_>,
    format: Format,
    columns: &Columns,
    files: &[&FoundFile],
) -> Result<SchemaRef, EngineError> {
    let lacks = |name: &str| {
        let error = EngineError::new(ErrorKind::SourceFile, format!("the declared column `{name}` is not there"));
        cx.fault(&error, files[0])
    };
    match columns {
        Columns::Typed(schema) => {
            match columns::missing(cx.declared, schema.fields().iter().map(|f| f.name().as_str())) {
                Some(name) => Err(lacks(name)),
                None => Ok(Arc::clone(schema)),
            }
        }
        Columns::Names(names) => {
            if let Some(name) = columns::missing(cx.declared, names.iter().map(String::as_str)) {
                let undivided = undivided(names).filter(|_| cx.declared.len() > 1);
                return Err(undivided.map_or_else(|| lacks(name), |error| cx.fault(&error, files[0])));
            }
            let types = match cx.declared {
                [] => infer_all(cx, format, files).await?.fields().iter().map(|f| f.data_type().clone()).collect(),
                declared => names.iter().map(|name| columns::declared_type(declared, name)).collect::<Vec<_>>(),
            };
            let fields = names.iter().zip(types).map(|(name, data_type)| Field::new(name, data_type, true));
            Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
        }
        Columns::Unknown if cx.declared.is_empty() => infer_all(cx, format, files).await,
        Columns::Unknown => {
            let field =
                |column: &Declared| Field::new(&column.name, columns::declared_type(cx.declared, &column.name), true);
            Ok(Arc::new(Schema::new(cx.declared.iter().map(field).collect::<Vec<_>>())))
        }
    }
}

/// The error of a header that is one field with what looks like the real delimiter in it.
fn undivided(names: &[String]) -> Option<EngineError> {
    let [header] = names else { return None };
    let delimiter = header.chars().find(|c| [';', ',', '\t', '|', ':'].contains(c))?.escape_default();
    let message = format!("the header `{header}` is one field, and several columns are declared");
    Some(EngineError::new(ErrorKind::SourceFile, message).help(format!("set `delimiter` to `{delimiter}`")))
}

/// The columns that all files have together; when that fails, the first file that fails alone is named.
async fn infer_all(cx: &Looking<'_>, format: Format, files: &[&FoundFile]) -> Result<SchemaRef, EngineError> {
    let store = cx.state.runtime_env().object_store(&files[0].store)?;
    let metas: Vec<ObjectMeta> = files.iter().map(|file| file.meta.clone()).collect();
    let error = match infer(cx, format, &store, &metas).await {
        Ok(schema) => return Ok(schema),
        Err(error) => error,
    };
    for file in files {
        if let Err(error) = infer(cx, format, &store, std::slice::from_ref(&file.meta)).await {
            return Err(cx.fault(&error, file));
        }
    }
    Err(Fault::of(&error, &Schema::empty()).somewhere())
}

/// The columns of files by their content: nullable, without the metadata that some writers add.
async fn infer(
    cx: &Looking<'_>,
    format: Format,
    store: &Arc<dyn ObjectStore>,
    files: &[ObjectMeta],
) -> Result<SchemaRef, EngineError> {
    let schema = match format.reader(&cx.table.csv, cx.state) {
        Some(_) if format.format == FileFormat::Csv => {
            let types: Vec<_> = files.iter().map(|file| csv_head::types(store, file, format, &cx.table.csv)).collect();
            let types: Vec<Schema> = futures::stream::iter(types).buffered(AT_ONCE).try_collect().await?;
            Arc::new(Schema::new(columns::union(types.iter().flat_map(Schema::fields))))
        }
        Some(reader) => reader.infer_schema(cx.state, store, files).await?,
        None => {
            let sheets = files.iter().map(|file| workbook::infer(store, file, Sheet::of(cx.table)));
            let sheets = futures::future::try_join_all(sheets).await?;
            Arc::new(Schema::new(columns::union(sheets.iter().flat_map(|sheet| sheet.fields()))))
        }
    };
    let field = |field: &Arc<Field>| {
        let data_type = match field.data_type() {
            DataType::Null => DataType::Utf8View,
            other => other.clone(),
        };
        Field::new(field.name(), data_type, true)
    };
    Ok(Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>())))
}

impl Looking<'_> {
    fn fault(&self, error: &EngineError, file: &FoundFile) -> EngineError {
        if error.message.starts_with("file `") {
            return error.clone();
        }
        Fault::of(error, &Schema::empty()).in_file(&file.shown(self.project_dir))
    }
}
