//! `package-lock.yml`: the versions that were chosen, and a digest of what was asked for, in dbt's format.

use std::path::Path;

use serde_json::{Map, Value as Json};

use super::Context;
use super::resolve::{Pinned, PinnedSource};
use crate::base::sha1_hex;
use crate::config::{PackageEntry, PackageSpec};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// The name of the file.
pub(super) const FILE: &str = "package-lock.yml";

/// A lock that was read.
pub(super) struct Lock {
    /// The digest of what was asked for.
    pub(super) hash: String,
    /// The versions that were chosen.
    pub(super) packages: Vec<PackageEntry>,
}

/// Reads a lock; `None` when it is damaged, which resolving anew mends.
pub(super) fn read(cx: &Context<'_>, path: &Path) -> Result<Option<Lock>, Diagnostic> {
    let mut diagnostics = Diagnostics::new();
    let Some(written) = cx.renderer.read(path, &cx.root, &mut diagnostics) else {
        return diagnostics.into_iter().next().map_or(Ok(None), Err);
    };
    let mut rendered = written.clone();
    cx.renderer.render(&mut rendered, &|_| true, &mut diagnostics);
    let list = |node: &crate::yaml::Node| node.as_map().and_then(|map| map.get("packages")).cloned();
    let hash = rendered.as_map().and_then(|map| map.get("sha1_hash")).and_then(crate::yaml::Node::scalar);
    let (Some(rendered), Some(written), Some(hash)) = (list(&rendered), list(&written), hash) else { return Ok(None) };
    let packages = PackageEntry::read_all(&rendered, &written, &mut diagnostics);
    if diagnostics.has_errors() {
        let message = format!("`{FILE}` cannot be used");
        return Err(Diagnostic::error(codes::CONFIG_VALUE, message)
            .note(diagnostics.iter().map(|found| found.message.clone()).collect::<Vec<_>>().join("; "))
            .help("`deps --upgrade` writes it anew"));
    }
    Ok(Some(Lock { hash, packages }))
}

/// The digest of what is asked for: of the entries in dbt's notation, sorted.
pub(super) fn hash(packages: &[PackageEntry]) -> String {
    let mut entries: Vec<String> = packages.iter().map(|entry| python_json(&notation(entry))).collect();
    entries.sort_unstable();
    sha1_hex(entries.join("\n").as_bytes())
}

/// An entry with the keys that its kind has, given or not.
fn notation(entry: &PackageEntry) -> Json {
    let mut all = Map::new();
    let mut put = |key: &str, default: Json| {
        all.insert(key.to_owned(), entry.values.get(key).cloned().unwrap_or(default));
    };
    match &entry.spec {
        PackageSpec::Hub { .. } => {
            put("install_prerelease", Json::Bool(false));
            put("package", Json::Null);
            put("version", Json::Null);
        }
        PackageSpec::Git { .. } => {
            ["git", "revision", "subdirectory", "warn-unpinned"].into_iter().for_each(|key| put(key, Json::Null));
        }
        PackageSpec::Local(_) => put("local", Json::Null),
        PackageSpec::Tarball { .. } => put("tarball", Json::Null),
    }
    if let Some(name) = entry.values.get("name").filter(|name| !name.is_null()) {
        all.insert("name".to_owned(), name.clone());
    }
    all.insert("unrendered".to_owned(), Json::Object(entry.unrendered.clone()));
    Json::Object(all)
}

/// JSON as Python writes it with its keys sorted: blanks behind `,` and `:`, and nothing but ASCII.
fn python_json(value: &Json) -> String {
    match value {
        Json::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            let entries = keys.into_iter().map(|key| format!("{}: {}", python_text(key), python_json(&map[key])));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(python_json).collect::<Vec<_>>().join(", ")),
        Json::String(text) => python_text(text),
        other => other.to_string(),
    }
}

fn python_text(text: &str) -> String {
    let mut out = String::new();
    for c in Json::from(text).to_string().chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// The text of a lock.
pub(super) fn text(packages: &[Pinned], hash: &str) -> String {
    let mut text = String::from("packages:\n");
    for package in packages {
        for (position, (key, value)) in entry(package).into_iter().enumerate() {
            let mark = if position == 0 { "  - " } else { "    " };
            text.push_str(&format!("{mark}{key}: {}\n", scalar(&value)));
        }
    }
    text.push_str(&format!("sha1_hash: {}\n", scalar(hash)));
    text
}

/// The keys of a package, sorted.
fn entry(package: &Pinned) -> Vec<(&'static str, String)> {
    let name = ("name", package.name.clone());
    match &package.source {
        PinnedSource::Hub { package, version, .. } => {
            vec![name, ("package", package.clone()), ("version", version.clone())]
        }
        PinnedSource::Git { unrendered, commit, subdirectory, .. } => {
            let mut entry = vec![("git", unrendered.clone()), name, ("revision", commit.clone())];
            entry.extend(subdirectory.clone().map(|subdirectory| ("subdirectory", subdirectory)));
            entry
        }
        PinnedSource::Local(path) => vec![("local", path.clone()), name],
        PinnedSource::Tarball { unrendered, .. } => vec![name, ("tarball", unrendered.clone())],
    }
}

/// A text in YAML, in quotes where it needs them.
pub(super) fn scalar(text: &str) -> String {
    serde_yaml::to_string(text).map_or_else(|_| format!("{text:?}"), |yaml| yaml.trim_end().to_owned())
}
