//! The page itself: the shell of `templates/site`, with the script and the style that are built from its sources and committed beside them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minijinja::{Environment, context};
use sha2::{Digest as _, Sha256};

use super::data_file::DataFile;
use super::{Site, cleared, data_files, public};

const SHELL: &str = include_str!("../../../templates/site/index.html");
const SCRIPT: &str = include_str!("../../../templates/site/app.js");
const LIVE: &str = include_str!("../../../templates/site/live.js");
const STYLE: &str = include_str!("../../../templates/site/app.css");
const THIRD_PARTY: &str = include_str!("../../../templates/site/THIRD_PARTY.txt");

/// Where a served site asks for events: one called `changed` says that it has.
pub const CHANGES: &str = "/changes";

/// The file by which the folder of a site is known, and how it begins.
pub const MARK: &str = "data/core.js";
/// See [`MARK`].
pub const MARKED: &[u8] = b"T.put('core','";

/// A file of a site.
#[derive(Clone, Debug)]
pub struct SiteFile {
    /// Its path below the site's folder, with `/`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl SiteFile {
    fn of<'t>(path: &str, text: impl Into<Cow<'t, str>>) -> Self {
        SiteFile { path: path.to_owned(), bytes: text.into().into_owned().into_bytes() }
    }
}

/// Hands over the files of a site that is a folder, each as it is made and from several threads. The site opens from disk as from a server,
/// and loads its data in pieces.
///
/// # Errors
/// The first of `take`.
pub fn folder<E>(site: &Site<'_>, take: &(dyn Fn(SiteFile) -> Result<(), E> + Sync)) -> Result<(), E>
where
    E: Send + From<minijinja::Error>,
{
    files(site, shell(site, &policy("'self'", "'self'"), context! {})?, take)
}

/// The files of a site that is served, and shows itself anew when [`CHANGES`] says that it has changed.
///
/// # Errors
/// When the shell cannot be rendered.
pub fn served(site: &Site<'_>) -> Result<Vec<SiteFile>, minijinja::Error> {
    let policy = format!("{}; connect-src 'self'", policy("'self'", "'self'"));
    let made = Mutex::new(vec![SiteFile::of("assets/live.js", LIVE)]);
    let take = |file| {
        made.lock().unwrap_or_else(PoisonError::into_inner).push(file);
        Ok::<_, minijinja::Error>(())
    };
    files(site, shell(site, &policy, context! { live => true })?, &take)?;
    Ok(made.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn files<E: Send>(site: &Site<'_>, page: String, take: &(dyn Fn(SiteFile) -> Result<(), E> + Sync)) -> Result<(), E> {
    take(SiteFile::of("index.html", page))?;
    take(SiteFile::of("assets/app.js", SCRIPT))?;
    take(SiteFile::of("assets/app.css", style(site)))?;
    take(SiteFile::of("assets/THIRD_PARTY.txt", THIRD_PARTY))?;
    take(SiteFile::of("manifest.json", cleared(site, public::manifest(site))))?;
    data_files(site, &|file| take(SiteFile::of(&format!("data/{}.js", file.key), file.script())))
}

/// A site that is one file.
///
/// # Errors
/// When the shell cannot be rendered.
pub fn single_file(site: &Site<'_>) -> Result<SiteFile, minijinja::Error> {
    let blocks = Mutex::new(BTreeMap::new());
    let take = |file: DataFile| {
        blocks.lock().unwrap_or_else(PoisonError::into_inner).insert(file.key.clone(), file.block());
        Ok::<_, Infallible>(())
    };
    let Ok(()) = data_files(site, &take);
    let blocks: String = blocks.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect();
    let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    let style = style(site);
    let policy = policy(&hash(SCRIPT), &hash(&style));
    let page = shell(site, &policy, context! { script => SCRIPT, style, blocks => blocks })?;
    Ok(SiteFile::of("index.html", page))
}

/// The rules of style, the project's own last. They can only be rules: in a single file nothing of them ends the element that they are in.
fn style(site: &Site<'_>) -> Cow<'static, str> {
    match site.stylesheet {
        Some(own) => Cow::Owned(format!("{STYLE}\n{}", own.replace("</", "<\\/"))),
        None => Cow::Borrowed(STYLE),
    }
}

/// What the page may do: run its own script, and nothing that comes in with a description; it talks to nobody.
fn policy(script: &str, style: &str) -> String {
    format!(
        "default-src 'none'; script-src {script}; style-src {style}; img-src 'self' data: blob:; worker-src blob:; \
         base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types docs"
    )
}

fn shell(site: &Site<'_>, policy: &str, parts: minijinja::Value) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template("index.html", SHELL)?;
    let title = &site.manifest.project;
    environment.get_template("index.html")?.render(context! { lang => "en", title, csp => policy, ..parts })
}
