//! Macros that a command runs: which one a name means, and the node whose names it sees.

use super::Parsed;
use super::inline::bare;
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{BUILT_IN, BlockKind, MacroInfo};
use crate::manifest::{Node, ResourceType, UniqueId};

/// The macro that `name` or `package.name` means on the command line: without a package the project's own, else that of any
/// package, else the built-in one.
///
/// # Errors
/// When there is none.
pub fn find<'p>(parsed: &'p Parsed, name: &str) -> Result<&'p MacroInfo, Diagnostic> {
    let root = parsed.surroundings.session.project.as_str();
    let (package, own_name) = match name.split_once('.') {
        Some((package, name)) => (Some(package), name),
        None => (None, name),
    };
    let rank = |found: &MacroInfo| match found.package.as_ref() {
        package if package == root => 0,
        BUILT_IN => 2,
        _ => 1,
    };
    let is_macro = |found: &&MacroInfo| matches!(found.kind, BlockKind::Macro);
    let macros = || parsed.surroundings.environment.macros().filter(is_macro);
    let found = macros()
        .filter(|found| found.name == own_name && package.is_none_or(|package| found.package.as_ref() == package))
        .min_by_key(|found| rank(found));
    found.ok_or_else(|| {
        let message = format!("there is no macro `{name}`");
        let known = macros().filter(|found| rank(found) < 2).map(|found| found.name.as_str());
        Diagnostic::error(codes::UNKNOWN_MACRO, message).suggest_near(own_name, known)
    })
}

/// The node that the macro runs as: it may refer to everything and is in no graph.
#[must_use]
pub fn node(parsed: &Parsed, found: &MacroInfo) -> Node {
    let id = UniqueId::node(ResourceType::Operation, &found.package, &found.name);
    bare(parsed, id, ResourceType::Operation, found.name_span)
}
