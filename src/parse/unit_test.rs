//! Unit tests: which model, with which rows, in which versions.

mod csv;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Context;
use super::config;
use super::properties::{Placed, check_name};
use super::reference::{self, Speaker};
use crate::base::{python_repr, python_str, sha256_hex};
use crate::config::{FixtureProperties, TreeName, UnitTestProperties};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{
    Fixture, FixtureRows, Found, Lookup, Manifest, Node, ResourceType, Template, UniqueId, UnitTest, Version,
};
use crate::source::Span;

/// Puts the unit tests of all packages into the manifest: one for each version of the model that it tests.
pub(super) fn parse(cx: &Context<'_>, lookup: &Lookup, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    for placed in cx.properties.unit_tests() {
        let mut builder = Builder { cx, lookup, placed, diagnostics };
        let Some(test) = builder.test() else { continue };
        if test.config.get("enabled") == Some(&Json::Bool(false)) {
            manifest.disabled_others.unit_tests.push(Arc::new(test));
            continue;
        }
        for test in builder.of_versions(test, manifest) {
            if test.config.get("enabled") == Some(&Json::Bool(false)) {
                manifest.disabled_others.unit_tests.push(Arc::new(test));
            } else if let Some(known) = manifest.unit_tests.get(&test.id) {
                let message = format!("two unit tests of model `{}` are called `{}`", test.model, test.name);
                let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, message).at(test.span);
                diagnostics_push(&mut builder, diagnostic.label(known.span, "has the name already"));
            } else {
                manifest.unit_tests.insert(test.id.clone(), Arc::new(test));
            }
        }
    }
}

fn diagnostics_push(builder: &mut Builder<'_, '_>, diagnostic: Diagnostic) {
    builder.diagnostics.push(diagnostic);
}

/// Makes the unit tests of one item of a property file.
struct Builder<'a, 'p> {
    cx: &'a Context<'p>,
    lookup: &'a Lookup,
    placed: &'a Placed<UnitTestProperties>,
    diagnostics: &'a mut Diagnostics,
}

impl Builder<'_, '_> {
    fn error(&mut self, message: String, at: Span) {
        self.diagnostics.push(Diagnostic::error(codes::UNIT_TEST, message).at(at));
    }

    /// The test as it is written, without the model followed.
    fn test(&mut self) -> Option<UnitTest> {
        let properties = &self.placed.properties;
        check_name("unit test", &properties.name, properties.span, self.diagnostics);
        let package = self.placed.package.as_str();
        let (model, _) = &properties.model;
        let fqn = self.placed.fqn(&[model, &properties.name]);
        let config = config::of_properties(self.cx, (package, TreeName::UnitTests), &fqn, &properties.config).values;
        let given: Vec<Option<Fixture>> = properties.given.iter().map(|fixture| self.fixture(fixture)).collect();
        let expect = self.fixture(&properties.expect)?;
        let given = given.into_iter().collect::<Option<Vec<Fixture>>>()?;
        let overrides = properties.overrides.clone().unwrap_or_default();
        let part = |key: &str| overrides.get(key).and_then(Json::as_object).cloned().unwrap_or_default();
        let tags = match config.get("tags") {
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            Some(Json::String(tag)) => vec![tag.clone()],
            _ => Vec::new(),
        };
        Some(UnitTest {
            id: UniqueId::of(&["unit_test", package, model, &properties.name]),
            package: package.to_owned(),
            name: properties.name.clone(),
            model: model.clone(),
            path: self.placed.file.path.clone(),
            original_path: self.placed.file.original_path.clone(),
            span: properties.span,
            fqn,
            description: properties.description.clone(),
            checksum: checksum(properties, &given, &expect),
            given,
            expect,
            macros: part("macros"),
            vars: part("vars"),
            env_vars: part("env_vars"),
            has_overrides: properties.overrides.is_some(),
            depends_on: Vec::new(),
            schema: None,
            version: None,
            versions: properties.versions.clone(),
            tags,
            meta: config.get("meta").and_then(Json::as_object).cloned().unwrap_or_default(),
            config,
        })
    }

    /// The test of each version of its model, or of the model when it has none.
    fn of_versions(&mut self, mut test: UnitTest, manifest: &Manifest) -> Vec<UnitTest> {
        let (written, at) = &self.placed.properties.model;
        let mut words = written.split_whitespace();
        let name = words.next().unwrap_or_default();
        let version = words.next().and_then(|word| Version::of(Json::from(word)));
        let model = match self.lookup.find_ref(&test.package, None, name, version.as_ref()) {
            Found::Here(id) => manifest.node(id).filter(|node| node.resource == ResourceType::Model),
            Found::Disabled(_) => {
                test.config.set("enabled", Json::Bool(false));
                return vec![test];
            }
            Found::Missing => None,
        };
        let Some(model) = model.cloned() else {
            if !self.cx.broken().contains(name) {
                let message = format!("unit test `{}` is of model `{name}`, which does not exist", test.name);
                let diagnostic = Diagnostic::error(codes::UNKNOWN_REF, message).at(*at);
                self.diagnostics.push(diagnostic.suggest_near(name, self.lookup.ref_names()));
            }
            return Vec::new();
        };
        self.check(&test, &model);
        self.follow_inputs(&mut test);
        if model.version.is_none() {
            if test.versions.is_some() {
                let message = format!("unit test `{}` chooses versions of `{name}`, which has none", test.name);
                self.error(message, test.span);
            }
            test.schema = Some(model.schema.clone());
            return vec![of_model(test, &model)];
        }
        let is_version = |node: &&Arc<Node>| {
            node.resource == ResourceType::Model && node.package == model.package && node.name == model.name
        };
        let chosen: Vec<&Arc<Node>> =
            manifest.nodes.values().filter(is_version).filter(|node| is_chosen(node, test.versions.as_ref())).collect();
        if chosen.is_empty() {
            let message = format!("unit test `{}` chooses no version of `{name}`", test.name);
            self.error(message, test.span);
        }
        let of = |node: &&Arc<Node>| {
            let version = node.version.clone();
            let suffix = version.as_ref().map(|version| format!("_v{version}")).unwrap_or_default();
            let test = UnitTest {
                id: UniqueId::of(&["unit_test", &test.package, &test.model, &format!("{}{suffix}", test.name)]),
                schema: Some(model.schema.clone()),
                version,
                ..test.clone()
            };
            of_model(test, node)
        };
        chosen.iter().map(of).collect()
    }

    /// An incremental model is tested either as on its first run or as on a later one.
    fn check(&mut self, test: &UnitTest, model: &Node) {
        let asks = |node: &Node| match &node.template {
            Template::File(span) => {
                self.cx.surroundings.environment.names_in(*span).iter().any(|name| name == "is_incremental")
            }
            _ => false,
        };
        if !asks(model) {
            return;
        }
        match test.macros.get("is_incremental").and_then(Json::as_bool) {
            None => {
                let message = format!("unit test `{}` does not say whether `{}` is incremental", test.name, model.name);
                self.diagnostics.push(
                    Diagnostic::error(codes::UNIT_TEST, message)
                        .at(test.span)
                        .help("add `overrides: {macros: {is_incremental: false}}`, or `true` with an input `this`"),
                );
            }
            Some(true) if !test.given.iter().any(Fixture::is_this) => {
                let message =
                    format!("unit test `{}` of the incremental model `{}` has no input `this`", test.name, model.name);
                self.error(message, test.span);
            }
            Some(_) => {}
        }
    }

    /// Finds the nodes and sources that the inputs stand for; each is one of the project, and given once.
    fn follow_inputs(&mut self, test: &mut UnitTest) {
        let mut seen: Vec<UniqueId> = Vec::new();
        for at in 0..test.given.len() {
            if test.given[at].is_this() {
                continue;
            }
            let Some(target) = self.input_of(test, &test.given[at]) else { continue };
            if seen.contains(&target) {
                let message = format!("unit test `{}` gives rows of `{}` twice", test.name, test.given[at].input);
                self.error(message, test.given[at].span);
            }
            seen.push(target.clone());
            test.given[at].target = Some(target);
        }
    }

    /// The node or source of an input.
    fn input_of(&mut self, test: &UnitTest, fixture: &Fixture) -> Option<UniqueId> {
        let lookup = self.lookup;
        let speaker = Speaker { package: &test.package, kind: "unit_test", name: &test.name };
        let captured = reference::named_by(self.cx, &speaker, (&fixture.input, fixture.span), self.diagnostics);
        let found = match (captured.refs.first(), captured.sources.first()) {
            (Some(call), _) => {
                lookup.find_ref(&test.package, call.package.as_deref(), &call.name, call.version.as_ref())
            }
            (None, Some((source, table))) => lookup.find_source(&test.package, source, table),
            (None, None) => {
                let message = format!("`{}` is no input: it is `ref(…)`, `source(…)` or `this`", fixture.input);
                self.error(message, fixture.span);
                return None;
            }
        };
        match found {
            Found::Here(id) => Some(id.clone()),
            Found::Disabled(_) => None,
            Found::Missing => {
                let name = captured.refs.first().map_or("", |call| call.name.as_str());
                if !self.cx.broken().contains(name) {
                    let message =
                        format!("unit test `{}` gives rows of `{}`, which does not exist", test.name, fixture.input);
                    self.error(message, fixture.span);
                }
                None
            }
        }
    }

    /// The rows of a fixture, wherever they stand.
    fn fixture(&mut self, properties: &FixtureProperties) -> Option<Fixture> {
        let text = match (&properties.fixture, &properties.rows) {
            (Some(name), _) => Some(self.file_of(name, properties.span)?),
            (None, Some(Json::String(text))) => Some(text.clone()),
            _ => None,
        };
        let rows = match (properties.format, text, &properties.rows) {
            ("sql", Some(text), _) => FixtureRows::Sql(text),
            ("csv", Some(text), _) => FixtureRows::Rows(complete_first(csv::rows(&text))),
            ("dict", _, Some(Json::Array(items))) => {
                let rows: Option<Vec<Map<String, Json>>> = items.iter().map(|item| item.as_object().cloned()).collect();
                let Some(rows) = rows else {
                    self.error("each row of `rows` is a mapping from columns to values".to_owned(), properties.span);
                    return None;
                };
                FixtureRows::Rows(complete_first(rows))
            }
            ("dict", None, None) if !properties.input.is_empty() => {
                FixtureRows::Rows(complete_first(self.rows_of_seed(properties)?))
            }
            (format, ..) => {
                let wanted = if format == "dict" { "a list of rows" } else { "a text, or a `fixture`" };
                self.error(format!("rows in the format `{format}` are {wanted}"), properties.span);
                return None;
            }
        };
        Some(Fixture {
            input: properties.input.clone(),
            target: None,
            rows,
            format: properties.format,
            fixture: properties.fixture.clone(),
            span: properties.span,
        })
    }

    fn file_of(&mut self, name: &str, at: Span) -> Option<String> {
        let package = self.cx.project.packages.iter().find(|known| known.config.name == self.placed.package)?;
        let Some(file) = package.files.fixtures.iter().find(|file| file.stem() == name) else {
            let message = format!("there is no fixture `{name}`");
            let names = package.files.fixtures.iter().map(crate::load::File::stem);
            self.diagnostics.push(
                Diagnostic::error(codes::UNIT_TEST, message)
                    .at(at)
                    .suggest(name, names)
                    .note("fixtures are `.csv` and `.sql` files below `fixtures/` of the test folders"),
            );
            return None;
        };
        Some(self.cx.session.sources.get(file.id).text().trim().to_owned())
    }

    /// An input without rows is a seed, with the rows of its file.
    fn rows_of_seed(&mut self, properties: &FixtureProperties) -> Option<Vec<Map<String, Json>>> {
        let speaker = Speaker { package: &self.placed.package, kind: "unit_test", name: "" };
        let captured = reference::named_by(self.cx, &speaker, (&properties.input, properties.span), self.diagnostics);
        let call = captured.refs.first();
        let package = call.and_then(|call| call.package.as_deref()).unwrap_or(&self.placed.package);
        let seeds = self.cx.project.packages.iter().filter(|known| known.config.name == package);
        let file =
            call.and_then(|call| seeds.flat_map(|known| &known.files.seeds).find(|file| file.stem() == call.name));
        let bytes = file.and_then(|file| self.cx.session.world.read(&file.absolute).ok());
        let Some(bytes) = bytes else {
            let message = format!("`{}` has no `rows`, and is no seed of package `{package}`", properties.input);
            self.error(message, properties.span);
            return None;
        };
        Some(csv::rows(&String::from_utf8_lossy(&bytes)))
    }
}

/// The test of this very model.
fn of_model(mut test: UnitTest, model: &Node) -> UnitTest {
    test.depends_on = vec![model.id.clone()];
    for fixture in test.given.iter_mut().filter(|fixture| fixture.is_this()) {
        fixture.target = Some(model.id.clone());
    }
    test
}

/// Whether `versions:` of a test takes a model.
fn is_chosen(node: &Node, versions: Option<&Json>) -> bool {
    let list = |key: &str| versions.and_then(|versions| versions[key].as_array());
    let is_in = |list: &[Json]| list.iter().any(|v| Version::of(v.clone()).as_ref() == node.version.as_ref());
    match (list("exclude"), list("include")) {
        (Some(excluded), _) => !is_in(excluded),
        (None, Some(included)) => is_in(included),
        (None, None) => true,
    }
}

/// The rows with the first one that has no missing value put in front: the types of the columns are read off the first.
fn complete_first(mut rows: Vec<Map<String, Json>>) -> Vec<Map<String, Json>> {
    if let Some(complete) = rows.iter().position(|row| row.values().all(|value| !value.is_null())) {
        rows.swap(0, complete);
    }
    rows
}

/// A digest of what is tested, made of the text that dbt makes it of.
fn checksum(properties: &UnitTestProperties, given: &[Fixture], expect: &Fixture) -> String {
    let versions = properties.versions.as_ref().map_or_else(
        || "None".to_owned(),
        |versions| {
            format!(
                "UnitTestNodeVersions(include={}, exclude={})",
                python_str(&versions["include"]),
                python_str(&versions["exclude"])
            )
        },
    );
    let overrides = properties.overrides.as_ref().map_or_else(
        || "None".to_owned(),
        |overrides| {
            let part = |key: &str| overrides.get(key).map_or_else(|| "{}".to_owned(), python_str);
            format!(
                "UnitTestOverrides(macros={}, vars={}, env_vars={})",
                part("macros"),
                part("vars"),
                part("env_vars")
            )
        },
    );
    let inputs: Vec<String> = given.iter().map(|fixture| shown(fixture, true)).collect();
    let mut data =
        format!("{}-{versions}-[{}]-{}-{overrides}", properties.model.0, inputs.join(", "), shown(expect, false));
    for fixture in given.iter().filter(|fixture| fixture.fixture.is_some()) {
        data.push_str(&format!("-{}", rows_str(fixture, python_str)));
    }
    sha256_hex(data.as_bytes())
}

fn rows_str(fixture: &Fixture, text: fn(&Json) -> String) -> String {
    match &fixture.rows {
        FixtureRows::Sql(sql) => text(&Json::from(sql.as_str())),
        FixtureRows::Rows(rows) => python_str(&rows.iter().cloned().map(Json::Object).collect()),
    }
}

/// A fixture as Python shows it.
fn shown(fixture: &Fixture, is_input: bool) -> String {
    let name = match fixture.format {
        "csv" => "CSV",
        "sql" => "SQL",
        _ => "Dict",
    };
    let input = if is_input { format!("input={}, ", python_repr(&fixture.input)) } else { String::new() };
    format!(
        "UnitTest{}Fixture({input}rows={}, format=<UnitTestFormat.{name}: '{}'>, fixture={})",
        if is_input { "Input" } else { "Output" },
        rows_str(fixture, crate::base::python_value),
        fixture.format,
        fixture.fixture.as_deref().map_or_else(|| "None".to_owned(), python_repr),
    )
}
