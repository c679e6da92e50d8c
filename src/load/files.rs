//! Finding and reading the files of a package.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::walk::Walks;
use crate::base::sha256_hex;
use crate::config::Paths;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileId, FileKind, SourceMap, World};

/// The size of the largest seed whose content counts, in bytes: of a larger one it is the path, as in dbt.
const LARGEST_HASHED: usize = 1 << 20;

/// A file of a package.
#[derive(Clone, Debug)]
pub struct File {
    /// Its text; of seeds only the path is kept, with an empty text.
    pub id: FileId,
    /// Where it is on disk.
    pub absolute: PathBuf,
    /// The path below the folder of its kind, with `/` (`silver/orders.sql`).
    pub path: String,
    /// The path below the package, its folder as the project file spells it (`models/silver/orders.sql`, `./models/orders.sql`).
    pub original_path: String,
    /// SHA-256 of its bytes; of a seed that is too large for that, its path.
    pub checksum: String,
}

impl File {
    /// The name without folders and ending.
    #[must_use]
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The folders between the folder of its kind and the file.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder.split('/').filter(|part| !part.is_empty())
    }
}

/// The files of a package by kind, each list sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// `.sql` below the model folders.
    pub models: Vec<File>,
    /// `.csv` below the seed folders.
    pub seeds: Vec<File>,
    /// `.sql` below the test folders, but not below `generic/` or `fixtures/`.
    pub singular_tests: Vec<File>,
    /// `.sql` below the macro folders, and below `generic/` of the test folders.
    pub macros: Vec<File>,
    /// `.sql` below the analysis folders.
    pub analyses: Vec<File>,
    /// `.sql` below the snapshot folders.
    pub snapshots: Vec<File>,
    /// `.sql` and `.py` below the function folders.
    pub functions: Vec<File>,
    /// `.csv` and `.sql` below `fixtures/` of the test folders: rows of unit tests.
    pub fixtures: Vec<File>,
    /// `.yml` and `.yaml` below all of them.
    pub properties: Vec<File>,
    /// `.md` below all of them.
    pub docs: Vec<File>,
}

/// Which files a pass collects.
struct Wanted<'p> {
    folders: &'p [String],
    endings: &'static [&'static str],
    with_text: bool,
}

impl Files {
    /// Reads all files of the package in `folder`. What cannot be read is reported and left out.
    pub fn read(
        world: &dyn World,
        sources: &Arc<SourceMap>,
        folder: &Path,
        root: &Path,
        paths: &Paths,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut walks = Walks::new(world, folder, diagnostics);
        let mut collect = |folders: &[String], endings: &'static [&'static str], with_text: bool| {
            let wanted = Wanted { folders, endings, with_text };
            collect(&mut walks, (world, sources), (folder, root), &wanted, diagnostics)
        };
        let everywhere: Vec<String> = [
            &paths.models,
            &paths.seeds,
            &paths.tests,
            &paths.macros,
            &paths.analyses,
            &paths.snapshots,
            &paths.functions,
        ]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
        let docs = if paths.docs.is_empty() { &everywhere } else { &paths.docs };
        let is_below = |folder: &'static str| move |file: &File| file.folders().next() == Some(folder);
        let (fixtures, tests): (Vec<File>, Vec<File>) =
            collect(&paths.tests, &["sql", "csv"], true).into_iter().partition(is_below("fixtures"));
        let tests = tests.into_iter().filter(|file| file.path.ends_with(".sql"));
        let (generic, singular) = tests.partition(is_below("generic"));
        let mut macros: Vec<File> = collect(&paths.macros, &["sql"], true);
        macros.extend::<Vec<File>>(generic);
        Files {
            models: collect(&paths.models, &["sql", "py"], true),
            seeds: collect(&paths.seeds, &["csv"], false),
            singular_tests: singular,
            macros,
            analyses: collect(&paths.analyses, &["sql"], true),
            snapshots: collect(&paths.snapshots, &["sql"], true),
            functions: collect(&paths.functions, &["sql", "py"], true),
            fixtures,
            properties: collect(&everywhere, &["yml", "yaml"], true),
            docs: collect(docs, &["md"], true),
        }
    }
}

fn collect(
    walks: &mut Walks<'_>,
    (world, sources): (&dyn World, &Arc<SourceMap>),
    (folder, root): (&Path, &Path),
    wanted: &Wanted<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<File> {
    let mut found: Vec<(&str, PathBuf)> = Vec::new();
    // A folder is looked at once a kind of file, so the same may come up again.
    let mut report = |message: String| {
        if !diagnostics.iter().any(|known| known.message == message) {
            diagnostics.push(Diagnostic::error(codes::FILE_UNREADABLE, message));
        }
    };
    let has_ending =
        |path: &Path| path.extension().is_some_and(|own| wanted.endings.iter().any(|ending| own == *ending));
    for name in wanted.folders {
        let base = folder.join(name);
        if world.kind(&base) == Some(FileKind::File) {
            report(format!("`{name}` should be a folder and is a file"));
            continue;
        }
        let below = match walks.below(name) {
            Ok(below) => below,
            Err(error) => {
                report(format!("`{name}` cannot be listed: {error}"));
                continue;
            }
        };
        for (path, kind) in below.iter().filter(|(path, _)| has_ending(path)) {
            match kind {
                FileKind::File => found.push((name, path.clone())),
                FileKind::Directory => report(format!("`{}` should be a file and is a folder", shown(path, root))),
            }
        }
    }
    let mut seen = crate::base::HashSet::default();
    found.retain(|(_, file)| seen.insert(file.clone()));
    let read: Vec<Result<(String, String), Diagnostic>> = found
        .par_iter()
        .map(|(_, file)| {
            let shown = shown(file, root);
            if wanted.with_text {
                let text = text(world, file, &shown, sources)?;
                let checksum = sha256_hex(text.trim().as_bytes());
                Ok((text, checksum))
            } else {
                let bytes = world.read(file).map_err(|error| unreadable(&shown, &error))?;
                if bytes.len() > LARGEST_HASHED {
                    return Ok((String::new(), relative(file, folder)));
                }
                // As dbt, of the rows without what stands around them.
                let rows = std::str::from_utf8(&bytes).map_or(bytes.as_slice(), |text| text.trim().as_bytes());
                Ok((String::new(), sha256_hex(rows)))
            }
        })
        .collect();
    let mut files = Vec::new();
    for ((name, absolute), result) in found.into_iter().zip(read) {
        if let Some((text, checksum)) = diagnostics.take(result) {
            let id = sources.add(shown(&absolute, root), text);
            let path = relative(&absolute, &folder.join(name));
            let original_path = match Path::new(name).is_absolute() {
                true => relative(&absolute, folder),
                false => Path::new(name).join(&path).to_string_lossy().replace('\\', "/"),
            };
            files.push(File { id, path, original_path, checksum, absolute });
        }
    }
    files
}

/// The path that messages show: below the project where it lies in it.
pub(super) fn shown(path: &Path, root: &Path) -> String {
    relative(path, root)
}

fn relative(path: &Path, base: &Path) -> String {
    let inside = path.strip_prefix(base).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}

/// The text of a file, a byte order mark left out.
pub(super) fn text(world: &dyn World, path: &Path, shown: &str, sources: &SourceMap) -> Result<String, Diagnostic> {
    let bytes = world.read(path).map_err(|error| unreadable(shown, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(valid).copied().unwrap_or_default();
            let known = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
            let file = sources.add(shown, known);
            let message = format!("`{shown}` is not UTF-8: byte {valid} is 0x{byte:02x}");
            Err(Diagnostic::error(codes::FILE_NOT_UTF8, message).at(crate::source::Span::new(file, valid..valid)))
        }
    }
}

fn unreadable(shown: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(codes::FILE_UNREADABLE, format!("`{shown}` cannot be read: {error}"))
}
