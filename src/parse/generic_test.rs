//! Generic tests: a test macro applied to a relation or a column, as property files ask for it.

mod known;
mod name;

use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Map, Value as Json};

use known::KnownMacros;

use super::config::Merge;
use super::draft::Draft;
use super::partial::Reading;
use super::properties::{Patch, Patched, Placed};
use super::{Context, Parse};
use crate::base::{HashMap, HashSet, python_str};
use crate::config::{ColumnProperties, SourceProperties, TestProperties, TreeName};
use crate::context::{Captured, RefCall, argument_templates, test_arguments};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{self, BUILT_IN, Environment, MacroInfo, Scope, Value};
use crate::load::{File, Package};
use crate::manifest::{GenericTest, Manifest, Node, ResourceType, Template, TestKind, UniqueId, Version};
use crate::source::Span;

/// What a test is applied to.
struct Target<'a> {
    package: &'a Package,
    file: &'a File,
    /// The node or source; of properties of nothing there is none.
    id: Option<UniqueId>,
    /// The name in the test's name: of a source, `source_table`; of a version, `model_v1`.
    name: String,
    /// How SQL names it.
    reference: Reference,
    /// Where the property file says it: `models.orders`, `sources.raw`.
    file_key: String,
    /// The group of the node.
    group: Option<String>,
    /// Whether the node takes part; a test of one that does not is only kept.
    is_enabled: bool,
    /// Tags that the test has besides its own.
    tags: Vec<String>,
    /// Whether names of columns are quoted where a column does not say.
    quotes: bool,
    column: Option<&'a ColumnProperties>,
    test: &'a TestProperties,
}

/// How SQL names what a test is applied to.
#[derive(Clone)]
enum Reference {
    /// A node, and which version of it.
    Ref(String, Option<Version>),
    /// A source and its table.
    Source(String, String),
}

impl Reference {
    fn is_source(&self) -> bool {
        matches!(self, Reference::Source(..))
    }

    /// What is said by naming it.
    fn captured(&self) -> Captured {
        match self.clone() {
            Reference::Ref(name, version) => {
                Captured { refs: vec![RefCall { package: None, name, version }], ..Captured::default() }
            }
            Reference::Source(source, table) => Captured { sources: vec![(source, table)], ..Captured::default() },
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Ref(name, None) => write!(f, "ref('{name}')"),
            Reference::Ref(name, Some(version)) => write!(f, "ref('{name}', version='{version}')"),
            Reference::Source(source, table) => write!(f, "source('{source}', '{table}')"),
        }
    }
}

/// Parses the tests of all nodes and sources.
pub(super) fn parse(
    cx: &Context<'_>,
    nodes: &[Arc<Node>],
    manifest: &Manifest,
    diagnostics: &mut Diagnostics,
) -> Vec<Arc<Node>> {
    let targets = targets(cx, nodes, manifest);
    let parsed: Vec<Parse<Arc<Node>>> = targets.par_iter().map(|target| parse_test(cx, target)).collect();
    let mut seen: HashMap<UniqueId, Span> = HashMap::default();
    let mut tests = Vec::new();
    for ((node, found), target) in parsed.into_iter().zip(&targets) {
        if target.is_enabled {
            diagnostics.extend(found);
        }
        let Some(node) = node else { continue };
        if let Some(known) = seen.insert(node.id.clone(), target.test.span) {
            // Where two resources of one name are asked about at one place, their name is what is wrong.
            if known == target.test.span {
                continue;
            }
            let message = format!("test `{}` is asked for twice", node.name);
            diagnostics.push(
                Diagnostic::warning(codes::DUPLICATE_NAME, message)
                    .at(target.test.span)
                    .help("give one of them a `name` of its own, or remove it"),
            );
            continue;
        }
        tests.push(node);
    }
    tests
}

fn targets<'a>(cx: &'a Context<'_>, nodes: &[Arc<Node>], manifest: &Manifest) -> Vec<Target<'a>> {
    let packages: HashMap<&str, &Package> =
        cx.project.packages.iter().map(|package| (package.config.name.as_str(), package)).collect();
    let mut targets = Vec::new();
    for node in nodes {
        let stem = node.version.as_ref().and_then(|_| node.path.rsplit('/').next()?.strip_suffix(".sql"));
        let described = cx.properties.of(node.resource, &node.package, stem.unwrap_or(&node.name));
        let misplaced = cx.properties.misplaced(node.resource, &node.package, &node.name);
        for (list, patched) in described.map(|patched| (node.resource, patched)).into_iter().chain(misplaced) {
            if let Some(package) = packages.get(patched.patch.package.as_str()) {
                targets.extend(targets_of_node(package, node, list, patched));
            }
        }
    }
    // As in dbt, tests of what does not exist are kept, disabled.
    let names: HashSet<(&str, &str)> = nodes.iter().map(|node| (node.package.as_str(), node.name.as_str())).collect();
    for patch in cx.properties.unused(cx).into_iter().filter(|patch| patch.resource.can_be_referenced()) {
        let is_there = names.contains(&(patch.package.as_str(), patch.properties.name.as_str()));
        if let Some(package) = packages.get(patch.package.as_str()).filter(|_| !is_there) {
            targets.extend(targets_of_nothing(package, patch));
        }
    }
    for placed in cx.properties.sources() {
        let Some(package) = packages.get(placed.package.as_str()) else { continue };
        targets.extend(targets_of_source(package, placed, manifest));
    }
    targets
}

/// The tests of a node that the property files have in the list of a kind.
fn targets_of_node<'a>(
    package: &'a Package,
    node: &Node,
    list: ResourceType,
    patched: Patched<'a>,
) -> impl Iterator<Item = Target<'a>> {
    let name = match &node.version {
        Some(v) => format!("{}_v{v}", node.name),
        None => node.name.clone(),
    };
    let reference = Reference::Ref(node.name.clone(), node.version.clone());
    tests_of(patched.columns(), patched.tests()).map(move |(column, test)| Target {
        package,
        file: &patched.patch.file,
        id: Some(node.id.clone()),
        name: name.clone(),
        reference: reference.clone(),
        file_key: format!("{}.{}", list.plural(), node.name),
        group: node.group.clone(),
        is_enabled: node.config.enabled,
        tags: column.map(|column| column.tags.clone()).unwrap_or_default(),
        quotes: patched.patch.properties.quote_columns == Some(true),
        column,
        test,
    })
}

/// The tests of properties of a resource that does not exist.
fn targets_of_nothing<'a>(package: &'a Package, patch: &'a Patch) -> impl Iterator<Item = Target<'a>> {
    let name = &patch.properties.name;
    let patched = Patched { patch, version: None };
    tests_of(patched.columns(), patched.tests()).map(move |(column, test)| Target {
        package,
        file: &patch.file,
        id: None,
        name: name.clone(),
        reference: Reference::Ref(name.clone(), None),
        file_key: format!("{}.{name}", patch.resource.plural()),
        group: None,
        is_enabled: false,
        tags: column.map(|column| column.tags.clone()).unwrap_or_default(),
        quotes: patch.properties.quote_columns == Some(true),
        column,
        test,
    })
}

fn targets_of_source<'a>(
    package: &'a Package,
    placed: &'a Placed<SourceProperties>,
    manifest: &Manifest,
) -> Vec<Target<'a>> {
    let source = &placed.properties;
    // What changes another package's source belongs to that package.
    let owner = source.overrides.as_deref().unwrap_or(&placed.package);
    let mut targets = Vec::new();
    for table in &source.tables {
        let id = UniqueId::source(owner, &source.name, &table.resource.name);
        let is_known = |id: &UniqueId| manifest.disabled_others.sources.iter().any(|source| source.id == *id);
        if !manifest.sources.contains_key(&id) && !is_known(&id) {
            continue;
        }
        for (column, test) in tests_of(table.resource.columns.iter().collect(), &table.resource.tests) {
            let mut tags = source.level.tags_beside.clone();
            tags.extend(table.level.tags_beside.iter().cloned());
            tags.extend(column.into_iter().flat_map(|column| column.tags.iter().cloned()));
            targets.push(Target {
                package,
                file: &placed.file,
                id: Some(id.clone()),
                name: format!("{}_{}", source.name, table.resource.name),
                reference: Reference::Source(source.name.clone(), table.resource.name.clone()),
                file_key: format!("sources.{}", source.name),
                group: None,
                is_enabled: manifest.sources.contains_key(&id),
                tags,
                quotes: table.resource.quote_columns == Some(true),
                column,
                test,
            });
        }
    }
    targets
}

fn tests_of<'a>(
    columns: Vec<&'a ColumnProperties>,
    tests: &'a [TestProperties],
) -> impl Iterator<Item = (Option<&'a ColumnProperties>, &'a TestProperties)> {
    let of_columns = columns.into_iter().flat_map(|column| column.tests.iter().map(move |test| (Some(column), test)));
    tests.iter().map(|test| (None, test)).chain(of_columns)
}

fn parse_test(cx: &Context<'_>, target: &Target<'_>) -> Parse<Arc<Node>> {
    let mut diagnostics = Diagnostics::new();
    let node = parse_into(cx, target, &mut diagnostics);
    (node.map(Arc::new), diagnostics)
}

fn parse_into(cx: &Context<'_>, target: &Target<'_>, diagnostics: &mut Diagnostics) -> Option<Node> {
    let package = target.package.config.name.as_str();
    let (namespace, name) = match target.test.test.split_once('.') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
        None => (None, target.test.test.clone()),
    };
    let called = match &namespace {
        Some(namespace) => format!("{namespace}.test_{name}"),
        None => format!("test_{name}"),
    };
    let Some(found) = cx.surroundings.environment.macro_named(package, &called) else {
        diagnostics.push(unknown_test(cx, target));
        return None;
    };
    let known = KnownMacros::of(cx, package, found);
    let arguments = arguments(target);
    if let Some(wrong) = wrong_arguments(cx, target, found, &arguments) {
        diagnostics.extend(wrong);
        return None;
    }
    let identity = name::Identity::new(target, namespace.as_deref(), &name, &arguments);
    let alias = (identity.short_name != identity.name).then(|| Json::from(&*identity.short_name));
    let mut draft = draft_of(target, identity);
    let test = GenericTest {
        name,
        namespace,
        column: target.column.and_then(|_| arguments.get("column_name")?.as_str().map(str::to_owned)),
        arguments,
        attached: target.id.clone(),
        file_key: target.file_key.clone(),
    };
    let read = |environment: &Environment| {
        let kind = Some(TestKind::Generic(Box::new(test.clone())));
        let (names, scope) = Draft { test: kind, ..draft.clone() }.names(cx);
        diagnostics.take(render(environment, target, (known.is_run.then_some(&*called), &test.arguments), &scope))?;
        let captured = names.captured();
        let (config, problems) = rendered_config(environment, target, &scope);
        let is_all = problems.is_empty();
        diagnostics.extend(problems);
        Some((Reading { captured, config, ..Reading::default() }, is_all))
    };
    let written = target.test.config.to_json();
    let key = || {
        let asked = (&called, known.is_run, &test.arguments, target.reference.to_string(), &written);
        draft.key("test", &serde_json::to_string(&asked).unwrap_or_default())
    };
    let Reading { captured, config, .. } = match known.is_simple && is_plain(&test.arguments, &written) {
        true => Reading { captured: target.reference.captured(), config: written.clone(), ..Reading::default() },
        false => cx.partial.reading(&cx.surroundings.environment, key, read)?,
    };
    let values = Merge::of(cx, package, TreeName::Tests, &draft.fqn)
        .unset("alias", alias.clone())
        .in_file(&together(&captured.config, &config))
        .root_tree(cx, target.package, TreeName::Tests, &draft.fqn)
        .finish();
    let macros = known.macros(cx, package, test.arguments.values());
    draft.template = Template::Text(raw_code(&called, &config, alias));
    draft.test = Some(TestKind::Generic(Box::new(test)));
    let mut node = draft.finish(cx, values, captured, diagnostics)?;
    if let (true, Reference::Ref(_, Some(version))) = (known.is_simple, &target.reference) {
        // dbt knows what these two refer to without rendering them.
        node.refs
            .iter_mut()
            .filter(|call| call.version.is_some())
            .for_each(|call| call.version = Some(version.clone()));
    }
    let mut tags = target.tags.clone();
    tags.extend(std::mem::take(&mut node.config.tags));
    tags.sort();
    tags.dedup();
    node.config.tags = tags;
    Some(Node { description: target.test.description.clone(), macros, group: target.group.clone(), ..node })
}

/// The test before its configs and its template are known.
fn draft_of<'a>(target: &Target<'a>, identity: name::Identity) -> Draft<'a> {
    // The folders of the property file, without the first, which is one of the project's for models in most cases.
    let folders = target.file.original_path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/');
    let folders = folders.filter(|folder| *folder != ".").skip(1);
    let fqn = [target.package.config.name.as_str()].into_iter().chain(folders).chain([identity.name.as_str()]);
    Draft {
        package: target.package,
        resource: ResourceType::Test,
        fqn: fqn.map(str::to_owned).collect(),
        id: identity.id,
        name: identity.name,
        path: format!("{}.sql", identity.short_name),
        original_path: target.file.original_path.clone(),
        span: target.test.span,
        version: None,
        latest_version: None,
        template: Template::Text(String::new()),
        checksum: None,
        test: None,
    }
}

/// The order in which dbt writes the configs of a test.
const CONFIG_ORDER: &[&str] = &[
    "severity",
    "tags",
    "enabled",
    "where",
    "limit",
    "warn_if",
    "error_if",
    "fail_calc",
    "store_failures",
    "store_failures_as",
    "meta",
    "database",
    "schema",
    "alias",
];

/// The template that dbt would write for the test: the call of its macro and its configs.
fn raw_code(called: &str, config: &Map<String, Json>, alias: Option<Json>) -> String {
    let first = CONFIG_ORDER.iter().filter_map(|key| Some((*key, config.get(*key)?)));
    let others = config.iter().map(|(key, value)| (key.as_str(), value));
    let others = others.filter(|(key, _)| !CONFIG_ORDER.contains(key));
    let added = alias.iter().filter(|_| !config.contains_key("alias")).map(|value| ("alias", value));
    let set = first.chain(others).chain(added).filter(|(_, value)| !value.is_null());
    let shown = set.map(|(key, value)| match value {
        Json::String(text) => format!("{key}=\"{}\"", text.replace('"', "\\\"")),
        other => format!("{key}={}", python_str(other)),
    });
    let config = shown.collect::<Vec<_>>().join(",");
    let config = if config.is_empty() { config } else { format!("{{{{ config({config}) }}}}") };
    format!("{{{{ {called}(**_dbt_generic_test_kwargs) }}}}{config}")
}

/// The test's own configs, Jinja in them rendered with the names of the test.
fn rendered_config(environment: &Environment, target: &Target<'_>, scope: &Scope) -> (Map<String, Json>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut rendered = Map::new();
    for entry in target.test.config.iter() {
        let mut node = entry.node.clone();
        node.replace_texts(&mut |_, text, span| diagnostics.take(environment.document_text(text, span, scope))?);
        rendered.insert(entry.key.clone(), node.to_json());
    }
    (rendered, diagnostics)
}

/// Whether nothing is to be rendered of a test but what names its model.
fn is_plain(arguments: &Map<String, Json>, config: &Map<String, Json>) -> bool {
    let mut said = arguments.iter().filter(|(name, _)| *name != "model");
    said.all(|(_, value)| argument_templates(value).is_empty()) && !config.values().any(has_template)
}

/// Whether rendering changes a config: there is Jinja in it, or an end of a line that rendering takes away.
fn has_template(value: &Json) -> bool {
    match value {
        Json::String(text) => jinja::is_template(text) || text.ends_with('\n'),
        Json::Array(items) => items.iter().any(has_template),
        Json::Object(map) => map.values().any(has_template),
        _ => false,
    }
}

/// What the test's macro sets and what its property file says, as if one call had set it: tags add up, of all else the latter counts.
fn together(of_macro: &Map<String, Json>, said: &Map<String, Json>) -> Map<String, Json> {
    let mut said = said.clone();
    fn list(tags: &Json) -> Vec<Json> {
        tags.as_array().cloned().unwrap_or_else(|| vec![tags.clone()])
    }
    if let (Some(own), Some(others)) = (of_macro.get("tags"), said.get_mut("tags")) {
        let mut all = list(own);
        let others_own = list(others);
        all.extend(others_own.into_iter().filter(|tag| !list(own).contains(tag)));
        *others = Json::Array(all);
    }
    let mut set = of_macro.clone();
    set.extend(said);
    set
}

/// What the macro is called with: the arguments as written, the model, the column.
fn arguments(target: &Target<'_>) -> Map<String, Json> {
    let mut arguments = target.test.arguments.to_json();
    if let Some(column) = target.column {
        let name =
            if column.quote.unwrap_or(target.quotes) { format!("\"{}\"", column.name) } else { column.name.clone() };
        arguments.insert("column_name".to_owned(), Json::String(name));
    }
    arguments.insert("model".to_owned(), Json::String(format!("{{{{ get_where_subquery({}) }}}}", target.reference)));
    arguments
}

/// Renders the arguments, and runs the test's macro on them if it is one that is run, with the names of parsing, so that what they
/// refer to is known.
fn render(
    environment: &Environment,
    target: &Target<'_>,
    (qualified, arguments): (Option<&str>, &Map<String, Json>),
    scope: &Scope,
) -> Result<(), Diagnostic> {
    let model = || environment.native(&format!("{{{{ {} }}}}", target.reference), target.test.span, scope);
    let kwargs = test_arguments(environment, scope, arguments, target.test.span, model)?;
    let kwargs: Vec<(&str, Value)> = kwargs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let Some(qualified) = qualified else { return Ok(()) };
    let what = || format!("in test `{}`", target.test.test);
    environment.call(qualified, &[], &kwargs, scope).map(|_| ()).map_err(|diagnostic| match diagnostic.primary() {
        Some(span) if span == target.test.span => diagnostic,
        Some(_) => diagnostic.frame(what(), Some(target.test.span)),
        None => diagnostic.at(target.test.span),
    })
}

/// Arguments that the test's macro does not take, and ones that a built-in test needs and does not get: what a macro of the project
/// or of a package does without one is its own affair.
fn wrong_arguments(
    cx: &Context<'_>,
    target: &Target<'_>,
    found: &MacroInfo,
    arguments: &Map<String, Json>,
) -> Option<Vec<Diagnostic>> {
    let names: Vec<&str> = found.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let at = |name: &str| {
        let entry = target.test.arguments.iter().find(|entry| entry.key == name);
        entry.map_or(target.test.span, |entry| entry.key_span)
    };
    let error = |message: String, name: &str| Diagnostic::error(codes::TEST_ARGUMENTS, message).at(at(name));
    let test = &target.test.test;
    // A test that has no use for the column of its place does not have to take it.
    let unknown = arguments.keys().filter(|name| *name != "column_name" && !names.contains(&name.as_str()));
    let mut unknown: Vec<&String> = unknown.collect();
    if !unknown.is_empty() {
        let used = cx.surroundings.environment.names_in(found.body);
        unknown.retain(|_| !used.iter().any(|name| matches!(name.split('.').next(), Some("kwargs" | "varargs"))));
    }
    let unknown = unknown.into_iter().map(|name| {
        let others = names.iter().copied().filter(|name| *name != "model" && *name != "column_name");
        error(format!("test `{test}` takes no argument `{name}`"), name).suggest(name, others)
    });
    let missing = found.parameters.iter().filter(|_| *found.package == *BUILT_IN).filter(|parameter| {
        parameter.default.is_none() && parameter.name != "column_name" && !arguments.contains_key(&parameter.name)
    });
    let missing = missing.map(|parameter| error(format!("test `{test}` needs an argument `{}`", parameter.name), ""));
    let wrong: Vec<Diagnostic> = unknown.chain(missing).collect();
    (!wrong.is_empty()).then_some(wrong)
}

fn unknown_test(cx: &Context<'_>, target: &Target<'_>) -> Diagnostic {
    let message = format!("no generic test `{}` is defined", target.test.test);
    let names: Vec<&str> =
        cx.surroundings.environment.macros().filter_map(|found| found.name.strip_prefix("test_")).collect();
    Diagnostic::error(codes::UNKNOWN_TEST, message).at(target.test.span).suggest(&target.test.test, names)
}
