//! `function`: an expression of SQL with arguments, that queries of this and later runs can call.

use std::sync::Arc;

use super::Job;
use super::custom;
use crate::compile::OwnMaterialization;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::registry;
use crate::jinja::BUILT_IN;
use crate::manifest::Node;
use crate::run::{NodeResult, Runner};

/// Makes or replaces the function.
pub(super) async fn run(job: &Job<'_>) -> Result<NodeResult, Diagnostic> {
    let name = format!("{BUILT_IN}.materialization_function_default");
    custom::run(job, OwnMaterialization { name, what: "created function".to_owned() }).await
}

/// Refuses a function that no macro makes the statement of, or that does not say what one in Python needs. Known before it is compiled:
/// what is not SQL is no template.
///
/// # Errors
/// When the function cannot be made.
pub(in crate::run) fn check(runner: &Runner, node: &Arc<Node>) -> Result<(), Diagnostic> {
    let config =
        |key: &str| node.config.values.get(key).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
    let refused = |why: String| {
        let message = format!("function `{}`: {why}", node.name);
        Diagnostic::error(codes::SQL_UNSUPPORTED, message).at(node.span)
    };
    let language = node.language();
    if language == "python" {
        for (key, article) in [("runtime_version", "A"), ("entry_point", "An")] {
            if config(key).is_none() {
                let help = "set `runtime_version` to Python's, `entry_point` to the function that is called";
                return Err(refused(format!("{article} `{key}` is required for python functions")).help(help));
            }
        }
    }
    let maker = format!("{}_function_{language}", config("type").unwrap_or("scalar"));
    let session = runner.session();
    let environment = &runner.compiler.parsed().surroundings.environment;
    let mut prefixes = registry::macro_prefixes(&session.target.kind);
    if prefixes.any(|prefix| environment.macros_named(&format!("{prefix}__{maker}")).next().is_some()) {
        return Ok(());
    }
    let why = format!("No macro named '{maker}' found within namespace: '{BUILT_IN}'");
    let help = match language {
        "sql" => "functions are `scalar`; a project's macro of this name would make others",
        _ => "this engine does not run Python: write the function in SQL",
    };
    Err(refused(why).help(help))
}
