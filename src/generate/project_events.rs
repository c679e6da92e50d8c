//! The project tool's directories, a Parquet file a day.

use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::basic::Compression;
use datafusion::parquet::file::properties::WriterProperties;
use tokio_util::bytes::Bytes;

use super::Retail;
use super::replica::{Replica, later};

/// The microseconds of a second.
const MICROSECONDS: i64 = 1_000_000;

/// Writes a day of all copies, one after the other.
pub(super) fn write(base: &'static [u8], retail: &Retail, out: &mut dyn Write) -> io::Result<()> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from_static(base)).map_err(io::Error::other)?;
    let schema = reader.schema().clone();
    let rows: Vec<RecordBatch> =
        reader.build().map_err(io::Error::other)?.collect::<Result<_, _>>().map_err(io::Error::other)?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties)).map_err(io::Error::other)?;
    for rows in &rows {
        writer.write(rows).map_err(io::Error::other)?;
        for replica in retail.replicas() {
            writer.write(&of(rows, &replica)?).map_err(io::Error::other)?;
            // What is encoded goes out, so that the memory is that of a row group.
            out.write_all(&std::mem::take(writer.inner_mut()))?;
        }
    }
    out.write_all(&writer.into_inner().map_err(io::Error::other)?)
}

/// The same events in another copy. Its people and projects are the same.
fn of(rows: &RecordBatch, replica: &Replica) -> io::Result<RecordBatch> {
    let ids = rows.column_by_name("event_id").and_then(|ids| ids.as_string_opt::<i32>()).ok_or_else(malformed)?;
    let columns =
        rows.schema_ref().fields().iter().zip(rows.columns()).map(|(field, column)| match field.name().as_str() {
            "event_id" | "task_id" => rekeyed(column, replica),
            "occurred_at" => moved(column, ids, replica),
            _ => Some(column.clone()),
        });
    let columns = columns.collect::<Option<Vec<ArrayRef>>>().ok_or_else(malformed)?;
    RecordBatch::try_new(rows.schema(), columns).map_err(io::Error::other)
}

fn rekeyed(keys: &ArrayRef, replica: &Replica) -> Option<ArrayRef> {
    let keys = keys.as_string_opt::<i32>()?.iter().map(|key| {
        let mut key = key?.to_owned();
        replica.rekey(&mut key);
        Some(key)
    });
    Some(Arc::new(keys.collect::<StringArray>()))
}

fn moved(times: &ArrayRef, ids: &StringArray, replica: &Replica) -> Option<ArrayRef> {
    let times = times.as_primitive_opt::<TimestampMicrosecondType>()?;
    let moved = times.iter().zip(ids).map(|(time, id)| {
        let seconds = later(time?.div_euclid(MICROSECONDS), replica.delay(id?));
        Some(seconds * MICROSECONDS)
    });
    Some(Arc::new(moved.collect::<TimestampMicrosecondArray>()))
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "these are not the project events of the example project")
}
