//! The flag `validate_macro_args`: what property files say of a macro's arguments is held against its definition, which fills in what
//! they leave out.

use std::path::Path;

use crate::config::MacroProperties;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{Block, BlockKind};
use crate::load::{File, Package};
use crate::manifest::Macro;

/// The arguments of a definition: names, no types, no descriptions. As in dbt, tests below the test folders are not asked for theirs,
/// and a materialization has one, whatever it says.
pub(super) fn defined(package: &Package, file: &File, block: &Block) -> Vec<(String, Option<String>, String)> {
    let is_below = |folder: &String| Path::new(&file.original_path).starts_with(folder);
    let names: Vec<&str> = match block.kind {
        BlockKind::Test if package.config.paths.tests.iter().any(is_below) => Vec::new(),
        BlockKind::Materialization { .. } => vec!["supported_languages"],
        _ => block.parameters.iter().map(|parameter| parameter.name.as_str()).collect(),
    };
    names.into_iter().map(|name| (name.to_owned(), None, String::new())).collect()
}

/// Warns of what properties say and the definition does not.
pub(super) fn check(known: &Macro, properties: &MacroProperties, diagnostics: &mut Diagnostics) {
    let described = &properties.arguments;
    if described.is_empty() {
        return;
    }
    let mut warn = |what: String, help: String| {
        let message = format!("macro `{}` {what}", properties.name);
        diagnostics.push(Diagnostic::warning(codes::CONFIG_VALUE, message).at(properties.span).help(help));
    };
    let names: Vec<&str> = known.arguments.iter().map(|(name, ..)| name.as_str()).collect();
    let signature = || format!("it is defined as `{}({})`", known.name, names.join(", "));
    let differs = described.iter().zip(&names).find(|((described, ..), name)| described != *name);
    if let Some(((described, ..), name)) = differs {
        warn(format!("is described with an argument `{described}` where it has `{name}`"), signature());
    }
    if described.len() != names.len() {
        warn(format!("is described with {} arguments and has {}", described.len(), names.len()), signature());
    }
    for (name, data_type, _) in described {
        let data_type = data_type.as_deref().unwrap_or_default();
        if !(data_type.trim().is_empty() || is_type(data_type)) {
            let help = "types are `string`, `bool`, `integer`, `float`, `any`, `relation`, `column`, `list[…]`, \
                        `dict[…, …]` and `optional[…]`";
            warn(
                format!("is described with an argument `{name}` of type `{data_type}`, which is none"),
                help.to_owned(),
            );
        }
    }
}

/// Whether a text is the name of a type, with as many types in brackets behind it as it takes.
fn is_type(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | '\t')).collect();
    behind_type(&text) == Some("")
}

/// What follows the type at the start of a text.
fn behind_type(text: &str) -> Option<&str> {
    let (name, rest) = text.split_at(text.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(text.len()));
    let inner = match name {
        "str" | "string" | "bool" | "int" | "integer" | "float" | "any" | "relation" | "column" => return Some(rest),
        "list" | "optional" => 1,
        "dict" => 2,
        _ => return None,
    };
    let mut rest = rest.strip_prefix('[')?;
    for index in 0..inner {
        rest = if index == 0 { rest } else { rest.strip_prefix(',')? };
        rest = behind_type(rest)?;
    }
    rest.strip_prefix(']')
}

#[cfg(test)]
mod tests {
    use super::is_type;

    #[test]
    fn types_have_their_inner_types() {
        for good in ["string", "list[str]", "dict[str, list[int]]", "optional[dict[string, any]]", "relation"] {
            assert!(is_type(good), "{good}");
        }
        for bad in ["text", "list", "list[]", "dict[str]", "list[str]]", "list[list[", "String", ""] {
            assert!(!is_type(bad), "{bad}");
        }
    }
}
