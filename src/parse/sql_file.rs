//! Models, analyses and singular tests: resources that are one SQL file each.

use std::sync::Arc;

use indexmap::IndexMap;
use rayon::prelude::*;

use super::config::Merge;
use super::{Context, Parse};
use crate::config::{ConfigTree, ProjectConfig, ResourceProperties};
use crate::context::{ParseNames, Subject};
use crate::diagnostic::Diagnostics;
use crate::jinja::{Scope, Value};
use crate::load::{File, Package};
use crate::manifest::{Column, Materialized, Node, NodeConfig, ResourceType, Template, TestKind, UniqueId};
use crate::source::Span;
use crate::sql::Relation;

/// Parses the SQL files of all packages, in parallel, in the order of packages and paths.
pub(super) fn parse(cx: &Context<'_>, diagnostics: &mut Diagnostics) -> Vec<Node> {
    let files: Vec<(&Package, ResourceType, &File)> = cx
        .project
        .packages
        .iter()
        .flat_map(|package| {
            let of = |resource, files: &'static dyn Fn(&Package) -> &Vec<File>| {
                files(package).iter().map(move |file| (package, resource, file))
            };
            of(ResourceType::Model, &|package| &package.files.models)
                .chain(of(ResourceType::Analysis, &|package| &package.files.analyses))
                .chain(of(ResourceType::Test, &|package| &package.files.singular_tests))
        })
        .collect();
    let parsed: Vec<Parse<Node>> =
        files.par_iter().map(|(package, resource, file)| parse_file(cx, package, *resource, file)).collect();
    let mut nodes = Vec::new();
    for (node, found) in parsed {
        diagnostics.extend(found);
        nodes.extend(node);
    }
    nodes
}

/// The resource tree of a kind.
fn tree(resource: ResourceType) -> fn(&ProjectConfig) -> &ConfigTree {
    match resource {
        ResourceType::Model => |config| &config.models,
        ResourceType::Seed => |config| &config.seeds,
        ResourceType::Test => |config| &config.tests,
        ResourceType::Analysis => |config| &config.analyses,
    }
}

fn parse_file(cx: &Context<'_>, package: &Package, resource: ResourceType, file: &File) -> Parse<Node> {
    let mut diagnostics = Diagnostics::new();
    let name = file.stem().to_owned();
    let package_name = &package.config.name;
    let fqn = fqn(package_name, resource, file);
    let text = cx.session.sources.get(file.id);
    let span = Span::new(file.id, 0..text.text().len());
    let subject = Subject {
        unique_id: UniqueId::node(resource, package_name, &name).to_string(),
        name: name.clone(),
        package: package_name.as_str().into(),
        resource_type: resource.as_str(),
        fqn: fqn.clone(),
        original_path: file.original_path.clone(),
    };
    let names = ParseNames::new(cx.surroundings.clone(), subject);
    let scope = Scope { package: package_name.as_str().into(), names: Value::from_dyn_object(Arc::clone(&names)) };
    if diagnostics.take(cx.surroundings.environment.render(span, &scope)).is_none() {
        return (None, diagnostics);
    }
    let captured = names.captured();
    let patch = cx.properties.of(resource, package_name, &name);
    let merged = Merge::defaults(resource).tree(tree(resource)(&package.config), &fqn);
    let merged = match patch {
        Some(patch) => merged.properties(&patch.properties.config),
        None => merged,
    };
    let values = merged.in_file(&captured.config).root_tree(cx, package, tree(resource), &fqn).finish();
    let whole = Span::whole(file.id);
    let config = NodeConfig::read(values, &name, whole, &mut diagnostics);
    let Some(full_name) = diagnostics.take(cx.naming.of(cx, &scope, &config, &name)) else {
        return (None, diagnostics);
    };
    let relation = Relation::new(&full_name.database, &full_name.schema, &full_name.alias);
    let is_relation = resource == ResourceType::Model && config.materialized != Materialized::Ephemeral
        || config.test.store_failures.is_some() && resource == ResourceType::Test;
    let node = Node {
        id: UniqueId::node(resource, package_name, &name),
        resource,
        package: package_name.clone(),
        layer: (resource == ResourceType::Model).then(|| layer(cx, &config, file)).flatten(),
        path: file.path.clone(),
        original_path: file.original_path.clone(),
        span: whole,
        template: Template::File(span),
        checksum: Some(file.checksum.clone()),
        alias: full_name.alias,
        database: full_name.database,
        schema: full_name.schema,
        relation: is_relation.then_some(relation),
        in_file_config: captured.config,
        description: patch.map(|patch| patch.properties.description.clone()).unwrap_or_default(),
        patch_path: patch.map(|patch| patch.file.original_path.clone()),
        columns: patch.map(|patch| columns(&patch.properties)).unwrap_or_default(),
        refs: captured.refs.into_iter().map(|call| (call.package, call.name)).collect(),
        source_calls: captured.sources,
        depends_on: Vec::new(),
        macros: super::resolve::macros(cx, package_name, span),
        test: (resource == ResourceType::Test).then_some(TestKind::Singular),
        config,
        fqn,
        name,
    };
    (Some(node), diagnostics)
}

fn fqn(package: &str, resource: ResourceType, file: &File) -> Vec<String> {
    // dbt puts analyses and singular tests below the name of their folder.
    let kind = match resource {
        ResourceType::Model | ResourceType::Seed => None,
        ResourceType::Analysis => Some("analysis"),
        ResourceType::Test => None,
    };
    [Some(package), kind].into_iter().flatten().chain(file.folders()).chain([file.stem()]).map(str::to_owned).collect()
}

/// The config `layer`, else the top folder when it is called like a layer.
fn layer(cx: &Context<'_>, config: &NodeConfig, file: &File) -> Option<String> {
    let names = &cx.project.own().config.layers.names;
    config.layer.clone().or_else(|| {
        let folder = file.folders().next()?;
        names.iter().find(|name| name.as_str() == folder).cloned()
    })
}

/// Columns as nodes keep them.
pub(super) fn columns(properties: &ResourceProperties) -> IndexMap<String, Column> {
    properties
        .columns
        .iter()
        .map(|column| {
            let kept = Column {
                name: column.name.clone(),
                description: column.description.clone(),
                data_type: column.data_type.clone(),
                quote: column.quote,
                meta: column.meta.clone(),
                tags: column.tags.clone(),
            };
            (column.name.clone(), kept)
        })
        .collect()
}
