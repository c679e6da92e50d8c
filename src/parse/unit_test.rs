//! Unit tests: which model, with which rows, in which versions.

mod checksum;
mod csv;
mod fixture;
mod input;

use std::sync::Arc;

use serde_json::Value as Json;

use self::checksum::checksum;
use super::Context;
use super::config;
use super::properties::{Placed, check_name};
use crate::config::{TreeName, UnitTestProperties};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Fixture, Found, Lookup, Manifest, Node, ResourceType, Template, UniqueId, UnitTest, Version};
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
        self.check_overrides(&test);
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
