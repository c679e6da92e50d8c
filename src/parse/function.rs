//! Functions of the warehouse: a file with the body, a property file with arguments and result.

use std::sync::Arc;

use serde_json::Value as Json;

use super::draft::Draft;
use super::sql_file::node_of;
use super::{Context, Parse, files_of, in_parallel};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::load::{File, Package};
use crate::manifest::{Node, ResourceType, Template};
use crate::source::Span;

/// Parses the functions of all packages.
pub(super) fn parse(cx: &Context<'_>, diagnostics: &mut Diagnostics) -> Vec<Arc<Node>> {
    let files = files_of(cx, |files| &files.functions);
    in_parallel(&files, diagnostics, |(package, file)| parse_file(cx, package, file))
}

fn parse_file(cx: &Context<'_>, package: &Package, file: &File) -> Parse<Arc<Node>> {
    let mut diagnostics = Diagnostics::new();
    let patched = cx.properties.of(ResourceType::Function, &package.config.name, file.stem());
    let template = Span::new(file.id, 0..cx.session.sources.get(file.id).text().len());
    let draft = Draft::of_file(package, ResourceType::Function, (file, Template::File(template)), None);
    let node = node_of(cx, draft, (template, patched), &mut diagnostics);
    if let Some(node) = node.as_ref().filter(|node| node.config.enabled) {
        let at = patched.map_or(node.span, |patched| patched.patch.properties.span);
        check(node, at, &mut diagnostics);
    }
    (node.map(Arc::new), diagnostics)
}

/// The kinds of function.
const TYPES: &[&str] = &["scalar", "aggregate", "table"];

fn check(node: &Node, at: Span, diagnostics: &mut Diagnostics) {
    let config = |key: &str| node.config.values.get(key).filter(|value| !value.is_null());
    let mut error = |message: String, help: &str| {
        diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(at).help(help));
    };
    if node.function.is_none() {
        let message = format!("function `{}` has no property file that says what it `returns`", node.name);
        error(message, "describe it below `functions:` with its `arguments` and `returns`");
    }
    let kind = config("type").and_then(Json::as_str).unwrap_or("scalar");
    if !TYPES.contains(&kind) {
        error(format!("`type` of function `{}` is `{kind}`", node.name), "it is `scalar`, `aggregate` or `table`");
    }
}
