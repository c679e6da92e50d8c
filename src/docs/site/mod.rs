//! The documentation site: what is known of a project, in the data files that the page in `templates/site` reads.
//!
//! The contract between the two is `templates/site/ui/data.ts`; each file here makes one kind of data file and mirrors one part of it. What
//! is not in these mirrors does not get out: of profiles the target's name alone, of the environment who ran a command, of the machine no
//! path, of configs those that are listed. Nothing but `core.meta.generated` changes when nothing of the project and its runs does.

mod core;
mod data_file;
mod diff;
mod glossary;
mod lineage;
mod markdown;
mod node;
mod page;
mod past;
mod places;
mod public;
mod quality;
mod runs;
mod words;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value as Json;

use crate::analyze::{AllFacts, Analyses};
use crate::artifact::state::StateSources;
use crate::base::{HashMap, IndexSet};
use crate::compile::Compiled;
use crate::engine::Engine;
use crate::graph::state::Changes;
use crate::manifest::{Manifest, UniqueId};
use crate::session::Session;

use self::data_file::DataFile;
pub use self::page::{CHANGES, MARK, MARKED, SiteFile, folder, served, single_file};
pub use self::past::Past;
use self::places::Places;

/// How many nodes a shard holds.
const SHARD: usize = 128;

/// The version of the contract.
const VERSION: u32 = 1;

/// A project, as a site shows it.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The project.
    pub manifest: &'a Manifest,
    /// Whose secrets are kept, and whose time it is.
    pub session: &'a Session,
    /// What names types and relations.
    pub engine: &'a dyn Engine,
    /// What its SQL means.
    pub analyses: &'a Analyses,
    /// What is said of its columns.
    pub facts: &'a AllFacts,
    /// Its compiled SQL.
    pub compiled: &'a HashMap<UniqueId, Compiled>,
    /// What earlier commands did.
    pub past: &'a Past,
    /// How fresh its sources were when they were looked at last.
    pub freshness: Option<&'a StateSources>,
    /// How it differs from an earlier state, if that is asked for.
    pub changes: Option<&'a Changes>,
    /// Whether the SQL of nodes is shown.
    pub shows_sql: bool,
    /// The project's own rules of style, which go before the site's.
    pub stylesheet: Option<&'a str>,
}

/// Makes the data files of a site and hands over each as it is made, from several threads: all of them at once are large.
fn data_files<E: Send>(site: &Site<'_>, take: &(dyn Fn(DataFile) -> Result<(), E> + Sync)) -> Result<(), E> {
    let places = Places::of(site);
    let mut pieces = vec![Piece::Columns, Piece::Runs, Piece::Quality];
    pieces.extend(site.changes.map(Piece::Diff));
    pieces.extend((0..places.len().div_ceil(SHARD)).flat_map(|shard| [Piece::Nodes(shard), Piece::Lineage(shard)]));
    pieces.extend((0..site.past.records.len()).map(Piece::Run));
    let tests: Vec<_> = quality::pages(site, SHARD);
    pieces.extend(tests.iter().enumerate().map(|(shard, pages)| Piece::Tests(shard, pages)));
    let keys = pieces.iter().map(Piece::key).collect();
    take(file(site, "core", &core::core(site, &places, keys)))?;
    pieces.par_iter().try_for_each(|piece| take(piece.file(site, &places)))
}

/// A data file that is to be made.
enum Piece<'a> {
    Columns,
    Runs,
    Quality,
    Diff(&'a Changes),
    Nodes(usize),
    Lineage(usize),
    Run(usize),
    Tests(usize, &'a [quality::TestPage]),
}

impl Piece<'_> {
    /// What the page calls it.
    fn key(&self) -> String {
        match self {
            Piece::Columns => "cols".to_owned(),
            Piece::Runs => "runs".to_owned(),
            Piece::Quality => "quality".to_owned(),
            Piece::Diff(_) => "diff".to_owned(),
            Piece::Nodes(shard) => format!("n/{shard:03}"),
            Piece::Lineage(shard) => format!("cll/{shard:03}"),
            Piece::Run(at) => format!("run/{at}"),
            Piece::Tests(shard, _) => format!("t/{shard:03}"),
        }
    }

    fn file(&self, site: &Site<'_>, places: &Places<'_>) -> DataFile {
        let nodes = |shard: &usize| shard * SHARD..places.len().min((shard + 1) * SHARD);
        let key = self.key();
        match self {
            Piece::Columns => file(site, &key, &places.columns()),
            Piece::Runs => file(site, &key, &runs::runs(site)),
            Piece::Quality => file(site, &key, &quality::quality(site, places)),
            Piece::Diff(changes) => file(site, &key, &diff::diff(changes, places)),
            Piece::Nodes(shard) => file(site, &key, &node::pages(site, places, nodes(shard))),
            Piece::Lineage(shard) => file(site, &key, &lineage::edges(site, places, nodes(shard))),
            Piece::Run(at) => file(site, &key, &runs::run(site, places, *at)),
            Piece::Tests(_, pages) => file(site, &key, pages),
        }
    }
}

fn file(site: &Site<'_>, key: &str, data: &impl Serialize) -> DataFile {
    let json = serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned());
    DataFile { key: key.to_owned(), json: cleared(site, json) }
}

/// JSON whose texts have no secrets and no places of this machine in them. They should not get here; should one, it does not get out.
fn cleared(site: &Site<'_>, json: String) -> String {
    let folders = folders(site);
    if site.session.secrets.is_empty() && !folders.iter().any(|folder| json.contains(folder.as_str())) {
        return json;
    }
    let Ok(mut value) = serde_json::from_str(&json) else { return "null".to_owned() };
    clear(&mut value, &|text| {
        let text = site.session.scrub(text);
        folders.iter().fold(text, |text, folder| text.replace(folder.as_str(), ""))
    });
    value.to_string()
}

/// The folders of this machine that texts about the project may name: its own, and those of its sources' files.
fn folders(site: &Site<'_>) -> Vec<String> {
    let sources = site.manifest.sources.values().filter_map(|source| source.external.as_ref());
    let files =
        sources.flat_map(|external| external.locations.iter()).filter_map(|place| Some(place.rsplit_once('/')?.0));
    let own = site.session.root.display().to_string();
    let folders = std::iter::once(own.as_str()).chain(files.filter(|folder| folder.starts_with('/')));
    let folders: IndexSet<String> =
        folders.filter(|folder| folder.len() > 1).map(|folder| format!("{folder}/")).collect();
    folders.into_iter().collect()
}

/// Changes all texts of a value, the keys of maps too.
fn clear(value: &mut Json, change: &dyn Fn(&str) -> String) {
    match value {
        Json::String(text) => *text = change(text),
        Json::Array(items) => items.iter_mut().for_each(|item| clear(item, change)),
        Json::Object(map) => {
            for (key, mut item) in std::mem::take(map) {
                clear(&mut item, change);
                map.insert(change(&key), item);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::clear;

    #[test]
    fn texts_are_cleared_and_the_rest_stays() {
        let mut value = json!({ "v": 1, "k1": ["a1", null, { "x": "1\"1" }] });
        clear(&mut value, &|text| text.replace('1', "*"));
        assert_eq!(value, json!({ "v": 1, "k*": ["a*", null, { "x": "*\"*" }] }));
    }
}
