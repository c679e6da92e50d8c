//! Metrics, semantic models and saved queries: what they read, for the graph and for the tools that query them.

use serde_json::{Map, Value as Json, json};

use super::Context;
use super::config;
use super::properties::{Placed, check_name};
use super::reference::{self, Speaker};
use super::resolve::missing_ref;
use crate::base::{HashMap, HashSet};
use crate::config::{SemanticProperties, TreeName};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{ConfigValues, Found, Lookup, Manifest, SemanticKind, SemanticResource, UniqueId};
use crate::source::Span;
use crate::yaml::Mapping;

/// Puts the semantic layer of all packages into the manifest.
pub(super) fn parse(cx: &Context<'_>, lookup: &Lookup, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    let mut found: Vec<SemanticResource> = Vec::new();
    for (kind, placed) in cx.properties.semantic() {
        let resource = resource(cx, *kind, placed, diagnostics);
        if *kind == SemanticKind::SemanticModel {
            found.extend(metrics_of_measures(cx, &resource, placed));
        }
        found.push(resource);
    }
    for mut resource in found {
        if !is_enabled(&resource.config) {
            manifest.disabled_others.semantic.push(resource);
            continue;
        }
        match resource.kind {
            SemanticKind::SemanticModel => follow_model(cx, (lookup, manifest), &mut resource, diagnostics),
            SemanticKind::SavedQuery => name_exports(cx, &mut resource),
            SemanticKind::Metric => {}
        }
        if let Some(known) = manifest.semantic.get(&resource.id) {
            let message = format!("two {}s are called `{}`", resource.kind.as_str().replace('_', " "), resource.name);
            let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, message).at(resource.span);
            diagnostics.push(diagnostic.label(known.span, "has the name already"));
            continue;
        }
        manifest.semantic.insert(resource.id.clone(), resource);
    }
    Metrics::of(manifest).follow(manifest, diagnostics);
}

fn is_enabled(config: &ConfigValues) -> bool {
    config.get("enabled") != Some(&Json::Bool(false))
}

fn tree(kind: SemanticKind) -> TreeName {
    match kind {
        SemanticKind::Metric => TreeName::Metrics,
        SemanticKind::SemanticModel => TreeName::SemanticModels,
        SemanticKind::SavedQuery => TreeName::SavedQueries,
    }
}

fn resource(
    cx: &Context<'_>,
    kind: SemanticKind,
    placed: &Placed<SemanticProperties>,
    diagnostics: &mut Diagnostics,
) -> SemanticResource {
    let properties = &placed.properties;
    check_name(kind.as_str(), &properties.name, properties.span, diagnostics);
    let fqn = placed.fqn(&[&properties.name]);
    let configs = config::of_properties(cx, (&placed.package, tree(kind)), &fqn, &properties.config);
    let config = configs.values;
    let mut meta = properties.meta.clone();
    if let Some(Json::Object(own)) = config.get("meta").filter(|own| own.as_object().is_some_and(|own| !own.is_empty()))
    {
        meta.clone_from(own);
    }
    let mut tags = properties.tags.clone();
    if kind == SemanticKind::SavedQuery {
        match config.get("tags") {
            Some(Json::String(tag)) => tags.push(tag.clone()),
            Some(Json::Array(items)) => tags.extend(items.iter().filter_map(Json::as_str).map(str::to_owned)),
            _ => {}
        }
        tags.sort();
        tags.dedup();
    }
    SemanticResource {
        id: UniqueId::of(&[kind.as_str(), &placed.package, &properties.name]),
        kind,
        package: placed.package.clone(),
        name: properties.name.clone(),
        path: placed.file.path.clone(),
        original_path: placed.file.original_path.clone(),
        span: properties.span,
        fqn,
        tags,
        meta,
        group: config.get("group").and_then(Json::as_str).map(str::to_owned),
        body: body(cx, (kind, placed), &config, diagnostics),
        unrendered_config: configs.unrendered,
        config,
        refs: Vec::new(),
        depends_on: Vec::new(),
    }
}

/// What only the kind has, `doc()` put in; the elements of a semantic model share the facts of its config.
fn body(
    cx: &Context<'_>,
    (kind, placed): (SemanticKind, &Placed<SemanticProperties>),
    config: &ConfigValues,
    diagnostics: &mut Diagnostics,
) -> Map<String, Json> {
    let mut body = placed.properties.body.clone();
    let describer = cx.docs.describer(&placed.package, is_enabled(config));
    let mut describe = |said: &mut Map<String, Json>| {
        if let Some(Json::String(description)) = said.get_mut("description") {
            *description = describer.text(description, placed.properties.span, diagnostics);
        }
    };
    describe(&mut body);
    for key in ["dimensions", "measures", "entities"] {
        let elements = body.get_mut(key).and_then(Json::as_array_mut).into_iter().flatten();
        elements.filter_map(Json::as_object_mut).for_each(&mut describe);
    }
    if kind != SemanticKind::SemanticModel {
        return body;
    }
    let shared = config.get("meta").and_then(Json::as_object).cloned().unwrap_or_default();
    for key in ["entities", "measures", "dimensions"] {
        for element in body.get_mut(key).and_then(Json::as_array_mut).into_iter().flatten() {
            if let Some(meta) = element.pointer_mut("/config/meta").and_then(Json::as_object_mut) {
                let own = std::mem::replace(meta, shared.clone());
                meta.extend(own);
            }
        }
    }
    body
}

/// The metrics of the measures that say `create_metric: true`.
fn metrics_of_measures(
    cx: &Context<'_>,
    model: &SemanticResource,
    placed: &Placed<SemanticProperties>,
) -> Vec<SemanticResource> {
    let measures = model.body.get("measures").and_then(Json::as_array).into_iter().flatten();
    let wanted = measures.filter(|measure| measure["create_metric"] == json!(true));
    let metrics = wanted.map(|measure| {
        let name = measure["name"].as_str().unwrap_or_default();
        let or = |value: &Json, other: &str| if value.is_null() { json!(other) } else { value.clone() };
        let fqn = placed.fqn(&[name]);
        let said = Mapping::default();
        let mut configs = config::of_properties(cx, (&placed.package, TreeName::Metrics), &fqn, &said);
        let config = &mut configs.values;
        config.set("enabled", json!(is_enabled(&model.config)));
        let mut meta = config.get("meta").and_then(Json::as_object).cloned().unwrap_or_default();
        meta.extend(model.config.get("meta").and_then(Json::as_object).cloned().unwrap_or_default());
        config.set("meta", Json::Object(meta.clone()));
        configs.unrendered.set("enabled", json!(is_enabled(&model.config)));
        configs.unrendered.set("meta", Json::Object(model.meta.clone()));
        let input = json!({
            "name": name, "filter": null, "alias": null, "join_to_timespine": false, "fill_nulls_with": null,
        });
        let body = json!({
            "description": or(&measure["description"], &format!("Metric created from measure {name}")),
            "label": or(&measure["label"], name),
            "type": "simple",
            "type_params": {
                "measure": input,
                "input_measures": [],
                "numerator": null,
                "denominator": null,
                "expr": or(&measure["expr"], name),
                "window": null,
                "grain_to_date": null,
                "metrics": [],
                "conversion_type_params": null,
                "cumulative_type_params": null,
                "metric_aggregation_params": null,
            },
            "filter": null,
            "time_granularity": null,
            "metadata": null,
        });
        SemanticResource {
            id: UniqueId::of(&["metric", &model.package, name]),
            kind: SemanticKind::Metric,
            name: name.to_owned(),
            fqn,
            tags: Vec::new(),
            meta,
            group: configs.values.get("group").and_then(Json::as_str).map(str::to_owned),
            config: configs.values,
            unrendered_config: configs.unrendered,
            body: body.as_object().cloned().unwrap_or_default(),
            ..model.clone()
        }
    });
    metrics.collect()
}

/// Follows `model: ref('…')` of a semantic model.
fn follow_model(
    cx: &Context<'_>,
    (lookup, manifest): (&Lookup, &Manifest),
    resource: &mut SemanticResource,
    diagnostics: &mut Diagnostics,
) {
    let text = resource.body.get("model").and_then(Json::as_str).unwrap_or_default().to_owned();
    let what = format!("semantic model `{}`", resource.name);
    let speaker = Speaker { package: &resource.package, kind: "semantic_model", name: &resource.name };
    let captured = reference::named_by(cx, &speaker, (&text, resource.span), diagnostics);
    resource.refs = reference::refs(&captured);
    for call in resource.refs.clone() {
        let version = call.version.as_ref();
        match lookup.find_ref(&resource.package, call.package.as_deref(), &call.name, version) {
            Found::Here(id) => {
                resource.depends_on.push(id.clone());
                if let Some(node) = manifest.node(id) {
                    let relation = json!({
                        "alias": node.alias,
                        "schema_name": node.schema,
                        "database": node.database,
                        "relation_name": node.relation.as_ref().map(|relation| relation.render_with(cx.session.dialect, cx.session.quoting)),
                    });
                    resource.body.insert("node_relation".to_owned(), relation);
                }
            }
            Found::Disabled(_) => {
                let message = format!("{what} refers to `{}`, which is disabled", call.name);
                diagnostics.push(Diagnostic::error(codes::DISABLED_DEPENDENCY, message).at(resource.span));
            }
            Found::Missing if cx.broken().contains(&call.name) => {}
            Found::Missing => {
                diagnostics.push(missing_ref(&what, (&call.name, version), lookup).at(resource.span));
            }
        }
    }
    if resource.refs.is_empty() {
        let message = format!("`model` of {what} names no model");
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_VALUE, message)
                .at(resource.span)
                .help("write it as `model: ref('orders')`"),
        );
    }
}

/// Gives the exports of a saved query what they inherit: the query's configs, the target's schema and database.
fn name_exports(cx: &Context<'_>, query: &mut SemanticResource) {
    let target = &cx.session.target;
    let inherited = query.config.clone();
    for export in query.body.get_mut("exports").and_then(Json::as_array_mut).into_iter().flatten() {
        let own = export["config"].as_object().cloned().unwrap_or_default();
        let get = |key: &str| {
            let value = own.get(key).or_else(|| inherited.get(key));
            value.filter(|value| !value.is_null()).cloned()
        };
        let config = json!({
            "export_as": get("export_as"),
            "schema_name": get("schema_name").or_else(|| get("schema")).unwrap_or_else(|| json!(target.schema)),
            "alias": get("alias").unwrap_or_else(|| export["name"].clone()),
            "database": get("database").unwrap_or_else(|| json!(target.database)),
        });
        export["config"] = config;
    }
}

/// The metrics and measures by name.
struct Metrics {
    measures: HashMap<String, UniqueId>,
    metrics: HashMap<String, UniqueId>,
    disabled: HashSet<String>,
}

/// What a metric is made of.
struct Inputs {
    /// Measures, as the artifact holds them.
    measures: Vec<Json>,
    /// Names of metrics.
    metrics: Vec<String>,
}

impl Metrics {
    fn of(manifest: &Manifest) -> Self {
        let mut measures = HashMap::default();
        for model in manifest.semantic.values().filter(|found| found.kind == SemanticKind::SemanticModel) {
            for measure in model.body.get("measures").and_then(Json::as_array).into_iter().flatten() {
                measures.insert(measure["name"].as_str().unwrap_or_default().to_owned(), model.id.clone());
            }
        }
        let is_metric = |found: &&SemanticResource| found.kind == SemanticKind::Metric;
        let metrics = manifest.semantic.values().filter(is_metric).map(|found| (found.name.clone(), found.id.clone()));
        let disabled = manifest.disabled_others.semantic.iter().filter(is_metric).map(|found| found.name.clone());
        Metrics { measures, metrics: metrics.collect(), disabled: disabled.collect() }
    }

    /// Sets what each metric and saved query reads.
    fn follow(&self, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
        let ids: Vec<UniqueId> = manifest.semantic.keys().cloned().collect();
        for id in &ids {
            let Some(resource) = manifest.semantic.get(id) else { continue };
            let at = (resource.kind.as_str().replace('_', " "), resource.name.clone(), resource.span);
            match resource.kind {
                SemanticKind::SemanticModel => {}
                SemanticKind::SavedQuery => {
                    let names = resource.body.get("query_params").and_then(|params| params["metrics"].as_array());
                    let names: Vec<String> =
                        names.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect();
                    let found = names.iter().filter_map(|name| self.metric(name, &at, diagnostics)).collect();
                    if let Some(resource) = manifest.semantic.get_mut(id) {
                        resource.depends_on = found;
                    }
                }
                SemanticKind::Metric => self.follow_metric(manifest, id, &at, diagnostics),
            }
        }
    }

    fn follow_metric(
        &self,
        manifest: &mut Manifest,
        id: &UniqueId,
        at: &(String, String, Span),
        diagnostics: &mut Diagnostics,
    ) {
        let Some(resource) = manifest.semantic.get(id) else { return };
        let inputs = inputs(resource);
        let mut depends_on: Vec<UniqueId> = Vec::new();
        for measure in &inputs.measures {
            let name = measure["name"].as_str().unwrap_or_default();
            match self.measures.get(name) {
                Some(model) => depends_on.push(model.clone()),
                None => {
                    let message = format!("metric `{}` reads measure `{name}`, which does not exist", at.1);
                    let diagnostic = Diagnostic::error(codes::UNKNOWN_REF, message).at(at.2);
                    diagnostics.push(diagnostic.suggest_near(name, self.measures.keys().map(String::as_str)));
                }
            }
        }
        depends_on.extend(inputs.metrics.iter().filter_map(|name| self.metric(name, at, diagnostics)));
        let mut all: Vec<Json> = Vec::new();
        for measure in inputs.measures {
            if !all.contains(&measure) {
                all.push(measure);
            }
        }
        let mut seen = HashSet::from_iter([id.clone()]);
        self.collect(manifest, &inputs.metrics, &mut seen, &mut all);
        let mut known = HashSet::default();
        depends_on.retain(|id| known.insert(id.clone()));
        if let Some(resource) = manifest.semantic.get_mut(id) {
            resource.depends_on = depends_on;
            resource.refs = Vec::new();
            if let Some(params) = resource.body.get_mut("type_params").and_then(Json::as_object_mut) {
                params.insert("input_measures".to_owned(), Json::Array(all));
            }
        }
    }

    /// Adds the measures behind metrics.
    fn collect(&self, manifest: &Manifest, names: &[String], seen: &mut HashSet<UniqueId>, all: &mut Vec<Json>) {
        for name in names {
            let Some(id) = self.metrics.get(name) else { continue };
            if !seen.insert(id.clone()) {
                continue;
            }
            let Some(metric) = manifest.semantic.get(id) else { continue };
            let inputs = inputs(metric);
            for measure in inputs.measures {
                if !all.contains(&measure) {
                    all.push(measure);
                }
            }
            self.collect(manifest, &inputs.metrics, seen, all);
        }
    }

    fn metric(
        &self,
        name: &str,
        (kind, owner, at): &(String, String, Span),
        diagnostics: &mut Diagnostics,
    ) -> Option<UniqueId> {
        let found = self.metrics.get(name);
        if found.is_none() {
            let (code, why) = match self.disabled.contains(name) {
                true => (codes::DISABLED_DEPENDENCY, "is disabled"),
                false => (codes::UNKNOWN_REF, "does not exist"),
            };
            let diagnostic = Diagnostic::error(code, format!("{kind} `{owner}` reads metric `{name}`, which {why}"));
            diagnostics.push(diagnostic.at(*at).suggest_near(name, self.metrics.keys().map(String::as_str)));
        }
        found.cloned()
    }
}

/// What a metric says that it is made of.
fn inputs(metric: &SemanticResource) -> Inputs {
    let empty = Json::Null;
    let params = metric.body.get("type_params").unwrap_or(&empty);
    let kind = metric.body.get("type").and_then(Json::as_str).unwrap_or_default();
    let name = |input: &Json| input["name"].as_str().map(str::to_owned);
    let given = |values: Vec<&Json>| values.into_iter().filter(|value| !value.is_null()).cloned().collect();
    match kind {
        "simple" | "cumulative" => Inputs { measures: given(vec![&params["measure"]]), metrics: Vec::new() },
        "conversion" => {
            let params = &params["conversion_type_params"];
            Inputs {
                measures: given(vec![&params["base_measure"], &params["conversion_measure"]]),
                metrics: Vec::new(),
            }
        }
        "ratio" => {
            let metrics = [&params["numerator"], &params["denominator"]].into_iter().filter_map(name).collect();
            Inputs { measures: Vec::new(), metrics }
        }
        _ => {
            let metrics = params["metrics"].as_array().into_iter().flatten().filter_map(name).collect();
            Inputs { measures: Vec::new(), metrics }
        }
    }
}
