//! What installing packages needs of a project: its name, where packages go, and which ones it asks for. Neither profile nor target
//! have to exist for that.

use std::path::Path;

use super::{ProjectDocument, Renderer};
use crate::config::PackageEntry;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileId, FileKind};
use crate::yaml::Node;

/// The outline of a project.
#[derive(Clone, Debug)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// Its project file.
    pub file: FileId,
    /// The folder of installed packages, relative to the project.
    pub install_path: String,
    /// The packages that it asks for.
    pub packages: Vec<PackageEntry>,
}

impl Outline {
    /// Reads the project in `folder`; messages show paths relative to `root`.
    pub fn read(renderer: &Renderer, folder: &Path, root: &Path, diagnostics: &mut Diagnostics) -> Option<Self> {
        let document = ProjectDocument::read(renderer, folder, root, diagnostics)?;
        let file = document.root.span.file;
        let mut text = |key: &str| -> Option<String> {
            let mut node = document.root.as_map()?.get(key)?.clone();
            renderer.render(&mut node, &|_| true, diagnostics);
            node.scalar()
        };
        let name = text("name");
        let install_path = text("packages-install-path").unwrap_or_else(|| "dbt_packages".to_owned());
        let Some(name) = name else {
            let message = "`name` is missing";
            diagnostics.push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(document.root.span));
            return None;
        };
        let packages = packages(renderer, folder, root, diagnostics);
        Some(Outline { name, file, install_path, packages })
    }
}

/// The packages that a project asks for: in `packages.yml`, else in `dependencies.yml`.
pub(super) fn packages(
    renderer: &Renderer,
    folder: &Path,
    root: &Path,
    diagnostics: &mut Diagnostics,
) -> Vec<PackageEntry> {
    let mut list = |name: &str, others: &[&str]| -> Option<Node> {
        let path = folder.join(name);
        if renderer.world().kind(&path) != Some(FileKind::File) {
            return None;
        }
        let node = renderer.read(&path, root, diagnostics)?;
        if node.is_null() {
            return None;
        }
        let Some(map) = node.as_map() else {
            let message = format!("`{name}` must be a mapping, not {}", node.kind());
            diagnostics.push(Diagnostic::error(codes::YAML_TYPE, message).at(node.span));
            return None;
        };
        for entry in map.iter().filter(|entry| entry.key != "packages" && !others.contains(&entry.key.as_str())) {
            let message = format!("`{name}` has no key `{}`", entry.key);
            let diagnostic = Diagnostic::warning(codes::YAML_UNKNOWN_KEY, message).at(entry.key_span);
            diagnostics.push(diagnostic.suggest_near(&entry.key, others.iter().copied().chain(["packages"])));
        }
        if let Some(projects) = map.get("projects").and_then(Node::as_list).filter(|projects| !projects.is_empty()) {
            let message = "`projects` is a feature of dbt's platform: models of other projects cannot be referred to";
            diagnostics.push(
                Diagnostic::new(codes::NOT_SUPPORTED_YET, crate::diagnostic::Severity::Note, message)
                    .at(projects.first().map_or(node.span, |project| project.span)),
            );
        }
        map.get("packages").cloned()
    };
    let (own, dependencies) = (list("packages.yml", &[]), list("dependencies.yml", &["projects"]));
    if let (Some(own), Some(other)) = (&own, &dependencies) {
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_VALUE, "packages are listed in `packages.yml` and in `dependencies.yml`")
                .at(other.span)
                .label(own.span, "and here")
                .help("keep one of the lists"),
        );
    }
    let Some(written) = own.or(dependencies) else { return Vec::new() };
    let mut rendered = written.clone();
    renderer.render(&mut rendered, &|_| true, diagnostics);
    PackageEntry::read_all(&rendered, &written, diagnostics)
}
