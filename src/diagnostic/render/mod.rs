//! How diagnostics look: one file a format.

mod concise;
mod human;
mod json;

pub use concise::concise;
pub use human::human;
pub use json::json;
