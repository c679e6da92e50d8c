//! Nodes: models, seeds, snapshots, tests, analyses, functions. There are many, so they are written from where they lie, without
//! a copy in between.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::column::{Columns, ConstraintFields};
use super::{DependsOn, Ref, Writer, calls, database, refs, version};
use crate::artifact::{CompiledCode, NodeOutput};
use crate::config::FunctionReturns;
use crate::manifest::{ConfigValues, GenericTest, Node, ResourceType, RunHook, Template, TestKind, UniqueId};
use crate::source::SourceMap;

impl<'a> Writer<'a> {
    pub(super) fn node(&'a self, node: &'a Node) -> NodeFields<'a> {
        NodeFields::of(self, node)
    }

    pub(super) fn hook(&'a self, hook: &'a RunHook) -> NodeFields<'a> {
        // As in dbt: counted from 0 while it is only read or compiled, from 1 once it has run.
        let was_to_run = self.outputs.get(&hook.node.id).is_some_and(|output| output.was_to_run);
        let index = hook.index + usize::from(was_to_run);
        NodeFields { hook: Some(HookFields { index }), ..self.node(&hook.node) }
    }
}

/// A node as the manifest has it: what all nodes have, and what some have.
#[derive(Serialize)]
pub(super) struct NodeFields<'a> {
    database: Option<&'a str>,
    schema: &'a str,
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a UniqueId,
    fqn: &'a [String],
    alias: &'a str,
    checksum: Checksum<'a>,
    config: Config<'a>,
    tags: &'a [String],
    description: &'a str,
    columns: Columns<'a>,
    meta: &'a Map<String, Json>,
    group: Option<&'a str>,
    docs: Docs<'a>,
    patch_path: Option<&'a str>,
    build_path: Option<&'a str>,
    unrendered_config: &'a ConfigValues,
    created_at: f64,
    relation_name: Option<String>,
    raw_code: RawCode<'a>,
    doc_blocks: &'a [UniqueId],
    #[serde(flatten)]
    seed: Option<SeedFields<'a>>,
    #[serde(flatten)]
    query: Option<QueryFields<'a>>,
    #[serde(flatten)]
    model: Option<ModelFields<'a>>,
    #[serde(flatten)]
    test: Option<TestFields<'a>>,
    #[serde(flatten)]
    function: Option<FunctionFields<'a>>,
    #[serde(flatten)]
    hook: Option<HookFields>,
}

impl<'a> NodeFields<'a> {
    fn of(writer: &'a Writer<'a>, node: &'a Node) -> Self {
        let is = |resource: ResourceType| node.resource == resource;
        let output = writer.outputs.get(&node.id);
        NodeFields {
            database: database(&node.database),
            schema: &node.schema,
            name: &node.name,
            resource_type: node.resource.as_str(),
            package_name: &node.package,
            path: &node.path,
            original_file_path: &node.original_path,
            unique_id: &node.id,
            fqn: &node.fqn,
            alias: &node.alias,
            checksum: Checksum { name: node.checksum_name(), checksum: node.checksum.as_deref().unwrap_or_default() },
            config: Config { values: &node.config.values, layer: node.layer.as_deref() },
            tags: &node.config.tags,
            description: &node.description,
            columns: Columns(&node.columns),
            meta: node.config.meta(),
            group: node.group.as_deref(),
            docs: node.config.values.get("docs").map_or(Docs::UNSAID, Docs::Said),
            patch_path: node.patch_path.as_deref(),
            build_path: output.and_then(|output| output.build_path.as_deref()),
            unrendered_config: &node.unrendered_config,
            created_at: 0.0,
            relation_name: node.relation.as_ref().map(|found| found.render_with(writer.dialect, writer.quoting)),
            raw_code: RawCode { sources: writer.sources, node },
            doc_blocks: &node.doc_blocks,
            seed: is(ResourceType::Seed)
                .then(|| SeedFields { root_path: (), depends_on: OnlyMacros { macros: &node.macros } }),
            query: (!is(ResourceType::Seed)).then(|| QueryFields::of(node, output)),
            model: is(ResourceType::Model).then(|| ModelFields::of(node)),
            test: match &node.test {
                Some(TestKind::Generic(test)) => Some(TestFields::of(test)),
                _ => None,
            },
            function: node.function.as_ref().map(|function| FunctionFields {
                arguments: function.arguments_json(),
                returns: (&function.returns).into(),
            }),
            hook: None,
        }
    }
}

#[derive(Serialize)]
struct Checksum<'a> {
    name: &'static str,
    checksum: &'a str,
}

/// The configs. dbt's schema has room for keys of others only here, so the layer stands among them.
struct Config<'a> {
    values: &'a ConfigValues,
    layer: Option<&'a str>,
}

impl Serialize for Config<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(layer) = self.layer else { return self.values.serialize(serializer) };
        let mut values = self.values.clone();
        values.set("layer", layer.into());
        values.serialize(serializer)
    }
}

/// Whether and how the documentation shows the node.
#[derive(Serialize)]
#[serde(untagged)]
enum Docs<'a> {
    Said(&'a Json),
    Unsaid { show: bool, node_color: () },
}

impl Docs<'_> {
    const UNSAID: Self = Docs::Unsaid { show: true, node_color: () };
}

/// The template, without the white space around it but for blocks of a file.
struct RawCode<'a> {
    sources: &'a SourceMap,
    node: &'a Node,
}

impl Serialize for RawCode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.node.template, self.node.template_span(self.sources)) {
            (_, Some(span)) => {
                let file = self.sources.get(span.file);
                serializer.serialize_str(file.text().get(span.range()).unwrap_or_default())
            }
            (Template::Text(text), _) => serializer.serialize_str(text),
            _ => serializer.serialize_str(""),
        }
    }
}

#[derive(Serialize)]
struct SeedFields<'a> {
    root_path: (),
    depends_on: OnlyMacros<'a>,
}

/// What a seed depends on: the macros of its hooks.
#[derive(Serialize)]
struct OnlyMacros<'a> {
    macros: &'a [UniqueId],
}

/// What only nodes with SQL have.
#[derive(Serialize)]
struct QueryFields<'a> {
    language: &'static str,
    refs: Vec<Ref<'a>>,
    sources: &'a [(String, String)],
    metrics: Vec<Vec<&'a str>>,
    functions: Vec<Vec<&'a str>>,
    depends_on: DependsOn<'a>,
    compiled_path: Option<&'a str>,
    #[serde(flatten)]
    compiled: Option<CompiledFields<'a>>,
    contract: Contract<'a>,
}

/// What only compiled nodes have.
#[derive(Serialize)]
struct CompiledFields<'a> {
    compiled: bool,
    compiled_code: &'a str,
    extra_ctes_injected: bool,
    extra_ctes: Vec<ExtraCte<'a>>,
}

#[derive(Serialize)]
struct ExtraCte<'a> {
    id: &'a UniqueId,
    sql: &'a str,
}

impl<'a> CompiledFields<'a> {
    fn of(compiled: &'a CompiledCode) -> Self {
        CompiledFields {
            compiled: true,
            compiled_code: &compiled.sql,
            extra_ctes_injected: true,
            extra_ctes: compiled.extra_ctes.iter().map(|(id, sql)| ExtraCte { id, sql }).collect(),
        }
    }
}

#[derive(Serialize)]
struct Contract<'a> {
    enforced: bool,
    alias_types: bool,
    checksum: Option<&'a str>,
}

impl<'a> QueryFields<'a> {
    fn of(node: &'a Node, output: Option<&'a NodeOutput>) -> Self {
        let contract = &node.contract;
        let compiled = output.and_then(|output| output.compiled.as_ref());
        // Which macros a template calls is known when it has been rendered for its text: some calls stand behind `execute`.
        let called = compiled.map(|compiled| compiled.macros.iter()).into_iter().flatten();
        let macros = node.macros.iter().chain(called.filter(|id| !node.macros.contains(id)));
        QueryFields {
            language: node.language(),
            refs: refs(&node.refs),
            sources: &node.source_calls,
            metrics: calls(&node.metric_calls),
            functions: calls(&node.function_calls),
            depends_on: DependsOn { macros: macros.collect(), nodes: &node.depends_on },
            compiled_path: output.and_then(|output| output.compiled_path.as_deref()),
            compiled: compiled.map(CompiledFields::of),
            contract: Contract {
                enforced: contract.enforced,
                alias_types: contract.alias_types,
                checksum: contract.checksum.as_deref(),
            },
        }
    }
}

#[derive(Serialize)]
struct ModelFields<'a> {
    access: &'static str,
    constraints: Vec<ConstraintFields<'a>>,
    version: Option<&'a Json>,
    latest_version: Option<&'a Json>,
    deprecation_date: Option<&'a str>,
    primary_key: &'a [String],
    time_spine: Option<&'a Json>,
}

impl<'a> ModelFields<'a> {
    fn of(node: &'a Node) -> Self {
        ModelFields {
            access: node.access.as_str(),
            constraints: node.constraints.iter().map(ConstraintFields::of_model).collect(),
            version: version(node.version.as_ref()),
            latest_version: version(node.latest_version.as_ref()),
            deprecation_date: node.deprecation_date.as_deref(),
            primary_key: &node.primary_key,
            time_spine: node.time_spine.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct TestFields<'a> {
    test_metadata: TestMetadata<'a>,
    column_name: Option<&'a str>,
    attached_node: Option<&'a UniqueId>,
    file_key_name: &'a str,
}

#[derive(Serialize)]
struct TestMetadata<'a> {
    name: &'a str,
    kwargs: &'a Map<String, Json>,
    namespace: Option<&'a str>,
}

impl<'a> TestFields<'a> {
    fn of(test: &'a GenericTest) -> Self {
        let attached = test.attached.as_ref();
        TestFields {
            test_metadata: TestMetadata {
                name: &test.name,
                kwargs: &test.arguments,
                namespace: test.namespace.as_deref(),
            },
            column_name: test.column.as_deref(),
            attached_node: attached.filter(|id| !id.as_str().starts_with("source.")),
            file_key_name: &test.file_key,
        }
    }
}

#[derive(Serialize)]
struct HookFields {
    index: usize,
}

#[derive(Serialize)]
struct FunctionFields<'a> {
    arguments: Json,
    returns: Returns<'a>,
}

#[derive(Serialize)]
struct Returns<'a> {
    data_type: &'a str,
    description: Option<&'a str>,
}

impl<'a> From<&'a FunctionReturns> for Returns<'a> {
    fn from(returns: &'a FunctionReturns) -> Self {
        Returns { data_type: &returns.data_type, description: returns.description.as_deref() }
    }
}
