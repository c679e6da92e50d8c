//! What the inputs of a unit test stand for, and whether what it overrides is there.

use super::Builder;
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::{Fixture, Found, UniqueId, UnitTest};
use crate::parse::reference::{self, Speaker};

impl Builder<'_, '_> {
    /// Finds the nodes and sources that the inputs stand for; each is one of the project, and given once.
    pub(super) fn follow_inputs(&mut self, test: &mut UnitTest) {
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

    /// dbt passes over the name of a macro that does not exist; here it is said.
    pub(super) fn check_overrides(&mut self, test: &UnitTest) {
        let environment = &self.cx.surroundings.environment;
        let speaker = Speaker { package: &test.package, kind: "unit_test", name: &test.name };
        let (_, scope) = reference::scope(self.cx, &speaker);
        let is_known = |name: &String| {
            environment.macro_named(&test.package, name).is_some() || environment.lookup(&scope, name).is_some()
        };
        for name in test.macros.keys().filter(|name| !is_known(name)) {
            let message = format!("unit test `{}` overrides `{name}`, which does not exist", test.name);
            let diagnostic = Diagnostic::warning(codes::UNKNOWN_MACRO, message).at(test.span);
            let known = environment.macros().map(|info| info.name.as_str());
            self.diagnostics.push(diagnostic.suggest_near(name, known));
        }
    }
}
