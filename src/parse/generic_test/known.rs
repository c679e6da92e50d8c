//! The macros that a generic test is known by while it is read.
//!
//! As in dbt a test's macro is looked up by its bare name: `dbt_utils.equality` is known by the project's own `test_equality`, if there
//! is one. What that one calls is known, too, and so is what the argument `model` is made with; no other macro is, not even the
//! test's own, which is then first run when the test is.

use serde_json::Value as Json;

use crate::context::as_template;
use crate::jinja::{self, BUILT_IN, MacroInfo};
use crate::manifest::UniqueId;
use crate::parse::{Context, macros};

/// See the module.
pub(super) struct KnownMacros<'c> {
    /// The macro that the test is known by.
    by_name: &'c MacroInfo,
    /// The test's own macro.
    own: &'c MacroInfo,
    /// Whether the test's own macro is run while the test is read, so that its configs and what it refers to are known.
    pub(super) is_run: bool,
    /// Whether it is one of the two tests of which dbt knows everything without rendering them.
    pub(super) is_simple: bool,
}

impl<'c> KnownMacros<'c> {
    /// What is known of a test of this macro in a package.
    pub(super) fn of(cx: &'c Context<'_>, package: &str, own: &'c MacroInfo) -> Self {
        let by_name = macros::called(&cx.surroundings.environment, package, &own.name).unwrap_or(own);
        let own_id = UniqueId::of_macro(own);
        let is_run = UniqueId::of_macro(by_name) == own_id || macros::reaches(cx, by_name, &own_id);
        let is_simple = *by_name.package == *BUILT_IN && matches!(&*own.name, "test_not_null" | "test_unique");
        KnownMacros { by_name, own, is_run, is_simple }
    }

    /// The macros that the test depends on, with those in its arguments.
    pub(super) fn macros<'a>(
        &self,
        cx: &Context<'_>,
        package: &str,
        arguments: impl Iterator<Item = &'a Json>,
    ) -> Vec<UniqueId> {
        let mut macros = vec![UniqueId::of_macro(self.by_name)];
        if self.is_simple {
            return macros;
        }
        let environment = &cx.surroundings.environment;
        let texts = arguments.filter_map(|value| as_template(value.as_str()?));
        let names: Vec<String> = texts.flat_map(|text| jinja::calls_in(&text)).collect();
        let called = names.iter().filter_map(|name| Some((name, environment.macro_named(package, name)?)));
        let known = called.filter(|(name, found)| {
            *name == "get_where_subquery" || macros::reaches(cx, self.by_name, &UniqueId::of_macro(found))
        });
        let run = self.is_run.then_some(self.own);
        for id in known.map(|(_, found)| found).chain(run).map(UniqueId::of_macro) {
            if !macros.contains(&id) {
                macros.push(id);
            }
        }
        macros
    }
}
