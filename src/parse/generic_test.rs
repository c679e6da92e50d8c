//! Generic tests: a test macro applied to a relation or a column, as property files ask for it.

mod name;

use std::collections::HashMap;
use std::collections::HashSet;

use rayon::prelude::*;
use serde_json::{Map, Value as Json};

use super::config::Merge;
use super::draft::Draft;
use super::{Context, Parse};
use crate::config::{ColumnProperties, ResourceProperties, TestProperties, TreeName};
use crate::context::test_arguments;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{MacroInfo, Scope, Value};
use crate::load::{File, Package};
use crate::manifest::{GenericTest, Manifest, Node, ResourceType, Template, TestKind, UniqueId};

/// What a test is applied to.
struct Target<'a> {
    package: &'a Package,
    file: &'a File,
    id: UniqueId,
    /// The name in the test's name: of a source, `source_table`.
    name: String,
    is_source: bool,
    /// `ref('…')` or `source('…', '…')`.
    reference: String,
    column: Option<&'a ColumnProperties>,
    test: &'a TestProperties,
}

/// Parses the tests of all nodes and sources.
pub(super) fn parse(cx: &Context<'_>, nodes: &[Node], manifest: &Manifest, diagnostics: &mut Diagnostics) -> Vec<Node> {
    let targets = targets(cx, nodes, manifest);
    let parsed: Vec<Parse<Node>> = targets.par_iter().map(|target| parse_test(cx, target)).collect();
    let mut seen: HashSet<UniqueId> = HashSet::with_capacity(parsed.len());
    let mut tests = Vec::new();
    for ((node, found), target) in parsed.into_iter().zip(&targets) {
        diagnostics.extend(found);
        let Some(node) = node else { continue };
        if !seen.insert(node.id.clone()) {
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

fn targets<'a>(cx: &'a Context<'_>, nodes: &[Node], manifest: &Manifest) -> Vec<Target<'a>> {
    let packages: HashMap<&str, &Package> =
        cx.project.packages.iter().map(|package| (package.config.name.as_str(), package)).collect();
    let mut targets = Vec::new();
    for node in nodes.iter().filter(|node| node.config.enabled) {
        let Some(patch) = cx.properties.of(node.resource, &node.package, &node.name) else { continue };
        let Some(package) = packages.get(node.package.as_str()) else { continue };
        for (column, test) in tests_of(&patch.properties) {
            targets.push(Target {
                package,
                file: &patch.file,
                id: node.id.clone(),
                name: node.name.clone(),
                is_source: false,
                reference: format!("ref('{}')", node.name),
                column,
                test,
            });
        }
    }
    for (package_name, file, source) in cx.properties.sources() {
        let Some(package) = packages.get(package_name.as_str()) else { continue };
        for table in &source.tables {
            let id = UniqueId::source(package_name, &source.name, &table.resource.name);
            if !manifest.sources.contains_key(&id) {
                continue;
            }
            for (column, test) in tests_of(&table.resource) {
                targets.push(Target {
                    package,
                    file,
                    id: id.clone(),
                    name: format!("{}_{}", source.name, table.resource.name),
                    is_source: true,
                    reference: format!("source('{}', '{}')", source.name, table.resource.name),
                    column,
                    test,
                });
            }
        }
    }
    targets
}

fn tests_of(properties: &ResourceProperties) -> impl Iterator<Item = (Option<&ColumnProperties>, &TestProperties)> {
    let of_columns =
        properties.columns.iter().flat_map(|column| column.tests.iter().map(move |test| (Some(column), test)));
    properties.tests.iter().map(|test| (None, test)).chain(of_columns)
}

fn parse_test(cx: &Context<'_>, target: &Target<'_>) -> Parse<Node> {
    let mut diagnostics = Diagnostics::new();
    let node = parse_into(cx, target, &mut diagnostics);
    (node, diagnostics)
}

fn parse_into(cx: &Context<'_>, target: &Target<'_>, diagnostics: &mut Diagnostics) -> Option<Node> {
    let package = target.package.config.name.as_str();
    let (namespace, name) = match target.test.test.split_once('.') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name.to_owned()),
        None => (None, target.test.test.clone()),
    };
    let called =
        namespace.iter().map(|namespace| format!("{namespace}.")).chain([format!("test_{name}")]).collect::<String>();
    let Some(found) = cx.surroundings.environment.macro_named(package, &called) else {
        diagnostics.push(unknown_test(cx, target));
        return None;
    };
    let test_macro = UniqueId::of(&["macro", &found.package, &found.name]);
    let arguments = arguments(target);
    if let Some(wrong) = wrong_arguments(cx, target, found, &arguments) {
        diagnostics.extend(wrong);
        return None;
    }
    let identity = name::Identity::new(target, namespace.as_deref(), &name, &arguments);
    let alias = (identity.short_name != identity.name).then(|| Json::from(&*identity.short_name));
    let fqn = [package].into_iter().chain(target.file.folders()).chain([identity.name.as_str()]);
    let draft = Draft {
        package: target.package,
        resource: ResourceType::Test,
        fqn: fqn.map(str::to_owned).collect(),
        id: identity.id,
        name: identity.name,
        path: format!("{}.sql", identity.short_name),
        original_path: target.file.original_path.clone(),
        span: target.test.span,
    };
    let (names, scope) = draft.names(cx);
    diagnostics.take(render(cx, target, (&called, &arguments), &scope))?;
    let captured = names.captured();
    let config = rendered_config(cx, target, &scope, diagnostics);
    let column_tags = target.column.map(|column| ("tags".to_owned(), Json::from(column.tags.clone())));
    let values = Merge::of(cx, package, TreeName::Tests, &draft.fqn)
        .unset("alias", alias)
        .in_file(&captured.config)
        .in_file(&column_tags.into_iter().collect())
        .in_file(&config)
        .root_tree(cx, target.package, TreeName::Tests, &draft.fqn)
        .finish();
    let node = draft.finish(cx, &scope, values, captured, diagnostics)?;
    Some(Node {
        template: Template::Text(format!("{{{{ {called}(**_dbt_generic_test_kwargs) }}}}")),
        description: target.test.description.clone(),
        macros: vec![test_macro],
        test: Some(TestKind::Generic(GenericTest {
            name,
            namespace,
            column: target.column.and_then(|_| arguments.get("column_name")?.as_str().map(str::to_owned)),
            arguments,
            attached: Some(target.id.clone()),
        })),
        ..node
    })
}

/// The test's own configs, Jinja in them rendered with the names of the test.
fn rendered_config(
    cx: &Context<'_>,
    target: &Target<'_>,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Map<String, Json> {
    let mut rendered = Map::new();
    for entry in target.test.config.iter() {
        let mut node = entry.node.clone();
        node.replace_texts(&|_| true, &mut |text, span| {
            let is_template = text.contains("{{") || text.contains("{%");
            let value = is_template.then(|| cx.surroundings.environment.native(text, span, scope))?;
            serde_json::to_value(diagnostics.take(value)?).ok()
        });
        rendered.insert(entry.key.clone(), node.to_json());
    }
    rendered
}

/// What the macro is called with: the arguments as written, the model, the column.
fn arguments(target: &Target<'_>) -> Map<String, Json> {
    let mut arguments = target.test.arguments.to_json();
    if let Some(column) = target.column {
        let name = if column.quote == Some(true) { format!("\"{}\"", column.name) } else { column.name.clone() };
        arguments.insert("column_name".to_owned(), Json::String(name));
    }
    arguments.insert("model".to_owned(), Json::String(format!("{{{{ get_where_subquery({}) }}}}", target.reference)));
    arguments
}

/// Runs the test macro with the names of parsing, so that what it refers to is known.
fn render(
    cx: &Context<'_>,
    target: &Target<'_>,
    (qualified, arguments): (&str, &Map<String, Json>),
    scope: &Scope,
) -> Result<(), Diagnostic> {
    let environment = &cx.surroundings.environment;
    // The model first: what the test is on is its first dependency.
    let model = environment.native(&format!("{{{{ {} }}}}", target.reference), target.test.span, scope)?;
    let kwargs = test_arguments(environment, scope, arguments, model, target.test.span)?;
    let kwargs: Vec<(&str, Value)> = kwargs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let what = || format!("in test `{}`", target.test.test);
    environment.call(qualified, &[], &kwargs, scope).map(|_| ()).map_err(|diagnostic| match diagnostic.primary() {
        Some(span) if span == target.test.span => diagnostic,
        Some(_) => diagnostic.frame(what(), Some(target.test.span)),
        None => diagnostic.at(target.test.span),
    })
}

/// Arguments that the test's macro does not take, and ones that it needs and does not get.
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
    let takes_any =
        cx.surroundings.environment.names_in(found.body).iter().any(|name| name == "kwargs" || name == "varargs");
    // A test that has no use for the column of its place does not have to take it.
    let unknown =
        arguments.keys().filter(|name| !takes_any && *name != "column_name" && !names.contains(&name.as_str()));
    let unknown = unknown.map(|name| {
        let others = names.iter().copied().filter(|name| *name != "model" && *name != "column_name");
        error(format!("test `{test}` takes no argument `{name}`"), name).suggest(name, others)
    });
    let missing = found.parameters.iter().filter(|parameter| {
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
