//! How diagnostics look: one file a format.

mod concise;
mod human;
mod json;
#[cfg(test)]
mod tests;

pub use concise::concise;
pub use human::human;
pub use json::json;
