//! Whether a project works with the dbt whose language this is.

use crate::config::{DBT_VERSIONS, ProjectConfig, Requirement, Version};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// Reports a project whose `require-dbt-version` no version of dbt satisfies whose language this is; with `is_checked` off, only one
/// that cannot be read.
pub(super) fn check(config: &ProjectConfig, is_checked: bool, diagnostics: &mut Diagnostics) {
    let Some((texts, span)) = &config.require_dbt_version else { return };
    let mut required: Vec<Requirement> = Vec::new();
    for text in texts {
        match Requirement::parse_all(text) {
            Some(parsed) => required.extend(parsed),
            None => {
                let message = format!("`{text}` is not a version or a range of versions");
                let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(*span);
                diagnostics.push(diagnostic.help("write `[\">=1.8.0\", \"<2.0.0\"]`"));
                return;
            }
        }
    }
    let speaks =
        |text: &&str| Version::parse(text).is_some_and(|version| required.iter().all(|one| one.accepts(&version)));
    if is_checked && !DBT_VERSIONS.iter().any(speaks) {
        let message = format!("`{}` requires dbt {}", config.name, texts.join(", "));
        diagnostics.push(
            Diagnostic::error(codes::DBT_VERSION_REQUIRED, message)
                .at(*span)
                .note(format!("the language that is understood is that of dbt {}", DBT_VERSIONS.join(" and ")))
                .help("`--no-version-check` tries it all the same"),
        );
    }
}
