//! Who may read a model, and what it promises: groups, access, contracts, constraints.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value as Json;

use super::Context;
use super::properties::Patch;
use super::reference::{self, Speaker};
use crate::base::{plain_text, python_repr, quoted_list, sha256_hex};
use crate::config::{Constraint, ConstraintType};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Access, Contract, Manifest, Materialized, Node, NodeConfig, ResourceType};
use crate::source::Span;

/// The config `access` of a model.
pub(super) fn access(
    resource: ResourceType,
    config: &NodeConfig,
    at: impl Fn() -> Span,
    diagnostics: &mut Diagnostics,
) -> Access {
    let word = config.values.get("access").filter(|value| resource == ResourceType::Model && !value.is_null());
    let Some(word) = word else { return Access::default() };
    let word = plain_text(word);
    let Some(access) = Access::named(&word) else {
        let words = [Access::Private, Access::Protected, Access::Public].map(Access::as_str);
        let message = format!("`access` is one of {}, not `{word}`", quoted_list(&words));
        diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(at()).suggest_near(&word, words));
        return Access::default();
    };
    if access == Access::Public && config.materialized == Materialized::Ephemeral {
        let message = "a model that is materialized as `ephemeral` cannot have `public` access";
        diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(at()));
    }
    access
}

/// The config `contract`.
pub(super) fn contract(config: &NodeConfig) -> Contract {
    let flag = |key: &str| config.values.get("contract").and_then(|contract| contract.get(key)).and_then(Json::as_bool);
    Contract {
        enforced: flag("enforced").unwrap_or(false),
        alias_types: flag("alias_types").unwrap_or(true),
        checksum: None,
    }
}

/// Follows the foreign keys of a model, and checks and digests its contract.
pub(super) fn constraints(cx: &Context<'_>, node: &mut Node, patch: &Patch, diagnostics: &mut Diagnostics) {
    let of_columns = node.columns.values().flat_map(|column| &column.constraints);
    let keys: Vec<(String, Span)> = node
        .constraints
        .iter()
        .chain(of_columns)
        .filter(|constraint| constraint.kind == ConstraintType::ForeignKey)
        .filter_map(|constraint| Some((constraint.to.clone()?, constraint.span)))
        .collect();
    let speaker = Speaker { package: &patch.package, kind: "model", name: &node.name };
    let found: Vec<_> = keys.iter().map(|(to, at)| reference::named_by(cx, &speaker, (to, *at), diagnostics)).collect();
    for captured in found {
        for call in reference::refs(&captured) {
            if !node.refs.contains(&call) {
                node.refs.push(call);
            }
        }
        node.source_calls.extend(captured.sources);
    }
    if !node.contract.enforced {
        return;
    }
    if node.columns.is_empty() {
        let message = format!("model `{}` enforces a contract that names no columns", node.name);
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_VALUE, message)
                .at(patch.properties.span)
                .help("describe its columns with their `data_type` under `columns:`"),
        );
    }
    let adds = node.config.values.get("on_schema_change").and_then(Json::as_str).unwrap_or_default();
    if node.config.materialized == Materialized::Incremental && !matches!(adds, "append_new_columns" | "fail") {
        let message =
            format!("model `{}` is incremental and enforces a contract, with `on_schema_change: {adds}`", node.name);
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_VALUE, message)
                .at(patch.properties.span)
                .help("set `on_schema_change` to `append_new_columns` or `fail`"),
        );
    }
    node.contract.checksum = Some(checksum(node));
}

/// A contract without a description of the model promises nothing.
pub(super) fn undescribed(nodes: &[Arc<Node>], diagnostics: &mut Diagnostics) {
    let promises_nothing = |node: &&Arc<Node>| {
        node.resource == ResourceType::Model
            && node.contract.enforced
            && node.patch_path.is_none()
            && node.config.enabled
    };
    for node in nodes.iter().filter(promises_nothing) {
        let message = format!("model `{}` enforces a contract, but no property file describes it", node.name);
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_VALUE, message)
                .at(node.span)
                .help("describe its columns with their `data_type` in a property file"),
        );
    }
}

/// A digest of the promise, made of the text that dbt makes it of.
fn checksum(node: &Node) -> String {
    let mut columns: Vec<_> = node.columns.values().collect();
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    let mut state = String::new();
    for column in columns {
        let data_type = column.data_type.as_deref().unwrap_or("None");
        let constraints = list(column.constraints.iter().map(|constraint| shown(constraint, "ColumnLevelConstraint")));
        let _ = write!(state, "|{}{data_type}{constraints}", column.name);
    }
    if matches!(node.config.materialized, Materialized::Table | Materialized::Incremental) {
        let constraints = list(node.constraints.iter().map(|constraint| shown(constraint, "ModelLevelConstraint")));
        let _ = write!(state, "{}{constraints}", node.config.materialized.as_str());
    }
    sha256_hex(state.as_bytes())
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A constraint as Python shows it.
fn shown(constraint: &Constraint, class: &str) -> String {
    let text = |text: &Option<String>| text.as_deref().map_or_else(|| "None".to_owned(), python_repr);
    let flag = |flag: bool| if flag { "True" } else { "False" };
    let texts = |texts: &[String]| list(texts.iter().map(|text| python_repr(text)));
    let kind = constraint.kind.as_str();
    let columns = match class {
        "ModelLevelConstraint" => format!(", columns={}", texts(&constraint.columns)),
        _ => String::new(),
    };
    format!(
        "{class}(type=<ConstraintType.{kind}: '{kind}'>, name={}, expression={}, warn_unenforced={}, warn_unsupported={}, \
         to={}, to_columns={}{columns})",
        text(&constraint.name),
        text(&constraint.expression),
        flag(constraint.warn_unenforced),
        flag(constraint.warn_unsupported),
        text(&constraint.to),
        texts(&constraint.to_columns),
    )
}

/// A date as dbt writes it: midnight where no time is given, UTC where no zone is.
pub(super) fn date(text: &str) -> String {
    let text = text.trim();
    let (day, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let has_zone = time.ends_with('Z') || time.contains(['+', '-']);
    let time = time.strip_suffix('Z').map_or_else(|| time.to_owned(), |time| format!("{time}+00:00"));
    format!("{day}T{time}{}", if has_zone { "" } else { "+00:00" })
}

/// Nodes of groups that do not exist.
pub(super) fn check_groups(manifest: &Manifest, diagnostics: &mut Diagnostics) {
    let names: Vec<&str> = manifest.groups.values().map(|group| group.name.as_str()).collect();
    let nodes = manifest.nodes.values().map(|node| (&node.name, node.resource.as_str(), &node.group, node.span));
    let semantic = manifest.semantic.values().map(|found| (&found.name, found.kind.as_str(), &found.group, found.span));
    for (name, kind, group, at) in nodes.chain(semantic) {
        let Some(group) = group.as_deref().filter(|group| !names.contains(group)) else { continue };
        let message = format!("{kind} `{name}` is in group `{group}`, which does not exist");
        diagnostics.push(Diagnostic::error(codes::UNKNOWN_GROUP, message).at(at).suggest(group, names.iter().copied()));
    }
}

/// Why a node may not refer to a model, if it may not.
pub(super) fn refused(
    cx: &Context<'_>,
    (package, group): (&str, Option<&str>),
    target: &Node,
) -> Option<(&'static str, String)> {
    if target.resource != ResourceType::Model {
        return None;
    }
    let is_kept_out = package != target.package
        && cx.project.packages.iter().any(|own| own.config.name == target.package && own.config.restrict_access);
    match target.access {
        Access::Private if group.is_none() || group != target.group.as_deref() || is_kept_out => {
            let owner =
                target.group.as_deref().map_or_else(|| "a group".to_owned(), |group| format!("group `{group}`"));
            Some(("private", format!("only nodes of {owner} may refer to it")))
        }
        Access::Protected if is_kept_out => {
            Some(("protected", format!("only nodes of package `{}` may refer to it", target.package)))
        }
        _ => None,
    }
}
