use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::render;
use crate::load::{self, Options};
use crate::manifest::UniqueId;
use crate::parse::{Parsed, parse};
use crate::source::{MemoryWorld, SourceMap, World};

/// A project in memory, parsed, with what was said about it.
fn parsed(files: &[(&str, &str)]) -> (Parsed, Vec<String>) {
    let files = files.iter().map(|(path, text)| (format!("shop/{path}"), *text));
    let world: Arc<dyn World> = Arc::new(MemoryWorld::with_files(files).with_env("COUNTRY", "FR"));
    let sources: Arc<SourceMap> = Arc::default();
    let options = Options { project_dir: Some(PathBuf::from("shop")), ..Options::default() };
    let (project, mut diagnostics) = load::load(&world, &sources, &options);
    let (parsed, found) = parse(&project.unwrap());
    diagnostics.extend(found);
    let said = diagnostics.iter().map(|diagnostic| render::concise(diagnostic, &sources)).collect();
    (parsed, said)
}

#[test]
fn a_project_needs_no_disk() {
    let (parsed, said) = parsed(&[
        ("dbt_project.yml", "name: shop\nmodels: {shop: {gold: {+materialized: table, +tags: [daily]}}}\n"),
        ("models/bronze/a.sql", "select '{{ env_var('COUNTRY') }}' as country"),
        ("models/gold/b.sql", "{{ config(tags=['kpi'], meta={'owner': 'x'}) }} select * from {{ ref('a') }}"),
        (
            "models/gold/schema.yml",
            "models:\n  - name: b\n    config: {meta: {team: y}}\n    columns: [{name: country, data_tests: [unique]}]\n",
        ),
    ]);
    assert_eq!(said, Vec::<String>::new());
    let manifest = &parsed.manifest;
    let node = manifest.node(&UniqueId::of(&["model", "shop", "b"])).unwrap();
    assert_eq!(node.config.tags, ["daily", "kpi"]);
    assert_eq!(serde_json::to_value(node.config.meta()).unwrap(), serde_json::json!({"team": "y", "owner": "x"}));
    assert_eq!((node.config.materialized.as_str(), node.layer.as_deref()), ("table", Some("gold")));
    let a = UniqueId::of(&["model", "shop", "a"]);
    assert_eq!(node.depends_on, [a]);
    let ids: Vec<&str> = manifest.nodes.keys().map(UniqueId::as_str).collect();
    assert_eq!(ids[..2], ["model.shop.a", "model.shop.b"]);
    assert!(ids[2].starts_with("test.shop.unique_b_country."));
}

#[test]
fn many_errors_are_reported_at_once_and_in_order() {
    let (_, said) = parsed(&[
        ("dbt_project.yml", "name: shop\n"),
        ("models/a.sql", "select {{ nope }}"),
        ("models/b.sql", "select * from {{ ref('nothing') }}"),
        ("models/c.sql", "{% if %}"),
        ("models/d.sql", "{{ source('s', 't') }}"),
        ("models/schema.yml", "models:\n  - name: b\n    data_tests: [uniqe]\n"),
    ]);
    insta::assert_snapshot!(said.join("\n"));
}
