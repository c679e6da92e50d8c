//! A node on its way: what is known before its configs are, and the steps that all kinds of node share.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::config::{Configs, Merge, tree_of};
use super::properties::Patched;
use super::{Context, check, governance, hook, macros, reference};
use crate::base::{Fingerprint, IndexMap, Timestamp};
use crate::context::{Captured, ParseNames, Subject};
use crate::diagnostic::Diagnostics;
use crate::jinja::{Scope, Value};
use crate::load::{File, Package};
use crate::manifest::{
    Access, ConfigValues, Materialized, Microbatch, Node, NodeConfig, ResourceType, StoreFailures, Template,
    TestConfig, TestKind, UniqueId, Version, read_export, read_layout,
};
use crate::source::Span;

/// A node before its configs are known.
#[derive(Clone)]
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
    /// Which version of its model it is.
    pub(super) version: Option<Version>,
    /// The version that a reference without one means.
    pub(super) latest_version: Option<Version>,
    /// What it is made by.
    pub(super) template: Template,
    /// The digest of its file.
    pub(super) checksum: Option<String>,
    /// What kind of test it is.
    pub(super) test: Option<TestKind>,
}

impl<'p> Draft<'p> {
    /// The node of a file that it has to itself; a version of a model has the model's name.
    pub(super) fn of_file(
        package: &'p Package,
        resource: ResourceType,
        (file, template): (&File, Template),
        patched: Option<&Patched<'_>>,
    ) -> Self {
        // dbt puts analyses below the name of their kind.
        let kind = (resource == ResourceType::Analysis).then_some("analysis");
        let package_name = package.config.name.as_str();
        let version = patched.and_then(Patched::v);
        let suffix = version.as_ref().map(|version| format!("v{version}"));
        let name = match (patched, &version) {
            (Some(patched), Some(_)) => patched.patch.properties.name.as_str(),
            _ => file.stem(),
        };
        let fqn = [Some(package_name), kind].into_iter().flatten().chain(file.folders()).chain([name]);
        let parts = [resource.as_str(), package_name, name].into_iter();
        Draft {
            package,
            resource,
            id: UniqueId::of(&parts.chain(suffix.as_deref()).collect::<Vec<_>>()),
            name: name.to_owned(),
            fqn: fqn.chain(suffix.as_deref()).map(str::to_owned).collect(),
            path: kind.map_or_else(|| file.path.clone(), |kind| format!("{kind}/{}", file.path)),
            original_path: file.original_path.clone(),
            span: Span::whole(file.id),
            latest_version: version.as_ref().and(patched.and_then(|patched| patched.patch.latest_version())),
            version,
            template,
            checksum: Some(file.checksum.clone()),
            test: (resource == ResourceType::Test).then_some(TestKind::Singular),
        }
    }

    /// The names that its template sees while it is parsed.
    pub(super) fn names(&self, cx: &Context<'_>) -> (Arc<ParseNames>, Scope) {
        names_of(cx, self.package, self.clone().unnamed(cx, NodeConfig::default()))
    }

    /// The key of a reading: what is read, and all of the node that the template can ask for.
    pub(super) fn key(&self, kind: &str, template: &str) -> Fingerprint {
        let version = self.version.as_ref().map(Version::to_string).unwrap_or_default();
        let package = self.package.config.name.as_str();
        let own = [kind, template, self.resource.as_str(), self.id.as_str(), package, &self.name];
        let rest = [self.original_path.as_str(), &version];
        Fingerprint::of(own.into_iter().chain(rest).chain(self.fqn.iter().map(String::as_str)))
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
        configs: Configs,
        mut captured: Captured,
        diagnostics: &mut Diagnostics,
    ) -> Option<Node> {
        let hook_macros = hook::capture(cx, &self, &configs.values, &mut captured, diagnostics);
        let values = match self.resource {
            ResourceType::Test => storing_settled(configs.values),
            _ => configs.values,
        };
        let mut config = NodeConfig::read(values, &self.name, self.span, diagnostics);
        if self.resource == ResourceType::Test {
            let mut test = TestConfig::read(&config.values, &self.name, self.span, diagnostics);
            if cx.session.flags.store_failures() && config.leaves_storing_open() {
                test.store_failures = Some(StoreFailures::Table);
            }
            config.test = Some(Box::new(test));
        }
        let place = |key: &str| self.place_of(cx, key);
        if config.enabled && config.has_rows() {
            config.layout = read_layout(&config.values, &self.name, place, diagnostics);
        }
        if self.resource == ResourceType::Model && config.enabled && config.materialized == Materialized::External {
            let (export, layout) = read_export(&config.values, &self.name, place, diagnostics);
            (config.export, config.layout) = (Some(Box::new(export)), Some(Box::new(layout)));
        }
        if self.resource == ResourceType::Model && config.enabled && config.is_microbatch() && batches(cx) {
            config.microbatch = Microbatch::read(&config.values, &self.name, place, diagnostics).map(Box::new);
            let begin = text(&config, "begin").and_then(|begin| iso(&begin));
            begin.into_iter().for_each(|begin| config.values.set("begin", Json::from(begin)));
        }
        check::config(cx, &self, (&config, &configs.unrendered), diagnostics);
        let package = self.package;
        let mut node = Node {
            access: governance::access(self.resource, &config, || check::place(cx, &self, "access"), diagnostics),
            group: text(&config, "group"),
            in_file_config: captured.config.clone(),
            unrendered_config: configs.unrendered,
            refs: reference::refs(&captured),
            source_calls: captured.sources,
            metric_calls: captured.metrics,
            function_calls: captured.functions,
            macros: hook_macros,
            ..self.unnamed(cx, config)
        };
        diagnostics.take(cx.naming.name(cx, &mut node, |node| names_of(cx, package, node.clone()).1))?;
        if node.resource == ResourceType::Snapshot {
            // Before snapshots had the configs of all nodes, they named their place so.
            let of_old = |key: &str| text(&node.config, key);
            let (database, schema) = (of_old("target_database"), of_old("target_schema"));
            node.database = database.unwrap_or(node.database);
            node.schema = schema.unwrap_or(node.schema);
        }
        let is_relation = match node.resource {
            ResourceType::Model => node.config.materialized != Materialized::Ephemeral,
            ResourceType::Seed | ResourceType::Snapshot => true,
            ResourceType::Test => node.config.test.as_ref().is_some_and(|test| test.store_failures.is_some()),
            _ => false,
        };
        node.relation = is_relation.then(|| cx.session.relation(&node.database, &node.schema, &node.alias));
        Some(node)
    }

    /// The node with these configs before it is named, and before anything is known of what it reads: as dbt puts it, in the schema of
    /// the target and under its own name.
    fn unnamed(self, cx: &Context<'_>, config: NodeConfig) -> Node {
        let target = &cx.session.target;
        Node {
            id: self.id,
            resource: self.resource,
            package: self.package.config.name.clone(),
            alias: self.name.clone(),
            name: self.name,
            fqn: self.fqn,
            path: self.path,
            original_path: self.original_path,
            batch: None,
            span: self.span,
            template: self.template,
            checksum: self.checksum,
            database: target.database.clone(),
            schema: target.schema.clone(),
            relation: None,
            group: None,
            access: Access::default(),
            contract: governance::contract(&config),
            config,
            in_file_config: Map::new(),
            unrendered_config: ConfigValues::default(),
            layer: None,
            description: String::new(),
            doc_blocks: Vec::new(),
            patch_path: None,
            columns: IndexMap::default(),
            version: self.version,
            latest_version: self.latest_version,
            deprecation_date: None,
            constraints: Vec::new(),
            primary_key: Vec::new(),
            time_spine: None,
            function: None,
            refs: Vec::new(),
            source_calls: Vec::new(),
            metric_calls: Vec::new(),
            function_calls: Vec::new(),
            depends_on: Vec::new(),
            macros: Vec::new(),
            test: self.test,
        }
    }
}

/// The names that templates see which belong to a node that is being parsed: nothing is known of its configs but what the project
/// file says.
fn names_of(cx: &Context<'_>, package: &Package, mut node: Node) -> (Arc<ParseNames>, Scope) {
    let of: Arc<str> = package.config.name.as_str().into();
    let subject = Subject {
        unique_id: node.id.to_string(),
        name: node.name.clone(),
        package: Arc::clone(&of),
        resource_type: node.resource.as_str(),
        fqn: node.fqn.clone(),
        original_path: node.original_path.clone(),
        version: node.version.clone(),
    };
    let tree = tree_of(node.resource);
    let configs = Merge::of(cx, &of, tree, &node.fqn).root_tree(cx, package, tree, &node.fqn);
    node.config = NodeConfig::unread(configs.finish().values);
    let names = ParseNames::new(cx.surroundings.clone(), subject, Some(Arc::new(node)));
    let scope = Scope::new(of, Value::from_dyn_object(Arc::clone(&names)));
    (names, scope)
}

/// A config that is a text.
pub(super) fn text(config: &NodeConfig, key: &str) -> Option<String> {
    config.values.get(key).and_then(Json::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The node with what its properties say.
pub(super) fn described(
    cx: &Context<'_>,
    mut node: Node,
    patched: Option<Patched<'_>>,
    diagnostics: &mut Diagnostics,
) -> Node {
    let Some(patched) = patched else { return node };
    let describer = cx.docs.describer(&node.package, node.config.enabled);
    let (written, at) = patched.description();
    let (description, doc_blocks) = (describer.text(written, at, diagnostics), describer.blocks(written));
    let columns = describer.columns(patched.columns(), diagnostics);
    node = Node { description, doc_blocks, columns, ..node };
    node.patch_path = Some(format!("{}://{}", patched.patch.package, patched.patch.file.original_path));
    let properties = &patched.patch.properties;
    match node.resource {
        ResourceType::Model => {
            node.deprecation_date = patched.deprecation_date().map(governance::date);
            node.constraints = patched.constraints().to_vec();
            // dbt gives it to models without versions only.
            node.time_spine = properties.time_spine.clone().filter(|_| patched.version.is_none());
            if let Some(Json::Object(spine)) = node.time_spine.as_deref_mut() {
                spine.entry("custom_granularities").or_insert_with(|| Json::Array(Vec::new()));
            }
            governance::constraints(cx, &mut node, patched.patch, diagnostics);
        }
        ResourceType::Function => node.function = properties.function.clone().map(Box::new),
        _ => {}
    }
    node
}

/// The configs of a test with `store_failures` and `store_failures_as` in agreement: the latter decides where it is set.
fn storing_settled(mut values: ConfigValues) -> ConfigValues {
    let said = |key: &str| values.get(key).filter(|value| !value.is_null());
    let (flag, kind) = (said("store_failures").and_then(Json::as_bool), said("store_failures_as"));
    match (flag, kind) {
        (None, None) => {}
        (Some(flag), None) => values.set("store_failures_as", Json::from(if flag { "table" } else { "ephemeral" })),
        (_, Some(kind)) => {
            let is_stored = kind != "ephemeral";
            values.set("store_failures", Json::from(is_stored));
        }
    }
    values
}

/// Whether models with the strategy `microbatch` are built in batches: not by a macro of the project's own that does not know of them.
fn batches(cx: &Context<'_>) -> bool {
    let flag = "require_batched_execution_for_custom_microbatch_strategy";
    cx.session.flags.is(flag) || !macros::is_overridden(&cx.surroundings, "get_incremental_microbatch_sql")
}

/// A time without a zone as dbt's artifacts have it.
fn iso(text: &str) -> Option<String> {
    let has_zone = text.contains(['+', 'Z']) || text.matches('-').count() > 2;
    let time = Timestamp::parse(text).filter(|_| !has_zone)?.0.naive_utc();
    let fraction = if time.and_utc().timestamp_subsec_micros() == 0 { "" } else { "%.6f" };
    Some(time.format(&format!("%Y-%m-%dT%H:%M:%S{fraction}")).to_string())
}
