//! Seeds: CSV files.

use super::config::Merge;
use super::{Context, Parse};
use crate::context::{ParseNames, Subject};
use crate::diagnostic::Diagnostics;
use crate::jinja::{Scope, Value};
use crate::load::{File, Package};
use crate::manifest::{Node, NodeConfig, ResourceType, Template, UniqueId};
use crate::source::Span;
use crate::sql::Relation;

/// Parses the seeds of all packages.
pub(super) fn parse(cx: &Context<'_>, diagnostics: &mut Diagnostics) -> Vec<Node> {
    let mut nodes = Vec::new();
    for package in &cx.project.packages {
        for file in &package.files.seeds {
            let (node, found) = parse_file(cx, package, file);
            diagnostics.extend(found);
            nodes.extend(node);
        }
    }
    nodes
}

fn parse_file(cx: &Context<'_>, package: &Package, file: &File) -> Parse<Node> {
    let mut diagnostics = Diagnostics::new();
    let name = file.stem().to_owned();
    let package_name = &package.config.name;
    let fqn: Vec<String> =
        [package_name.as_str()].into_iter().chain(file.folders()).chain([file.stem()]).map(str::to_owned).collect();
    let id = UniqueId::node(ResourceType::Seed, package_name, &name);
    let patch = cx.properties.of(ResourceType::Seed, package_name, &name);
    let merged = Merge::defaults(ResourceType::Seed).tree(&package.config.seeds, &fqn);
    let merged = match patch {
        Some(patch) => merged.properties(&patch.properties.config),
        None => merged,
    };
    let values = merged.root_tree(cx, package, |config| &config.seeds, &fqn).finish();
    let whole = Span::whole(file.id);
    let config = NodeConfig::read(values, &name, whole, &mut diagnostics);
    let subject = Subject {
        unique_id: id.to_string(),
        name: name.clone(),
        package: package_name.as_str().into(),
        resource_type: ResourceType::Seed.as_str(),
        fqn: fqn.clone(),
        original_path: file.original_path.clone(),
    };
    let names = ParseNames::new(cx.surroundings.clone(), subject);
    let scope = Scope { package: package_name.as_str().into(), names: Value::from_dyn_object(names) };
    let Some(full_name) = diagnostics.take(cx.naming.of(cx, &scope, &config, &name)) else {
        return (None, diagnostics);
    };
    let node = Node {
        id,
        resource: ResourceType::Seed,
        package: package_name.clone(),
        layer: None,
        path: file.path.clone(),
        original_path: file.original_path.clone(),
        span: whole,
        template: Template::Seed(file.absolute.clone()),
        checksum: Some(file.checksum.clone()),
        relation: Some(Relation::new(&full_name.database, &full_name.schema, &full_name.alias)),
        alias: full_name.alias,
        database: full_name.database,
        schema: full_name.schema,
        in_file_config: serde_json::Map::new(),
        description: patch.map(|patch| patch.properties.description.clone()).unwrap_or_default(),
        patch_path: patch.map(|patch| patch.file.original_path.clone()),
        columns: patch.map(|patch| super::sql_file::columns(&patch.properties)).unwrap_or_default(),
        refs: Vec::new(),
        source_calls: Vec::new(),
        depends_on: Vec::new(),
        macros: Vec::new(),
        test: None,
        config,
        fqn,
        name,
    };
    (Some(node), diagnostics)
}
