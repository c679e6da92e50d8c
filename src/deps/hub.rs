//! Packages of a hub: an index of versions, each with the address of its archive.

use serde::Deserialize;
use serde_json::Value as Json;

use super::{Context, WebError, unavailable};
use crate::base::IndexMap;
use crate::config::{Requirement, Version};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// The hub where the environment names none.
const DEFAULT_HUB: &str = "https://hub.getdbt.com/";

/// A package of a hub.
#[derive(Debug, Deserialize)]
pub(super) struct HubPackage {
    /// Its versions by their names.
    versions: IndexMap<String, HubVersion>,
    redirectnamespace: Option<String>,
    redirectname: Option<String>,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    name: String,
}

/// A version of a package.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct HubVersion {
    /// The name of the project in it.
    pub(super) name: String,
    /// What it asks for itself.
    #[serde(default)]
    pub(super) packages: Vec<Json>,
    /// Where it is.
    pub(super) downloads: Downloads,
    /// The versions of dbt that it works with.
    #[serde(default)]
    require_dbt_version: Json,
}

/// Where a version is.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Downloads {
    /// The archive.
    pub(super) tarball: String,
}

/// The version of a package that was chosen.
pub(super) struct Choice<'h> {
    /// Its name.
    pub(super) version: String,
    /// What the hub says of it.
    pub(super) found: &'h HubVersion,
    /// The newest that could have been chosen if nothing was required.
    pub(super) latest: String,
}

fn address(cx: &Context<'_>, name: &str) -> String {
    let base = cx.world.env("DBT_PACKAGE_HUB_URL").filter(|url| !url.is_empty());
    let base = base.unwrap_or_else(|| DEFAULT_HUB.to_owned());
    let slash = if base.ends_with('/') { "" } else { "/" };
    format!("{base}{slash}api/v1/{name}.json")
}

/// Asks the hub for a package.
pub(super) fn package(cx: &Context<'_>, package: &str, asked: Span) -> Result<HubPackage, Diagnostic> {
    let url = address(cx, package);
    let shown = cx.scrub(&url);
    let bytes = cx.web.get(&url).map_err(|error| match error {
        WebError::Status(404) => not_found(cx, package).at(asked),
        error => unavailable(format!("package `{package}` cannot be had from {shown}: {error}")).at(asked).help(
            "packages below the install path are used without a network; `DBT_PACKAGE_HUB_URL` names another hub",
        ),
    })?;
    let found: HubPackage = serde_json::from_slice(&bytes)
        .map_err(|error| unavailable(format!("{shown} is not what a hub says of a package: {error}")).at(asked))?;
    if found.redirectname.is_some() || found.redirectnamespace.is_some() {
        let namespace = found.redirectnamespace.as_deref().unwrap_or(&found.namespace);
        let name = found.redirectname.as_deref().unwrap_or(&found.name);
        tracing::warn!("package `{package}` is called `{namespace}/{name}` now: name it so in `packages.yml`");
    }
    Ok(found)
}

fn not_found(cx: &Context<'_>, package: &str) -> Diagnostic {
    let diagnostic = unavailable(format!("the hub has no package `{package}`"));
    let index = cx.web.get(&address(cx, "index")).ok();
    let names: Vec<String> = index.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    diagnostic.suggest_near(package, names.iter().map(String::as_str))
}

impl HubPackage {
    /// The newest version that satisfies all requirements.
    pub(super) fn choose(
        &self,
        cx: &Context<'_>,
        package: &str,
        required: &[Requirement],
        install_prerelease: bool,
    ) -> Result<Choice<'_>, Diagnostic> {
        let prerelease = install_prerelease || required.iter().any(Requirement::names_prerelease);
        let mut versions: Vec<(Version, &str, &HubVersion)> = self
            .versions
            .iter()
            .filter_map(|(text, found)| Some((Version::parse(text)?, text.as_str(), found)))
            .filter(|(version, ..)| prerelease || !version.is_prerelease())
            .collect();
        versions.sort_by(|a, b| a.0.cmp(&b.0));
        let fits = |(version, ..): &&(Version, &str, &HubVersion)| required.iter().all(|one| one.accepts(version));
        let works = |(.., found): &&(Version, &str, &HubVersion)| {
            !cx.request.version_check || found.works_with(&cx.dbt_versions)
        };
        let chosen = versions.iter().rev().filter(works).find(fits);
        let Some((_, version, found)) = chosen else {
            let wanted: Vec<String> = required.iter().map(Requirement::to_string).collect();
            let message = format!("no version of package `{package}` satisfies `{}`", wanted.join(", "));
            let diagnostic = unavailable(message);
            if let Some((_, version, _)) = versions.iter().rev().find(fits) {
                let note =
                    format!("{version} would, but it does not say that it works with dbt {}", shown(&cx.dbt_versions));
                return Err(diagnostic.note(note).help("`--no-version-check` installs it all the same"));
            }
            let known: Vec<&str> = versions.iter().rev().take(10).map(|(_, version, _)| *version).collect();
            return Err(diagnostic.note(format!("the newest versions are {}", known.join(", "))));
        };
        let latest =
            versions.iter().rev().find(works).map_or_else(String::new, |(_, version, _)| (*version).to_owned());
        Ok(Choice { version: (*version).to_owned(), found, latest })
    }
}

impl HubVersion {
    /// Whether it says that it works with a version of dbt; one that says nothing does.
    fn works_with(&self, dbt: &[Version]) -> bool {
        let texts: Vec<&str> = match &self.require_dbt_version {
            Json::String(text) => vec![text],
            Json::Array(items) => items.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let required: Vec<Requirement> =
            texts.iter().filter_map(|text| Requirement::parse_all(text)).flatten().collect();
        dbt.iter().any(|version| required.iter().all(|one| one.accepts(version)))
    }
}

fn shown(versions: &[Version]) -> String {
    versions.iter().map(Version::to_string).collect::<Vec<_>>().join(" or ")
}
