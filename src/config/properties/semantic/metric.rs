//! Metrics.

use serde_json::{Value as Json, json};

use super::{GRANULARITIES, SemanticProperties, common, filter, get, one_of, python_scalar, required};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

const METRIC_TYPES: &[&str] = &["simple", "ratio", "cumulative", "derived", "conversion"];

impl SemanticProperties {
    /// Reads an item of `metrics:`.
    pub(in super::super) fn metric(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
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
        let title = format!("metric `{}`", metric.name);
        fields.finish(&title);
        let params = required(params, "type_params", &title, span, diagnostics)?;
        metric.body.insert("type_params".to_owned(), type_params(params, &kind, diagnostics)?);
        Some(metric)
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
