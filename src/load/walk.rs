//! The files below the folders of a package. Each folder is walked once, whatever it is looked through for; what `.dbtignore` names
//! is not there.

use std::io;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::base::HashMap;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileKind, World};

/// What is below a folder: its files and folders, sorted.
type Found = Result<Vec<(PathBuf, FileKind)>, String>;

/// The walks through the folders of one package.
pub(super) struct Walks<'w> {
    world: &'w dyn World,
    package: &'w Path,
    ignored: Option<Gitignore>,
    found: HashMap<String, Found>,
}

impl<'w> Walks<'w> {
    /// Walks through the package in this folder.
    pub(super) fn new(world: &'w dyn World, package: &'w Path, diagnostics: &mut Diagnostics) -> Self {
        let ignored = diagnostics.take(ignored(world, package)).flatten();
        Walks { world, package, ignored, found: HashMap::default() }
    }

    /// What is below a folder of the package.
    pub(super) fn below(&mut self, name: &str) -> Result<&[(PathBuf, FileKind)], &str> {
        if !self.found.contains_key(name) {
            let walked = self.world.walk(&self.package.join(name)).map_err(|error: io::Error| error.to_string());
            let kept = walked.map(|mut found| {
                found.retain(|(path, kind)| !self.is_ignored(path, *kind));
                found
            });
            self.found.insert(name.to_owned(), kept);
        }
        match self.found.get(name) {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => Err(error),
            None => Ok(&[]),
        }
    }

    fn is_ignored(&self, path: &Path, kind: FileKind) -> bool {
        // What editors leave behind.
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['#', '~'])) {
            return true;
        }
        let Some(ignored) = &self.ignored else { return false };
        let Ok(inside) = path.strip_prefix(self.package) else { return false };
        ignored.matched_path_or_any_parents(inside, kind == FileKind::Directory).is_ignore()
    }
}

/// The patterns of a package's `.dbtignore`, as git writes them.
fn ignored(world: &dyn World, package: &Path) -> Result<Option<Gitignore>, Diagnostic> {
    let path = package.join(".dbtignore");
    if world.kind(&path) != Some(FileKind::File) {
        return Ok(None);
    }
    let unreadable = |error: &dyn std::fmt::Display| {
        Diagnostic::error(codes::FILE_UNREADABLE, format!("`{}` cannot be read: {error}", path.display()))
    };
    let bytes = world.read(&path).map_err(|error| unreadable(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| unreadable(&error))?;
    let mut builder = GitignoreBuilder::new("");
    for line in text.lines() {
        builder.add_line(None, line).map_err(|error| unreadable(&error))?;
    }
    builder.build().map(Some).map_err(|error| unreadable(&error))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Walks;
    use crate::diagnostic::Diagnostics;
    use crate::source::MemoryWorld;

    #[test]
    fn ignored_files_are_not_there() {
        let files = ["m/a.sql", "m/draft_b.sql", "m/old/c.sql", "m/keep/draft_d.sql", "m/~e.sql", "n/a.sql"];
        let files = files.iter().map(|path| (format!("p/{path}"), ""));
        let ignore = ("p/.dbtignore".to_owned(), "# drafts\ndraft_*\n!m/keep/draft_d.sql\nold/\n/n/a.sql\n");
        let world = MemoryWorld::with_files(files.chain([ignore]));
        let mut diagnostics = Diagnostics::new();
        let mut walks = Walks::new(&world, Path::new("p"), &mut diagnostics);
        let names = |found: &[(std::path::PathBuf, _)]| {
            found.iter().map(|(path, _)| path.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(walks.below("m").unwrap()), ["p/m/a.sql", "p/m/keep/draft_d.sql"]);
        assert!(walks.below("n").unwrap().is_empty() && diagnostics.is_empty());
    }
}
