//! Snapshots: blocks in SQL files, and property files that name a relation.

use std::sync::Arc;

use serde_json::Value as Json;

use super::config::Merge;
use super::draft::{Draft, described};
use super::properties::{Patch, Patched, check_name};
use super::reference::{self, Speaker};
use super::sql_file::node_of;
use super::{Context, Parse, files_of, in_parallel};
use crate::config::TreeName;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{self, Block, BlockKind};
use crate::load::{File, Package};
use crate::manifest::{Materialized, Node, ResourceType, Template, UniqueId};

/// Parses the snapshots of all packages.
pub(super) fn parse(cx: &Context<'_>, diagnostics: &mut Diagnostics) -> Vec<Arc<Node>> {
    let files = files_of(cx, |files| &files.snapshots);
    let found = in_parallel(&files, diagnostics, |(package, file)| parse_file(cx, package, file));
    let mut nodes: Vec<Arc<Node>> = found.into_iter().flatten().map(Arc::new).collect();
    for patch in cx.properties.snapshots_of_relations() {
        let mut packages = cx.project.packages.iter();
        let Some(package) = packages.find(|known| known.config.name == patch.package) else { continue };
        let (node, problems) = of_relation(cx, package, patch);
        diagnostics.extend(problems);
        nodes.extend(node.map(Arc::new));
    }
    for node in nodes.iter().filter(|node| node.config.enabled) {
        check(node, diagnostics);
    }
    nodes
}

fn parse_file(cx: &Context<'_>, package: &Package, file: &File) -> Parse<Vec<Node>> {
    let text = cx.session.sources.get(file.id);
    let (blocks, mut diagnostics) = jinja::scan(file.id, text.text());
    let snapshots = blocks.iter().filter(|block| block.kind == BlockKind::Snapshot);
    let nodes = snapshots.filter_map(|block| parse_block(cx, package, (file, block), &mut diagnostics)).collect();
    (Some(nodes), diagnostics)
}

fn parse_block(
    cx: &Context<'_>,
    package: &Package,
    (file, block): (&File, &Block),
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    let name = block.name.as_str();
    let package_name = package.config.name.as_str();
    // The name of the file is one of the folders of its snapshots.
    let fqn = [package_name].into_iter().chain(file.folders()).chain([file.stem(), name]);
    let draft = Draft {
        package,
        resource: ResourceType::Snapshot,
        id: UniqueId::node(ResourceType::Snapshot, package_name, name),
        name: name.to_owned(),
        fqn: fqn.map(str::to_owned).collect(),
        path: file.path.clone(),
        original_path: file.original_path.clone(),
        span: block.name_span,
        version: None,
        latest_version: None,
        template: Template::File(block.body),
        checksum: Some(file.checksum.clone()),
        test: None,
    };
    let patched = cx.properties.of(ResourceType::Snapshot, package_name, name);
    node_of(cx, draft, (block.body, patched), diagnostics)
}

/// A snapshot that a property file defines: all rows of the relation that it names.
fn of_relation(cx: &Context<'_>, package: &Package, patch: &Patch) -> Parse<Node> {
    let mut diagnostics = Diagnostics::new();
    let node = of_relation_into(cx, package, patch, &mut diagnostics);
    (node, diagnostics)
}

fn of_relation_into(cx: &Context<'_>, package: &Package, patch: &Patch, diagnostics: &mut Diagnostics) -> Option<Node> {
    let properties = &patch.properties;
    let (relation, at) = properties.relation.as_ref()?;
    let package_name = package.config.name.as_str();
    let name = properties.name.as_str();
    check_name("snapshot", name, properties.span, diagnostics);
    let fqn = [package_name].into_iter().chain(patch.file.folders()).chain([name]);
    let draft = Draft {
        package,
        resource: ResourceType::Snapshot,
        id: UniqueId::node(ResourceType::Snapshot, package_name, name),
        name: name.to_owned(),
        fqn: fqn.map(str::to_owned).collect(),
        path: format!("{}/{name}.sql", patch.file.path),
        original_path: patch.file.original_path.clone(),
        span: properties.span,
        version: None,
        latest_version: None,
        template: Template::Text(format!("select * from {{{{ {relation} }}}}")),
        checksum: Some(patch.file.checksum.clone()),
        test: None,
    };
    let patched = cx.properties.of(ResourceType::Snapshot, package_name, name);
    let speaker = Speaker { package: package_name, kind: "snapshot", name };
    let captured = reference::named_by(cx, &speaker, (relation, *at), diagnostics);
    if captured.refs.is_empty() && captured.sources.is_empty() {
        let message = format!("`relation` of snapshot `{name}` names neither a `ref` nor a `source`");
        diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(*at));
    }
    let values = Merge::of(cx, package_name, TreeName::Snapshots, &draft.fqn)
        .patch(patched.as_ref())
        .root_tree(cx, package, TreeName::Snapshots, &draft.fqn)
        .finish();
    let node = draft.finish(cx, values, captured, diagnostics)?;
    Some(described(cx, node, Some(Patched { patch, version: None }), diagnostics))
}

/// What a snapshot needs, wherever its configs stand.
fn check(node: &Node, diagnostics: &mut Diagnostics) {
    let config = |key: &str| node.config.values.get(key).filter(|value| !value.is_null());
    let mut wrong = |what: String, help: &str| {
        let message = format!("snapshot `{}` {what}", node.name);
        diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(node.span).help(help));
    };
    if node.config.materialized != Materialized::Snapshot {
        wrong("has another `materialized` than `snapshot`".to_owned(), "leave it out");
    }
    let strategy = config("strategy").and_then(Json::as_str);
    let Some(strategy) = strategy.filter(|_| config("unique_key").is_some()) else {
        let missing = if strategy.is_none() { "strategy" } else { "unique_key" };
        return wrong(
            format!("has no `{missing}`"),
            "a snapshot has a `unique_key` and a `strategy`: `timestamp` with `updated_at`, or `check` with `check_cols`",
        );
    };
    let columns = config("check_cols");
    match strategy {
        "timestamp" if config("updated_at").is_none() => {
            wrong(
                "has no `updated_at`".to_owned(),
                "the strategy `timestamp` compares the column that `updated_at` names",
            );
        }
        "timestamp" if columns.is_some() => {
            wrong("has `check_cols`".to_owned(), "they belong to the strategy `check`");
        }
        "check" => match columns {
            None => wrong("has no `check_cols`".to_owned(), "name the columns to compare, or `all`"),
            Some(Json::String(text)) if text != "all" => {
                wrong(format!("has `check_cols: {text}`"), "it is `all` or a list of columns");
            }
            _ => {}
        },
        _ => {}
    }
}
