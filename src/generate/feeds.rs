//! What a further copy changes in each text feed.

use super::replica::{Replica, later_text};
use super::row::Row;

/// A row of the CRM's exports.
pub(super) fn customer(replica: &Replica, row: &mut Row) {
    let key = row.text("customer_id").to_owned();
    row.edit("email", |email| replica.readdress(email, &key));
    row.edit("customer_id", |key| replica.rekey(key));
}

/// A row of the order system's exports: of one order they all agree.
pub(super) fn order(replica: &Replica, row: &mut Row) {
    let delay = replica.delay(row.text("order_id"));
    row.edit("ordered_at", |time| {
        later_text(time, delay);
        if time.starts_with("2025-02-30") {
            time.replace_range(..10, "2025-02-28");
        }
    });
    for name in ["order_id", "customer_id"] {
        row.edit(name, |key| replica.rekey(key));
    }
}

/// A line of an order.
pub(super) fn order_line(replica: &Replica, row: &mut Row) {
    row.edit("order_id", |key| replica.rekey(key));
}

/// An event of the web shop. A visitor's events keep their distance, so that sessions stay sessions.
pub(super) fn page_event(replica: &Replica, row: &mut Row) {
    let delay = replica.delay(row.text("visitor_id"));
    for name in ["occurred_at", "received_at"] {
        row.edit(name, |time| later_text(time, delay));
    }
    row.edit("page", |path| replica.rekey_path(path));
    for name in ["event_id", "visitor_id", "customer_id", "order_id"] {
        row.edit(name, |key| replica.rekey(key));
    }
}

/// A request to the API. A latency below zero is a timeout.
pub(super) fn api_request(replica: &Replica, row: &mut Row) {
    let key = row.text("request_id").to_owned();
    let delay = replica.delay(&key);
    for name in ["logged_at", "shipped_at"] {
        row.edit(name, |time| later_text(time, delay));
    }
    row.edit_number("latency_ms", |latency| match latency > 0.0 {
        true => (latency * (80 + replica.draw(&key, 41)) as f64 / 10.0).round() / 10.0,
        false => latency,
    });
    row.edit("path", |path| replica.rekey_path(path));
    row.edit("request_id", |key| replica.rekey(key));
}
