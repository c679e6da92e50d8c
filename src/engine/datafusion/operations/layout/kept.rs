//! Where a layout is kept: in the properties of the table.

use std::num::NonZeroU64;
use std::time::Duration;

use deltalake::kernel::transaction::CommitBuilder;
use deltalake::kernel::{Action, MetadataExt};
use deltalake::protocol::DeltaOperation;
use deltalake::{DeltaTable, DeltaTableError};
use serde::{Deserialize, Serialize};

use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, Grain, Layout, ParquetCompression, PartitionColumn};
use crate::sql::Relation;

/// All that Delta's own properties cannot say, and what they say.
const OWN: &str = "transform.layout";

/// Delta's name for the size of files.
const TARGET_FILE_SIZE: &str = "delta.targetFileSize";

/// Delta's name for the compression of files, which has no levels.
const COMPRESSION: &str = "delta.parquet.compression.codec";

/// What [`OWN`] holds.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sort_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    zorder_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_file_size: Option<NonZeroU64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compression: Option<String>,
}

/// The layout that a table has. What its properties hold that cannot be read says nothing.
///
/// # Errors
/// When the table is not loaded.
pub(in crate::engine::datafusion::operations) fn stored(table: &DeltaTable) -> Result<Layout, EngineError> {
    let table = table.snapshot()?.metadata();
    let property = |key: &str| table.configuration().get(key);
    let by_value = |name: &String| PartitionColumn { name: name.clone(), grain: Grain::Value };
    let of_others = || Kept {
        target_file_size: property(TARGET_FILE_SIZE).and_then(|text| text.parse().ok()),
        compression: property(COMPRESSION).cloned(),
        ..Kept::default()
    };
    let kept = property(OWN).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(of_others);
    Ok(Layout {
        partition_by: table.partition_columns().iter().map(by_value).collect(),
        sort_by: kept.sort_by,
        zorder_by: kept.zorder_by,
        target_file_size: kept.target_file_size,
        compression: kept.compression.and_then(|text| ParquetCompression::parse(&text)),
    })
}

/// The properties that say a layout; those without a value are not set.
fn properties(layout: &Layout) -> [(&'static str, Option<String>); 3] {
    let kept = Kept {
        sort_by: layout.sort_by.clone(),
        zorder_by: layout.zorder_by.clone(),
        target_file_size: layout.target_file_size,
        compression: layout.compression.map(|compression| compression.to_string()),
    };
    let codec = layout.compression.map(|compression| match compression {
        ParquetCompression::None => "uncompressed",
        ParquetCompression::Snappy => "snappy",
        ParquetCompression::Lz4 => "lz4_raw",
        ParquetCompression::Zstd(_) => "zstd",
        ParquetCompression::Gzip(_) => "gzip",
    });
    [
        (OWN, (!says_nothing(layout)).then(|| serde_json::to_string(&kept).unwrap_or_default())),
        (TARGET_FILE_SIZE, layout.target_file_size.map(|size| size.to_string())),
        (COMPRESSION, codec.map(str::to_owned)),
    ]
}

/// Whether a layout says nothing but what the partition columns are.
fn says_nothing(layout: &Layout) -> bool {
    Layout { partition_by: layout.partition_by.clone(), ..Layout::default() } == *layout
}

/// Delta's names for how long the log tells of files that were removed and of versions, each with its default in days. Without them a
/// checkpoint forgets what the profile keeps.
const RETENTIONS: [(&str, u64); 2] = [("delta.deletedFileRetentionDuration", 7), ("delta.logRetentionDuration", 30)];

/// The properties that keep versions for so long, where that is longer than by default.
fn retentions(kept: Duration) -> impl Iterator<Item = (&'static str, String)> {
    let days = kept.as_secs().div_ceil(86_400);
    let longer = RETENTIONS.into_iter().filter(move |(_, default)| days > *default);
    longer.map(move |(key, _)| (key, format!("interval {days} days")))
}

/// Sets the properties of a table: its layout, and how long its versions are kept. Nothing is written when it has them.
///
/// # Errors
/// When the lake cannot be written to.
pub(in crate::engine::datafusion::operations) async fn keep(
    cx: &Context,
    relation: &Relation,
    layout: &Layout,
    gate: &Gate,
) -> Result<(), EngineError> {
    let Some(table) = cx.tables.open(&relation.schema, &relation.identifier).await? else { return Ok(()) };
    let mut wanted: Vec<(&str, Option<String>)> = Vec::new();
    let configuration = table.snapshot()?.metadata().configuration();
    // What other tools have set is theirs.
    if !says_nothing(layout) || configuration.contains_key(OWN) {
        let known = stored(&table)?;
        if (Layout { partition_by: known.partition_by.clone(), ..layout.clone() }) != known {
            wanted.extend(properties(layout));
        }
    }
    let retentions = retentions(cx.settings.retention).filter(|(key, kept)| configuration.get(*key) != Some(kept));
    wanted.extend(retentions.map(|(key, kept)| (key, Some(kept))));
    if wanted.is_empty() {
        return Ok(());
    }
    let table = cx.tables.gated(relation, table, gate)?;
    let snapshot = table.snapshot()?.snapshot();
    let mut metadata = snapshot.metadata().clone();
    for (key, value) in wanted.clone() {
        let changed = match value {
            Some(value) => metadata.add_config_key(key.to_owned(), value),
            None => metadata.remove_config_key(key),
        };
        metadata = changed.map_err(DeltaTableError::from)?;
    }
    let set = wanted.into_iter().map(|(key, value)| (key.to_owned(), value.unwrap_or_default()));
    let operation = DeltaOperation::SetTableProperties { properties: set.collect() };
    let actions = vec![Action::Metadata(metadata)];
    CommitBuilder::default().with_actions(actions).build(Some(snapshot), table.log_store(), operation).await?;
    Ok(())
}
