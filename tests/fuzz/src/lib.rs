//! What the fuzz targets try: a text through the stages, as far as it comes. Nothing may panic, and everything must end.
//!
//! With `cargo install cargo-fuzz` and a nightly toolchain, where `corpus` is a folder outside the repository; the names in templates
//! live as long as the process, which is no leak:
//!
//! ```text
//! cargo +nightly fuzz run --fuzz-dir tests/fuzz jinja corpus tests/jinja templates -- -timeout=60 -detect_leaks=0
//! cargo +nightly fuzz run --fuzz-dir tests/fuzz project corpus tests/cases -- -timeout=60 -detect_leaks=0
//! ```

use std::sync::{Arc, LazyLock};

use transform::compile::Compiler;
use transform::diagnostic::{Diagnostic, Diagnostics, render};
use transform::graph::Dag;
use transform::graph::select::{Choice, IndirectSelection, Selection, Selectors};
use transform::jinja::{self, Environment, Scope, Value};
use transform::load::{self, Options};
use transform::manifest::Manifest;
use transform::source::{MemoryWorld, SourceMap, Span, World};
use transform::{artifact, config, parse, yaml};

/// Reads a text as YAML, and as the files of properties and selectors that it could be.
pub fn yaml(text: &str) {
    let sources = SourceMap::default();
    let file = sources.add("models/schema.yml", text);
    let mut warnings = Diagnostics::new();
    let root = yaml::parse(file, text, &mut warnings);
    say_all(&warnings, &sources);
    match root {
        Ok(root) => drop(root.to_json()),
        Err(diagnostic) => say(&diagnostic, &sources),
    }
}

/// Reads a text as a file of macros, as a template, as the value of a property, and as a literal.
pub fn jinja(text: &str) {
    let sources = Arc::<SourceMap>::default();
    let file = sources.add("models/orders.sql", text);
    let whole = Span::new(file, 0..text.len());
    let (blocks, diagnostics) = jinja::scan(file, text);
    say_all(&diagnostics, &sources);
    let mut builder = Environment::builder(Arc::clone(&sources));
    builder.macros("shop", file, &blocks);
    let (environment, diagnostics) = builder.build("shop");
    say_all(&diagnostics, &sources);
    let names = [("x", Value::from(7)), ("items", Value::from(vec!["a", "b"]))];
    let scope = Scope::new("shop", Value::from_pairs(names));
    for rendered in
        [environment.render(whole, &scope).text.map(drop), environment.native(text, whole, &scope).map(drop)]
    {
        if let Err(diagnostic) = rendered {
            say(&diagnostic, &sources);
        }
    }
    let _ = environment.names_in(whole);
    let _ = jinja::literal(text);
}

/// Reads a text as the arguments of `--select`, a line each, and as `selectors.yml`; and chooses with both from a small project.
pub fn selector(text: &str) {
    static PROJECT: LazyLock<Manifest> = LazyLock::new(shop);
    let (dag, _) = Dag::new(&PROJECT);
    let sources = SourceMap::default();
    let file = sources.add("selectors.yml", text);
    let mut diagnostics = Diagnostics::new();
    let definitions = match yaml::parse(file, text, &mut diagnostics) {
        Ok(root) => config::SelectorProperties::read_all(&root, &mut diagnostics),
        Err(_) => Vec::new(),
    };
    let selectors = Selectors::new(&definitions, IndirectSelection::Eager, &mut diagnostics);
    let choice = Choice::new(&PROJECT, &dag, &selectors);
    let lines: Vec<&str> = text.lines().collect();
    match Selection::parse(&lines, IndirectSelection::Buildable) {
        Ok(selection) => diagnostics.extend(choice.of(&selection).1),
        Err(diagnostic) => diagnostics.push(diagnostic),
    }
    for definition in &definitions {
        if let Some(selection) = selectors.get(&definition.name) {
            diagnostics.extend(choice.of(selection).1);
        }
    }
    say_all(&diagnostics, &sources);
}

/// Reads a text as the files of a project, each below a line `--- path`, and takes it through the stages up to compiled SQL.
pub fn project(text: &str) {
    let files = text.split("\n--- ").filter_map(|file| file.strip_prefix("--- ").unwrap_or(file).split_once('\n'));
    let sources = Arc::<SourceMap>::default();
    through(MemoryWorld::with_files(files), &sources);
}

/// Loads, parses and compiles the project of a world.
fn through(world: MemoryWorld, sources: &Arc<SourceMap>) -> Option<Manifest> {
    let world: Arc<dyn World> = Arc::new(world);
    let (project, diagnostics) = load::load(&world, sources, &Options::default());
    say_all(&diagnostics, sources);
    let project = project?;
    let (parsed, diagnostics) = parse::parse(&project);
    say_all(&diagnostics, sources);
    let (_, diagnostics) = Dag::new(&parsed.manifest);
    say_all(&diagnostics, sources);
    drop(artifact::manifest(
        &parsed.manifest,
        &project.session,
        &serde_json::Map::new(),
        &artifact::NodeOutputs::default(),
    ));
    let manifest = Manifest::clone(&parsed.manifest);
    let compiler = Compiler::new(parsed, None);
    for node in manifest.nodes.values() {
        if let Err(error) = compiler.compile(node) {
            say(&Diagnostic::from(error), sources);
        }
    }
    Some(manifest)
}

/// A project with a node of most kinds.
fn shop() -> Manifest {
    let files = [
        ("dbt_project.yml", "name: shop\nmodels: {shop: {staging: {+tags: [daily], +materialized: view}}}\n"),
        ("models/staging/stg_orders.sql", "select * from {{ source('raw', 'orders') }}"),
        ("models/orders.sql", "{{ config(materialized='table', group='sales') }}select * from {{ ref('stg_orders') }}"),
        ("models/a.b.sql", "select * from {{ ref('orders') }}"),
        ("seeds/countries.csv", "code\nfr\n"),
        (
            "models/schema.yml",
            "groups: [{name: sales, owner: {name: us}}]\nsources: [{name: raw, tables: [{name: orders}]}]\nmodels:\n  \
             - {name: orders, access: public, columns: [{name: id, data_tests: [unique, not_null]}]}\n\
             exposures: [{name: board, type: dashboard, owner: {name: us}, depends_on: [\"ref('orders')\"]}]\n",
        ),
    ];
    through(MemoryWorld::with_files(files), &Arc::default()).unwrap_or_default()
}

fn say_all(diagnostics: &Diagnostics, sources: &SourceMap) {
    diagnostics.iter().for_each(|diagnostic| say(diagnostic, sources));
}

/// Renders a diagnostic in each form, as places that lie outside their file would panic here.
fn say(diagnostic: &Diagnostic, sources: &SourceMap) {
    let _ = render::concise(diagnostic, sources);
    let _ = render::json(diagnostic, sources);
    let _ = render::human(diagnostic, sources, false);
}
