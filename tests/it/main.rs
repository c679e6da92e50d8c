//! Integration tests: one binary, so that the engine is linked once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "tests make and read files themselves")]

mod readme;
mod tidy;
