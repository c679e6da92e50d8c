//! From what packages ask for to one version of each.

use std::path::{Path, PathBuf};

use super::{Context, git, hub, tarball, unavailable};
use crate::base::{HashMap, HashSet, IndexMap};
use crate::config::{PackageEntry, PackageSpec, Requirement};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::load::Outline;
use crate::source::Span;
use crate::yaml::Node;

/// A package with its one version.
pub(super) struct Pinned {
    /// The name of the project in it.
    pub(super) name: String,
    /// Where it comes from.
    pub(super) source: PinnedSource,
}

/// Where a package with its one version comes from.
pub(super) enum PinnedSource {
    /// A hub.
    Hub { package: String, version: String, latest: String, tarball: String },
    /// A git repository; its files are in `folder`.
    Git { unrendered: String, commit: String, subdirectory: Option<String>, folder: PathBuf },
    /// A folder, relative to the project.
    Local(String),
    /// An archive; its files are in `folder`.
    Tarball { unrendered: String, folder: PathBuf },
}

/// All that is asked of one package, by whomever.
#[derive(Clone)]
struct Wanted {
    spec: PackageSpec,
    /// Of git repositories: all revisions that are named.
    revisions: Vec<String>,
    asked: Span,
}

/// Rounds after which a circle of packages that change each other's versions is given up.
const ROUNDS: usize = 100;

/// Follows what the project and its packages ask for until every package has one version.
pub(super) fn all(cx: &Context<'_>, outline: &Outline, diagnostics: &mut Diagnostics) -> Option<Vec<Pinned>> {
    let mut wanted: IndexMap<String, Wanted> = IndexMap::default();
    let mut pinned: HashMap<String, Pinned> = HashMap::default();
    let mut pending: Vec<String> = outline.packages.iter().filter_map(|entry| ask(&mut wanted, entry)).collect();
    for round in 0.. {
        if pending.is_empty() {
            break;
        }
        if round == ROUNDS {
            diagnostics.push(unavailable("packages ask for each other's versions in a circle"));
            return None;
        }
        let mut next = Vec::new();
        for key in pending {
            let Some((found, asks)) = diagnostics.take(pin(cx, &wanted[&key])) else { continue };
            pinned.insert(key, found);
            next.extend(asks.iter().filter_map(|entry| ask(&mut wanted, entry)));
        }
        let mut seen = HashSet::default();
        next.retain(|key| seen.insert(key.clone()));
        pending = next;
    }
    if diagnostics.has_errors() {
        return None;
    }
    let mut named: HashMap<String, Span> = HashMap::from_iter([(outline.name.clone(), Span::whole(outline.file))]);
    let mut all = Vec::new();
    for (key, wanted) in wanted {
        let Some(found) = pinned.remove(&key) else { continue };
        if let Some(known) = named.insert(found.name.clone(), wanted.asked) {
            let message = match found.name == outline.name {
                true => format!("a package is called `{}` like the project itself", found.name),
                false => format!("two packages are called `{}`", found.name),
            };
            let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, message).at(wanted.asked);
            diagnostics.push(diagnostic.label(known, "has the name already"));
        }
        all.push(found);
    }
    (!diagnostics.has_errors()).then_some(all)
}

/// The packages of a lock: each is as it stands there.
pub(super) fn locked(
    cx: &Context<'_>,
    packages: &[PackageEntry],
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Pinned>> {
    let mut all = Vec::new();
    for entry in packages {
        let mut wanted = IndexMap::default();
        let Some(key) = ask(&mut wanted, entry) else { continue };
        all.extend(diagnostics.take(pin(cx, &wanted[&key])).map(|(found, _)| found));
    }
    (!diagnostics.has_errors()).then_some(all)
}

/// Adds an entry to what is wanted; the key of the package when that changed something.
fn ask(wanted: &mut IndexMap<String, Wanted>, entry: &PackageEntry) -> Option<String> {
    let key = match &entry.spec {
        PackageSpec::Hub { package, .. } => format!("hub {package}"),
        PackageSpec::Git { url, subdirectory, .. } => {
            format!("git {} {}", url.strip_suffix(".git").unwrap_or(url), subdirectory.as_deref().unwrap_or_default())
        }
        PackageSpec::Local(path) => format!("local {path}"),
        PackageSpec::Tarball { url, .. } => format!("tarball {url}"),
    };
    let revision = match &entry.spec {
        PackageSpec::Git { revision, .. } => revision.clone(),
        _ => None,
    };
    let Some(known) = wanted.get_mut(&key) else {
        let revisions = revision.into_iter().collect();
        wanted.insert(key.clone(), Wanted { spec: entry.spec.clone(), revisions, asked: entry.span });
        return Some(key);
    };
    match (&mut known.spec, &entry.spec) {
        (
            PackageSpec::Hub { versions, install_prerelease, .. },
            PackageSpec::Hub { versions: more, install_prerelease: other, .. },
        ) => {
            let new: Vec<Requirement> = more.iter().filter(|one| !versions.contains(one)).cloned().collect();
            let changed = !new.is_empty() || (*other && !*install_prerelease);
            versions.extend(new);
            *install_prerelease |= other;
            changed.then_some(key)
        }
        (PackageSpec::Git { warn_unpinned, .. }, PackageSpec::Git { warn_unpinned: other, .. }) => {
            *warn_unpinned &= other;
            let new = revision.filter(|revision| !known.revisions.contains(revision))?;
            known.revisions.push(new);
            Some(key)
        }
        _ => None,
    }
}

/// The one version of a package, and what it asks for itself.
fn pin(cx: &Context<'_>, wanted: &Wanted) -> Result<(Pinned, Vec<PackageEntry>), Diagnostic> {
    let at =
        |diagnostic: Diagnostic| if diagnostic.labels.is_empty() { diagnostic.at(wanted.asked) } else { diagnostic };
    match &wanted.spec {
        PackageSpec::Hub { package, versions, install_prerelease } => {
            let found = hub::package(cx, package, wanted.asked)?;
            let chosen = found.choose(cx, package, versions, *install_prerelease).map_err(at)?;
            let asks = entries_of(&chosen.found.packages, wanted.asked);
            let source = PinnedSource::Hub {
                package: package.clone(),
                version: chosen.version,
                latest: chosen.latest,
                tarball: chosen.found.downloads.tarball.clone(),
            };
            Ok((Pinned { name: chosen.found.name.clone(), source }, asks))
        }
        PackageSpec::Git { url, unrendered, subdirectory, warn_unpinned, .. } => {
            let revision = revision(wanted, cx, url)?;
            if *warn_unpinned && revision.is_none_or(|revision| matches!(revision, "HEAD" | "main" | "master")) {
                let shown = cx.scrub(url);
                tracing::warn!("package {shown} is not pinned: name a `revision`, or set `warn-unpinned: false`");
            }
            let checkout = git::checkout(cx, url, revision).map_err(at)?;
            let folder = git::subfolder(cx, &checkout.folder, subdirectory.as_deref()).map_err(at)?;
            let outline = outline(cx, &folder, url).map_err(at)?;
            let source = PinnedSource::Git {
                unrendered: unrendered.clone(),
                commit: checkout.commit,
                subdirectory: subdirectory.clone(),
                folder,
            };
            Ok((Pinned { name: outline.name, source }, outline.packages))
        }
        PackageSpec::Local(path) => {
            let outline = outline(cx, &cx.root.join(path), path).map_err(at)?;
            Ok((Pinned { name: outline.name, source: PinnedSource::Local(path.clone()) }, outline.packages))
        }
        PackageSpec::Tarball { url, unrendered, name } => {
            let folder = tarball::unpack(cx, url).map_err(at)?;
            let outline = outline(cx, &folder, url).map_err(at)?;
            let source = PinnedSource::Tarball { unrendered: unrendered.clone(), folder };
            Ok((Pinned { name: name.clone(), source }, outline.packages))
        }
    }
}

fn revision<'w>(wanted: &'w Wanted, cx: &Context<'_>, url: &str) -> Result<Option<&'w str>, Diagnostic> {
    match wanted.revisions.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let message =
                format!("package {} is asked for at several revisions: {}", cx.scrub(url), several.join(", "));
            Err(unavailable(message).at(wanted.asked))
        }
    }
}

/// What the project file of a package says.
fn outline(cx: &Context<'_>, folder: &Path, origin: &str) -> Result<Outline, Diagnostic> {
    let mut diagnostics = Diagnostics::new();
    let outline = Outline::read(cx.renderer, folder, &cx.root, &mut diagnostics);
    match outline.filter(|_| !diagnostics.has_errors()) {
        Some(outline) => Ok(outline),
        None => {
            let message = format!("{} is no package: its `dbt_project.yml` cannot be read", cx.scrub(origin));
            let why = diagnostics.into_iter().map(|found| found.message.clone());
            Err(why.fold(unavailable(message), Diagnostic::note))
        }
    }
}

/// What the hub says that a package asks for. An entry that it does not understand itself would not have been taken up by it.
fn entries_of(packages: &[serde_json::Value], asked: Span) -> Vec<PackageEntry> {
    let list = Node::from_json(serde_json::Value::Array(packages.to_vec()), asked);
    PackageEntry::read_all(&list, &list, &mut Diagnostics::new())
}
