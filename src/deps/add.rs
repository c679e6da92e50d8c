//! `--add-package`: an entry more in `packages.yml`; the rest of the file stays as it is.

use std::path::Path;

use super::lock::scalar;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileKind, World};

/// A package to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Its name on the hub, its address or its folder.
    pub name: String,
    /// Its version or revision; several conditions with commas between.
    pub version: Option<String>,
    /// What the name is.
    pub source: PackageSource,
}

/// Where a package to add comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PackageSource {
    /// A hub.
    #[default]
    Hub,
    /// A git repository.
    Git,
    /// A folder.
    Local,
}

impl Addition {
    /// Reads `name@version`.
    ///
    /// # Errors
    /// When a package of a hub has no version.
    pub fn parse(text: &str, source: PackageSource) -> Result<Self, Diagnostic> {
        // The `@` of `git@host:owner/name` is none of ours.
        let split = text.rsplit_once('@').filter(|(name, version)| {
            !name.is_empty() && !version.is_empty() && (source == PackageSource::Hub || !version.contains(['/', ':']))
        });
        let (name, version) = split.map_or((text, None), |(name, version)| (name, Some(version.to_owned())));
        if source == PackageSource::Hub && version.is_none() {
            return Err(Diagnostic::error(codes::ARGUMENT, format!("`--add-package {text}` names no version"))
                .help("write `namespace/name@1.2.3` or `namespace/name@>=1.0.0,<2.0.0`"));
        }
        Ok(Addition { name: name.to_owned(), version, source })
    }

    /// The lines of its entry, without indentation.
    fn lines(&self) -> Vec<String> {
        let (key, version_key) = match self.source {
            PackageSource::Hub => ("package", "version"),
            PackageSource::Git => ("git", "revision"),
            PackageSource::Local => ("local", "version"),
        };
        let mut lines = vec![format!("{key}: {}", scalar(&self.name))];
        if let Some(version) = self.version.as_ref().filter(|_| self.source != PackageSource::Local) {
            let shown = match version.split(',').map(scalar).collect::<Vec<_>>().as_slice() {
                [one] => one.clone(),
                several => format!("[{}]", several.join(", ")),
            };
            lines.push(format!("{version_key}: {shown}"));
        }
        lines
    }

    /// Whether an entry of the list, given as its lines, is the same package.
    fn is(&self, entry: &[&str]) -> bool {
        let short = |text: &str| {
            let text = text.trim().trim_matches(['"', '\'']).trim_end_matches('/');
            let text = text.strip_suffix(".git").unwrap_or(text);
            text.rsplit(['/', ':']).next().unwrap_or(text).replace('-', "_")
        };
        let own = short(&self.name);
        entry.iter().any(|line| {
            let line = line.trim_start().trim_start_matches("- ").trim_start();
            let value = ["package:", "git:", "local:"].iter().find_map(|key| line.strip_prefix(key));
            value.is_some_and(|value| short(value.split(" #").next().unwrap_or(value)) == own)
        })
    }
}

/// Adds an entry to the file of the project in `root` that lists packages; an entry of the same package gives way to it. The name of
/// the file.
pub(super) fn to_file(world: &dyn World, root: &Path, addition: &Addition) -> Result<&'static str, Diagnostic> {
    let text_of = |name: &str| match world.kind(&root.join(name)) {
        Some(FileKind::File) => world.read(&root.join(name)).ok().and_then(|bytes| String::from_utf8(bytes).ok()),
        _ => None,
    };
    let lists = |text: &Option<String>| {
        text.as_ref().is_some_and(|text| text.lines().any(|line| line.starts_with("packages:")))
    };
    let dependencies = text_of("dependencies.yml");
    let (name, text) = match text_of("packages.yml") {
        None if lists(&dependencies) => ("dependencies.yml", dependencies),
        text => ("packages.yml", text),
    };
    let changed = with_entry(&text.unwrap_or_default(), addition).ok_or_else(|| {
        Diagnostic::error(codes::CONFIG_VALUE, format!("the list of packages in `{name}` cannot be added to"))
            .help("write the list with a line `- …` for each package")
    })?;
    world
        .write(&root.join(name), changed.as_bytes())
        .map_err(|error| Diagnostic::error(codes::FILE_UNWRITABLE, format!("`{name}` cannot be written: {error}")))?;
    Ok(name)
}

/// The text with the entry behind the others; `None` when the list is not written line by line.
pub(super) fn with_entry(text: &str, addition: &Addition) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(key) = lines.iter().position(|line| line.starts_with("packages:")) else {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return Some(format!("{text}{gap}packages:\n{}", entry(addition, 2)));
    };
    let behind = lines[key]["packages:".len()..].split('#').next().unwrap_or_default().trim();
    let head = match behind {
        "" => lines[key].to_owned(),
        "[]" => "packages:".to_owned(),
        _ => return None,
    };
    let is_text = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_item = |line: &str, depth: usize| indent(line) == depth && line.trim_start().starts_with('-');
    let first = lines[key + 1..].iter().find(|line| is_text(line)).filter(|line| line.trim_start().starts_with('-'));
    let depth = first.map_or(2, |line| indent(line));
    let in_list = |line: &&str| !is_text(line) || indent(line) > depth || is_item(line, depth);
    let mut end = key + 1 + lines[key + 1..].iter().take_while(|line| first.is_some() && in_list(line)).count();
    // What stands between the list and what follows belongs to that.
    while end > key + 1 && !is_text(&lines[end - 1]) {
        end -= 1;
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut rest = &lines[key + 1..end];
    while let Some(line) = rest.first() {
        let length = if is_item(line, depth) && is_text(line) {
            1 + rest[1..].iter().take_while(|line| !is_text(line) || !is_item(line, depth)).count()
        } else {
            1
        };
        let (item, others) = rest.split_at(length);
        if length == 1 && !is_item(line, depth) || !addition.is(item) {
            kept.extend(item);
        }
        rest = others;
    }
    let mut out: Vec<String> = lines[..key].iter().map(|line| (*line).to_owned()).collect();
    out.push(head);
    out.extend(kept.into_iter().map(str::to_owned));
    out.push(entry(addition, depth).trim_end().to_owned());
    out.extend(lines[end..].iter().map(|line| (*line).to_owned()));
    Some(out.join("\n") + "\n")
}

fn entry(addition: &Addition, depth: usize) -> String {
    let indent = " ".repeat(depth);
    let lines = addition.lines().into_iter().enumerate();
    lines.map(|(position, line)| format!("{indent}{}{line}\n", if position == 0 { "- " } else { "  " })).collect()
}
