//! `packages.yml`, the `packages` of `dependencies.yml`, and `package-lock.yml`.

use serde_json::{Map, Value as Json};

use crate::config::Requirement;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Node};

/// A package that a project asks for.
#[derive(Clone, Debug)]
pub struct PackageEntry {
    /// Where it comes from.
    pub spec: PackageSpec,
    /// Where it is asked for.
    pub span: Span,
    /// The entry, rendered.
    pub values: Map<String, Json>,
    /// The entry as it was written.
    pub unrendered: Map<String, Json>,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageSpec {
    /// A hub.
    Hub {
        /// `namespace/name`.
        package: String,
        /// What is required of its version.
        versions: Vec<Requirement>,
        /// Whether versions before a release will do.
        install_prerelease: bool,
    },
    /// A git repository.
    Git {
        /// Its address.
        url: String,
        /// The address as it was written: it may hold a secret.
        unrendered: String,
        /// A branch, tag or commit.
        revision: Option<String>,
        /// The folder of the package in it.
        subdirectory: Option<String>,
        /// Whether to warn when no revision is named.
        warn_unpinned: bool,
    },
    /// A folder, relative to the project.
    Local(String),
    /// An archive.
    Tarball {
        /// Its address.
        url: String,
        /// The address as it was written.
        unrendered: String,
        /// The package's name.
        name: String,
    },
}

impl PackageEntry {
    /// Reads the list `packages` of a rendered document beside the list as it was written. Entries that cannot be understood are
    /// reported and left out.
    #[must_use]
    pub fn read_all(rendered: &Node, unrendered: &Node, diagnostics: &mut Diagnostics) -> Vec<Self> {
        let Some(items) = rendered.as_list() else {
            if !rendered.is_null() {
                let message = format!("`packages` must be a list, not {}", rendered.kind());
                diagnostics.push(Diagnostic::error(codes::YAML_TYPE, message).at(rendered.span));
            }
            return Vec::new();
        };
        let raw = unrendered.as_list().unwrap_or_default();
        let read = |(index, item)| Self::read(item, raw.get(index).unwrap_or(item), diagnostics);
        items.iter().enumerate().filter_map(read).collect()
    }

    fn read(node: &Node, unrendered: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a package", diagnostics)?;
        let values = node.as_map()?.to_json();
        let unrendered = unrendered.as_map().map(|map| map.to_json()).unwrap_or_default();
        let as_written = |key: &str| unrendered.get(key).and_then(Json::as_str).map(str::to_owned);
        fields.accept(&["name"]);
        let spec = if values.contains_key("local") {
            fields.required_text("local", node.span).map(|(path, _)| PackageSpec::Local(path))
        } else if values.contains_key("tarball") {
            let name = fields.required_text("name", node.span);
            let url = fields.required_text("tarball", node.span);
            name.zip(url).map(|((name, _), (url, _))| PackageSpec::Tarball {
                unrendered: as_written("tarball").unwrap_or_else(|| url.clone()),
                url,
                name,
            })
        } else if values.contains_key("git") {
            fields.required_text("git", node.span).map(|(url, _)| PackageSpec::Git {
                unrendered: as_written("git").unwrap_or_else(|| url.clone()),
                url,
                revision: fields.text("revision"),
                subdirectory: fields.text("subdirectory"),
                warn_unpinned: fields.flag("warn-unpinned").unwrap_or(true),
            })
        } else if values.contains_key("private") {
            let message = "a private package needs a provider that this tool does not talk to";
            fields.diagnostics().push(
                Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message)
                    .at(node.span)
                    .help("name the repository's address with `git:` instead"),
            );
            return None;
        } else if values.contains_key("package") {
            hub(&mut fields, node)
        } else {
            let message = "a package needs one of `package`, `git`, `local` and `tarball`";
            fields.diagnostics().push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(node.span));
            fields.accept(&["package", "git", "local", "tarball", "version", "revision"]);
            None
        };
        fields.finish("a package");
        Some(PackageEntry { spec: spec?, span: node.span, values, unrendered })
    }
}

fn hub(fields: &mut Fields<'_, '_>, node: &Node) -> Option<PackageSpec> {
    let (package, span) = fields.required_text("package", node.span)?;
    let install_prerelease = fields.flag("install_prerelease").unwrap_or(false);
    let texts = fields.texts("version");
    if package.split('/').filter(|part| !part.is_empty()).count() != 2 {
        let message = format!("`{package}` is not the name of a package on a hub");
        fields.diagnostics().push(
            Diagnostic::error(codes::CONFIG_VALUE, message)
                .at(span)
                .help("write `namespace/name`, as in `dbt-labs/dbt_utils`"),
        );
        return None;
    }
    let Some(texts) = texts else {
        if node.as_map().and_then(|map| map.get("version")).is_none_or(Node::is_null) {
            let message = format!("package `{package}` needs a `version`");
            fields.diagnostics().push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(span));
        }
        return None;
    };
    let mut versions = Vec::new();
    for text in texts {
        let Some(parsed) = Requirement::parse_all(&text) else {
            let message = format!("`{text}` is not a version or a range of versions");
            fields.diagnostics().push(
                Diagnostic::error(codes::CONFIG_VALUE, message)
                    .at(span)
                    .help("write `1.2.3` or `[\">=1.0.0\", \"<2.0.0\"]`"),
            );
            return None;
        };
        versions.extend(parsed);
    }
    Some(PackageSpec::Hub { package, versions, install_prerelease })
}
