//! DataFusion's planner in the words of an analyst: the messages that people meet every day and that say too much, or too little.

use super::error::tidy;
use crate::base::nearest;
use crate::engine::{EngineError, ErrorKind};

/// The error of a message of the planner.
pub(super) fn plan_error(message: &str) -> EngineError {
    if message.contains("subquery can only be used in") {
        return misplaced_query();
    }
    let known = unknown_function(message).or_else(|| unknown_table_function(message));
    let known = known.or_else(|| wrong_arguments(message)).or_else(|| same_name(message));
    known.unwrap_or_else(|| EngineError::new(ErrorKind::Plan, tidy(message)))
}

/// Where the planner cannot join with a query: [`Marks`](super::marks::Marks) takes care of columns, aggregations and conditions.
pub(super) fn misplaced_query() -> EngineError {
    let message = "`in`, `exists`, `any` and `all` of a query are not supported at this place";
    EngineError::new(ErrorKind::Unsupported, message)
        .help("ask it in a column of a query before this one, by `in` or `exists`")
}

/// Where a query needs the rows around it for more than to compare columns with theirs.
pub(super) fn dependent_query() -> EngineError {
    let message = "a subquery depends on the rows around it in a way that cannot be run";
    EngineError::new(ErrorKind::Unsupported, message).help(
        "join with it; where it takes one row of several, number them with `row_number()` and keep the first by `qualify`",
    )
}

/// The planner always suggests something; only what is close is worth saying.
fn unknown_function(message: &str) -> Option<EngineError> {
    let rest = message.split_once("Invalid function '")?.1;
    let (name, rest) = rest.split_once('\'')?;
    let error = EngineError::unknown_function(name);
    let suggested = rest.split('\'').nth(1).and_then(|suggested| nearest(name, [suggested]));
    Some(match suggested {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    })
}

fn unknown_table_function(message: &str) -> Option<EngineError> {
    message.strip_prefix("table function '")?.strip_suffix("' not found").map(EngineError::unknown_function)
}

fn wrong_arguments(message: &str) -> Option<EngineError> {
    let rest = message.split_once("No function matches the given name and argument types '")?.1;
    let (call, rest) = rest.split_once("'.")?;
    let (name, types) = call.split_once('(')?;
    let types = types.trim_end_matches(')');
    let error = EngineError::new(ErrorKind::Plan, format!("function `{name}` does not take ({types})"));
    let candidates: Vec<String> = rest
        .split_once("Candidate functions:")
        .map(|(_, list)| list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains("(UserDefined")))
        .into_iter()
        .flatten()
        .map(|candidate| format!("`{candidate}`"))
        .collect();
    Some(match candidates.len() {
        0 => error.help("cast the arguments"),
        _ => error.help(format!("it takes {}; cast the arguments", candidates.join(", "))),
    })
}

fn same_name(message: &str) -> Option<EngineError> {
    if !message.contains("require unique expression names") {
        return None;
    }
    let mut quoted = message.split('"').skip(1).step_by(2);
    let (first, second) = (quoted.next()?, quoted.next()?);
    // An expression with an alias is shown as `expression AS alias`; only the alias is the name.
    let name = |expression: &str| expression.rsplit_once(" AS ").map(|(_, alias)| alias.to_owned());
    let message = match (name(first), name(second)) {
        (Some(first), Some(second)) if first == second => format!("two columns are named `{first}`"),
        _ => format!("two columns have the same name: `{first}` and `{second}`"),
    };
    let error = EngineError::new(ErrorKind::Plan, message);
    Some(error.help("give one of them another name with `as`"))
}
