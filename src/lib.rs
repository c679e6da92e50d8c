//! `transform`: SQL-first data transformation in one binary.
//!
//! It reads a project of Jinja-templated SQL models in dbt's language, builds the lineage graph, compiles each model to SQL,
//! runs it on an engine and tests the result.
//!
//! # The stages
//!
//! Data flows one way; each stage takes the product of the one before it.
//!
//! 1. [`load`]: files on disk → [`load::Project`] (documents and sources, nothing resolved)
//! 2. [`parse`]: project → [`manifest::Manifest`] (nodes, ids, configs, dependencies)
//! 3. [`graph`]: manifest → DAG, cycles, selection
//! 4. [`compile`]: node → SQL
//! 5. [`analyze`]: SQL → types and column lineage, before anything runs
//! 6. [`run`]: SQL → relations on an [`engine`], test results, events
//! 7. [`artifact`]: what happened → dbt's JSON files
//! 8. [`docs`]: what is known of the project → what people read
//!
//! [`cli`] strings the stages together and is the only one that talks to a terminal.
//!
//! # The floors
//!
//! A module imports only modules on lower floors, and siblings on one floor do not import each other. The `tidy` test reads
//! this table and fails when a `crate::` path breaks it.
//!
//! | Floor | Modules |
//! |---|---|
//! | 0 | `base` |
//! | 1 | `source` |
//! | 2 | `diagnostic` `generate` |
//! | 3 | `yaml` `jinja` `sql` |
//! | 4 | `engine` |
//! | 5 | `config` |
//! | 6 | `manifest` |
//! | 7 | `session` |
//! | 8 | `artifact` |
//! | 9 | `context` |
//! | 10 | `load` |
//! | 11 | `deps` `parse` |
//! | 12 | `graph` |
//! | 13 | `compile` |
//! | 14 | `analyze` |
//! | 15 | `run` |
//! | 16 | `docs` |
//! | 17 | `cli` |
//!
//! # What is deliberately absent
//!
//! - No module but [`source`] opens files of the project, reads the environment or the clock: they ask its
//!   [`World`](source::World). (Engines own the files of their lake.)
//! - Only [`deps`], engines and [`docs::openlineage`] talk to a network, and only to hosts that the project or the environment names, or
//!   to the hub of packages when the project asks for one of its packages. `docs serve` alone listens, to this machine.
//! - No code outside [`engine`] asks which engine it talks to: it asks for capabilities and a dialect.
//! - No process globals. Two caches outlive a command: the readings of files that have not changed since, which `partial` in [`parse`]
//!   owns, and what queries mean, which `remembered` in [`analyze`] owns. Nothing else knows of them, and with them or without them
//!   every command gives the same.
//! - No stage stops at the first error: each collects [`diagnostic::Diagnostics`] and goes on.
//! - Only [`engine`], [`run`] and the command that drives them are async; loading, parsing and compiling are synchronous and
//!   spread over cores, their results merged in input order.

pub mod analyze;
pub mod artifact;
pub mod base;
pub mod cli;
pub mod compile;
pub mod config;
pub mod context;
pub mod deps;
pub mod diagnostic;
pub mod docs;
pub mod engine;
#[cfg(feature = "datafusion")]
pub mod generate;
pub mod graph;
pub mod jinja;
pub mod load;
pub mod manifest;
pub mod parse;
pub mod run;
pub mod session;
pub mod source;
pub mod sql;
pub mod yaml;
