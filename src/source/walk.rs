//! The files and folders below a folder of the disk.

use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};

use super::world::DiskWorld;
use super::{FileKind, World};
use crate::base::HashSet;

/// As [`World::walk`].
pub(super) fn walk(world: &DiskWorld, folder: &Path) -> io::Result<Vec<(PathBuf, FileKind)>> {
    let mut walk = Walk { world, found: Vec::new(), followed: HashSet::default() };
    walk.enter(folder)?;
    Ok(walk.found)
}

/// A walk. A folder's entries are in the order of their names, and what is in one comes right behind it, so that
/// the whole is in the order of paths.
struct Walk<'w> {
    world: &'w DiskWorld,
    found: Vec<(PathBuf, FileKind)>,
    /// The folders that links led to.
    followed: HashSet<PathBuf>,
}

#[expect(clippy::disallowed_methods, reason = "a part of the door")]
impl Walk<'_> {
    fn enter(&mut self, folder: &Path) -> io::Result<()> {
        let mut entries: Vec<DirEntry> = match std::fs::read_dir(folder) {
            Ok(entries) => entries.collect::<io::Result<_>>()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        entries.retain(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
        entries.sort_by_cached_key(DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let own = entry.file_type()?;
            // What is not a link says by itself what it is.
            let kind = match (own.is_dir(), own.is_file()) {
                (true, _) => Some(FileKind::Directory),
                (_, true) => Some(FileKind::File),
                _ => self.world.kind(&path),
            };
            match kind {
                Some(FileKind::Directory) if own.is_symlink() && !self.follows(folder, &path) => {}
                Some(FileKind::Directory) => {
                    self.found.push((path.clone(), FileKind::Directory));
                    self.enter(&path)?;
                }
                Some(FileKind::File) => self.found.push((path, FileKind::File)),
                None => {}
            }
        }
        Ok(())
    }

    /// Whether a link to a folder leads to a new one: it could lead in a circle.
    fn follows(&mut self, folder: &Path, link: &Path) -> bool {
        let Ok(target) = std::fs::canonicalize(link) else { return false };
        !self.world.absolute(folder).starts_with(&target) && self.followed.insert(target)
    }
}
