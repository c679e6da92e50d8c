//! A node on its way: what is known before its configs are, and the steps that all kinds of node share.

use std::sync::Arc;

use indexmap::IndexMap;

use super::properties::Patch;
use super::{Context, check, hook};
use crate::config::ResourceProperties;
use crate::context::{Captured, ParseNames, Subject};
use crate::diagnostic::Diagnostics;
use crate::jinja::{Scope, Value};
use crate::load::{File, Package};
use crate::manifest::{
    Column, ConfigValues, Materialized, Node, NodeConfig, ResourceType, StoreFailures, Template, UniqueId,
};
use crate::source::Span;
use crate::sql::Relation;

/// A node before its configs are known.
pub(super) struct Draft<'p> {
    pub(super) package: &'p Package,
    pub(super) resource: ResourceType,
    pub(super) id: UniqueId,
    pub(super) name: String,
    pub(super) fqn: Vec<String>,
    pub(super) path: String,
    pub(super) original_path: String,
    /// Where errors about the node as a whole are shown.
    pub(super) span: Span,
}

impl<'p> Draft<'p> {
    /// The node of a file that it has to itself.
    pub(super) fn of_file(package: &'p Package, resource: ResourceType, file: &File) -> Self {
        // dbt puts analyses below the name of their kind.
        let kind = (resource == ResourceType::Analysis).then_some("analysis");
        let package_name = package.config.name.as_str();
        let fqn = [Some(package_name), kind].into_iter().flatten().chain(file.folders()).chain([file.stem()]);
        Draft {
            package,
            resource,
            id: UniqueId::node(resource, package_name, file.stem()),
            name: file.stem().to_owned(),
            fqn: fqn.map(str::to_owned).collect(),
            path: file.path.clone(),
            original_path: file.original_path.clone(),
            span: Span::whole(file.id),
        }
    }

    /// The names that its template sees while it is parsed.
    pub(super) fn names(&self, cx: &Context<'_>) -> (Arc<ParseNames>, Scope) {
        let package: Arc<str> = self.package.config.name.as_str().into();
        let subject = Subject {
            unique_id: self.id.to_string(),
            name: self.name.clone(),
            package: Arc::clone(&package),
            resource_type: self.resource.as_str(),
            fqn: self.fqn.clone(),
            original_path: self.original_path.clone(),
        };
        let names = ParseNames::new(cx.surroundings.clone(), subject);
        let scope = Scope { package, names: Value::from_dyn_object(Arc::clone(&names)) };
        (names, scope)
    }

    /// Where the node's file says a word; the node as a whole where it does not.
    pub(super) fn place_of(&self, cx: &Context<'_>, word: &str) -> Span {
        let file = cx.session.sources.get(self.span.file);
        let is_own = self.resource != ResourceType::Seed && self.span.start == 0;
        let at = file.text().find(word).filter(|_| is_own);
        at.map_or(self.span, |at| Span::new(self.span.file, at..at + word.len()))
    }

    /// The node with these configs, named by the naming macros; what its properties say is still missing.
    pub(super) fn finish(
        self,
        cx: &Context<'_>,
        scope: &Scope,
        values: ConfigValues,
        mut captured: Captured,
        diagnostics: &mut Diagnostics,
    ) -> Option<Node> {
        hook::capture(cx, &self, &values, &mut captured, diagnostics);
        let mut config = NodeConfig::read(values, &self.name, self.span, diagnostics);
        if self.resource == ResourceType::Test && cx.session.flags.store_failures() && config.leaves_storing_open() {
            config.test.store_failures = Some(StoreFailures::Table);
        }
        check::config(cx, &self, &config, diagnostics);
        let name = diagnostics.take(cx.naming.of(cx, scope, &config, &self.name))?;
        let relation = Relation::new(&name.database, &name.schema, &name.alias);
        let is_relation = match self.resource {
            ResourceType::Model => config.materialized != Materialized::Ephemeral,
            ResourceType::Seed => true,
            ResourceType::Test => config.test.store_failures.is_some(),
            ResourceType::Analysis | ResourceType::Operation => false,
        };
        Some(Node {
            id: self.id,
            resource: self.resource,
            package: self.package.config.name.clone(),
            name: self.name,
            fqn: self.fqn,
            path: self.path,
            original_path: self.original_path,
            span: self.span,
            template: Template::Text(String::new()),
            checksum: None,
            alias: name.alias,
            database: name.database,
            schema: name.schema,
            relation: is_relation.then_some(relation),
            config,
            in_file_config: captured.config,
            layer: None,
            description: String::new(),
            patch_path: None,
            columns: IndexMap::new(),
            refs: captured.refs.into_iter().map(|call| (call.package, call.name)).collect(),
            source_calls: captured.sources,
            depends_on: Vec::new(),
            macros: Vec::new(),
            test: None,
        })
    }
}

/// The node with what its properties say.
pub(super) fn described(node: Node, patch: Option<&Patch>) -> Node {
    let Some(patch) = patch else { return node };
    Node {
        description: patch.properties.description.clone(),
        patch_path: Some(patch.file.original_path.clone()),
        columns: columns(&patch.properties),
        ..node
    }
}

/// Columns as nodes and sources keep them.
pub(super) fn columns(properties: &ResourceProperties) -> IndexMap<String, Column> {
    let kept = properties.columns.iter().map(|column| {
        let kept = Column {
            name: column.name.clone(),
            description: column.description.clone(),
            data_type: column.data_type.clone(),
            quote: column.quote,
            meta: column.meta.clone(),
            tags: column.tags.clone(),
        };
        (column.name.clone(), kept)
    });
    kept.collect()
}
