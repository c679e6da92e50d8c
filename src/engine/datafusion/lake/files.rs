//! Views that are files, written by a model: where they are, how they are written, and how new ones take the place of those before.
//!
//! New files are written beside their goal, under a hidden name, and are what the draft of the view reads. When it is published they take
//! the place of the ones before: a file by its renaming, a folder by changing places with the other one, both of which are one step for
//! readers. Where the file system cannot do that with folders, the one before goes aside first: should the process die in between, the
//! next one that writes there puts it back.
//!
//! A folder is only replaced if it has our mark, or nothing, in it.
#![expect(clippy::disallowed_methods, reason = "the engine owns the files that it writes")]

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::{
    Compression, CsvOptions, DeclaredColumn, EngineError, ErrorKind, Export, ExternalTable, FileFormat,
};
use crate::sql::Relation;

/// The file that tells our folders from those of others.
const MARK: &str = ".transform-files";

/// The ending of what is yet to be published, and of what went aside for it.
const STAGED: &str = ".staged";
const ASIDE: &str = ".aside";

/// The files that a view reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::engine::datafusion) struct Files {
    /// Where they belong: an absolute path.
    goal: PathBuf,
    /// Where they are until they are published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    staged: Option<PathBuf>,
    /// The word of their format.
    format: String,
    /// The word of their compression.
    compression: String,
    header: bool,
    delimiter: char,
    quote: char,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    escape: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    null: Option<String>,
    /// Names and SQL types of all columns.
    columns: Vec<(String, String)>,
    /// The names of those that are in the folders' names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    partitions: Vec<String>,
    /// Whether there are no rows, for which a format may have no files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_empty: bool,
}

impl Files {
    /// Files that are about to be written beside `goal`, whose folder is made. What a killed process left in the middle is repaired.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the path.
    pub(in crate::engine::datafusion) fn begin(
        goal: PathBuf,
        export: &Export,
        columns: Vec<(String, String)>,
        partitions: Vec<String>,
    ) -> Result<Self, EngineError> {
        let folder = goal.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder).map_err(|error| storage("cannot make the folder", folder, &error))?;
        let files = Files {
            staged: Some(folder.join(hidden(&goal, STAGED))),
            goal,
            format: export.format.word().to_owned(),
            compression: export.compression.word().to_owned(),
            header: export.csv.header,
            delimiter: char::from(export.csv.delimiter),
            quote: char::from(export.csv.quote),
            escape: export.csv.escape.map(char::from),
            null: export.csv.null_value.clone(),
            columns,
            partitions,
            is_empty: false,
        };
        files.put_back();
        files.check()?;
        if let (false, Some(staged)) = (files.partitions.is_empty(), &files.staged) {
            let made = fs::create_dir(staged).and_then(|()| fs::write(staged.join(MARK), b""));
            made.map_err(|error| storage("cannot make the folder", staged, &error))?;
        }
        Ok(files)
    }

    /// Where the files are.
    pub(in crate::engine::datafusion) fn place(&self) -> &Path {
        self.staged.as_deref().unwrap_or(&self.goal)
    }

    /// A new file at the place of the files, or in the folder that is there, and in the folders that its partition is told by.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the path.
    pub(in crate::engine::datafusion) fn create(&self, inside: Option<&Path>) -> Result<File, EngineError> {
        let path = inside.map_or_else(|| self.place().to_owned(), |inside| self.place().join(inside));
        let folder = path.parent().filter(|_| inside.is_some()).map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| File::create(&path)).map_err(|error| storage("cannot write", &path, &error))
    }

    /// Where they belong.
    pub(in crate::engine::datafusion) fn goal(&self) -> &Path {
        &self.goal
    }

    /// The names of the columns that are in the folders' names.
    pub(in crate::engine::datafusion) fn partitions(&self) -> &[String] {
        &self.partitions
    }

    /// How many bytes the files have.
    pub(in crate::engine::datafusion) fn bytes(&self) -> u64 {
        let (mut bytes, mut places) = (0, vec![self.place().to_owned()]);
        while let Some(place) = places.pop() {
            match fs::metadata(&place) {
                Ok(metadata) if metadata.is_file() => bytes += metadata.len(),
                _ => places.extend(entries(&place).into_iter().map(|entry| place.join(entry))),
            }
        }
        bytes
    }

    /// Says that all rows, so many, are written.
    pub(in crate::engine::datafusion) fn written(&mut self, rows: u64) {
        self.is_empty = rows == 0;
    }

    /// Makes them what readers see, in one step.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the path; the files before are still there.
    pub(in crate::engine::datafusion) fn publish(&mut self) -> Result<(), EngineError> {
        let Some(staged) = self.staged.clone() else { return Ok(()) };
        self.check()?;
        let failed = |error: io::Error| storage("cannot replace", &self.goal, &error);
        let is_replaced = self.goal.exists();
        if self.partitions.is_empty() || !is_replaced {
            fs::rename(&staged, &self.goal).map_err(failed)?;
        } else if exchange(&staged, &self.goal).is_err() {
            let aside = self.beside(&hidden(&self.goal, ASIDE));
            fs::rename(&self.goal, &aside).map_err(failed)?;
            fs::rename(&staged, &self.goal).map_err(|error| {
                self.put_back();
                failed(error)
            })?;
        }
        self.staged = None;
        self.remove_leftovers();
        Ok(())
    }

    /// Removes the ones that were not published.
    pub(in crate::engine::datafusion) fn discard(&self) {
        // Best effort: nobody reads what has a hidden name.
        let _ = self.staged.as_deref().map(remove_any);
    }

    /// The files as a source of rows.
    pub(in crate::engine::datafusion) fn source(&self, relation: Relation) -> ExternalTable {
        let is_partition = |name: &str| self.partitions.iter().any(|partition| partition == name);
        let format = FileFormat::named(&self.format);
        let declared = |(name, data_type): &(String, String)| DeclaredColumn {
            name: name.clone(),
            // Parquet says it itself, of maps, too, which have no name in SQL.
            data_type: (format != Some(FileFormat::Parquet) || is_partition(name)).then(|| data_type.clone()),
        };
        let by_name = |wanted: &String| self.columns.iter().find(|(name, _)| name == wanted);
        let byte = |c: char| u8::try_from(c).ok();
        let default = CsvOptions::default();
        ExternalTable {
            relation,
            locations: vec![self.place().to_string_lossy().into_owned()],
            format,
            compression: Compression::named(&self.compression),
            csv: CsvOptions {
                header: self.header,
                delimiter: byte(self.delimiter).unwrap_or(default.delimiter),
                quote: byte(self.quote).unwrap_or(default.quote),
                escape: self.escape.and_then(byte),
                null_value: self.null.clone(),
            },
            sheet: None,
            partitions: self.partitions.iter().filter_map(by_name).map(declared).collect(),
            columns: self.columns.iter().filter(|(name, _)| !is_partition(name)).map(declared).collect(),
        }
    }

    /// Names and SQL types of the columns, in the order of the query.
    pub(in crate::engine::datafusion) fn columns(&self) -> &[(String, String)] {
        &self.columns
    }

    /// Whether there are no rows.
    pub(in crate::engine::datafusion) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Refuses to replace what is not ours.
    fn check(&self) -> Result<(), EngineError> {
        let goal = self.goal.display();
        let refuse = |message: String| {
            Err(EngineError::new(ErrorKind::Io, message)
                .help("set `location` to another place, or remove what is there"))
        };
        match (self.partitions.is_empty(), self.goal.is_dir()) {
            (true, true) => refuse(format!("`{goal}` is a folder, where a file is to be written")),
            (false, false) if self.goal.exists() => {
                refuse(format!("`{goal}` is a file, where a folder of partitions is to be written"))
            }
            (false, true) if !self.goal.join(MARK).is_file() && !entries(&self.goal).is_empty() => {
                refuse(format!("`{goal}` has files in it that transform did not write"))
            }
            _ => Ok(()),
        }
    }

    /// Puts the folder back that went aside where none has taken its place.
    fn put_back(&self) {
        if self.goal.exists() {
            return;
        }
        if let Some(aside) = self.hidden_ones(ASIDE).first() {
            let _ = fs::rename(aside, &self.goal);
        }
    }

    /// Removes what this version has replaced, and what killed processes left.
    fn remove_leftovers(&self) {
        for path in self.hidden_ones(STAGED).into_iter().chain(self.hidden_ones(ASIDE)) {
            let _ = remove_any(&path);
        }
    }

    /// What lies beside the goal under the names that [`hidden`] gives it.
    fn hidden_ones(&self, ending: &str) -> Vec<PathBuf> {
        let start = format!(".{}.", name_of(&self.goal));
        let folder = self.goal.parent().unwrap_or(Path::new("/"));
        let is_meant = |entry: &String| {
            let between = entry.strip_prefix(&start).and_then(|rest| rest.strip_suffix(ending));
            between.is_some_and(|id| Uuid::parse_str(id).is_ok())
        };
        entries(folder).into_iter().filter(is_meant).map(|entry| folder.join(entry)).collect()
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.goal.with_file_name(name)
    }
}

/// The names in a folder; none when it cannot be listed.
fn entries(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

fn remove_any(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

fn storage(what: &str, path: &Path, error: &io::Error) -> EngineError {
    let reason = crate::engine::datafusion::error::tidy(&error.to_string());
    EngineError::new(ErrorKind::Io, format!("{what} `{}`: {reason}", path.display()))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A name of its own beside `goal`.
fn hidden(goal: &Path, ending: &str) -> String {
    format!(".{}.{}{ending}", name_of(goal), Uuid::new_v4())
}

/// Lets two folders change places in one step.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
