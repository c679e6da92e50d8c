//! Text feeds: CSV and JSON a line. The rows of the first copy stand as they are, each before its like in the further copies, so
//! that files keep the order of time.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::Retail;
use super::replica::Replica;
use super::row::Row;

/// What a copy changes in a row.
pub(super) type Change = fn(&Replica, &mut Row);

/// Writes CSV whose first line names the columns.
pub(super) fn write_csv(base: &[u8], change: Change, retail: &Retail, out: &mut dyn Write) -> io::Result<()> {
    let mut reader = csv::Reader::from_reader(base);
    let mut writer = csv::Writer::from_writer(out);
    let header = reader.headers()?.clone();
    writer.write_record(&header)?;
    for record in reader.records() {
        let record = record?;
        writer.write_record(&record)?;
        let fields = header.iter().zip(&record).map(|(name, field)| (name.to_owned(), Value::from(field)));
        let row = Row(fields.collect());
        for replica in retail.replicas() {
            let mut row = row.clone();
            change(&replica, &mut row);
            writer.write_record(row.0.values().map(|value| value.as_str().unwrap_or_default()))?;
        }
    }
    writer.flush()
}

/// Writes a JSON object a line.
pub(super) fn write_json(base: &[u8], change: Change, retail: &Retail, out: &mut dyn Write) -> io::Result<()> {
    for line in base.split_inclusive(|byte| *byte == b'\n') {
        out.write_all(line)?;
        let row: Map<String, Value> = serde_json::from_slice(line)?;
        for replica in retail.replicas() {
            let mut row = Row(row.clone());
            change(&replica, &mut row);
            serde_json::to_writer(&mut *out, &row.0)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}
