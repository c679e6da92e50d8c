//! A query of the command line as a node: it may use everything that a model can.

use std::sync::Arc;

use super::Parsed;
use super::reference;
use super::resolve::{missing_function, missing_ref};
use crate::context::{ParseNames, Subject};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{Scope, Value};
use crate::manifest::{Access, ConfigValues, Contract, Found, Node, NodeConfig, ResourceType, Template, UniqueId};
use crate::source::Span;

/// The name of the node.
const NAME: &str = "inline_query";

/// Parses a query against a parsed project.
///
/// # Errors
/// When the template fails, or refers to what does not exist.
pub fn parse(parsed: &Parsed, sql: &str) -> Result<Node, Diagnostics> {
    let session = &parsed.surroundings.session;
    let file = session.sources.add("--inline", sql);
    let span = Span::new(file, 0..sql.len());
    let package = session.project.clone();
    let id = UniqueId::node(ResourceType::Analysis, &package, NAME);
    let subject = Subject {
        unique_id: id.to_string(),
        name: NAME.to_owned(),
        package: package.as_str().into(),
        resource_type: ResourceType::Analysis.as_str(),
        fqn: vec![package.clone(), NAME.to_owned()],
        original_path: NAME.to_owned(),
        version: None,
    };
    let names = ParseNames::new(parsed.surroundings.clone(), subject, None);
    let scope = Scope::new(package.as_str(), Value::from_dyn_object(Arc::clone(&names)));
    parsed.surroundings.environment.read(span, &scope).text?;
    let captured = names.captured();
    let mut diagnostics = Diagnostics::new();
    let mut depends_on = Vec::new();
    for call in &captured.refs {
        match parsed.lookup.find_ref(&package, call.package.as_deref(), &call.name, call.version.as_ref()) {
            Found::Here(id) => depends_on.push(id.clone()),
            _ => {
                diagnostics.push(missing_ref("the query", (&call.name, call.version.as_ref()), &parsed.lookup).at(span))
            }
        }
    }
    for (source, table) in &captured.sources {
        match parsed.lookup.find_source(&package, source, table) {
            Found::Here(id) => depends_on.push(id.clone()),
            _ => {
                let message = format!("the query reads source `{source}.{table}`, which is not declared");
                diagnostics.push(Diagnostic::error(codes::UNKNOWN_SOURCE, message).at(span));
            }
        }
    }
    for (of, name) in &captured.functions {
        match parsed.lookup.find_function(&package, of.as_deref(), name) {
            Found::Here(id) => depends_on.push(id.clone()),
            _ => diagnostics.push(missing_function("the query", name, &parsed.lookup).at(span)),
        }
    }
    let config = NodeConfig::read(captured.config.clone().into(), NAME, span, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    Ok(Node {
        path: format!("{NAME}.sql"),
        original_path: format!("{NAME}.sql"),
        batch: None,
        template: Template::File(span),
        refs: reference::refs(&captured),
        in_file_config: captured.config,
        source_calls: captured.sources,
        metric_calls: captured.metrics,
        function_calls: captured.functions,
        depends_on,
        config,
        ..bare(parsed, id, ResourceType::Analysis, span)
    })
}

/// A node that is not in the manifest and says nothing yet, with what every node has: database, schema, an empty config.
#[must_use]
pub fn bare(parsed: &Parsed, id: UniqueId, resource: ResourceType, span: Span) -> Node {
    let session = &parsed.surroundings.session;
    let mut parts = id.as_str().splitn(3, '.').skip(1).map(str::to_owned);
    let package = parts.next().unwrap_or_else(|| session.project.clone());
    let name = parts.next().unwrap_or_default();
    Node {
        id,
        resource,
        fqn: vec![package.clone(), name.clone()],
        path: String::new(),
        original_path: String::new(),
        batch: None,
        span,
        template: Template::Text(String::new()),
        checksum: None,
        alias: name.clone(),
        database: session.target.database.clone(),
        schema: session.target.schema.clone(),
        relation: None,
        in_file_config: serde_json::Map::new(),
        unrendered_config: ConfigValues::default(),
        group: None,
        access: Access::default(),
        version: None,
        latest_version: None,
        deprecation_date: None,
        contract: Contract::default(),
        constraints: Vec::new(),
        primary_key: Vec::new(),
        time_spine: None,
        function: None,
        metric_calls: Vec::new(),
        function_calls: Vec::new(),
        layer: None,
        description: String::new(),
        doc_blocks: Vec::new(),
        patch_path: None,
        columns: crate::base::IndexMap::default(),
        refs: Vec::new(),
        source_calls: Vec::new(),
        depends_on: Vec::new(),
        macros: Vec::new(),
        test: None,
        config: NodeConfig::read(ConfigValues::default(), &name, span, &mut Diagnostics::new()),
        package,
        name,
    }
}
