//! The commit that a project is at, as the files of its Git repository say it: no `git` is asked.

use std::path::{Path, PathBuf};

use crate::source::{FileKind, World};

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: String,
    /// The branch that is checked out; `None` between branches.
    pub branch: Option<String>,
}

/// The commit that is checked out in the repository that the folder lies in, if it lies in one.
#[must_use]
pub fn commit(world: &dyn World, folder: &Path) -> Option<Commit> {
    let folder = world.absolute(folder);
    let git = folder.ancestors().map(|folder| folder.join(".git")).find_map(|path| git_dir(world, &path))?;
    let head = text(world, &git.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return Some(Commit { id: head, branch: None }).filter(|commit| is_id(&commit.id));
    };
    let branch = name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
    // A work tree of its own has its branches in the folder of the repository.
    let common = text(world, &git.join("commondir")).map(|common| git.join(common));
    let folders = [Some(git), common];
    let id = folders.into_iter().flatten().find_map(|folder| reference(world, &folder, name))?;
    Some(Commit { id, branch: Some(branch) })
}

/// The folder that `.git` is, or that it names.
fn git_dir(world: &dyn World, path: &Path) -> Option<PathBuf> {
    match world.kind(path)? {
        FileKind::Directory => Some(path.to_owned()),
        FileKind::File => {
            let named = text(world, path)?;
            Some(path.parent()?.join(named.strip_prefix("gitdir: ")?))
        }
    }
}

/// The id that a reference has, in a file of its own or among the packed ones.
fn reference(world: &dyn World, git: &Path, name: &str) -> Option<String> {
    let packed = || {
        let packed = text(world, &git.join("packed-refs"))?;
        packed.lines().find_map(|line| Some(line.split_once(' ').filter(|(_, packed)| *packed == name)?.0.to_owned()))
    };
    text(world, &git.join(name)).or_else(packed).filter(|id| is_id(id))
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn text(world: &dyn World, path: &Path) -> Option<String> {
    let bytes = world.read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryWorld;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    fn at(files: &[(&str, &str)]) -> Option<Commit> {
        let world = MemoryWorld::with_files(files.iter().map(|(path, text)| (*path, *text)));
        commit(&world, Path::new("/repo/shop"))
    }

    #[test]
    fn the_commit_is_read_wherever_git_keeps_it() {
        let on = |branch: &str| Some(Commit { id: ID.to_owned(), branch: Some(branch.to_owned()) });
        let packed = format!("# pack-refs with: peeled\n{ID} refs/heads/a/b\n");
        assert_eq!(
            at(&[("/repo/.git/HEAD", "ref: refs/heads/main\n"), ("/repo/.git/refs/heads/main", ID)]),
            on("main")
        );
        assert_eq!(at(&[("/repo/.git/HEAD", "ref: refs/heads/a/b"), ("/repo/.git/packed-refs", &packed)]), on("a/b"));
        assert_eq!(at(&[("/repo/.git/HEAD", ID)]), Some(Commit { id: ID.to_owned(), branch: None }));
        let tree = [
            ("/repo/.git", "gitdir: /main/.git/worktrees/repo\n"),
            ("/main/.git/worktrees/repo/HEAD", "ref: refs/heads/x"),
            ("/main/.git/worktrees/repo/commondir", "/main/.git"),
            ("/main/.git/refs/heads/x", ID),
        ];
        assert_eq!(at(&tree), on("x"));
        assert_eq!(at(&[("/repo/.git/HEAD", "ref: refs/heads/new")]), None);
        assert_eq!(at(&[("/repo/shop/x.sql", "")]), None);
    }
}
