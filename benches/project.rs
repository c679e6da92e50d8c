//! How long the synchronous stages take on generated projects of 1,000 and 10,000 models: load, parse, graph, compile; and the
//! commands that are made of them, `parse` from nothing and after one file was changed, and `ls`.
//!
//! `cargo bench --bench project`. Times are wall times with all cores; compare them with each other, not between machines.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "benchmarks make their project themselves")]

mod generate;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use divan::Bencher;
use rayon::prelude::*;
use tempfile::TempDir;
use transform::artifact;
use transform::compile::Compiler;
use transform::graph::Dag;
use transform::graph::select::{Choice, IndirectSelection, Selection, Selectors};
use transform::load::{self, Options, Project};
use transform::parse::{self, Parsed};
use transform::session::Flags;
use transform::source::{DiskWorld, SourceMap, World};

const SIZES: [usize; 2] = [1_000, 10_000];

fn main() {
    divan::main();
}

fn generated(models: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    generate::project(folder.path(), models).unwrap();
    folder
}

/// The project, to be parsed from nothing.
fn loaded(folder: &TempDir) -> Project {
    opened(folder, false)
}

fn opened(folder: &TempDir, partial_parse: bool) -> Project {
    let world: Arc<dyn World> = Arc::new(DiskWorld);
    let given = [("partial_parse".to_owned(), partial_parse.into())].into_iter().collect();
    let flags = Flags::new("parse", given);
    let options = Options { project_dir: Some(folder.path().to_path_buf()), flags, ..Options::default() };
    let (project, diagnostics) = load::load(&world, &Arc::<SourceMap>::default(), &options);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    project.unwrap()
}

fn parsed(project: &Project) -> Parsed {
    let (parsed, diagnostics) = parse::parse(project);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    parsed
}

/// The text of `manifest.json`.
fn written(parsed: &Parsed, project: &Project) -> Vec<u8> {
    let (selectors, outputs) = (serde_json::Map::new(), artifact::NodeOutputs::default());
    serde_json::to_vec(&artifact::manifest(&parsed.manifest, &project.session, &selectors, &outputs)).unwrap()
}

/// `transform parse`.
fn parse_command(folder: &TempDir, partial_parse: bool) -> usize {
    let project = opened(folder, partial_parse);
    let parsed = parsed(&project);
    written(&parsed, &project).len()
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn parse_cold(bencher: Bencher<'_, '_>, models: usize) {
    let folder = generated(models);
    bencher.bench(|| parse_command(&folder, false));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn parse_warm(bencher: Bencher<'_, '_>, models: usize) {
    let folder = generated(models);
    parse_command(&folder, true);
    let edits = AtomicUsize::new(0);
    bencher
        .with_inputs(|| {
            let edit = edits.fetch_add(1, Ordering::Relaxed);
            std::fs::write(folder.path().join("models/edited.sql"), format!("select {edit} as id")).unwrap();
        })
        .bench_values(|()| parse_command(&folder, true));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn ls(bencher: Bencher<'_, '_>, models: usize) {
    let folder = generated(models);
    bencher.bench(|| {
        let parsed = parsed(&loaded(&folder));
        let (dag, _) = Dag::new(&parsed.manifest);
        let selectors = Selectors::default();
        let all = Selection::parse(&["*"], IndirectSelection::Eager).unwrap();
        Choice::new(&parsed.manifest, &dag, &selectors).of(&all)
    });
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn load_project(bencher: Bencher<'_, '_>, models: usize) {
    let folder = generated(models);
    bencher.bench(|| loaded(&folder));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn parse_project(bencher: Bencher<'_, '_>, models: usize) {
    let project = loaded(&generated(models));
    bencher.bench(|| parsed(&project));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn build_graph(bencher: Bencher<'_, '_>, models: usize) {
    let parsed = parsed(&loaded(&generated(models)));
    bencher.bench(|| Dag::new(&parsed.manifest));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn select_nodes(bencher: Bencher<'_, '_>, models: usize) {
    let parsed = parsed(&loaded(&generated(models)));
    let (dag, _) = Dag::new(&parsed.manifest);
    let selectors = Selectors::default();
    let choice = Choice::new(&parsed.manifest, &dag, &selectors);
    let select = Selection::parse(&["+gold_00007,tag:daily", "2+silver_00100+1"], IndirectSelection::Eager).unwrap();
    bencher.bench(|| choice.of(&select));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn compile_nodes(bencher: Bencher<'_, '_>, models: usize) {
    let parsed = parsed(&loaded(&generated(models)));
    let compiler = Compiler::new(parsed.clone(), None);
    bencher.bench(|| {
        let nodes = parsed.manifest.nodes.values().collect::<Vec<_>>();
        nodes.par_iter().map(|node| compiler.compile(node).unwrap().sql.len()).sum::<usize>()
    });
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn write_manifest(bencher: Bencher<'_, '_>, models: usize) {
    let project = loaded(&generated(models));
    let parsed = parsed(&project);
    bencher.bench(|| written(&parsed, &project));
}
