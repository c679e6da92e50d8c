//! The base data: the files of `example_project/raw`, and what each of them is.

use std::io::{self, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::lines::{self, Change};
use super::{Retail, feeds, project_events, stock_movements};

/// A file of the base data.
pub(super) struct File {
    /// Below the folder of the raw data.
    pub(super) path: &'static str,
    /// As the repository holds it.
    pub(super) bytes: &'static [u8],
    pub(super) feed: Feed,
}

/// What a file holds, and so how there can be more of it.
pub(super) enum Feed {
    /// What is there once at every scale.
    Once,
    Csv(Change),
    NdJson(Change),
    NdJsonGzip(Change),
    StockMovements,
    ProjectEvents,
}

impl Feed {
    /// Writes the rows of all copies.
    pub(super) fn write(&self, base: &'static [u8], retail: &Retail, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Feed::Once => out.write_all(base),
            Feed::Csv(change) => lines::write_csv(base, *change, retail, out),
            Feed::NdJson(change) => lines::write_json(base, *change, retail, out),
            Feed::NdJsonGzip(change) => {
                let base = io::read_to_string(GzDecoder::new(base))?;
                let mut packed = GzEncoder::new(out, Compression::default());
                lines::write_json(base.as_bytes(), *change, retail, &mut packed)?;
                packed.finish().map(drop)
            }
            Feed::StockMovements => stock_movements::write(base, retail, out),
            Feed::ProjectEvents => project_events::write(base, retail, out),
        }
    }
}

/// A file by its path below `example_project/raw`.
macro_rules! raw {
    ($feed:expr, $($path:expr),+) => {
        File {
            path: concat!($($path),+),
            bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/example_project/raw/", $($path),+)),
            feed: $feed,
        }
    };
}

/// The files of the working days of a month.
macro_rules! days {
    ($month:literal: $($day:literal)+) => {
        [$(raw!(Feed::ProjectEvents, "project_events/year=2025/month=", $month, "/day=", $day, "/events.parquet")),+]
    };
}

/// All files of the base data.
pub(super) fn all() -> Vec<File> {
    let mut files = vec![
        raw!(Feed::Csv(feeds::customer), "customers/customers_2025-01.csv"),
        raw!(Feed::Csv(feeds::customer), "customers/customers_2025-02.csv"),
        raw!(Feed::Csv(feeds::customer), "customers/customers_2025-03.csv"),
        raw!(Feed::Csv(feeds::order), "orders/orders_2025-01.csv"),
        raw!(Feed::Csv(feeds::order), "orders/orders_2025-02.csv"),
        raw!(Feed::Csv(feeds::order), "orders/orders_2025-03.csv"),
        raw!(Feed::Csv(feeds::order_line), "order_lines/order_lines_2025-01.csv"),
        raw!(Feed::Csv(feeds::order_line), "order_lines/order_lines_2025-02.csv"),
        raw!(Feed::Csv(feeds::order_line), "order_lines/order_lines_2025-03.csv"),
        raw!(Feed::NdJsonGzip(feeds::page_event), "page_events_archive/page_events_2025-01.ndjson.gz"),
        raw!(Feed::NdJson(feeds::page_event), "page_events/page_events_2025-02.ndjson"),
        raw!(Feed::NdJson(feeds::page_event), "page_events/page_events_2025-03.ndjson"),
        raw!(Feed::NdJson(feeds::api_request), "api_logs/api_2025-01.ndjson"),
        raw!(Feed::NdJson(feeds::api_request), "api_logs/api_2025-02.ndjson"),
        raw!(Feed::NdJson(feeds::api_request), "api_logs/api_2025-03.ndjson"),
        raw!(Feed::StockMovements, "stock_movements/stock_2025-01.avro"),
        raw!(Feed::StockMovements, "stock_movements/stock_2025-02.avro"),
        raw!(Feed::StockMovements, "stock_movements/stock_2025-03.avro"),
        raw!(Feed::Once, "exchange_rates/exchange_rates.arrow"),
        raw!(Feed::Once, "products/catalogue.csv"),
        raw!(Feed::Once, "projects/projects.json"),
        raw!(Feed::Once, "users/users.json"),
    ];
    files.extend(days!("02": "03" "04" "05" "06" "07" "10" "11" "12" "13" "14" "17" "18" "19" "20" "21" "24" "25" "26" "27" "28"));
    files.extend(days!("03": "03" "04" "05" "06" "07" "10" "11" "12" "13" "14" "17" "18" "19" "20" "21" "24" "25" "26" "27" "28" "31"));
    files
}
