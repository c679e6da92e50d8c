//! The integration tests: the binary as its users meet it, over projects that are text.
//!
//! [`cases`] runs the transcripts of `tests/cases`, [`behaviour`] what every engine must do with the projects of
//! `tests/behaviour`. `BLESS=1 cargo test --test it` writes what was printed into both, for review.
#![expect(clippy::disallowed_methods, reason = "tests look at the disk from the outside")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod artifacts;
mod behaviour;
mod bigquery;
mod bucket;
mod case;
mod cases;
mod crash;
mod deps;
mod example;
mod faults;
mod help;
mod links;
mod manifest;
mod openlineage;
mod oracle;
mod project;
mod python;
mod readers;
mod readme;
mod resources;
mod serve;
mod site_data;
mod tidy;
mod two_builds;
