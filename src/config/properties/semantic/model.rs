//! Semantic models: their entities, measures and dimensions.

use serde_json::{Value as Json, json};

use super::super::column::texts;
use super::{GRANULARITIES, SemanticProperties, common, get, one_of, python_scalar, required_word};
use crate::diagnostic::Diagnostics;
use crate::yaml::{Fields, Mapping, Node};

const AGGREGATIONS: &[&str] =
    &["sum", "min", "max", "count_distinct", "sum_boolean", "average", "percentile", "median", "count"];
const ENTITY_TYPES: &[&str] = &["foreign", "natural", "primary", "unique"];
const DIMENSION_TYPES: &[&str] = &["categorical", "time"];

impl SemanticProperties {
    /// Reads an item of `semantic_models:`.
    pub(in super::super) fn semantic_model(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
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
}

type ReadElement = fn(&Node, &mut Diagnostics) -> Option<Json>;

fn entity(node: &Node, diagnostics: &mut Diagnostics) -> Option<Json> {
    let mut fields = Fields::of(node, "an entity", diagnostics)?;
    let (name, _) = fields.required_text("name", node.span)?;
    let kind = required_word(&mut fields, "type", node.span, ENTITY_TYPES)?;
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
    let agg = required_word(&mut fields, "agg", node.span, AGGREGATIONS)?;
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
    let kind = required_word(&mut fields, "type", node.span, DIMENSION_TYPES)?;
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
