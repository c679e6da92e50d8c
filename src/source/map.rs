//! The texts that diagnostics can point into.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

/// A text in the [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

impl FileId {
    /// Its number, for a text that carries it along.
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    /// The text of a [`number`](Self::number).
    pub(crate) fn from_number(number: u32) -> Self {
        FileId(number)
    }
}

/// A stretch of a text: half-open, in bytes. It is stored without the text, whose id means nothing to another command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The text.
    #[serde(skip)]
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `range` of `file`. Offsets past 4 GiB saturate; no text that long is loaded.
    #[must_use]
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file, start: narrow(range.start), end: narrow(range.end.max(range.start)) }
    }

    /// The start of `file`: for an error about the file as a whole.
    #[must_use]
    pub fn whole(file: FileId) -> Self {
        Span { file, start: 0, end: 0 }
    }

    /// The bytes as a range for indexing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place as people name it: both numbers count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One text with the path it is shown under.
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    text: String,
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// The path relative to the project where it lies inside it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset past the end names the end.
    #[must_use]
    pub fn location(&self, offset: usize) -> Location {
        let lines = self.lines();
        let offset = self.floor_char_boundary(offset);
        let line = lines.partition_point(|start| *start <= offset);
        let start = lines[line - 1];
        Location { line, column: self.text[start..offset].chars().count() + 1 }
    }

    /// The byte offset of a line and column (both from 1, columns in characters), clamped into the text.
    #[must_use]
    pub fn offset(&self, location: Location) -> usize {
        let lines = self.lines();
        let Some(start) = lines.get(location.line.saturating_sub(1)) else { return self.text.len() };
        let rest = &self.text[*start..];
        rest.char_indices().nth(location.column.saturating_sub(1)).map_or(self.text.len(), |(at, _)| start + at)
    }

    fn lines(&self) -> &[usize] {
        self.lines
            .get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The offset, or the start of the character that it is inside of.
    #[must_use]
    pub fn floor_char_boundary(&self, offset: usize) -> usize {
        (0..=offset.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

/// All texts of a command: files of the project, and compiled SQL as it is made. Texts are added and never removed.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

impl SourceMap {
    /// Adds a text under the path that messages shall show.
    pub fn add(&self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let id = FileId(u32::try_from(files.len()).unwrap_or(u32::MAX));
        files.push(Arc::new(SourceFile { path: path.into(), text: text.into(), lines: OnceLock::new() }));
        id
    }

    /// The text of an id that this map gave out.
    #[must_use]
    pub fn get(&self, id: FileId) -> Arc<SourceFile> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&files[id.0 as usize])
    }

    /// The text under a span, clamped into the file.
    #[must_use]
    pub fn slice(&self, span: Span) -> String {
        self.get(span.file).text().get(span.range()).unwrap_or_default().to_owned()
    }
}
