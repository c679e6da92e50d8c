//! `core`: what every page needs.

use serde::Serialize;
use serde_json::Value as Json;

use super::glossary::{Term, overview, terms};
use super::markdown;
use super::places::{Places, hidden};
use super::quality::{Verdict, verdict};
use super::words::Words;
use super::{Site, VERSION, node};
use crate::artifact::state::{StateFreshness, StateSources};
use crate::base::{HashMap, IndexSet, Timestamp};
use crate::graph::Member;
use crate::manifest::{Access, ResourceType, TestKind, UniqueId};
use crate::session::commit;

/// The kinds of nodes, in the order in which a project is told of.
const KINDS: [&str; 10] = [
    "model",
    "source",
    "seed",
    "snapshot",
    "exposure",
    "metric",
    "semantic_model",
    "saved_query",
    "function",
    "analysis",
];

#[derive(Serialize)]
pub(super) struct Core {
    v: u32,
    meta: Meta,
    words: Dictionaries,
    nodes: Nodes,
    edges: Edges,
    together: Vec<Vec<usize>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shared: Vec<Vec<usize>>,
    freshness: Vec<(usize, Freshness)>,
    glossary: Vec<Term>,
}

#[derive(Serialize)]
struct Meta {
    project: String,
    generated: Timestamp,
    transform: &'static str,
    target: String,
    engine: String,
    git: Option<Git>,
    layers: Vec<String>,
    lang: Option<&'static str>,
    files: Vec<String>,
    sql: bool,
    overview: String,
    counts: Counts,
}

#[derive(Serialize)]
struct Git {
    commit: String,
    branch: Option<String>,
}

#[derive(Default, Serialize)]
struct Counts {
    columns: usize,
    nodes: usize,
    described_columns: usize,
    described_nodes: usize,
    tested_nodes: usize,
    tests: usize,
}

#[derive(Serialize)]
struct Dictionaries {
    kind: Words,
    layer: Words,
    folder: Words,
    owner: Words,
    tag: Words,
    materialized: Words,
    package: Words,
    group: Words,
    status: Words,
    patch: Words,
}

#[derive(Default, Serialize)]
struct Nodes {
    id: Vec<String>,
    name: Vec<String>,
    kind: Vec<i32>,
    layer: Vec<i32>,
    folder: Vec<i32>,
    owner: Vec<i32>,
    tags: Vec<Vec<i32>>,
    materialized: Vec<i32>,
    package: Vec<i32>,
    group: Vec<i32>,
    path: Vec<String>,
    access: Vec<i8>,
    head: Vec<String>,
    status: Vec<i32>,
    tested: Vec<u8>,
    tests: Vec<u32>,
    took: Vec<i64>,
    patch: Vec<i32>,
    versions: Vec<(usize, &'static str)>,
}

/// How fresh a source was found to be.
#[derive(Serialize)]
struct Freshness {
    status: String,
    loaded: Option<String>,
    checked: Option<String>,
    age: Option<f64>,
    warn_after: Option<i64>,
    error_after: Option<i64>,
}

#[derive(Default, Serialize)]
struct Edges {
    src: Vec<usize>,
    dst: Vec<usize>,
}

/// What the lists of nodes say of one, as words.
struct Row<'a> {
    member: &'a Member<'a>,
    layer: Option<&'a str>,
    folder: String,
    owner: Option<String>,
    materialized: Option<&'a str>,
    group: Option<&'a str>,
    status: Option<String>,
    took: Option<i64>,
}

/// The tests of a node: how many, and the worst that one ended with.
#[derive(Clone, Copy, Default)]
struct Tested {
    tests: u32,
    worst: u8,
}

/// The core of a site of which these files are written.
pub(super) fn core(site: &Site<'_>, places: &Places<'_>, files: Vec<String>) -> Core {
    let rows: Vec<Row<'_>> = places.members().iter().map(|member| row(site, member)).collect();
    let words = dictionaries(site, &rows);
    let tested = tested(site, places);
    let mut nodes = Nodes::default();
    for (row, tested) in rows.iter().zip(&tested) {
        nodes.push(row, *tested, &words);
    }
    let generated = site.session.world.now();
    let git = commit(site.session.world.as_ref(), &site.session.root);
    let counts = counts(site, places, &tested);
    let meta = Meta {
        project: site.manifest.project.clone(),
        generated,
        transform: env!("CARGO_PKG_VERSION"),
        target: site.session.target.name.clone(),
        engine: site.session.target.kind.clone(),
        git: git.map(|commit| Git { commit: commit.id, branch: commit.branch }),
        layers: site.manifest.layers.clone(),
        lang: None,
        files,
        sql: site.shows_sql,
        overview: overview(site),
        counts,
    };
    Core {
        v: VERSION,
        meta,
        words,
        nodes,
        edges: edges(places),
        together: together(site, places),
        shared: shared(site, places),
        freshness: places
            .members()
            .iter()
            .enumerate()
            .filter_map(|(at, member)| Some((at, freshness(site, member)?)))
            .collect(),
        glossary: terms(site),
    }
}

impl Nodes {
    fn push(&mut self, row: &Row<'_>, tested: Tested, words: &Dictionaries) {
        let member = row.member;
        let name = name(member);
        // What follows from the rest is not written.
        let is_usual = format!("{}.{}.{name}", member.kind, member.package) == member.id.as_str();
        self.id.push(if is_usual { String::new() } else { member.id.to_string() });
        let slash = if row.folder.is_empty() { "" } else { "/" };
        let is_usual = member.path == format!("models/{}{slash}{name}.sql", row.folder);
        self.path.push(if is_usual { String::new() } else { member.path.to_owned() });
        self.versions.extend(version(member).map(|version| (self.name.len(), version)));
        self.name.push(name);
        self.kind.push(words.kind.place(Some(member.kind)));
        self.layer.push(words.layer.place(row.layer));
        self.folder.push(words.folder.place(Some(&row.folder)));
        self.owner.push(words.owner.place(row.owner.as_deref()));
        self.tags.push(member.tags.iter().map(|tag| words.tag.place(Some(tag))).collect());
        self.materialized.push(words.materialized.place(row.materialized));
        self.package.push(words.package.place(Some(member.package)));
        self.group.push(words.group.place(row.group));
        self.access.push(access(member));
        self.head.push(markdown::head(node::description(member)));
        self.status.push(words.status.place(row.status.as_deref()));
        self.tested.push(tested.worst);
        self.tests.push(tested.tests);
        self.took.push(row.took.unwrap_or(-1));
        self.patch.push(words.patch.place(member.patch_path));
    }
}

fn row<'a>(site: &Site<'a>, member: &'a Member<'a>) -> Row<'a> {
    let last = site.past.of_node(member.id.as_str()).next();
    let built = site.past.of_node(member.id.as_str()).find(|(_, result)| result.status != "skipped");
    let freshness = site.freshness.and_then(|sources| freshness_of(sources, member.id));
    let status = match member.source {
        Some(_) => {
            freshness.map(|found| found.status.clone()).or_else(|| last.map(|(_, result)| result.status.clone()))
        }
        None => last.map(|(_, result)| result.status.clone()),
    };
    let took = built.and_then(|(_, result)| Some((result.finished_at?.0 - result.began_at?.0).num_milliseconds()));
    Row {
        member,
        layer: site.manifest.layer(member.id),
        folder: folder(member),
        owner: owner(site, member),
        materialized: member
            .node
            .filter(|node| node.resource == ResourceType::Model)
            .and_then(|node| node.config.values.get("materialized"))
            .and_then(Json::as_str),
        group: member.node.and_then(|node| node.group.as_deref()),
        status,
        took,
    }
}

fn dictionaries(site: &Site<'_>, rows: &[Row<'_>]) -> Dictionaries {
    let layers = site.manifest.layers.iter().map(String::as_str);
    Dictionaries {
        kind: Words::of(KINDS),
        layer: Words::of(layers),
        folder: Words::sorted(rows.iter().map(|row| row.folder.as_str())),
        owner: Words::sorted(rows.iter().filter_map(|row| row.owner.as_deref())),
        tag: Words::sorted(rows.iter().flat_map(|row| row.member.tags.iter().map(String::as_str))),
        materialized: Words::sorted(rows.iter().filter_map(|row| row.materialized)),
        package: Words::sorted(rows.iter().map(|row| row.member.package)),
        group: Words::sorted(rows.iter().filter_map(|row| row.group)),
        patch: Words::sorted(rows.iter().filter_map(|row| row.member.patch_path)),
        status: Words::sorted(rows.iter().filter_map(|row| row.status.as_deref())),
    }
}

/// What people call a node.
pub(super) fn name(member: &Member<'_>) -> String {
    match (member.source, member.version()) {
        (Some(source), _) => format!("{}.{}", source.source, source.name),
        (None, Some(version)) => format!("{}.v{version}", member.name),
        (None, None) => member.name.to_owned(),
    }
}

/// What the version of a model is beside the one that `ref` means, if it has versions.
fn version(member: &Member<'_>) -> Option<&'static str> {
    let node = member.node?;
    let (own, latest) = (node.version.as_ref()?, node.latest_version.as_ref()?);
    Some(match own.compare(latest) {
        std::cmp::Ordering::Less => "old",
        std::cmp::Ordering::Equal => "latest",
        std::cmp::Ordering::Greater => "prerelease",
    })
}

/// The folders below the folder of the node's kind; of sources the source's name.
fn folder(member: &Member<'_>) -> String {
    match (member.source, member.fqn) {
        (Some(source), _) => source.source.clone(),
        // Package, folders, name.
        (None, [_, folders @ .., _]) => folders.join("/"),
        (None, _) => String::new(),
    }
}

/// Who is asked about a node: the owner of its group or of itself.
fn owner(site: &Site<'_>, member: &Member<'_>) -> Option<String> {
    let named = |owner: &serde_json::Map<String, Json>| {
        let text = |key: &str| owner.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
        text("name").or_else(|| text("email")).map(str::to_owned)
    };
    let of_meta = || match member.config.get("meta")?.get("owner")? {
        Json::String(owner) => Some(owner.trim_start_matches('@').to_owned()),
        Json::Object(owner) => named(owner),
        _ => None,
    };
    let of_group = || {
        let group = member.node?.group.as_deref()?;
        let group = site.manifest.groups.values().find(|known| known.name == group && known.package == member.package);
        named(&group?.owner)
    };
    let of_exposure = || named(&site.manifest.exposures.get(member.id)?.properties.owner);
    of_exposure().or_else(of_meta).or_else(of_group)
}

fn access(member: &Member<'_>) -> i8 {
    match member.node.filter(|node| node.resource == ResourceType::Model).map(|node| node.access) {
        None => -1,
        Some(Access::Private) => 0,
        Some(Access::Protected) => 1,
        Some(Access::Public) => 2,
    }
}

/// The edges between nodes that have pages; of a test's the site tells elsewhere.
fn edges(places: &Places<'_>) -> Edges {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for dst in 0..places.len() {
        pairs.extend(places.parents(dst).into_iter().map(|src| (src, dst)));
    }
    pairs.sort_unstable();
    let (src, dst) = pairs.into_iter().unzip();
    Edges { src, dst }
}

/// The nodes that a test reads, where it reads several: each list once, sorted.
fn together(site: &Site<'_>, places: &Places<'_>) -> Vec<Vec<usize>> {
    let mut together = read_by(site, places, |_| true);
    together.sort_unstable();
    together.dedup();
    together
}

/// The nodes that count the same test, for each test that is a query of its own and reads several.
fn shared(site: &Site<'_>, places: &Places<'_>) -> Vec<Vec<usize>> {
    let mut shared = read_by(site, places, |test| matches!(test, TestKind::Singular));
    shared.sort_unstable();
    shared
}

/// The places of what these tests read, sorted, where it is several.
fn read_by(site: &Site<'_>, places: &Places<'_>, is_meant: impl Fn(&TestKind) -> bool) -> Vec<Vec<usize>> {
    let tests = site.manifest.nodes.values().filter(|node| node.test.as_ref().is_some_and(&is_meant));
    let read = tests.map(|test| {
        let mut read: Vec<usize> = test.depends_on.iter().filter_map(|id| places.place(id)).collect();
        read.sort_unstable();
        read.dedup();
        read
    });
    read.filter(|read| read.len() > 1).collect()
}

fn freshness(site: &Site<'_>, member: &Member<'_>) -> Option<Freshness> {
    let source = member.source?;
    let found = freshness_of(site.freshness?, &source.id)?;
    let allowed = source.config.values.get("freshness");
    let seconds = |key: &str| {
        let age = allowed?.get(key)?;
        let unit = match age.get("period")?.as_str()? {
            "minute" => 60,
            "hour" => 3_600,
            _ => 86_400,
        };
        Some(age.get("count")?.as_i64()? * unit)
    };
    Some(Freshness {
        status: found.status.clone(),
        loaded: found.max_loaded_at.clone(),
        checked: found.snapshotted_at.clone(),
        age: found.max_loaded_at_time_ago_in_s,
        warn_after: seconds("warn_after"),
        error_after: seconds("error_after"),
    })
}

/// How fresh a source was found to be.
fn freshness_of<'s>(sources: &'s StateSources, id: &UniqueId) -> Option<&'s StateFreshness> {
    sources.results.iter().find(|result| result.unique_id == id.as_str())
}

fn tested(site: &Site<'_>, places: &Places<'_>) -> Vec<Tested> {
    let mut all = vec![Tested::default(); places.len()];
    let mut add = |node: Option<&UniqueId>, test: &UniqueId| {
        let Some(tested) = node.and_then(|node| places.place(node)).and_then(|place| all.get_mut(place)) else {
            return;
        };
        tested.tests += 1;
        let worst = match verdict(site.past, test.as_str()).map(|(verdict, _)| verdict) {
            None | Some(Verdict::NotRun | Verdict::Skipped) => 0,
            Some(Verdict::Pass) => 1,
            Some(Verdict::Warn) => 2,
            Some(Verdict::Fail | Verdict::Error) => 3,
        };
        tested.worst = tested.worst.max(worst);
    };
    for node in site.manifest.nodes.values() {
        match &node.test {
            // A query of its own is a test of all that it reads.
            Some(TestKind::Singular) => {
                let read: IndexSet<&UniqueId> = node.depends_on.iter().collect();
                read.into_iter().for_each(|read| add(Some(read), &node.id));
            }
            Some(TestKind::Generic(_)) => add(super::quality::tested(node), &node.id),
            None => {}
        }
    }
    for test in site.manifest.unit_tests.values() {
        add(test.depends_on.first(), &test.id);
    }
    all
}

fn counts(site: &Site<'_>, places: &Places<'_>, tested: &[Tested]) -> Counts {
    let hidden = hidden(site.manifest);
    let data = site.manifest.nodes.values().filter(|node| node.test.is_some()).map(|node| &node.id);
    let tests = data.chain(site.manifest.unit_tests.keys()).filter(|id| !hidden.contains(id.as_str()));
    let mut counts = Counts { tests: tests.count(), ..Counts::default() };
    let relations: HashMap<usize, &Member<'_>> = places
        .members()
        .iter()
        .enumerate()
        .filter(|(_, member)| matches!(member.kind, "model" | "source" | "seed" | "snapshot"))
        .collect();
    counts.nodes = relations.len();
    for (place, member) in &relations {
        counts.described_nodes += usize::from(!node::description(member).trim().is_empty());
        counts.tested_nodes += usize::from(tested[*place].tests > 0);
        let columns = places.columns_of(*place);
        counts.columns += columns.len();
        counts.described_columns += columns.iter().filter(|name| node::is_described(site, member, name)).count();
    }
    counts
}
