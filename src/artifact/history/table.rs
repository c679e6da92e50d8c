//! The history in a table: a row for each node, with what is known of its command.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::json::{ArrayWriter, ReaderBuilder};
use arrow::record_batch::RecordBatch;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Head, Invocation, NodeRecord, Of, Record};
use crate::base::{IndexMap, Timestamp};
use crate::engine::{Engine, EngineError, ErrorKind, Operation};
use crate::sql::Relation;

/// After how many commands the table's small files are put together and what is too old is removed.
const BETWEEN_CLEANINGS: u64 = 25;

/// A table of records.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) relation: Relation,
}

/// A row.
#[derive(Serialize, Deserialize)]
struct Row {
    #[serde(flatten)]
    invocation: Invocation,
    #[serde(flatten)]
    result: NodeRecord,
}

/// A status of a command's nodes, with how many there are.
#[derive(Deserialize)]
struct Counted {
    #[serde(flatten)]
    invocation: Invocation,
    status: String,
    nodes: u64,
}

/// The columns of a command.
const INVOCATION: [&str; 10] = [
    "invocation_id",
    "project",
    "command",
    "target",
    "outcome",
    "started_at",
    "ended_at",
    "invoked_by",
    "git_commit",
    "threads",
];

fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let moment =
        |name: &str| Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))), true);
    let whole = |name: &str| Field::new(name, DataType::Int64, true);
    Arc::new(Schema::new(vec![
        text("invocation_id"),
        text("project"),
        text("command"),
        text("target"),
        text("outcome"),
        moment("started_at"),
        moment("ended_at"),
        text("invoked_by"),
        text("git_commit"),
        Field::new("threads", DataType::Int32, true),
        text("unique_id"),
        text("name"),
        text("status"),
        text("thread"),
        moment("queued_at"),
        moment("began_at"),
        moment("finished_at"),
        Field::new("slack", DataType::Float64, true),
        Field::new("is_critical", DataType::Boolean, true),
        whole("rows_affected"),
        whole("failures"),
        text("message"),
    ]))
}

impl Table {
    /// Adds the rows of a record in one commit.
    pub(super) async fn add(&self, record: &Record, oldest: Timestamp) -> Result<(), EngineError> {
        let row = |result: &NodeRecord| Row { invocation: record.invocation.clone(), result: result.clone() };
        let rows: Vec<Row> = record.results.iter().map(row).collect();
        let batch = batch(&rows).map_err(|error| EngineError::new(ErrorKind::Internal, error.to_string()))?;
        let cancel = CancellationToken::new();
        let appended = self.engine.apply(Operation::Append { relation: self.relation.clone(), batch }, &cancel).await?;
        let version = appended.response.get("version").and_then(serde_json::Value::as_u64);
        if version.is_some_and(|version| version > 0 && version % BETWEEN_CLEANINGS == 0) {
            // The record is there; what is too old goes with one of the next.
            if let Err(error) = self.clean(oldest, &cancel).await {
                tracing::warn!(%error, "the history could not be tidied");
            }
        }
        Ok(())
    }

    async fn clean(&self, oldest: Timestamp, cancel: &CancellationToken) -> Result<(), EngineError> {
        let name = self.name();
        let sql = format!("delete from {name} where started_at < timestamp '{oldest}'");
        self.engine.apply(Operation::Execute { sql }, cancel).await?;
        if self.engine.capabilities().versions {
            let note = serde_json::Map::new();
            let maintain = Operation::Maintain { relation: self.relation.clone(), is_dry: false, note };
            self.engine.apply(maintain, cancel).await?;
        }
        Ok(())
    }

    pub(super) async fn heads(&self, of: Of<'_>, limit: usize) -> Result<Vec<Head>, EngineError> {
        let (columns, name) = (INVOCATION.join(", "), self.name());
        let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let target = of.target.map(|target| format!(" and target = {}", text(target))).unwrap_or_default();
        let asked = format!("project = {}{target}", text(of.project));
        let newest = format!(
            "select invocation_id from {name} where {asked} group by invocation_id order by max(started_at) desc, invocation_id limit {limit}"
        );
        let sql = format!(
            "select {columns}, status, count(*) as nodes from {name} where invocation_id in ({newest}) \
             group by {columns}, status order by started_at desc, invocation_id, status"
        );
        let mut heads: IndexMap<String, Head> = IndexMap::default();
        for Counted { invocation, status, nodes } in self.rows(&sql).await? {
            let head = heads.entry(invocation.invocation_id.clone());
            let head = head.or_insert_with(|| Head { invocation, counts: IndexMap::default() });
            head.counts.insert(status, nodes);
        }
        Ok(heads.into_values().collect())
    }

    pub(super) async fn records(&self, heads: &[Head]) -> Result<Vec<Record>, EngineError> {
        if heads.is_empty() {
            return Ok(Vec::new());
        }
        let ids = heads.iter().map(|head| format!("'{}'", head.invocation.invocation_id.replace('\'', "''")));
        let ids = ids.collect::<Vec<_>>().join(", ");
        let sql = format!(
            "select * from {} where invocation_id in ({ids}) order by finished_at nulls last, unique_id",
            self.name()
        );
        let mut records: IndexMap<&str, Record> = heads
            .iter()
            .map(|head| (head.invocation.invocation_id.as_str(), head))
            .map(|(id, head)| (id, Record { invocation: head.invocation.clone(), results: Vec::new() }))
            .collect();
        for Row { invocation, result } in self.rows::<Row>(&sql).await? {
            if let Some(record) = records.get_mut(invocation.invocation_id.as_str()) {
                record.results.push(result);
            }
        }
        Ok(records.into_values().filter(|record| !record.results.is_empty()).collect())
    }

    fn name(&self) -> String {
        self.relation.render(self.engine.dialect())
    }

    /// The rows of a query; none where the table is not there yet.
    async fn rows<R: DeserializeOwned>(&self, sql: &str) -> Result<Vec<R>, EngineError> {
        if self.engine.relation(&self.relation).await?.is_none() {
            return Ok(Vec::new());
        }
        let (_, batches) = self.engine.query(sql, &CancellationToken::new()).await?.collect().await?;
        read(&batches).map_err(|error| {
            EngineError::new(ErrorKind::Execution, format!("the history in {} cannot be read: {error}", self.name()))
        })
    }
}

/// Rows as a batch: by way of the names of their fields.
fn batch(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let schema = schema();
    let mut decoder = ReaderBuilder::new(Arc::clone(&schema)).with_batch_size(rows.len().max(1)).build_decoder()?;
    decoder.serialize(rows)?;
    Ok(decoder.flush()?.unwrap_or_else(|| RecordBatch::new_empty(schema)))
}

/// The rows of batches: by way of the names of their columns.
fn read<R: DeserializeOwned>(batches: &[RecordBatch]) -> Result<Vec<R>, Box<dyn std::error::Error>> {
    let mut writer = ArrayWriter::new(Vec::new());
    writer.write_batches(&batches.iter().collect::<Vec<_>>())?;
    writer.finish()?;
    let json = writer.into_inner();
    if json.is_empty() {
        return Ok(Vec::new());
    }
    Ok(serde_json::from_slice(&json)?)
}

#[cfg(all(test, feature = "datafusion"))]
mod tests {
    use super::*;
    use crate::artifact::history::tests::record;
    use crate::engine::registry::{self, Settings};

    const OF: Of<'_> = Of { project: "shop", target: Some("prod") };

    #[test]
    fn records_are_found_again_and_go_when_they_are_old() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            kind: "datafusion".to_owned(),
            values: serde_json::Map::new(),
            project_dir: folder.path().to_owned(),
            target_dir: folder.path().join("target"),
        };
        let engine = registry::connect(&settings).unwrap();
        let relation = Relation::new("lake", "transform_history", "run_results");
        let table = Table { engine, relation };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            assert!(table.heads(OF, 9).await.unwrap().is_empty());
            let records: Vec<Record> = (1..=26).map(|day| record(&format!("on {day:02}"), day)).collect();
            for record in &records[..25] {
                table.add(record, Timestamp::parse("2026-01-21").unwrap()).await.unwrap();
            }
            assert!(table.heads(Of { target: Some("dev"), ..OF }, 9).await.unwrap().is_empty());
            assert!(table.heads(Of { project: "other", target: None }, 9).await.unwrap().is_empty());
            let heads = table.heads(OF, 2).await.unwrap();
            assert_eq!(heads, [records[24].head(), records[23].head()]);
            assert_eq!(table.records(&heads).await.unwrap(), [records[24].clone(), records[23].clone()]);
            assert_eq!(table.heads(OF, 99).await.unwrap().len(), 25);
            // Now and then what is too old goes, and the small files are put together.
            table.add(&records[25], Timestamp::parse("2026-01-21").unwrap()).await.unwrap();
            assert_eq!(
                table.heads(OF, 99).await.unwrap(),
                records[20..].iter().rev().map(Record::head).collect::<Vec<_>>()
            );
        });
    }
}
