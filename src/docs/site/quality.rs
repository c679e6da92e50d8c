//! `quality`: the tests, and how they ended.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::places::{Places, hidden};
use super::{Past, Site, markdown};
use crate::artifact::history::NodeRecord;
use crate::base::{IndexMap, Timestamp};
use crate::manifest::{Node, TestKind, TestSeverity, UniqueId, UnitTest};

/// The most earlier outcomes that are told of a test.
const HISTORY: usize = 30;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Pass,
    Warn,
    Fail,
    Error,
    Skipped,
    NotRun,
}

#[derive(Serialize)]
pub(super) struct Quality {
    tests: Vec<Test>,
    trend: Vec<Trend>,
}

#[derive(Serialize)]
struct Trend {
    run: usize,
    counts: IndexMap<Verdict, u64>,
}

/// A test; what is absent is what is usual.
#[derive(Serialize)]
struct Test {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    node: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    dimension: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    status: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    failures: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    history: Vec<(usize, Verdict, Option<u64>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    streak: usize,
}

/// What the page of a test shows besides.
#[derive(Serialize)]
pub(super) struct TestPage {
    path: String,
    html: String,
    config: Map<String, Json>,
    sql: Option<String>,
    stored: Option<String>,
}

/// What a test is, before it has run.
struct Asked<'a> {
    id: &'a UniqueId,
    name: &'a str,
    kind: &'a str,
    node: Option<&'a UniqueId>,
    /// Of a test that is a query of its own: the node that it is.
    query: Option<&'a Node>,
    column: Option<String>,
    dimension: &'static str,
    severity: TestSeverity,
    path: &'a str,
    description: &'a str,
    config: Map<String, Json>,
}

/// The tests of a project, sorted by id.
fn asked<'a>(site: &Site<'a>) -> Vec<Asked<'a>> {
    let hidden = hidden(site.manifest);
    let data = site.manifest.nodes.values().filter_map(|node| data_test(node));
    let unit = site.manifest.unit_tests.values().map(|test| unit_test(test));
    let mut asked: Vec<Asked<'_>> = data.chain(unit).filter(|asked| !hidden.contains(asked.id.as_str())).collect();
    asked.sort_by(|one, other| one.id.cmp(other.id));
    asked
}

/// The tests of a project, and how they ended in earlier commands.
pub(super) fn quality(site: &Site<'_>, places: &Places<'_>) -> Quality {
    let tests = asked(site).into_iter().map(|asked| test(site.past, places, asked));
    Quality { tests: tests.collect(), trend: trend(site.past) }
}

/// `t/<shard>`: the pages of tests, in pieces of this many.
pub(super) fn pages(site: &Site<'_>, size: usize) -> Vec<Vec<TestPage>> {
    let page = |asked: &Asked<'_>| TestPage {
        path: asked.path.to_owned(),
        html: markdown::html(asked.description),
        config: asked.config.clone(),
        sql: asked.query.filter(|_| site.shows_sql).and_then(|node| {
            let span = node.template_span(&site.session.sources)?;
            Some(site.session.sources.get(span.file).text().get(span.range())?.to_owned())
        }),
        stored: site
            .manifest
            .relation(asked.id)
            .map(|relation| relation.render_with(site.session.dialect, site.session.quoting)),
    };
    asked(site).chunks(size).map(|tests| tests.iter().map(page).collect()).collect()
}

/// The node that a data test is about: the one it is declared at, else the last that it reads.
pub(super) fn tested(node: &Node) -> Option<&UniqueId> {
    match &node.test {
        Some(TestKind::Generic(generic)) if generic.attached.is_some() => generic.attached.as_ref(),
        _ => node.depends_on.last(),
    }
}

/// How a test ended last, if it has run.
pub(super) fn verdict<'p>(past: &'p Past, id: &str) -> Option<(Verdict, &'p NodeRecord)> {
    let mut ended = past.of_node(id).map(|(_, result)| (of_status(&result.status), result));
    ended.find(|(verdict, _)| *verdict != Verdict::Skipped)
}

fn of_status(status: &str) -> Verdict {
    match status {
        "pass" | "success" => Verdict::Pass,
        "warn" => Verdict::Warn,
        "fail" => Verdict::Fail,
        "skipped" => Verdict::Skipped,
        _ => Verdict::Error,
    }
}

fn data_test(node: &Node) -> Option<Asked<'_>> {
    let kind = node.test.as_ref()?;
    let (name, column, config) = match kind {
        TestKind::Singular => ("singular", None, Map::new()),
        TestKind::Generic(generic) => {
            let mut arguments = generic.arguments.clone();
            arguments.retain(|key, _| key != "model" && key != "column_name");
            (generic.name.as_str(), generic.column.clone(), arguments)
        }
    };
    let severity = node.config.test.as_ref().map_or(TestSeverity::Error, |test| test.severity);
    let asked_for = node.config.values.get("meta").and_then(|meta| meta.get("dimension")).and_then(Json::as_str);
    Some(Asked {
        id: &node.id,
        name: &node.name,
        kind: name,
        node: tested(node),
        query: matches!(kind, TestKind::Singular).then_some(node),
        column,
        dimension: dimension(name, asked_for),
        severity,
        path: &node.original_path,
        description: &node.description,
        config,
    })
}

fn unit_test(test: &UnitTest) -> Asked<'_> {
    Asked {
        id: &test.id,
        name: &test.name,
        kind: "unit",
        node: test.depends_on.first(),
        query: None,
        column: None,
        dimension: "accuracy",
        severity: TestSeverity::Error,
        path: &test.original_path,
        description: &test.description,
        config: Map::new(),
    }
}

/// The dimension of data quality that a test is about, after Google's guide to data quality: what the project says in `meta`, else what the
/// test's name tells.
fn dimension(name: &str, asked_for: Option<&str>) -> &'static str {
    const DIMENSIONS: [&str; 7] =
        ["completeness", "accuracy", "consistency", "validity", "uniqueness", "integrity", "timeliness"];
    let told = asked_for.and_then(|asked| DIMENSIONS.into_iter().find(|known| asked.eq_ignore_ascii_case(known)));
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    told.unwrap_or_else(|| match name {
        "singular" => "accuracy",
        _ if has(&["not_null", "not_empty", "at_least_one", "not_constant", "missing"]) => "completeness",
        _ if has(&["unique", "duplicate", "cardinality"]) => "uniqueness",
        _ if has(&["relationship", "foreign", "exists_in", "referential"]) => "integrity",
        _ if has(&["recency", "fresh", "recent", "late"]) => "timeliness",
        _ if has(&["equal", "consistent", "match_table", "sum", "reconcil", "row_count"]) => "consistency",
        _ => "validity",
    })
}

fn test(past: &Past, places: &Places<'_>, asked: Asked<'_>) -> Test {
    let ended: Vec<(usize, Verdict, &NodeRecord)> = past
        .of_node(asked.id.as_str())
        .map(|(run, result)| (run, of_status(&result.status), result))
        .filter(|(_, verdict, _)| *verdict != Verdict::Skipped)
        .collect();
    let last = ended.first();
    let status = last.map_or(Verdict::NotRun, |(_, verdict, _)| *verdict);
    let streak = ended.iter().take_while(|(_, verdict, _)| *verdict == status).count();
    let since = streak.checked_sub(1).and_then(|at| ended.get(at)).and_then(|(.., result)| result.began_at);
    let place = asked.node.and_then(|node| places.place(node));
    let also = asked.query.into_iter().flat_map(|node| &node.depends_on).filter_map(|id| places.place(id));
    Test {
        also: also.filter(|other| Some(*other) != place).collect(),
        id: asked.id.to_string(),
        name: asked.name.to_owned(),
        kind: asked.kind.to_owned(),
        node: place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1),
        column: asked.column,
        dimension: asked.dimension,
        severity: (asked.severity == TestSeverity::Warn).then_some("warn"),
        status,
        failures: last.and_then(|(.., result)| result.failures).filter(|failures| *failures > 0),
        message: last.and_then(|(.., result)| result.message.clone()),
        at: last.and_then(|(.., result)| result.finished_at),
        history: ended.iter().take(HISTORY).map(|(run, verdict, result)| (*run, *verdict, result.failures)).collect(),
        since,
        streak,
    }
}

fn trend(past: &Past) -> Vec<Trend> {
    let is_test = |result: &&NodeRecord| ["test.", "unit_test."].iter().any(|kind| result.unique_id.starts_with(kind));
    let mut trend = Vec::new();
    for (run, record) in past.records.iter().enumerate() {
        let mut counts: IndexMap<Verdict, u64> = IndexMap::default();
        for result in record.results.iter().filter(is_test) {
            *counts.entry(of_status(&result.status)).or_default() += 1;
        }
        if !counts.is_empty() {
            counts.sort_unstable_by(|one, _, other, _| (*one as u8).cmp(&(*other as u8)));
            trend.push(Trend { run, counts });
        }
    }
    trend
}
