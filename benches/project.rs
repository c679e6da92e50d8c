//! How long the synchronous stages take on generated projects of 1,000 and 10,000 models: load, parse, graph, compile; and the
//! commands that are made of them, `parse` from nothing and after one file was changed, and `ls`; and what the SQL means: `analyze` from
//! nothing, and with what an earlier command found out.
//!
//! `cargo bench --bench project`. Times are wall times with all cores; compare them with each other, not between machines.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "benchmarks make their project themselves")]

mod generate;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use divan::Bencher;
use rayon::prelude::*;
use tempfile::TempDir;
use transform::analyze::{self, Analyzed, Memory, Others, Request, Surroundings};
use transform::artifact;
use transform::base::Fingerprint;
use transform::compile::{Compiled, Compiler};
use transform::diagnostic::Severity;
use transform::engine::registry;
use transform::graph::Dag;
use transform::graph::select::{Choice, IndirectSelection, Selection, Selectors};
use transform::load::{self, Options, Project};
use transform::manifest::Node;
use transform::parse::{self, Parsed};
use transform::session::Flags;
use transform::source::{DiskWorld, SourceMap, World};
use transform::sql::Relation;

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

/// A project whose sources have these columns, in an engine that has nothing else.
struct Known {
    compiler: Compiler,
    columns: SchemaRef,
}

impl Surroundings for Known {
    fn compiled(&self, node: &Arc<Node>) -> Result<Compiled, String> {
        self.compiler.compile(node).map_err(|error| error.diagnostic.message.clone())
    }

    fn is_made_by_macro(&self, _: &Node) -> bool {
        false
    }

    fn seed(&self, _: &Node) -> Option<SchemaRef> {
        None
    }

    fn columns(&self, relation: &Relation) -> Option<SchemaRef> {
        (relation.schema == "raw").then(|| Arc::clone(&self.columns))
    }
}

/// Analyzes all models, and gives how many are understood and what the next command is left.
fn analyzed(parsed: &Parsed, project: &Project, file: Option<Vec<u8>>) -> (usize, Option<Vec<u8>>) {
    let build = Fingerprint::of(["bench"]);
    let target = &project.session.target;
    let settings = registry::Settings {
        kind: target.kind.clone(),
        values: target.values.clone(),
        project_dir: project.root.clone(),
        target_dir: project.target_dir.clone(),
    };
    let engine = registry::connect(&settings).unwrap();
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    let columns = [
        field("id", DataType::Int64),
        field("amount", DataType::Float64),
        field("status", DataType::Utf8),
        field("updated_at", DataType::Timestamp(TimeUnit::Microsecond, None)),
    ];
    let columns = Arc::new(Schema::new(columns.to_vec()));
    let surroundings = Known { compiler: Compiler::new(parsed.clone(), None), columns };
    let (dag, _) = Dag::new(&parsed.manifest);
    let models = parsed.manifest.nodes.values().filter(|node| node.test.is_none()).map(|node| node.id.clone());
    let chosen = models.chain(parsed.manifest.sources.keys().cloned()).collect();
    let memory = file.map(|bytes| Memory::read(bytes, build)).unwrap_or_default();
    let request = Request {
        manifest: &parsed.manifest,
        dag: &dag,
        chosen: &chosen,
        others: Others::Analyzed,
        least: Severity::Error,
        package: None,
        last_layer: None,
        memory: Some(&memory),
    };
    let analyses = analyze::analyze(&request, engine.as_ref(), &surroundings).unwrap();
    let understood = analyses.iter().filter(|(_, analyzed)| matches!(analyzed, Analyzed::Query(_))).count();
    (understood, memory.written(build))
}

#[divan::bench(args = SIZES, sample_count = 3)]
fn analyze_cold(bencher: Bencher<'_, '_>, models: usize) {
    let project = loaded(&generated(models));
    let parsed = parsed(&project);
    bencher.bench(|| assert_eq!(analyzed(&parsed, &project, None).0, models));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn analyze_warm(bencher: Bencher<'_, '_>, models: usize) {
    let project = loaded(&generated(models));
    let parsed = parsed(&project);
    let (_, file) = analyzed(&parsed, &project, None);
    bencher.bench(|| assert_eq!(analyzed(&parsed, &project, file.clone()), (models, None)));
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn write_manifest(bencher: Bencher<'_, '_>, models: usize) {
    let project = loaded(&generated(models));
    let parsed = parsed(&project);
    bencher.bench(|| written(&parsed, &project));
}
