//! Writes the rows of a query to files, and makes the relation a view of them.
//!
//! The rows stream into files beside the place where they belong; they are put there when the view is published.

mod folders;
mod sheet;
mod writer;

use std::path::{Path, PathBuf};

use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use futures::StreamExt;
use serde_json::json;

use self::folders::Folders;
use self::writer::Writer;
use super::create_table::ruled;
use super::merge::known;
use super::{in_lake, layout};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::lake::{Files, View};
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::storable::storable_schema;
use crate::engine::datafusion::type_names::sql_name;
use crate::engine::{EngineError, ErrorKind, Export, FileFormat, Grain, Layout, Outcome, Rules};
use crate::sql::Relation;

/// What is asked for beside the rows.
pub(super) struct Asked<'a> {
    /// What rows must be like.
    pub(super) rules: &'a Rules,
    /// Where they go, and how they are written.
    pub(super) export: &'a Export,
    /// How they lie in the files.
    pub(super) layout: &'a Layout,
}

/// Writes the files and the view; a table of that name goes.
///
/// # Errors
/// When the query fails, the format cannot hold a column, or files cannot be written there. Of what was written nothing is left.
pub(super) async fn export(
    cx: &Context,
    relation: &Relation,
    query: &str,
    asked: &Asked<'_>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let Asked { rules, export, layout } = *asked;
    let plan = cx.session.plan(query).await?;
    let stored = storable_schema(plan.schema().as_arrow())?;
    let fields = stored.fields().iter().map(|field| field.as_ref().clone());
    let schema = ruled(fields.collect(), rules)?;
    check_columns(export.format, &schema)?;
    let partitions = partitions(layout, &schema)?;
    let order = Layout {
        sort_by: partitions.iter().chain(&layout.sort_by).cloned().collect(),
        partition_by: Vec::new(),
        ..layout.clone()
    };
    layout::check(&cx.session.state(), &order, plan.schema())?;
    let plan = layout::sorted(&cx.session.state(), &plan, &order)?;
    let goal = goal(cx, relation, export, !partitions.is_empty())?;
    let columns = schema.fields().iter().map(|field| (field.name().clone(), sql_name(field.data_type())));
    let mut files = Files::begin(goal, export, columns.collect(), partitions)?;
    let rows = RowSource::new(schema, gate.stop());
    let written = write(cx, &plan, &rows, (&files, export, layout)).await;
    written.and_then(|()| gate.pass()).map_err(|error| {
        files.discard();
        rows.explain(error)
    })?;
    files.written(rows.rows());
    let mut outcome = Outcome { rows: Some(rows.rows()), ..Outcome::default() };
    outcome.response.insert("bytes_written".to_owned(), json!(files.bytes()));
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    if cx.lake.drafts().get(schema, name).is_none() {
        files.publish()?;
    }
    let sql = format!("select * from '{}'", files.goal().display());
    cx.lake.write_view(schema, name, &View { sql, files: Some(files), ..View::default() })?;
    cx.lake.remove_table(schema, name)?;
    Ok(outcome)
}

/// The columns that folders are told by, as the query spells them.
fn partitions(layout: &Layout, schema: &Schema) -> Result<Vec<String>, EngineError> {
    if let Some(column) = layout.partition_by.iter().find(|column| column.grain != Grain::Value) {
        let message = format!("`partition_by`: files are written a folder for each value of `{}`", column.name);
        return Err(EngineError::new(ErrorKind::Plan, message)
            .help("name a column, without `granularity` or `range`; add one to the query that has the values"));
    }
    let wanted: Vec<String> = layout.partition_by.iter().map(|column| column.name.clone()).collect();
    let found = known(schema, &wanted, "partition_by")?;
    if found.len() == schema.fields().len() {
        let message = "`partition_by` names all columns of the query: none is left for its files";
        return Err(EngineError::new(ErrorKind::Plan, message).help("remove one of them from `partition_by`"));
    }
    let is_value = |data_type: &DataType| !data_type.is_nested() && !data_type.is_binary();
    let other = |name: &&String| schema.field_with_name(name).is_ok_and(|field| !is_value(field.data_type()));
    match found.iter().find(other) {
        Some(name) => {
            let message = format!("`partition_by` names column `{name}`, whose values are lists, structs or bytes");
            Err(EngineError::new(ErrorKind::Plan, message).help("partitions are told by plain values"))
        }
        None => Ok(found),
    }
}

/// Refuses columns that a format has no way to write.
fn check_columns(format: FileFormat, schema: &Schema) -> Result<(), EngineError> {
    let cannot = |data_type: &DataType| match format {
        FileFormat::Csv | FileFormat::Excel => data_type.is_nested(),
        FileFormat::NdJson => matches!(data_type, DataType::Map(..)),
        _ => false,
    };
    match schema.fields().iter().find(|field| cannot(field.data_type())) {
        Some(field) => {
            let (name, data_type) = (field.name(), sql_name(field.data_type()));
            let message = format!("column `{name}` of type `{data_type}` cannot be written as {}", format.word());
            Err(EngineError::new(ErrorKind::Plan, message)
                .help("write it as text, for instance with `to_json`, or choose the format parquet"))
        }
        None => Ok(()),
    }
}

/// Where the files belong.
fn goal(cx: &Context, relation: &Relation, export: &Export, is_folder: bool) -> Result<PathBuf, EngineError> {
    let settings = &cx.settings;
    let refuse = |location: &str, why: &str| {
        let message = format!("files cannot be written to `{location}`: {why}");
        Err(EngineError::new(ErrorKind::Plan, message)
            .help("set `location` to a path on this machine, relative to the project or absolute"))
    };
    let Some(location) = &export.location else {
        let name = &relation.identifier;
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return refuse(name, "the relation's name is no name of a file");
        }
        let name = if is_folder { name.clone() } else { format!("{name}.{}", export.ending()) };
        return Ok(settings.external_root.join(name));
    };
    let path = match location.split_once("://") {
        Some(("file", path)) => path,
        Some((scheme, _)) => return refuse(location, &format!("`{scheme}` is no file system of this machine")),
        None => location,
    };
    if path.contains(['*', '?', '[', ']', '{', '}']) {
        return refuse(location, "it is a pattern");
    }
    let goal = cleaned(&settings.project_dir.join(path));
    let holds = |inner: &Path| inner.starts_with(&goal);
    let lake = cx.lake.folder();
    if goal.file_name().is_none() || holds(&settings.project_dir) || lake.is_some_and(holds) {
        return refuse(location, "the project, or its lake, is in it");
    }
    if lake.is_some_and(|lake| goal.starts_with(lake)) {
        return refuse(location, "it is in the lake");
    }
    Ok(goal)
}

/// The path without `.` and `..`.
fn cleaned(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    clean
}

/// Writes the rows as they come.
async fn write(
    cx: &Context,
    plan: &LogicalPlan,
    rows: &RowSource,
    (files, export, layout): (&Files, &Export, &Layout),
) -> Result<(), EngineError> {
    let state = cx.session.state();
    let physical = state.create_physical_plan(&rows.plan(&state, plan).await?).await?;
    let mut stream = execute_stream(physical, state.task_ctx())?;
    let properties = layout::writer_properties(layout);
    let open = |inside: Option<&Path>, schema| Writer::open(files.create(inside)?, export, schema, &properties);
    if files.partitions().is_empty() {
        let mut writer = open(None, stream.schema())?;
        while let Some(batch) = stream.next().await {
            writer.write(&batch?)?;
        }
        return writer.finish();
    }
    let mut folders = Folders::new(files.partitions(), export.ending(), stream.schema())?;
    while let Some(batch) = stream.next().await {
        folders.write(&batch?, |inside, schema| open(Some(inside), schema))?;
    }
    folders.finish()
}
