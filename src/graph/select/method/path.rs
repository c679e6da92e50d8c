//! `path` and `file`: a resource by where its file is.

use globset::{GlobBuilder, GlobMatcher};

use super::super::Pattern;
use crate::diagnostic::{Diagnostic, codes};

/// The glob of a path: `*` stays inside a folder, `**` does not.
pub(super) fn glob(value: &str) -> Result<GlobMatcher, Diagnostic> {
    let clean = from_here(value).trim_end_matches('/');
    // Braces are letters to Python's globs.
    let escaped: String = clean
        .chars()
        .map(|c| match c {
            '{' => "[{]".to_owned(),
            '}' => "[}]".to_owned(),
            c => c.to_string(),
        })
        .collect();
    let glob = GlobBuilder::new(&escaped).literal_separator(true).build().map_err(|error| {
        Diagnostic::error(codes::SELECTOR_SYNTAX, format!("`{value}` is not a pattern: {}", error.kind()))
    })?;
    Ok(glob.compile_matcher())
}

/// Whether the file itself or one of the folders that it is in is meant.
pub(super) fn is_in(glob: &GlobMatcher, path: &str) -> bool {
    std::path::Path::new(from_here(path)).ancestors().any(|part| glob.is_match(part))
}

/// Whether the file itself is meant.
pub(super) fn is(glob: &GlobMatcher, path: &str) -> bool {
    glob.is_match(from_here(path))
}

/// `models/a.sql` of `./models/a.sql`: project files spell their folders either way.
fn from_here(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// Whether the name of a file is meant, with or without its ending.
pub(super) fn has_name(pattern: &Pattern, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    pattern.is_match(name) || pattern.is_match(stem)
}
