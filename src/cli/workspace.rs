//! The first half of every command that works on a project: load, parse, graph, selection.

use std::io::Write as _;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::arguments::SelectArgs;
use super::exit::Failure;
use super::printer::Printer;
use super::report;
use super::world::world;
use crate::artifact::{self, Metadata, NodeOutputs, RunResults};
use crate::base::seconds_between;
use crate::compile::Compiler;
use crate::context::Door;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::{
    Access, CsvOptions, DeclaredColumn, Engine, EngineError, ErrorKind, ExternalTable, Logged, WriteGuard, registry,
};
use crate::graph::select::described;
use crate::graph::{Dag, check_layers};
use crate::load::{self, Options, Project};
use crate::manifest::Manifest;
use crate::parse::{self, Parsed};
use crate::run::{NodeResult, outputs};
use crate::session::Flags;
use crate::source::SourceMap;
use crate::yaml;

/// The bytes of an artifact that are written at once.
const BUFFER: usize = 64 * 1024;

/// A project, understood. It is there until the process ends: to give all of it back piece by piece takes longer than some commands
/// take besides.
pub(super) struct Workspace {
    pub(super) sources: Arc<SourceMap>,
    pub(super) project: Project,
    pub(super) parsed: ManuallyDrop<Parsed>,
    pub(super) dag: Dag,
}

impl Workspace {
    /// Reads the project; warnings are printed, errors end the command.
    pub(super) fn open(flags: &Flags, printer: &Printer) -> Result<Self, Failure> {
        let world = world()?;
        let sources: Arc<SourceMap> = Arc::default();
        let options = options(flags, &sources, printer)?;
        let (project, mut diagnostics) = load::load(&world, &sources, &options);
        let Some(project) = project else { return Err(Failure::usage(diagnostics, &sources)) };
        let (parsed, found) = parse::parse(&project);
        diagnostics.extend(found);
        let (dag, cycles) = Dag::new(&parsed.manifest);
        diagnostics.extend(cycles);
        diagnostics.extend(check_layers(&parsed.manifest, &project.own().config.layers));
        let diagnostics = printer.judged(&diagnostics);
        if diagnostics.has_errors() {
            return Err(Failure::usage(diagnostics, &sources));
        }
        printer.diagnostics(&diagnostics, &sources);
        report::found(&parsed.manifest, printer);
        Ok(Workspace { sources, project, parsed: ManuallyDrop::new(parsed), dag })
    }

    /// The manifest.
    pub(super) fn manifest(&self) -> &Manifest {
        &self.parsed.manifest
    }

    /// The engine of the target, told of the sources that are files.
    pub(super) fn engine(&self) -> Result<Arc<dyn Engine>, Failure> {
        let target = &self.project.session.target;
        let settings = registry::Settings {
            kind: target.kind.clone(),
            values: target.values.clone(),
            project_dir: self.project.root.clone(),
            target_dir: self.project.target_dir.clone(),
        };
        let failure = |error| Failure::usage(self.engine_failure(error), &self.sources);
        let engine = registry::connect(&settings).map_err(failure)?;
        if engine.capabilities().external_files {
            engine.declare(external_tables(self.manifest())).map_err(failure)?;
        }
        Ok(Arc::new(Logged::new(engine)))
    }

    /// Asks the engine for the right to write beside others.
    pub(super) fn begin(
        &self,
        runtime: &tokio::runtime::Runtime,
        engine: &dyn Engine,
        command: &str,
    ) -> Result<WriteGuard, Failure> {
        self.begin_as(runtime, engine, (command, Access::Shared))
    }

    /// Asks the engine for the right to write.
    pub(super) fn begin_as(
        &self,
        runtime: &tokio::runtime::Runtime,
        engine: &dyn Engine,
        (command, access): (&str, Access),
    ) -> Result<WriteGuard, Failure> {
        runtime
            .block_on(engine.begin(command, access))
            .map_err(|error| Failure::failed(self.engine_failure(error), &self.sources))
    }

    /// A failure of the engine that is not about a node.
    fn engine_failure(&self, error: EngineError) -> Diagnostic {
        let code = match error.kind {
            ErrorKind::Unsupported => codes::ENGINE_UNAVAILABLE,
            _ => error.code(),
        };
        let diagnostic = Diagnostic::error(code, self.project.session.scrub(&error.message));
        match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// A compiler whose templates can query `engine`.
    pub(super) fn compiler(
        &self,
        engine: Option<&Arc<dyn Engine>>,
        runtime: &tokio::runtime::Runtime,
        cancel: &CancellationToken,
    ) -> Compiler {
        let door = engine.map(|engine| Door::new(Arc::clone(engine), runtime.handle().clone(), cancel.clone()));
        Compiler::new(Parsed::clone(&self.parsed), door)
    }

    /// A compiler for looking at SQL alone: its templates query `engine` and change nothing.
    pub(super) fn looking_compiler(&self, engine: &Arc<dyn Engine>, runtime: &tokio::runtime::Runtime) -> Compiler {
        self.compiler(Some(engine), runtime, &CancellationToken::new()).read_only()
    }

    /// The arguments of the command as `run_results.json` keeps them, which `retry` reads: every flag, and what is selected.
    pub(super) fn arguments(&self, select: &SelectArgs) -> serde_json::Map<String, serde_json::Value> {
        let session = &self.project.session;
        let mut arguments = session.flags.all();
        arguments.retain(|_, value| !value.is_null());
        let lists = [
            ("select", &select.select),
            ("exclude", &select.exclude),
            ("resource_types", &select.resource_type),
            ("exclude_resource_types", &select.exclude_resource_type),
        ];
        for (name, list) in lists {
            arguments.insert(name.to_owned(), list.as_slice().into());
        }
        if let Some(selector) = &select.selector {
            arguments.insert("selector".to_owned(), selector.as_str().into());
        }
        let text = serde_json::to_string(&arguments).unwrap_or_default();
        serde_json::from_str(&session.scrub(&text)).unwrap_or(arguments)
    }

    /// Writes `target/run_results.json`.
    pub(super) fn write_results<'r>(
        &self,
        results: impl IntoIterator<Item = &'r NodeResult>,
        args: serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), Failure> {
        let metadata = Metadata::new("run-results", 6, &self.project.session);
        let elapsed_time = seconds_between(self.project.session.started_at, metadata.generated_at);
        let results = results.into_iter().map(|result| result.to_artifact(&self.project.session)).collect();
        self.write_artifact("run_results.json", &RunResults { metadata, results, elapsed_time, args })
    }

    /// Writes `target/manifest.json`.
    pub(super) fn write_manifest(&self) -> Result<(), Failure> {
        self.write_manifest_with(&NodeOutputs::default())
    }

    /// The same, with what a command made of nodes.
    pub(super) fn write_manifest_behind(&self, compiler: &Compiler, results: &[NodeResult]) -> Result<(), Failure> {
        let outputs = outputs(compiler, &self.project.target_dir, results);
        self.write_manifest_with(&outputs.map_err(|diagnostic| Failure::usage(diagnostic, &self.sources))?)
    }

    fn write_manifest_with(&self, outputs: &NodeOutputs) -> Result<(), Failure> {
        let selectors = described(&self.project.selectors);
        let json = artifact::manifest(self.manifest(), &self.project.session, &selectors, outputs);
        self.write_artifact("manifest.json", &json)
    }

    /// Writes an artifact into the target folder.
    pub(super) fn write_artifact(&self, name: &str, artifact: &impl serde::Serialize) -> Result<(), Failure> {
        if !self.project.session.flags.is("write_json") {
            return Ok(());
        }
        let path = self.project.target_dir.join(name);
        let written = self.project.session.world.write_by(&path, &mut |file| {
            // JSON is written in pieces of a few bytes: they are collected before they go through the world's door.
            let mut file = std::io::BufWriter::with_capacity(BUFFER, file);
            serde_json::to_writer(&mut file, artifact)?;
            file.flush()
        });
        written.map_err(|error| {
            let message = format!("`{}` cannot be written: {error}", path.display());
            Failure::usage(Diagnostic::error(codes::FILE_UNWRITABLE, message), &self.sources)
        })
    }
}

/// What the flags say about the project.
pub(super) fn options(flags: &Flags, sources: &Arc<SourceMap>, printer: &Printer) -> Result<Options, Failure> {
    let vars = match flags.text("vars") {
        None => serde_json::Map::new(),
        Some(text) => mapping("--vars", &text, sources)?,
    };
    let threads = match (flags.number("threads"), flags.is("single_threaded")) {
        (_, true) => Some(1),
        (Some(count), _) => Some(usize::try_from(count).ok().filter(|count| *count > 0).ok_or_else(|| {
            Diagnostic::error(codes::ARGUMENT, format!("`--threads` is a whole number from 1 on, not {count}"))
        })?),
        (None, _) => None,
    };
    let mut flags = flags.clone().with("vars", serde_json::Value::Object(vars.clone()));
    flags.resolve_times(crate::base::Timestamp(chrono::Utc::now()))?;
    let folder = |name: &str| flags.text(name).map(PathBuf::from);
    Ok(Options {
        project_dir: folder("project_dir"),
        profiles_dir: folder("profiles_dir"),
        profile: flags.text("profile"),
        target: flags.text("target"),
        target_path: flags.text("target_path"),
        flags,
        vars,
        threads,
        invocation_id: printer.invocation_id.to_string(),
    })
}

/// The value of an argument that is a YAML mapping.
pub(super) fn mapping(
    argument: &str,
    text: &str,
    sources: &Arc<SourceMap>,
) -> Result<serde_json::Map<String, serde_json::Value>, Failure> {
    let file = sources.add(argument, text);
    let node =
        yaml::parse(file, text, &mut Diagnostics::new()).map_err(|diagnostic| Failure::usage(diagnostic, sources))?;
    let mapping = node.as_map().ok_or_else(|| {
        let message = format!("`{argument}` must be a YAML mapping, not {}", node.kind());
        Failure::usage(Diagnostic::error(codes::ARGUMENT, message).at(node.span), sources)
    })?;
    Ok(mapping.to_json())
}

/// The sources of a manifest that are files.
fn external_tables(manifest: &Manifest) -> Vec<ExternalTable> {
    let tables = manifest.sources.values().filter_map(|source| {
        let external = source.external.as_ref()?;
        let partition = |name: &str| external.partitions.iter().any(|partition| partition.name == name);
        let columns = source.columns.values().filter(|column| !partition(&column.name));
        let columns: Vec<DeclaredColumn> = columns
            .map(|column| DeclaredColumn { name: column.name.clone(), data_type: column.data_type.clone() })
            .collect();
        // Columns that are only described say nothing of the file's shape.
        let declared = columns.iter().any(|column| column.data_type.is_some());
        Some(ExternalTable {
            relation: source.relation.clone(),
            locations: external.locations.clone(),
            format: external.format,
            compression: external.compression,
            csv: CsvOptions::clone(&external.csv),
            sheet: external.sheet.clone(),
            partitions: external.partitions.clone(),
            columns: if declared { columns } else { Vec::new() },
        })
    });
    tables.collect()
}

/// The runtime that engines run on.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        let diagnostic = Diagnostic::error(codes::INTERNAL, format!("the runtime cannot start: {error}"));
        Failure { diagnostics: Diagnostics::from(diagnostic), ..Failure::usage(Diagnostics::new(), &Arc::default()) }
    })
}
