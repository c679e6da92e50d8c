//! Packages in git repositories, through the `git` program.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Context, unavailable};
use crate::base::md5_hex;
use crate::diagnostic::Diagnostic;
use crate::source::FileKind;

/// A repository's files at a commit.
pub(super) struct Checkout {
    /// Where they are.
    pub(super) folder: PathBuf,
    /// The commit.
    pub(super) commit: String,
}

/// Gets the files of a repository at a revision; at its default branch where none is named.
pub(super) fn checkout(cx: &Context<'_>, url: &str, revision: Option<&str>) -> Result<Checkout, Diagnostic> {
    let shown = cx.scrub(url);
    if url.starts_with('-') || revision.is_some_and(|revision| revision.starts_with('-')) {
        return Err(unavailable(format!("`{shown}` is not the address of a repository, or its revision is none")));
    }
    let revision = revision.filter(|revision| *revision != "HEAD");
    let key = md5_hex(format!("{url}\n{}", revision.unwrap_or_default()).as_bytes());
    let folder = cx.downloads().join("git").join(key);
    let marker = folder.with_extension("commit");
    if let Ok(commit) = cx.world.read(&marker) {
        return Ok(Checkout { folder, commit: String::from_utf8_lossy(&commit).into_owned() });
    }
    let fail = |error: String| {
        let at = revision.map(|revision| format!(" at `{revision}`")).unwrap_or_default();
        unavailable(format!("the repository {shown}{at} cannot be had: {}", cx.scrub(&error)))
    };
    let target = folder.to_string_lossy().into_owned();
    let mut arguments = vec!["clone", "--quiet", "--depth", "1"];
    arguments.extend(revision.into_iter().flat_map(|revision| ["--branch", revision]));
    arguments.extend(["--", url, &target]);
    if let Err(error) = git(&cx.root, &arguments) {
        // A commit is no branch: the whole history is needed to find it.
        let Some(revision) = revision else { return Err(fail(error)) };
        let _ = cx.world.remove(&folder);
        git(&cx.root, &["clone", "--quiet", "--no-checkout", "--", url, &target]).map_err(&fail)?;
        git(&folder, &["checkout", "--quiet", "--detach", revision]).map_err(&fail)?;
    }
    let commit = git(&folder, &["rev-parse", "HEAD"]).map_err(&fail)?.trim().to_owned();
    let io = |error: std::io::Error| fail(error.to_string());
    cx.world.remove(&folder.join(".git")).map_err(io)?;
    cx.world.write(&marker, commit.as_bytes()).map_err(io)?;
    Ok(Checkout { folder, commit })
}

/// The folder of a package in a repository.
pub(super) fn subfolder(cx: &Context<'_>, checkout: &Path, subdirectory: Option<&str>) -> Result<PathBuf, Diagnostic> {
    let Some(subdirectory) = subdirectory else { return Ok(checkout.to_path_buf()) };
    let inside = Path::new(subdirectory)
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
    let folder = checkout.join(subdirectory);
    if !inside || cx.world.kind(&folder) != Some(FileKind::Directory) {
        return Err(unavailable(format!("the repository has no folder `{subdirectory}`")));
    }
    Ok(folder)
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        // Nobody is there to answer.
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .output()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => "the program `git` is not installed".to_owned(),
            _ => format!("`git` cannot be run: {error}"),
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let printed = String::from_utf8_lossy(&output.stderr);
    let said = printed.lines().rev().find(|line| line.starts_with("fatal:") || line.starts_with("error:"));
    Err(said.or_else(|| printed.lines().last()).unwrap_or("`git` failed").to_owned())
}
