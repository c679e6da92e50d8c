//! `--warn-error` and `--warn-error-options`: which warnings are errors, and which are not said.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Severity, codes};
use crate::session::Flags;

/// What is made of warnings. Names are those of dbt's events, or of our codes.
#[derive(Clone, Debug, Default)]
pub(super) struct Warnings {
    all_are_errors: bool,
    errors: Vec<String>,
    warnings: Vec<String>,
    silenced: Vec<String>,
}

impl Warnings {
    /// What the flags say.
    pub(super) fn of(flags: &Flags) -> Self {
        let options = match flags.get("warn_error_options") {
            Json::String(text) => serde_yaml::from_str(&text).unwrap_or_default(),
            other => other,
        };
        let said = |names: [&str; 2]| names.iter().find_map(|name| options.get(name));
        let list = |names| -> Vec<String> {
            let items = said(names).and_then(Json::as_array).into_iter().flatten();
            items.filter_map(|name| name.as_str().map(str::to_owned)).collect()
        };
        let is_all = |json: &Json| json.as_str().is_some_and(|word| word == "all" || word == "*");
        let errors = list(["error", "include"]);
        let listed_all = errors.iter().any(|name| name == "all" || name == "*");
        let all = said(["error", "include"]).is_some_and(is_all) || listed_all;
        Warnings {
            all_are_errors: flags.is("warn_error") || all,
            errors,
            warnings: list(["warn", "exclude"]),
            silenced: list(["silence", "silence"]),
        }
    }

    /// The diagnostic as it counts, if it is to be said.
    pub(super) fn judge(&self, diagnostic: &Diagnostic) -> Option<Diagnostic> {
        if diagnostic.severity != Severity::Warning {
            return Some(diagnostic.clone());
        }
        let is_in = |list: &[String]| list.iter().any(|name| names(diagnostic.code).any(|own| own == name));
        if is_in(&self.silenced) {
            return None;
        }
        let is_error = is_in(&self.errors) || self.all_are_errors && !is_in(&self.warnings);
        Some(match is_error {
            true => diagnostic.clone().with_severity(Severity::Error),
            false => diagnostic.clone(),
        })
    }
}

/// What a kind of warning is called: its code, and dbt's events for it.
fn names(code: Code) -> impl Iterator<Item = &'static str> {
    let of_dbt: &[&str] = match code {
        codes::SELECTOR_EMPTY => &["NoNodesSelected", "NothingToDo", "NoNodesForSelectionCriteria"],
        codes::SELECTOR_PART_EMPTY => &["NoNodesForSelectionCriteria"],
        codes::NOT_DESCRIBED => &["NoNodeForYamlKey", "MacroNotFoundForPatch", "WrongResourceSchemaFile"],
        codes::DISABLED_DEPENDENCY | codes::UNKNOWN_REF | codes::UNKNOWN_SOURCE => &["NodeNotFoundOrDisabled"],
        codes::YAML_UNKNOWN_KEY => &[
            "Deprecations",
            "CustomKeyInConfigDeprecation",
            "CustomKeyInObjectDeprecation",
            "CustomTopLevelKeyDeprecation",
            "ValidationWarning",
        ],
        codes::UNUSED_CONFIG_PATH => &["UnusedResourceConfigPath"],
        codes::TEST_FAILED => &["LogTestResult", "RunResultWarning", "RunResultWarningMessage"],
        codes::SOURCE_STALE => &["LogFreshnessResult"],
        _ => &[],
    };
    std::iter::once(code.id).chain(of_dbt.iter().copied())
}
