//! Metrics, semantic models and saved queries, brought into the form in which the manifest holds them: every key there, short
//! forms written out.

use serde_json::{Map, Value as Json, json};

use super::column::texts;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// What a property file says of a metric, semantic model or saved query.
#[derive(Clone, Debug)]
pub struct SemanticProperties {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Tags beside `config:`.
    pub tags: Vec<String>,
    /// Facts beside `config:`.
    pub meta: Map<String, Json>,
    /// `config:`.
    pub config: Mapping,
    /// The rest, as the manifest holds it.
    pub body: Map<String, Json>,
}

const METRIC_TYPES: &[&str] = &["simple", "ratio", "cumulative", "derived", "conversion"];
const AGGREGATIONS: &[&str] =
    &["sum", "min", "max", "count_distinct", "sum_boolean", "average", "percentile", "median", "count"];
const ENTITY_TYPES: &[&str] = &["foreign", "natural", "primary", "unique"];
const DIMENSION_TYPES: &[&str] = &["categorical", "time"];
const GRANULARITIES: &[&str] = &[
    "nanosecond",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
];

impl SemanticProperties {
    /// Reads an item of `metrics:`.
    pub(super) fn metric(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a metric", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        check_metric_name(&name, span, fields.diagnostics());
        let label = fields.required_text("label", node.span)?.0;
        let (kind, kind_span) = fields.required_text("type", node.span)?;
        let kind = kind.to_lowercase();
        one_of("type", &kind, kind_span, METRIC_TYPES, fields.diagnostics());
        let params = fields.node("type_params");
        let body = json!({
            "description": fields.text("description").unwrap_or_default(),
            "label": label,
            "type": kind,
            "filter": fields.node("filter").map(filter),
            "time_granularity": fields.text("time_granularity"),
            "metadata": null,
        });
        let mut metric = common(&mut fields, name, span, body);
        fields.finish(&format!("metric `{}`", metric.name));
        let Some(params) = params else {
            let message = format!("metric `{}` has no `type_params`", metric.name);
            diagnostics.push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(span));
            return None;
        };
        metric.body.insert("type_params".to_owned(), type_params(params, &kind, diagnostics)?);
        Some(metric)
    }

    /// Reads an item of `semantic_models:`.
    pub(super) fn semantic_model(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a semantic model", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let model = fields.required_text("model", node.span)?.0;
        let (entities, measures, dimensions) =
            (fields.list("entities"), fields.list("measures"), fields.list("dimensions"));
        let body = json!({
            "model": model,
            "node_relation": null,
            "description": fields.text("description"),
            "label": fields.text("label"),
            "defaults": fields.mapping("defaults").map(|map| json!({ "agg_time_dimension": get(map, "agg_time_dimension") })),
            "primary_entity": fields.text("primary_entity"),
            "metadata": null,
        });
        let mut model = common(&mut fields, name, span, body);
        fields.finish(&format!("semantic model `{}`", model.name));
        let mut elements = |key: &str, nodes: &[Node], read: ReadElement| {
            let read: Vec<Json> = nodes.iter().filter_map(|node| read(node, diagnostics)).collect();
            model.body.insert(key.to_owned(), Json::Array(read));
        };
        elements("entities", entities, entity);
        elements("measures", measures, measure_of_model);
        elements("dimensions", dimensions, dimension);
        Some(model)
    }

    /// Reads an item of `saved_queries:`.
    pub(super) fn saved_query(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a saved query", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let params = fields.mapping("query_params");
        let exports = fields.list("exports");
        let body = json!({
            "description": fields.text("description"),
            "label": fields.text("label"),
            "metadata": null,
        });
        let mut query = common(&mut fields, name, span, body);
        fields.finish(&format!("saved query `{}`", query.name));
        let Some(params) = params else {
            let message = format!("saved query `{}` has no `query_params`", query.name);
            diagnostics.push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(span));
            return None;
        };
        let list = |key: &str| params.get(key).map(texts).unwrap_or_default();
        let query_params = json!({
            "metrics": list("metrics"),
            "group_by": list("group_by"),
            "where": params.get("where").filter(|node| !node.is_null()).map(filter),
            "order_by": list("order_by"),
            "limit": get(params, "limit"),
        });
        query.body.insert("query_params".to_owned(), query_params);
        let exports = exports.iter().filter_map(Node::as_map).map(|export| {
            let config = export.get("config").and_then(Node::as_map).map(Mapping::to_json).unwrap_or_default();
            json!({ "name": get(export, "name"), "config": config, "unrendered_config": config })
        });
        query.body.insert("exports".to_owned(), exports.collect());
        Some(query)
    }
}

type ReadElement = fn(&Node, &mut Diagnostics) -> Option<Json>;

fn common(fields: &mut Fields<'_, '_>, name: String, span: Span, body: Json) -> SemanticProperties {
    SemanticProperties {
        tags: fields.node("tags").map(texts).unwrap_or_default(),
        meta: fields.mapping("meta").map(Mapping::to_json).unwrap_or_default(),
        config: fields.mapping("config").cloned().unwrap_or_default(),
        body: into_map(body),
        name,
        span,
    }
}

fn into_map(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn get(map: &Mapping, key: &str) -> Json {
    map.get(key).map(Node::to_json).unwrap_or_default()
}

fn one_of(key: &str, word: &str, at: Span, words: &[&str], diagnostics: &mut Diagnostics) {
    if !words.contains(&word) {
        let message = format!("`{key}` is one of {}, not `{word}`", quoted_list(words));
        let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(at);
        diagnostics.push(diagnostic.suggest_near(word, words.iter().copied()));
    }
}

/// Query tools put the name into SQL.
fn check_metric_name(name: &str, at: Span, diagnostics: &mut Diagnostics) {
    let wrong = if name.chars().count() > 250 {
        "must not be longer than 250 characters"
    } else if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        "must begin with a letter"
    } else if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        "may hold only letters, digits and `_`"
    } else {
        return;
    };
    diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, format!("the name of metric `{name}` {wrong}")).at(at));
}

/// A filter: one condition, or a list of them.
fn filter(node: &Node) -> Json {
    let filters = texts(node).into_iter().map(|text| json!({ "where_sql_template": text }));
    json!({ "where_filters": filters.collect::<Vec<_>>() })
}

fn optional_filter(map: Option<&Mapping>) -> Json {
    map.and_then(|map| map.get("filter")).filter(|node| !node.is_null()).map(filter).unwrap_or_default()
}

fn type_params(node: &Node, kind: &str, diagnostics: &mut Diagnostics) -> Option<Json> {
    let mut fields = Fields::of(node, "`type_params`", diagnostics)?;
    let window = fields.placed_text("window");
    let mut cumulative = fields.mapping("cumulative_type_params").cloned();
    if kind == "cumulative" {
        let own = cumulative.get_or_insert_with(Mapping::default);
        for key in ["window", "grain_to_date"] {
            let beside = node.as_map().and_then(|map| map.iter().find(|entry| entry.key == key));
            if let (None, Some(beside)) = (own.get(key), beside) {
                own.entries.push(beside.clone());
            }
        }
    }
    let conversion = fields.mapping("conversion_type_params");
    let measure = fields.node("measure").map(input_measure);
    let (numerator, denominator) = (fields.node("numerator"), fields.node("denominator"));
    let expr = fields.node("expr").and_then(python_scalar);
    let grain = fields.text("grain_to_date");
    let metrics = fields.list("metrics");
    fields.accept(&["input_measures"]);
    fields.finish("`type_params`");
    let mut metric = |node: &Node| input_metric(node, diagnostics);
    let numerator = numerator.map(&mut metric);
    let denominator = denominator.map(&mut metric);
    let metrics: Vec<Json> = metrics.iter().map(&mut metric).collect();
    Some(json!({
        "measure": measure,
        "input_measures": [],
        "numerator": numerator,
        "denominator": denominator,
        "expr": expr,
        "window": window.and_then(|(text, at)| time_window(&text, at, diagnostics)),
        "grain_to_date": grain,
        "metrics": metrics,
        "conversion_type_params": conversion.map(|map| conversion_params(map, diagnostics)),
        "cumulative_type_params": cumulative.filter(|_| kind == "cumulative").map(|map| cumulative_params(&map, diagnostics)),
        "metric_aggregation_params": null,
    }))
}

/// A scalar as Python's `str` gives it.
fn python_scalar(node: &Node) -> Option<String> {
    match node.to_json() {
        Json::Bool(true) => Some("True".to_owned()),
        Json::Bool(false) => Some("False".to_owned()),
        _ => node.scalar(),
    }
}

fn conversion_params(map: &Mapping, diagnostics: &mut Diagnostics) -> Json {
    json!({
        "base_measure": map.get("base_measure").map(input_measure),
        "conversion_measure": map.get("conversion_measure").map(input_measure),
        "entity": get(map, "entity"),
        "calculation": map.get("calculation").and_then(Node::scalar).unwrap_or_else(|| "conversion_rate".to_owned()),
        "window": window_of(map, "window", diagnostics),
        "constant_properties": get(map, "constant_properties"),
    })
}

fn cumulative_params(map: &Mapping, diagnostics: &mut Diagnostics) -> Json {
    json!({
        "window": window_of(map, "window", diagnostics),
        "grain_to_date": get(map, "grain_to_date"),
        "period_agg": map.get("period_agg").and_then(Node::scalar).unwrap_or_else(|| "first".to_owned()),
        "metric": null,
    })
}

fn window_of(map: &Mapping, key: &str, diagnostics: &mut Diagnostics) -> Option<Json> {
    let node = map.get(key).filter(|node| !node.is_null())?;
    time_window(&node.scalar()?, node.span, diagnostics)
}

/// `28 days`: a count and a granularity.
fn time_window(text: &str, at: Span, diagnostics: &mut Diagnostics) -> Option<Json> {
    let lower = text.to_lowercase();
    let parts: Vec<&str> = lower.split(' ').collect();
    let counted = match parts.as_slice() {
        [count, granularity] => count.parse::<u64>().ok().map(|count| (count, *granularity)),
        _ => None,
    };
    let Some((count, granularity)) = counted else {
        let message = format!("a window is a count and a granularity, like `28 days`, not `{text}`");
        diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(at));
        return None;
    };
    let singular = granularity.strip_suffix('s').filter(|word| GRANULARITIES.contains(word)).unwrap_or(granularity);
    Some(json!({ "count": count, "granularity": singular }))
}

/// A measure of a metric: its name, or a mapping.
fn input_measure(node: &Node) -> Json {
    let map = node.as_map();
    let field = |key: &str| map.map(|map| get(map, key)).unwrap_or_default();
    json!({
        "name": node.scalar().map_or_else(|| field("name"), Json::from),
        "filter": optional_filter(map),
        "alias": field("alias"),
        "join_to_timespine": field("join_to_timespine").as_bool().unwrap_or(false),
        "fill_nulls_with": field("fill_nulls_with"),
    })
}

/// A metric of a metric: its name, or a mapping.
fn input_metric(node: &Node, diagnostics: &mut Diagnostics) -> Json {
    let map = node.as_map();
    let field = |key: &str| map.map(|map| get(map, key)).unwrap_or_default();
    json!({
        "name": node.scalar().map_or_else(|| field("name"), Json::from),
        "filter": optional_filter(map),
        "alias": field("alias"),
        "offset_window": map.and_then(|map| window_of(map, "offset_window", diagnostics)),
        "offset_to_grain": field("offset_to_grain"),
    })
}

fn entity(node: &Node, diagnostics: &mut Diagnostics) -> Option<Json> {
    let mut fields = Fields::of(node, "an entity", diagnostics)?;
    let (name, _) = fields.required_text("name", node.span)?;
    let (kind, at) = fields.required_text("type", node.span)?;
    one_of("type", &kind, at, ENTITY_TYPES, fields.diagnostics());
    let entity = json!({
        "name": name,
        "type": kind,
        "description": fields.text("description"),
        "label": fields.text("label"),
        "role": fields.text("role"),
        "expr": fields.text("expr"),
        "config": element_config(&mut fields),
    });
    fields.accept(&["entity"]);
    fields.finish(&format!("entity `{name}`"));
    Some(entity)
}

fn measure_of_model(node: &Node, diagnostics: &mut Diagnostics) -> Option<Json> {
    let mut fields = Fields::of(node, "a measure", diagnostics)?;
    let (name, _) = fields.required_text("name", node.span)?;
    let (agg, at) = fields.required_text("agg", node.span)?;
    one_of("agg", &agg, at, AGGREGATIONS, fields.diagnostics());
    let measure = json!({
        "name": name,
        "agg": agg,
        "description": fields.text("description"),
        "label": fields.text("label"),
        "create_metric": fields.flag("create_metric").unwrap_or(false),
        "expr": fields.node("expr").and_then(python_scalar),
        "agg_params": fields.mapping("agg_params").map(|map| json!({
            "percentile": get(map, "percentile"),
            "use_discrete_percentile": get(map, "use_discrete_percentile").as_bool().unwrap_or(false),
            "use_approximate_percentile": get(map, "use_approximate_percentile").as_bool().unwrap_or(false),
        })),
        "non_additive_dimension": fields.mapping("non_additive_dimension").map(|map| json!({
            "name": get(map, "name"),
            "window_choice": get(map, "window_choice"),
            "window_groupings": map.get("window_groupings").map(texts).unwrap_or_default(),
        })),
        "agg_time_dimension": fields.text("agg_time_dimension"),
        "config": element_config(&mut fields),
    });
    fields.finish(&format!("measure `{name}`"));
    Some(measure)
}

fn dimension(node: &Node, diagnostics: &mut Diagnostics) -> Option<Json> {
    let mut fields = Fields::of(node, "a dimension", diagnostics)?;
    let (name, _) = fields.required_text("name", node.span)?;
    let (kind, at) = fields.required_text("type", node.span)?;
    one_of("type", &kind, at, DIMENSION_TYPES, fields.diagnostics());
    let params = fields.mapping("type_params");
    let grain = params.and_then(|map| map.get("time_granularity"));
    if let Some((word, at)) = grain.and_then(|node| Some((node.scalar()?, node.span))) {
        one_of("time_granularity", &word, at, GRANULARITIES, fields.diagnostics());
    }
    let dimension = json!({
        "name": name,
        "type": kind,
        "description": fields.text("description"),
        "label": fields.text("label"),
        "is_partition": fields.flag("is_partition").unwrap_or(false),
        "type_params": params.map(|map| json!({
            "time_granularity": get(map, "time_granularity"),
            "validity_params": map.get("validity_params").and_then(Node::as_map).map(|map| json!({
                "is_start": get(map, "is_start").as_bool().unwrap_or(false),
                "is_end": get(map, "is_end").as_bool().unwrap_or(false),
            })),
        })),
        "expr": fields.text("expr"),
        "metadata": null,
        "config": element_config(&mut fields),
    });
    fields.finish(&format!("dimension `{name}`"));
    Some(dimension)
}

fn element_config(fields: &mut Fields<'_, '_>) -> Json {
    let config = fields.mapping("config");
    json!({ "meta": config.and_then(|config| config.get("meta")).and_then(Node::as_map).map(Mapping::to_json).unwrap_or_default() })
}
