//! What the SQL of the project means, before anything runs: the columns and types of each node, and where each column comes from.
//!
//! Nodes are analyzed in the order of the graph, so that each finds the columns of what it reads. They are known from, in this order: the
//! analysis of the node that makes them; what [`Surroundings`] tell, which is files and the engine's catalog; the types that the project
//! declares. What is not known is said to be unknown, and never guessed; what is not certain makes nothing wrong.

mod contract;
mod inherited;
mod lineage;
mod named;
mod node;
mod remembered;
mod unread;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

pub use self::contract::keeps_contract;
pub use self::inherited::{AllFacts, Fact, Facts};
pub use self::lineage::{ColumnId, Direction, Edge, EdgeKind, Lineage};
use self::node::{Looked, Task};
use self::remembered::Remembering;
pub use self::remembered::{ANALYSES, Memory};
use crate::base::{HashMap, HashSet, IndexMap, IndexSet};
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::analysis::{Analysis, Analyst};
use crate::engine::{Engine, EngineError, ErrorKind, Position, STACK, WORKER};
use crate::graph::{Dag, Reach};
use crate::manifest::{Manifest, Node, UniqueId};
use crate::sql::Relation;

/// What analysis asks the rest of the program for.
pub trait Surroundings: Sync {
    /// The SQL of a node; why there is none, in a sentence.
    ///
    /// # Errors
    /// When it cannot be compiled.
    fn compiled(&self, node: &Arc<Node>) -> Result<Compiled, String>;

    /// Whether a macro of the project makes the node's relation.
    fn is_made_by_macro(&self, node: &Node) -> bool;

    /// The columns of a seed, as its file is now.
    fn seed(&self, node: &Node) -> Option<SchemaRef>;

    /// The columns of a relation that is there: a file's, or those that the engine's catalog has.
    fn columns(&self, relation: &Relation) -> Option<SchemaRef>;
}

/// What is analyzed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The project.
    pub manifest: &'a Manifest,
    /// Its graph.
    pub dag: &'a Dag,
    /// The nodes and sources that are asked for.
    pub chosen: &'a IndexSet<UniqueId>,
    /// What is known of those that they read and that are not chosen.
    pub others: Others,
    /// The least severe of what is looked for besides.
    pub least: Severity,
    /// The package that is the user's own, if what could be left out is asked for.
    pub package: Option<&'a str>,
    /// The layer whose models are for readers outside of the project, if it has layers.
    pub last_layer: Option<&'a str>,
    /// What is known of queries, where that is kept.
    pub memory: Option<&'a Memory>,
}

/// Where the columns of a node come from that is read by the chosen ones and not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// From its SQL, as for the chosen ones: it is about the project.
    Analyzed,
    /// From the relation that is there: only the chosen ones are built.
    Built,
}

/// What is known of a node or a source.
#[derive(Clone, Debug)]
pub enum Analyzed {
    /// Its SQL is understood.
    Query(Analysis),
    /// It holds data that no SQL of the project makes, or none that was looked at.
    Data(SchemaRef),
    /// It cannot be told what it gives.
    Unchecked {
        /// Why, in a sentence.
        why: String,
        /// Whether the reason is another node, of which the same is said.
        is_echo: bool,
        /// Its columns, where they are known in another way.
        columns: Option<SchemaRef>,
    },
    /// Its SQL is wrong.
    Wrong {
        /// What is wrong, with a place in the compiled SQL.
        error: EngineError,
        /// That SQL.
        compiled: Box<Compiled>,
    },
}

impl Analyzed {
    /// Its columns, as far as they are known.
    #[must_use]
    pub fn columns(&self) -> Option<&SchemaRef> {
        match self {
            Analyzed::Query(analysis) => Some(&analysis.schema),
            Analyzed::Data(columns) => Some(columns),
            Analyzed::Unchecked { columns, .. } => columns.as_ref(),
            Analyzed::Wrong { .. } => None,
        }
    }

    fn unchecked(why: impl Into<String>) -> Self {
        Analyzed::Unchecked { why: why.into(), is_echo: false, columns: None }
    }
}

/// What is found of a node whose SQL can run.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The node.
    pub node: UniqueId,
    /// What it is.
    pub diagnostic: Diagnostic,
    /// Where it is in the compiled SQL, if it is there.
    pub position: Option<Position>,
}

/// The analyses of a project's nodes and sources.
#[derive(Clone, Debug, Default)]
pub struct Analyses {
    nodes: IndexMap<UniqueId, Analyzed>,
    findings: Vec<Finding>,
    /// Who makes a relation.
    makers: HashMap<Relation, UniqueId>,
}

impl Analyses {
    /// What is known of a node or source.
    #[must_use]
    pub fn get(&self, id: &UniqueId) -> Option<&Analyzed> {
        self.nodes.get(id)
    }

    /// All of them, each after those that it reads; first those that are read and were not looked at.
    pub fn iter(&self) -> impl Iterator<Item = (&UniqueId, &Analyzed)> {
        self.nodes.iter()
    }

    /// What was found besides, in the order of the graph.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Adds what is read and was not looked at.
    fn put_first(&mut self, read: HashMap<UniqueId, SchemaRef>) {
        let mut known: IndexMap<UniqueId, Analyzed> =
            read.into_iter().map(|(id, columns)| (id, Analyzed::Data(columns))).collect();
        known.sort_unstable_keys();
        known.extend(std::mem::take(&mut self.nodes));
        self.nodes = known;
    }

    /// The node or source whose relation this is.
    #[must_use]
    pub fn maker(&self, relation: &Relation) -> Option<&UniqueId> {
        self.makers.get(relation)
    }
}

/// Analyzes the chosen nodes and all that they read.
///
/// # Errors
/// When the engine's settings are wrong.
pub fn analyze(
    request: &Request<'_>,
    engine: &dyn Engine,
    surroundings: &dyn Surroundings,
) -> Result<Analyses, EngineError> {
    let analyst = engine.analyst()?;
    let analyst: Arc<dyn Analyst + '_> = match request.memory {
        Some(memory) => Arc::new(Remembering::new(analyst, memory, request.least <= Severity::Note)),
        None => analyst,
    };
    let wanted = wanted(request);
    let mut task = Task::new(*request, &wanted, (engine, analyst.as_ref()), surroundings);
    task.announce();
    let threads =
        ThreadPoolBuilder::new().thread_name(|_| WORKER.to_owned()).stack_size(STACK).build().map_err(|error| {
            EngineError::new(ErrorKind::Io, format!("cannot start the threads for analysis: {error}"))
        })?;
    let mut analyses = Analyses::default();
    let mut introspective = HashSet::default();
    for level in levels(request.dag, &wanted) {
        let looked: Vec<(UniqueId, Option<Looked>)> =
            threads.install(|| level.into_par_iter().map(|id| (id.clone(), task.look(&id))).collect());
        for (id, looked) in looked {
            let Some(looked) = looked else { continue };
            task.tell(&id, &looked);
            let Looked { analyzed, findings, is_introspective, .. } = looked;
            analyses.findings.extend(findings);
            if is_introspective {
                introspective.insert(id.clone());
            }
            analyses.nodes.insert(id, analyzed);
        }
    }
    let (makers, read) = task.into_makers();
    analyses.makers = makers;
    analyses.put_first(read);
    if request.least <= Severity::Note && request.others == Others::Analyzed {
        let unread = unread::unread(request, &analyses, &introspective);
        analyses.findings.extend(unread);
    }
    Ok(analyses)
}

/// The nodes and sources that are looked at.
fn wanted(request: &Request<'_>) -> IndexSet<UniqueId> {
    let mut wanted = request.chosen.clone();
    if request.others == Others::Analyzed {
        wanted.extend(request.dag.ancestors(request.chosen, Reach::All));
    }
    wanted
}

/// The wanted ones: those first that read none of the others, then those that read only these, and so on.
fn levels(dag: &Dag, wanted: &IndexSet<UniqueId>) -> Vec<Vec<UniqueId>> {
    let mut depths: HashMap<UniqueId, usize> = HashMap::default();
    let mut levels: Vec<Vec<UniqueId>> = Vec::new();
    for id in dag.order() {
        let depth = dag.parents(&id).filter_map(|parent| depths.get(parent)).map(|depth| depth + 1).max().unwrap_or(0);
        depths.insert(id.clone(), depth);
        if wanted.contains(&id) {
            levels.resize_with(levels.len().max(depth + 1), Vec::new);
            levels[depth].push(id);
        }
    }
    levels
}
