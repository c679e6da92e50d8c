//! The SQL files below `target/`, and errors that point into them.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{EngineError, Position};
use crate::manifest::{Node, ResourceType};
use crate::session::Session;
use crate::source::{Location, Span, World};

/// Writes the SQL of a node below `folder` (`target/compiled`, `target/run`), as dbt lays it out.
///
/// # Errors
/// When it cannot be written.
pub fn write_sql(world: &dyn World, folder: &Path, node: &Node, sql: &str) -> Result<(), Diagnostic> {
    let path = folder.join(sql_path(node));
    // To replace a file costs the file system several times what it costs to read it.
    if world.read(&path).is_ok_and(|known| known == sql.as_bytes()) {
        return Ok(());
    }
    world.write(&path, sql.as_bytes()).map_err(|error| {
        Diagnostic::error(codes::FILE_UNWRITABLE, format!("`{}` cannot be written: {error}", path.display()))
    })
}

/// Whether a node has a file of its compiled SQL: as in dbt there is none where nothing came of the template, and none of snapshots,
/// of which it is only a part of what is run.
#[must_use]
pub fn has_compiled_file(node: &Node, sql: &str) -> bool {
    !sql.is_empty() && !matches!(node.resource, ResourceType::Seed | ResourceType::Snapshot)
}

pub(super) fn sql_path(node: &Node) -> PathBuf {
    let path = Path::new(&node.package).join(&node.original_path);
    // Of what stands in a property file there are several in one.
    let is_own = Path::new(&node.path).file_name() == path.file_name();
    let path = if is_own || node.path.is_empty() { path } else { path.join(&node.path) };
    match &node.batch {
        Some(batch) => path.with_extension("").join(format!("{}_{batch}.sql", node.name)),
        None => path,
    }
}

/// The compiled SQL of a node, for errors that point into it.
#[derive(Clone, Copy, Debug)]
pub struct CompiledFile<'a> {
    /// Where texts are kept.
    pub session: &'a Session,
    /// `target/`.
    pub target_dir: &'a Path,
    /// The node.
    pub node: &'a Node,
    /// Its SQL.
    pub sql: &'a str,
}

impl CompiledFile<'_> {
    /// An engine's failure as a diagnostic that points into the compiled file, for [`Tracer::at_origin`](crate::compile::Tracer). The
    /// statement that failed was the trimmed SQL behind `lines_before` lines of ours.
    #[must_use]
    pub fn failure(&self, error: EngineError, lines_before: usize) -> Diagnostic {
        let node = self.node;
        let message = match node.is_inline() {
            true => error.message.clone(),
            false => format!("{} `{}`: {}", node.resource.words(), node.name, error.message),
        };
        let diagnostic = error.diagnostic(self.session.scrub(&message));
        let place = error.position.filter(|position| position.line > lines_before);
        match place {
            Some(position) => self.pointed(diagnostic, Position { line: position.line - lines_before, ..position }),
            None => diagnostic.at(node.span),
        }
    }

    /// Something that is found in the trimmed SQL.
    #[must_use]
    pub fn pointed(&self, diagnostic: Diagnostic, at: Position) -> Diagnostic {
        diagnostic.at(self.span(Location { line: at.line, column: at.column }))
    }

    /// The file as it is shown: from the working folder where it lies in it. A query of the command line is not written to disk.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        if self.node.is_inline() {
            return PathBuf::from("--inline");
        }
        let path = self.target_dir.join("compiled").join(sql_path(self.node));
        let here = self.session.world.absolute(Path::new("."));
        path.strip_prefix(&here).map(Path::to_path_buf).unwrap_or(path)
    }

    /// The word at a place of the trimmed SQL.
    fn span(&self, at: Location) -> Span {
        let id = self.session.sources.add(self.path(), self.sql);
        let file = self.session.sources.get(id);
        let first = file.location(self.sql.len() - self.sql.trim_start().len());
        let column = if at.line == 1 { at.column + first.column - 1 } else { at.column };
        let start = file.offset(Location { line: at.line + first.line - 1, column });
        Span::new(id, start..word_end(self.sql, start))
    }
}

fn word_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
    at + word.max(rest.chars().next().map_or(0, char::len_utf8))
}
