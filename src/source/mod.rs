//! Texts and places in them, and the only door to disk, environment and clock.
//!
//! A [`Span`] is three numbers; everything that came from a file carries one, so that a diagnostic can show the line. The
//! [`SourceMap`] turns spans back into paths, lines and text. A [`World`] is where files, environment variables and the time
//! come from: one on disk for the command line, one in memory for tests.

mod dotenv;
mod map;
mod walk;
mod world;

pub use dotenv::DotenvWorld;
pub use map::{FileId, Location, SourceFile, SourceMap, Span};
pub use world::{DiskWorld, FileKind, MemoryWorld, World};
