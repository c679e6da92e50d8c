//! What the SQL of nodes means, for the commands that ask before anything runs.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tracing::subscriber::NoSubscriber;

use super::exit::Failure;
use super::workspace::{Workspace, runtime};
use crate::analyze::{
    self, ANALYSES, Analyses, Analyzed, ColumnId, Direction, Finding, Lineage, Memory, Others, Request, Surroundings,
};
use crate::base::{HashMap, IndexSet};
use crate::compile::{Compiled, Compiler, Tracer};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::engine::{Engine, EngineError, RelationInfo, RelationKind};
use crate::graph::Reach;
use crate::graph::select::ColumnGraph;
use crate::manifest::{Node, UniqueId};
use crate::run::{CompiledFile, NodeResult, SeedFiles};
use crate::sql::Relation;

/// How much is asked of the SQL before anything runs: the flag `static_analysis`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StaticAnalysis {
    /// Nothing.
    Off,
    /// What is wrong is told; what cannot be known may be right.
    Baseline,
    /// All of it is known to be right.
    Strict,
}

impl StaticAnalysis {
    /// What is asked of the command.
    pub(super) fn of(workspace: &Workspace) -> Self {
        match workspace.project.session.flags.text("static_analysis").as_deref() {
            Some("off") => StaticAnalysis::Off,
            Some("strict") => StaticAnalysis::Strict,
            _ => StaticAnalysis::Baseline,
        }
    }
}

/// The project and its engine, of which analysis asks.
pub(super) struct Analysis<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) compiler: &'a Compiler,
    pub(super) engine: &'a dyn Engine,
    pub(super) runtime: &'a Runtime,
    /// The files of seeds.
    pub(super) seeds: Arc<SeedFiles>,
    /// What is compiled already.
    pub(super) compiled: HashMap<&'a UniqueId, &'a Compiled>,
    tracer: Tracer,
}

impl<'a> Analysis<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        (compiler, engine): (&'a Compiler, &'a dyn Engine),
        runtime: &'a Runtime,
    ) -> Self {
        let (compiled, tracer) = (HashMap::default(), Tracer::new(compiler));
        Analysis { workspace, compiler, engine, runtime, seeds: Arc::default(), compiled, tracer }
    }

    /// Analyzes nodes and what they read.
    ///
    /// # Errors
    /// When the engine's settings are wrong.
    pub(super) fn of(&self, chosen: &IndexSet<UniqueId>, others: Others) -> Result<Analyses, Failure> {
        self.of_least(chosen, others, Severity::Error)
    }

    /// The same, with what is to be found besides, as far as it is severe enough.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(super) fn of_least(
        &self,
        chosen: &IndexSet<UniqueId>,
        others: Others,
        least: Severity,
    ) -> Result<Analyses, Failure> {
        let (manifest, dag) = (self.workspace.manifest(), &self.workspace.dag);
        let session = &self.workspace.project.session;
        let (world, path) = (session.world.as_ref(), self.workspace.project.target_dir.join(ANALYSES));
        let is_kept = session.flags.is("partial_parse");
        let bytes = if is_kept { world.read(&path).ok() } else { None };
        let memory = bytes.map(|bytes| Memory::read(bytes, world.build())).unwrap_or_default();
        let kept = is_kept.then_some(&memory);
        let package = Some(session.project.as_str());
        let last_layer = self.workspace.project.own().config.layers.names.last().map(String::as_str);
        let request = Request { manifest, dag, chosen, others, least, package, last_layer, memory: kept };
        let analyses = analyze::analyze(&request, self.engine, self);
        // That it cannot be kept is no failure: the next command has more to do.
        let _ = memory.written(world.build()).map(|bytes| world.write(&path, &bytes));
        analyses.map_err(|error| Failure::usage(error.diagnostic(error.message.clone()), &self.workspace.sources))
    }

    /// What is wrong in the SQL of the chosen nodes and what was found besides; in strict analysis also what is not known to be right. In the
    /// order of the files.
    pub(super) fn found(&self, analyses: &Analyses, chosen: &IndexSet<UniqueId>, asked: StaticAnalysis) -> Diagnostics {
        let analyzed = analyses.iter().filter(|(id, _)| chosen.contains(*id));
        let wrong =
            analyzed.filter_map(|(id, analyzed)| self.wrong(self.workspace.manifest().node(id)?, analyzed, asked));
        let findings = analyses.findings().iter().filter(|finding| chosen.contains(&finding.node));
        let mut found: Vec<Diagnostic> = wrong.chain(findings.map(|finding| self.told(finding))).collect();
        found.sort_by_cached_key(|diagnostic| {
            let span = diagnostic.primary()?;
            Some((self.workspace.sources.get(span.file).path().to_path_buf(), span.start))
        });
        // What is wrong in an ephemeral model is wrong in all that read it.
        found.dedup_by(|one, other| {
            one.code == other.code && one.primary().is_some() && one.primary() == other.primary()
        });
        found.into_iter().collect()
    }

    /// The result of a node whose SQL is wrong, or has other columns than its contract.
    pub(super) fn failed(&self, analyses: &Analyses, id: &UniqueId) -> Option<NodeResult> {
        let node = self.workspace.manifest().node(id)?;
        let broken = || {
            let of_node = analyses.findings().iter().filter(|finding| finding.node == *id);
            of_node.map(|finding| &finding.diagnostic).find(|found| found.severity == Severity::Error).cloned()
        };
        let why = match analyses.get(id)? {
            Analyzed::Wrong { error, compiled } => Some(self.placed(node, compiled, error.clone())),
            _ => broken(),
        };
        why.map(|why| NodeResult::failed(node, why))
    }

    fn wrong(&self, node: &Arc<Node>, analyzed: &Analyzed, asked: StaticAnalysis) -> Option<Diagnostic> {
        match analyzed {
            Analyzed::Wrong { error, compiled } => Some(self.placed(node, compiled, error.clone())),
            Analyzed::Unchecked { why, .. } if asked == StaticAnalysis::Strict && !node.is_exempt() => {
                let message = format!("`{}` cannot be checked: {why}", node.id);
                Some(Diagnostic::error(codes::SQL_UNCHECKED, message).at(node.span))
            }
            _ => None,
        }
    }

    fn told(&self, finding: &Finding) -> Diagnostic {
        let node = self.workspace.manifest().node(&finding.node);
        let pointed = node.zip(finding.position).and_then(|(node, position)| {
            let compiled = self.compiled(node).ok()?;
            let pointed = self.file(node, &compiled).pointed(finding.diagnostic.clone(), position);
            Some(self.tracer.at_origin(node, &compiled, pointed))
        });
        pointed.unwrap_or_else(|| finding.diagnostic.clone())
    }

    /// An error of a node's SQL, with its place in the node's file.
    pub(super) fn placed(&self, node: &Arc<Node>, compiled: &Compiled, error: EngineError) -> Diagnostic {
        self.tracer.at_origin(node, compiled, self.file(node, compiled).failure(error, 0))
    }

    fn file<'c>(&'c self, node: &'c Node, compiled: &'c Compiled) -> CompiledFile<'c> {
        let project = &self.workspace.project;
        CompiledFile { session: &project.session, target_dir: &project.target_dir, node, sql: &compiled.sql }
    }

    /// The columns that a query of a relation has, which are not written down anywhere.
    fn read(&self, relation: &Relation) -> Option<SchemaRef> {
        let query = format!("select * from {}", relation.render(self.engine.dialect()));
        self.runtime.block_on(self.engine.columns(&query, &CancellationToken::new())).ok()
    }
}

impl Surroundings for Analysis<'_> {
    fn compiled(&self, node: &Arc<Node>) -> Result<Compiled, String> {
        if let Some(compiled) = self.compiled.get(&node.id) {
            return Ok(Compiled::clone(compiled));
        }
        // What the template logs is logged when the node is built.
        let compiling = || self.compiler.compile(node);
        let compiled = tracing::subscriber::with_default(NoSubscriber::default(), compiling);
        compiled.map_err(|error| Diagnostic::from(error).message.clone())
    }

    fn is_made_by_macro(&self, node: &Node) -> bool {
        self.compiler.own_materialization(node).is_some()
    }

    fn seed(&self, node: &Node) -> Option<SchemaRef> {
        let session = &self.workspace.project.session;
        self.seeds.columns(session.world.as_ref(), &self.workspace.sources, node).ok()
    }

    fn columns(&self, relation: &Relation) -> Option<SchemaRef> {
        match self.runtime.block_on(self.engine.relation(relation)).ok().flatten()? {
            RelationInfo { schema: Some(columns), .. } => Some(columns),
            RelationInfo { kind: RelationKind::External | RelationKind::View, .. } => self.read(relation),
            RelationInfo { kind: RelationKind::Table, .. } => None,
        }
    }
}

/// The columns of the whole project and what they are made of, for selections by them.
#[derive(Debug)]
pub(super) struct Columns {
    analyses: Analyses,
    lineage: Lineage,
}

impl Columns {
    /// Analyzes all that has columns.
    ///
    /// # Errors
    /// When there is no engine for the target.
    pub(super) fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let (engine, runtime) = (workspace.engine()?, runtime()?);
        let compiler = workspace.looking_compiler(&engine, &runtime);
        let manifest = workspace.manifest();
        let nodes = manifest.nodes.values().filter(|node| node.test.is_none()).map(|node| &node.id);
        let all = nodes.chain(manifest.sources.keys()).cloned().collect();
        let analysis = Analysis::new(workspace, (&compiler, engine.as_ref()), &runtime);
        let analyses = analysis.of(&all, Others::Analyzed)?;
        // What a filter reads changes the rows, too.
        let lineage = Lineage::new(&analyses, true);
        Ok(Columns { analyses, lineage })
    }

    /// The column as the node spells it.
    fn column(&self, node: &UniqueId, column: &str) -> Option<ColumnId> {
        let columns = self.analyses.get(node)?.columns()?.fields();
        let name = columns.iter().map(|field| field.name()).find(|name| name.eq_ignore_ascii_case(column))?;
        Some(ColumnId { node: node.clone(), column: name.clone() })
    }
}

impl ColumnGraph for Columns {
    fn has(&self, node: &UniqueId, column: &str) -> bool {
        self.column(node, column).is_some()
    }

    fn reached(&self, node: &UniqueId, column: &str, towards: petgraph::Direction, reach: Reach) -> Vec<UniqueId> {
        let direction = match towards {
            petgraph::Direction::Incoming => Direction::Upstream,
            petgraph::Direction::Outgoing => Direction::Downstream,
        };
        let depth = match reach {
            Reach::All => usize::MAX,
            Reach::Steps(steps) => steps,
        };
        let columns: Vec<ColumnId> = self.column(node, column).into_iter().collect();
        let edges = self.lineage.reached(&columns, direction, depth);
        edges.into_iter().map(|edge| edge.end(direction).node.clone()).collect()
    }
}
