//! An engine over a lake in a folder of its own, with short ways to say what tests say often.
#![expect(clippy::disallowed_methods, reason = "tests make the files that they are about")]

use std::path::{Path, PathBuf};

use arrow::util::pretty::pretty_format_batches;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::engine::datafusion::DataFusion;
use crate::engine::registry::Settings;
use crate::engine::{Engine, EngineError, ExternalTable, Layout, Merge, Operation, Outcome, RelationKind, Rules};
use crate::sql::Relation;

/// An engine and the folder that it works in.
pub(super) struct Fixture {
    pub(super) engine: DataFusion,
    pub(super) folder: TempDir,
}

impl Fixture {
    /// An engine with default settings.
    pub(super) fn new() -> Self {
        Self::with(json!({}))
    }

    /// An engine with the keys of an output.
    pub(super) fn with(values: Value) -> Self {
        let folder = TempDir::new().unwrap();
        let engine = engine(folder.path(), values).unwrap();
        Fixture { engine, folder }
    }

    /// A second engine over the same lake, as another process would have it.
    pub(super) fn other(&self) -> DataFusion {
        engine(self.folder.path(), json!({})).unwrap()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file below the project folder.
    pub(super) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Removes a file of the lake.
    pub(super) fn remove_lake_file(&self, file: &str) {
        std::fs::remove_file(self.path("target/lake").join(file)).unwrap();
    }

    /// The files below a folder of the lake, relative to it.
    pub(super) fn lake_files(&self, below: &str) -> Vec<String> {
        let root = self.path("target/lake").join(below);
        let Ok(entries) = std::fs::read_dir(root) else { return Vec::new() };
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(super) async fn apply(&self, operation: Operation) -> Result<Outcome, EngineError> {
        self.engine.apply(operation, &CancellationToken::new()).await
    }

    pub(super) async fn table(&self, name: &str, query: &str) -> Outcome {
        self.try_table(name, query).await.unwrap()
    }

    pub(super) async fn try_table(&self, name: &str, query: &str) -> Result<Outcome, EngineError> {
        self.apply(Operation::CreateTable {
            relation: relation(name),
            query: query.to_owned(),
            rules: Rules::default(),
            layout: Layout::default(),
        })
        .await
    }

    pub(super) async fn view(&self, name: &str, query: &str) {
        self.try_view(name, query).await.unwrap();
    }

    pub(super) async fn try_view(&self, name: &str, query: &str) -> Result<Outcome, EngineError> {
        self.apply(Operation::CreateView { relation: relation(name), query: query.to_owned() }).await
    }

    pub(super) async fn insert(&self, name: &str, query: &str) -> Result<Outcome, EngineError> {
        self.apply(Operation::Insert { relation: relation(name), query: query.to_owned() }).await
    }

    pub(super) async fn merge(&self, name: &str, query: &str, merge: Merge) -> Result<Outcome, EngineError> {
        self.apply(Operation::Merge { relation: relation(name), query: query.to_owned(), merge }).await
    }

    pub(super) async fn execute(&self, sql: &str) -> Result<Outcome, EngineError> {
        self.apply(Operation::Execute { sql: sql.to_owned() }).await
    }

    pub(super) async fn drop(&self, name: &str) {
        self.apply(Operation::Drop { relation: relation(name) }).await.unwrap();
    }

    pub(super) fn declare(&self, table: ExternalTable) {
        self.engine.declare(vec![table]).unwrap();
    }

    /// The result of a query as `a|b` lines under a line of names.
    pub(super) async fn rows(&self, sql: &str) -> String {
        self.try_rows(sql).await.unwrap()
    }

    pub(super) async fn try_rows(&self, sql: &str) -> Result<String, EngineError> {
        rows(&self.engine, sql).await
    }

    /// The types of a query's columns.
    pub(super) async fn types(&self, sql: &str) -> Vec<String> {
        let rows = self.engine.query(sql, &CancellationToken::new()).await.unwrap();
        rows.schema.fields().iter().map(|field| field.data_type().to_string()).collect()
    }

    pub(super) async fn kind(&self, name: &str) -> Option<RelationKind> {
        self.engine.relation(&relation(name)).await.unwrap().map(|info| info.kind)
    }
}

/// An engine whose project is in `folder`.
pub(super) fn engine(folder: &Path, values: Value) -> Result<DataFusion, EngineError> {
    let Value::Object(values) = values else { panic!("an object") };
    DataFusion::new(&Settings {
        kind: "datafusion".to_owned(),
        values,
        project_dir: folder.to_path_buf(),
        target_dir: folder.join("target"),
    })
}

/// `lake.main.<name>`, or `lake.<schema>.<name>` for `schema:name`.
pub(super) fn relation(name: &str) -> Relation {
    let (schema, identifier) = name.split_once(':').unwrap_or(("main", name));
    Relation::new("lake", schema, identifier)
}

/// The result of a query as `a|b` lines under a line of names.
pub(super) async fn rows(engine: &DataFusion, sql: &str) -> Result<String, EngineError> {
    let (_, batches) = engine.query(sql, &CancellationToken::new()).await?.collect().await?;
    let table = pretty_format_batches(&batches).unwrap().to_string();
    let lines = table.lines().filter(|line| !line.starts_with('+'));
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join("|"));
    Ok(cells.collect::<Vec<_>>().join("\n"))
}
