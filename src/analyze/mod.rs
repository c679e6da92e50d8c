//! What the SQL of the project means, before anything runs: the columns and types of each node, and where each column comes from.
//!
//! Nodes are analyzed in the order of the graph, so that each finds the columns of what it reads. They are known from, in this order: the
//! analysis of the node that makes them; what [`Surroundings`] tell, which is files and the engine's catalog; the types that the project
//! declares. What is not known is said to be unknown, and never guessed.

mod lineage;

use arrow::datatypes::{Field, Fields, Schema, SchemaRef};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use std::sync::Arc;

pub use self::lineage::{ColumnId, Direction, Edge, EdgeKind, Lineage};
use crate::base::{HashMap, IndexMap, IndexSet};
use crate::engine::analysis::{Analysis, Analyst, NotAnalyzed, Origins};
use crate::engine::{Engine, EngineError, ErrorKind};
use crate::graph::Dag;
use crate::manifest::{Column, Manifest, Materialized, Node, ResourceType, UniqueId};
use crate::sql::Relation;

/// Bytes of each thread's stack, which the system gives as they are used: plans are as deep as statements are long.
const STACK: usize = 256 << 20;

/// What analysis asks the rest of the program for.
pub trait Surroundings: Sync {
    /// The compiled SQL of a node; why there is none, in a sentence.
    ///
    /// # Errors
    /// When it cannot be compiled.
    fn sql(&self, node: &Arc<Node>) -> Result<String, String>;

    /// The columns of a relation that is there: a file's, or those that the engine's catalog has.
    fn columns(&self, id: &UniqueId, relation: &Relation) -> Option<SchemaRef>;
}

/// What is known of a node or a source.
#[derive(Clone, Debug)]
pub enum Analyzed {
    /// Its SQL is understood.
    Query(Analysis),
    /// It holds data that no SQL of the project makes.
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
    Wrong(EngineError),
}

impl Analyzed {
    /// Its columns, as far as they are known.
    #[must_use]
    pub fn columns(&self) -> Option<&SchemaRef> {
        match self {
            Analyzed::Query(analysis) => Some(&analysis.schema),
            Analyzed::Data(columns) => Some(columns),
            Analyzed::Unchecked { columns, .. } => columns.as_ref(),
            Analyzed::Wrong(_) => None,
        }
    }
}

/// The analyses of a project's nodes and sources.
#[derive(Clone, Debug, Default)]
pub struct Analyses {
    nodes: IndexMap<UniqueId, Analyzed>,
    /// Who makes a relation.
    makers: HashMap<Relation, UniqueId>,
}

impl Analyses {
    /// What is known of a node or source.
    #[must_use]
    pub fn get(&self, id: &UniqueId) -> Option<&Analyzed> {
        self.nodes.get(id)
    }

    /// All of them, each after those that it reads.
    pub fn iter(&self) -> impl Iterator<Item = (&UniqueId, &Analyzed)> {
        self.nodes.iter()
    }

    /// The node or source whose relation this is.
    #[must_use]
    pub fn maker(&self, relation: &Relation) -> Option<&UniqueId> {
        self.makers.get(relation)
    }
}

/// Analyzes these nodes and all that they read.
///
/// # Errors
/// When the engine's settings are wrong.
pub fn analyze(
    (manifest, dag): (&Manifest, &Dag),
    engine: &dyn Engine,
    surroundings: &dyn Surroundings,
    chosen: &IndexSet<UniqueId>,
) -> Result<Analyses, EngineError> {
    let analyst = engine.analyst()?;
    let task = Task { manifest, engine, analyst: analyst.as_ref(), surroundings };
    let mut analyses = Analyses { makers: task.makers(), ..Analyses::default() };
    let threads = ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build()
        .map_err(|error| EngineError::new(ErrorKind::Io, format!("cannot start the threads for analysis: {error}")))?;
    for level in levels(dag, chosen) {
        let analyzed: Vec<(UniqueId, Option<Analyzed>)> =
            threads.install(|| level.into_par_iter().map(|id| (id.clone(), task.analyzed(&id))).collect());
        for (id, analyzed) in analyzed {
            let Some(analyzed) = analyzed else { continue };
            task.declare(&id, &analyzed);
            analyses.nodes.insert(id, analyzed);
        }
    }
    Ok(analyses)
}

/// The chosen ones and all that they read, those first that read nothing, then those that read only these, and so on.
fn levels(dag: &Dag, chosen: &IndexSet<UniqueId>) -> Vec<Vec<UniqueId>> {
    let mut wanted = dag.ancestors(chosen, crate::graph::Reach::All);
    wanted.extend(chosen.iter().cloned());
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

struct Task<'a> {
    manifest: &'a Manifest,
    engine: &'a dyn Engine,
    analyst: &'a dyn Analyst,
    surroundings: &'a dyn Surroundings,
}

impl Task<'_> {
    fn makers(&self) -> HashMap<Relation, UniqueId> {
        let sources = self.manifest.sources.values().map(|source| (source.relation.clone(), source.id.clone()));
        let nodes = self.manifest.nodes.values().filter_map(|node| Some((node.relation.clone()?, node.id.clone())));
        sources.chain(nodes).collect()
    }

    /// What is known of a member of the graph; of some, as exposures, there is nothing to be known.
    fn analyzed(&self, id: &UniqueId) -> Option<Analyzed> {
        if let Some(source) = self.manifest.sources.get(id) {
            return Some(self.data(id, &source.relation, &source.columns));
        }
        let node = self.manifest.nodes.get(id)?;
        match node.resource {
            ResourceType::Seed => {
                let known = self.data(id, node.relation.as_ref()?, &node.columns);
                Some(self.with_types(known, &node.config.column_types))
            }
            ResourceType::Model | ResourceType::Snapshot => Some(self.query(node)),
            _ => None,
        }
    }

    fn data(&self, id: &UniqueId, relation: &Relation, declared: &IndexMap<String, Column>) -> Analyzed {
        let known = self.surroundings.columns(id, relation).or_else(|| self.declared(declared));
        match known {
            Some(columns) => Analyzed::Data(columns),
            None => {
                let why = "its columns are not known".to_owned();
                Analyzed::Unchecked { why, is_echo: false, columns: None }
            }
        }
    }

    /// The columns of a seed with the types that its configs give them.
    fn with_types(&self, known: Analyzed, types: &[(String, String)]) -> Analyzed {
        let Analyzed::Data(columns) = known else { return known };
        let typed = columns.fields().iter().map(|field| {
            let declared = types.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.name()));
            match declared.and_then(|(_, sql_type)| self.analyst.data_type(sql_type)) {
                Some(data_type) => Arc::new(Field::new(field.name(), data_type, true)),
                None => Arc::clone(field),
            }
        });
        Analyzed::Data(Arc::new(Schema::new(typed.collect::<Fields>())))
    }

    /// The columns that a property file declares, if it gives all of them a type.
    fn declared(&self, columns: &IndexMap<String, Column>) -> Option<SchemaRef> {
        let field = |column: &Column| {
            let data_type = self.analyst.data_type(column.data_type.as_deref()?)?;
            Some(Field::new(&column.name, data_type, true))
        };
        let fields = columns.values().map(field).collect::<Option<Fields>>()?;
        (!fields.is_empty()).then(|| Arc::new(Schema::new(fields)))
    }

    fn query(&self, node: &Arc<Node>) -> Analyzed {
        let catalog = || node.relation.as_ref().and_then(|relation| self.surroundings.columns(&node.id, relation));
        let unchecked = |why: String, is_echo: bool| {
            let contract = || if node.contract.enforced { self.declared(&node.columns) } else { None };
            Analyzed::Unchecked { why, is_echo, columns: contract().or_else(catalog) }
        };
        if node.language() != "sql" {
            return unchecked(format!("it is written in {}", node.language()), false);
        }
        // What an incremental model reads of itself.
        if let Some(relation) = &node.relation {
            self.analyst.declare(relation.clone(), catalog());
        }
        let sql = match self.surroundings.sql(node) {
            Ok(sql) => sql,
            Err(why) => return unchecked(why, false),
        };
        match self.analyst.analyze(&sql) {
            // A macro that looks at a relation which is not built yet may find nothing to select.
            Ok(analysis) if analysis.schema.fields().is_empty() => unchecked("it has no columns yet".to_owned(), false),
            Ok(analysis) if node.resource == ResourceType::Snapshot => Analyzed::Query(self.recorded(node, analysis)),
            Ok(analysis) => Analyzed::Query(analysis),
            Err(NotAnalyzed::Unknown(error)) => unchecked(error.message, false),
            Err(NotAnalyzed::Unread(relation)) => unchecked(format!("the columns of `{relation}` are not known"), true),
            Err(NotAnalyzed::Wrong(error)) => Analyzed::Wrong(error),
        }
    }

    /// A snapshot has the columns of its query and those that it adds, which its table tells where it is made.
    fn recorded(&self, node: &Arc<Node>, mut analysis: Analysis) -> Analysis {
        let table = node.relation.as_ref().and_then(|relation| self.surroundings.columns(&node.id, relation));
        let is_new = |field: &Field| analysis.schema.field_with_name(field.name()).is_err();
        let added: Vec<_> =
            table.iter().flat_map(|table| table.fields()).filter(|field| is_new(field)).cloned().collect();
        analysis.columns.resize_with(analysis.columns.len() + added.len(), Origins::default);
        let fields = analysis.schema.fields().iter().cloned().chain(added);
        analysis.schema = Arc::new(Schema::new(fields.collect::<Fields>()));
        analysis
    }

    /// Tells the analyst of a relation, for those that read it.
    fn declare(&self, id: &UniqueId, analyzed: &Analyzed) {
        let node = self.manifest.nodes.get(id);
        let source = self.manifest.sources.get(id).map(|source| &source.relation);
        let Some(relation) = source.or_else(|| node.and_then(|node| node.relation.as_ref())) else { return };
        let is_view = node.is_some_and(|node| node.config.materialized == Materialized::View);
        // What a snapshot adds is told by its table alone.
        let is_recorded = node.is_none_or(|node| node.resource != ResourceType::Snapshot)
            || self.surroundings.columns(id, relation).is_some();
        let columns = analyzed.columns().filter(|_| is_recorded);
        let columns = columns.map(|columns| if is_view { nullable(columns) } else { self.stored(columns) });
        self.analyst.declare(relation.clone(), columns);
    }

    /// Columns as a table has them.
    fn stored(&self, columns: &SchemaRef) -> SchemaRef {
        let stored = columns.fields().iter().map(|field| {
            let data_type = self.engine.stored_type(field.data_type());
            Field::new(field.name(), data_type, true)
        });
        Arc::new(Schema::new(stored.collect::<Fields>()))
    }
}

fn nullable(columns: &SchemaRef) -> SchemaRef {
    let fields = columns.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    Arc::new(Schema::new(fields.collect::<Fields>()))
}
