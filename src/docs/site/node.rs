//! `n/<shard>`: the pages of nodes.

use std::ops::Range;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::places::Places;
use super::{Site, markdown};
use crate::analyze::{Analyzed, ColumnId, Facts};
use crate::base::{Timestamp, plain_text};
use crate::engine::FileFormat;
use crate::graph::Member;
use crate::manifest::{Column as Described, ResourceType};

/// The most runs that a page tells of.
const RUNS: usize = 30;

/// The configs that a page shows: those that say what a node is to its readers. Hooks, grants and keys of the project's own may say what is
/// not for readers.
const SHOWN: [&str; 42] = [
    "access",
    "alias",
    "audit",
    "batch_size",
    "begin",
    "check_cols",
    "cluster_by",
    "column_types",
    "compression",
    "concurrent_batches",
    "contract",
    "database",
    "dbt_valid_to_current",
    "delimiter",
    "event_time",
    "format",
    "freshness",
    "full_refresh",
    "group",
    "hard_deletes",
    "incremental_predicates",
    "incremental_strategy",
    "invalidate_hard_deletes",
    "loaded_at_field",
    "lookback",
    "materialized",
    "merge_exclude_columns",
    "merge_update_columns",
    "on_configuration_change",
    "on_schema_change",
    "partition_by",
    "persist_docs",
    "quote_columns",
    "schema",
    "sort_by",
    "static_analysis",
    "strategy",
    "target_file_size",
    "unique_key",
    "updated_at",
    "version",
    "zorder_by",
];

#[derive(Serialize)]
pub(super) struct Page {
    html: String,
    columns: Vec<Column>,
    source: Option<String>,
    compiled: Option<String>,
    relation: Option<String>,
    config: Map<String, Json>,
    meta: Map<String, Json>,
    facts: Vec<(&'static str, String)>,
    url: Option<String>,
    contract: bool,
    deprecation: Option<String>,
    runs: Vec<Run>,
    unread: Option<String>,
}

#[derive(Serialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    data_type: Option<String>,
    html: String,
    from: Option<(usize, String)>,
    tags: Vec<String>,
    meta: Map<String, Json>,
    key: bool,
    constraints: Vec<String>,
}

#[derive(Serialize)]
struct Run {
    run: usize,
    status: String,
    at: Option<Timestamp>,
    took: Option<i64>,
    rows: Option<u64>,
    message: Option<String>,
}

/// The pages of the nodes at these places.
pub(super) fn pages(site: &Site<'_>, places: &Places<'_>, nodes: Range<usize>) -> Vec<Page> {
    nodes.map(|place| page(site, places, place)).collect()
}

fn page(site: &Site<'_>, places: &Places<'_>, place: usize) -> Page {
    let member = places.member(place);
    let runs = site.past.of_node(member.id.as_str()).take(RUNS).map(|(run, result)| Run {
        run,
        status: result.status.clone(),
        at: result.began_at,
        took: result.finished_at.zip(result.began_at).map(|(end, start)| (end.0 - start.0).num_milliseconds()),
        rows: result.rows_affected,
        message: result.message.clone().filter(|message| !message.is_empty()),
    });
    let relation = site.manifest.relation(member.id);
    let relation = relation.map(|relation| relation.render_with(site.session.dialect, site.session.quoting));
    Page {
        html: markdown::html(description(member)),
        columns: places.columns_of(place).iter().map(|name| column(site, places, (place, name))).collect(),
        source: source(site, member),
        compiled: site.compiled.get(member.id).filter(|_| site.shows_sql).map(|compiled| compiled.sql.clone()),
        relation: relation.filter(|_| member.node.is_none_or(|node| !node.is_ephemeral())),
        config: config(member),
        meta: meta(site, member),
        facts: facts(site, member),
        url: site.manifest.exposures.get(member.id).and_then(|exposure| exposure.properties.url.clone()),
        contract: member.node.is_some_and(|node| node.contract.enforced),
        deprecation: member.node.and_then(|node| node.deprecation_date.clone()),
        runs: runs.collect(),
        unread: match site.analyses.get(member.id) {
            Some(Analyzed::Unchecked { why, .. }) => Some(why.trim_end_matches('.').to_owned()),
            Some(Analyzed::Wrong { error, .. }) => Some(error.message.trim_end_matches('.').to_owned()),
            Some(Analyzed::Query(_) | Analyzed::Data(_)) | None => None,
        },
    }
}

/// The description of a node, in Markdown.
pub(super) fn description<'a>(member: &Member<'a>) -> &'a str {
    match member.source {
        Some(source) if source.description.trim().is_empty() => &source.source_description,
        _ => member.description,
    }
}

/// Whether the project says something of a column, or of the one that it is made of.
pub(super) fn is_described(site: &Site<'_>, member: &Member<'_>, name: &str) -> bool {
    let column = ColumnId { node: member.id.clone(), column: name.to_owned() };
    let said = || described(member, name).is_some_and(|column| !column.description.trim().is_empty());
    site.facts.get(&column).is_some_and(|facts| facts.description.is_some()) || said()
}

fn described<'a>(member: &Member<'a>, name: &str) -> Option<&'a Described> {
    let columns = member.node.map(|node| &node.columns).or_else(|| member.source.map(|source| &source.columns))?;
    columns.values().find(|column| column.is(name))
}

fn column(site: &Site<'_>, places: &Places<'_>, (place, name): (usize, &str)) -> Column {
    let member = places.member(place);
    let id = ColumnId { node: member.id.clone(), column: name.to_owned() };
    let nothing = Facts::default();
    let facts = site.facts.get(&id).unwrap_or(&nothing);
    let own = described(member, name);
    let schema = site.analyses.get(member.id).and_then(|analyzed| analyzed.columns());
    let field = schema.and_then(|schema| schema.field_with_name(name).ok());
    let declared = own.and_then(|column| column.data_type.clone());
    // What is said of a column of a hidden node is not said here either.
    let is_shown = |origin: &Option<ColumnId>| origin.as_ref().is_none_or(|from| places.place(&from.node).is_some());
    let description = facts.description.as_ref().filter(|fact| is_shown(&fact.origin));
    let text = description.map(|fact| fact.value.as_str()).or_else(|| own.map(|column| column.description.as_str()));
    let from = description.and_then(|fact| fact.origin.as_ref());
    let constraints = own.into_iter().flat_map(|column| &column.constraints).map(|constraint| {
        let kind = constraint.kind.as_str();
        constraint.expression.as_ref().map_or_else(|| kind.to_owned(), |expression| format!("{kind} {expression}"))
    });
    let primary_key = member.node.map(|node| node.primary_key.as_slice()).unwrap_or_default();
    Column {
        name: name.to_owned(),
        data_type: field.map(|field| site.engine.type_name(field.data_type())).or(declared),
        html: text.map(markdown::html).unwrap_or_default(),
        from: from.and_then(|from| Some((places.place(&from.node)?, from.column.clone()))),
        tags: facts.tags.iter().filter(|(_, fact)| is_shown(&fact.origin)).map(|(tag, _)| tag.clone()).collect(),
        meta: facts
            .meta
            .iter()
            .filter(|(_, fact)| is_shown(&fact.origin))
            .map(|(key, fact)| (key.clone(), fact.value.clone()))
            .collect(),
        key: primary_key.iter().any(|key| key.eq_ignore_ascii_case(name)),
        constraints: constraints.collect(),
    }
}

/// The template as it is written.
fn source(site: &Site<'_>, member: &Member<'_>) -> Option<String> {
    let node = member.node.filter(|node| site.shows_sql && node.resource != ResourceType::Seed)?;
    let span = node.template_span(&site.session.sources)?;
    Some(site.session.sources.get(span.file).text().get(span.range())?.to_owned())
}

/// The configs that say something.
fn config(member: &Member<'_>) -> Map<String, Json> {
    let says = |value: &Json| match value {
        Json::Null => false,
        Json::Array(items) => !items.is_empty(),
        Json::Object(map) => !map.is_empty(),
        Json::String(text) => !text.is_empty(),
        Json::Bool(_) | Json::Number(_) => true,
    };
    let shown = member.config.iter().filter(|(key, value)| SHOWN.contains(key) && says(value));
    shown.map(|(key, value)| (key.to_owned(), value.clone())).collect()
}

fn meta(site: &Site<'_>, member: &Member<'_>) -> Map<String, Json> {
    let of_exposure = site.manifest.exposures.get(member.id).map(|exposure| &exposure.properties.meta);
    let of_config = member.config.get("meta").and_then(Json::as_object);
    of_config.filter(|meta| !meta.is_empty()).or(of_exposure).cloned().unwrap_or_default()
}

/// What a value of a semantic resource says, or the name of what it refers to.
fn named(value: &Json) -> String {
    let inner = ["name", "where_sql_template"].into_iter().find_map(|key| value.get(key)?.as_str());
    let of_window = || Some(format!("{} {}", value.get("count")?, value.get("granularity")?.as_str()?));
    match value {
        Json::Array(items) => items.iter().map(named).collect::<Vec<_>>().join(" and "),
        Json::Object(filter) if filter.contains_key("where_filters") => {
            filter.get("where_filters").map(named).unwrap_or_default()
        }
        _ => inner.map(str::to_owned).or_else(of_window).unwrap_or_else(|| plain_text(value)),
    }
}

/// An entity, a dimension, a measure or a metric, with what it is: `order (primary)`, `revenue = sum(amount)`.
fn part(value: &Json) -> String {
    let text = |key: &str| value.get(key).and_then(Json::as_str);
    let name = named(value);
    match (text("agg"), text("type")) {
        (Some(agg), _) => format!("{name} = {agg}({})", text("expr").unwrap_or(&name)),
        (None, Some(kind)) => format!("{name} ({kind})"),
        (None, None) => name,
    }
}

/// What only some kinds have: the keys are those of the page's texts.
fn facts(site: &Site<'_>, member: &Member<'_>) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let mut add = |key, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push((key, value.to_owned()));
        }
    };
    if let Some(source) = member.source {
        add("loader", Some(&source.loader));
        add("format", source.external.as_ref().and_then(|external| external.format).map(FileFormat::word));
    }
    if let Some(exposure) = site.manifest.exposures.get(member.id) {
        let properties = &exposure.properties;
        add("label", properties.label.as_deref());
        add("type", Some(&properties.kind));
        add("maturity", properties.maturity.as_deref());
        add("email", properties.owner.get("email").and_then(Json::as_str));
    }
    if let Some(resource) = site.manifest.semantic.get(member.id) {
        let text = |key: &str| resource.body.get(key).and_then(Json::as_str).map(str::to_owned);
        add("label", text("label").as_deref());
        add("type", text("type").as_deref());
        let params = |key: &str| resource.body.get("type_params")?.get(key).filter(|value| !value.is_null());
        let formula = ["expr", "measure"].into_iter().find_map(|key| params(key).map(named));
        let ratio = || Some(format!("{} / {}", named(params("numerator")?), named(params("denominator")?)));
        add("formula", formula.or_else(ratio).as_deref());
        add("window", params("window").map(named).as_deref());
        add("filter", resource.body.get("filter").filter(|filter| !filter.is_null()).map(named).as_deref());
        add("grain", text("time_granularity").as_deref());
        for key in ["entities", "dimensions", "measures", "metrics"] {
            let of_query = || resource.body.get("query_params")?.get(key);
            let parts = resource.body.get(key).or_else(of_query).and_then(Json::as_array).into_iter().flatten();
            add(key, Some(&parts.map(part).collect::<Vec<_>>().join(", ")));
        }
    }
    if let Some(node) = member.node {
        add("strategy", node.config.incremental_strategy.as_deref());
        add("unique_key", Some(&node.config.unique_key.join(", ")));
        add("patch", node.patch_path.as_deref().map(|path| path.split_once("://").map_or(path, |(_, path)| path)));
    }
    facts
}
