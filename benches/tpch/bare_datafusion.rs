//! Runs a list of statements with DataFusion alone: tables are folders of Parquet files, tests are counts.
//!
//! `bare_datafusion STATEMENTS.json FOLDER [OPTION=VALUE]…`, with options of DataFusion by their full names; `run.py` writes the
//! list. What `transform` adds to its engine is the difference between its time and this one's.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads its own files")]

use std::error::Error;
use std::path::Path;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use serde::Deserialize;

/// The allocator of `transform`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One step of the list.
#[derive(Deserialize)]
struct Statement {
    kind: Kind,
    /// The relation as SQL writes it, or the name of the test.
    name: String,
    /// The Parquet file of a source, or the folder to make for a table.
    #[serde(default)]
    file: String,
    #[serde(default)]
    sql: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Schema,
    Source,
    View,
    Table,
    Test,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [statements, folder, options @ ..] = arguments.as_slice() else {
        return Err("usage: bare_datafusion STATEMENTS.json FOLDER [OPTION=VALUE]…".into());
    };
    let mut config = SessionConfig::new().with_default_catalog_and_schema("lake", "main");
    for option in options {
        let (key, value) = option.split_once('=').ok_or("an option is written KEY=VALUE")?;
        config.options_mut().set(key, value)?;
    }
    let context = SessionContext::new_with_config(config);
    let statements: Vec<Statement> = serde_json::from_str(&std::fs::read_to_string(statements)?)?;
    for statement in &statements {
        run(&context, statement, Path::new(folder)).await.map_err(|error| format!("{}: {error}", statement.name))?;
    }
    Ok(())
}

async fn run(context: &SessionContext, statement: &Statement, folder: &Path) -> Result<(), Box<dyn Error>> {
    let Statement { kind, name, file, sql } = statement;
    match kind {
        Kind::Schema => {
            context.sql(sql).await?;
        }
        Kind::Source => context.register_parquet(name, file, ParquetReadOptions::default()).await?,
        Kind::View => {
            context.sql(&format!("create view {name} as {sql}")).await?;
        }
        Kind::Table => {
            let path = format!("{}/", folder.join(file).display());
            let table = context.sql(sql).await?;
            table.write_parquet(&path, DataFrameWriteOptions::new(), None).await?;
            context.register_parquet(name, &path, ParquetReadOptions::default()).await?;
        }
        Kind::Test => {
            let counted = context.sql(&format!("select count(*) from ({sql}\n) as failures")).await?.collect().await?;
            let failures = counted.first().map_or(0, |batch| batch.column(0).as_primitive::<Int64Type>().value(0));
            if failures > 0 {
                return Err(format!("{failures} rows").into());
            }
        }
    }
    Ok(())
}
