//! One node: what is known of it, and what its readers find.

use std::sync::{Arc, PoisonError, RwLock};

use arrow::datatypes::{Field, FieldRef, Fields, Schema, SchemaRef};

use super::{Analyzed, Finding, Request, Surroundings, keeps_contract};
use crate::base::{HashMap, HashSet, IndexMap, IndexSet};
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::engine::analysis::{Analysis, Analyst, Declared, NotAnalyzed, Origins};
use crate::engine::{Engine, EngineError, ErrorKind, Position};
use crate::manifest::{Column, Materialized, Node, ResourceType, Source, UniqueId};
use crate::sql::{Relation, statement, unused_ctes};

/// What all nodes are analyzed with.
pub(super) struct Task<'a> {
    request: Request<'a>,
    wanted: &'a IndexSet<UniqueId>,
    engine: &'a dyn Engine,
    analyst: &'a dyn Analyst,
    surroundings: &'a dyn Surroundings,
    /// Who makes a relation.
    makers: HashMap<Relation, UniqueId>,
    /// Whether anything runs besides the queries of nodes, which may make a relation or a function.
    has_hooks: bool,
    /// Those whose columns may be others than it seems, with the reason.
    uncertain: RwLock<HashMap<UniqueId, &'static str>>,
}

/// What is known of a node.
pub(super) struct Looked {
    pub(super) analyzed: Analyzed,
    /// The columns that its readers find.
    found: Option<SchemaRef>,
    /// What is said of it besides.
    pub(super) findings: Vec<Finding>,
}

/// The SQL of a node and what it means.
struct Understood {
    compiled: Compiled,
    analysis: Result<Analysis, NotAnalyzed>,
}

impl<'a> Task<'a> {
    pub(super) fn new(
        request: Request<'a>,
        wanted: &'a IndexSet<UniqueId>,
        (engine, analyst): (&'a dyn Engine, &'a dyn Analyst),
        surroundings: &'a dyn Surroundings,
    ) -> Self {
        let sources = request.manifest.sources.values().map(|source| (source.relation.clone(), source.id.clone()));
        let nodes = request.manifest.nodes.values().filter_map(|node| Some((node.relation.clone()?, node.id.clone())));
        let makers = sources.chain(nodes).collect();
        let is_hooked = |node: &Arc<Node>| hooks(node).next().is_some() || node.resource == ResourceType::Function;
        let has_hooks = request.manifest.nodes.values().any(is_hooked) || !request.manifest.run_hooks.is_empty();
        Task { request, wanted, engine, analyst, surroundings, makers, has_hooks, uncertain: RwLock::default() }
    }

    /// Who makes a relation.
    pub(super) fn into_makers(self) -> HashMap<Relation, UniqueId> {
        self.makers
    }

    /// What is known of a member of the graph, of which the analyst is told; of some, as exposures, there is nothing to be known.
    pub(super) fn look(&self, id: &UniqueId) -> Option<Looked> {
        if let Some(source) = self.request.manifest.sources.get(id) {
            let analyzed = self.source(source);
            self.tell(&source.relation, analyzed.columns().map(|columns| self.stored(columns)));
            return Some(Looked { analyzed, found: None, findings: Vec::new() });
        }
        let node = self.request.manifest.nodes.get(id)?;
        let looked = match node.resource {
            ResourceType::Seed => {
                let analyzed = self.seed(node);
                let found = analyzed.columns().map(|columns| self.stored(columns));
                Looked { analyzed, found, findings: Vec::new() }
            }
            ResourceType::Model | ResourceType::Snapshot | ResourceType::Test => self.query(node),
            _ => return None,
        };
        if let Some(relation) = node.relation.as_ref().filter(|_| node.resource != ResourceType::Test) {
            self.tell(relation, looked.found.clone());
        }
        Some(looked)
    }

    fn tell(&self, relation: &Relation, columns: Option<SchemaRef>) {
        self.analyst.declare(relation.clone(), columns.map_or(Declared::Unknown, Declared::Columns));
    }

    fn source(&self, source: &Source) -> Analyzed {
        if let Some(columns) = self.surroundings.columns(&source.relation) {
            return Analyzed::Data(columns);
        }
        match self.declared(&source.columns) {
            Some(columns) => {
                self.doubt(&source.id, "the project declares the columns of a source, and perhaps not all of them");
                Analyzed::Data(columns)
            }
            None => Analyzed::unchecked("its columns are not known"),
        }
    }

    /// The columns of a seed with the types that its configs give them.
    fn seed(&self, node: &Node) -> Analyzed {
        let Some(columns) = self.surroundings.seed(node).or_else(|| self.declared(&node.columns)) else {
            return Analyzed::unchecked("its columns are not known");
        };
        let typed = columns.fields().iter().map(|field| {
            let declared = node.config.column_types.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.name()));
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

    /// What the SQL of a node means, and the columns that its readers find.
    fn query(&self, node: &Arc<Node>) -> Looked {
        let table = || self.surroundings.columns(node.relation.as_ref()?);
        let unchecked = |why: String, is_echo: bool| {
            let contract = if node.contract.enforced { self.declared(&node.columns) } else { None };
            let columns = contract.map(|columns| self.stored(&columns)).or_else(table);
            let analyzed = Analyzed::Unchecked { why, is_echo, columns: columns.clone() };
            Looked { analyzed, found: columns, findings: Vec::new() }
        };
        if node.language() != "sql" {
            return unchecked(format!("it is written in {}", node.language()), false);
        }
        if node.is_exempt() {
            return unchecked("its config `static_analysis` is `off`".to_owned(), false);
        }
        let Understood { compiled, analysis } = match self.understood(node) {
            Ok(understood) => understood,
            Err(why) => return unchecked(why, false),
        };
        self.doubt_made(node, &compiled);
        match analysis {
            // A macro that looks at a relation which is not built yet may find nothing to select.
            _ if statement(&compiled.sql).is_empty() => unchecked("it has no SQL".to_owned(), false),
            Ok(analysis) if analysis.schema.fields().is_empty() => unchecked("it has no columns yet".to_owned(), false),
            Ok(analysis) if node.resource == ResourceType::Snapshot => {
                let table = table();
                let analysis = with_recorded(analysis, table.as_deref());
                // What a snapshot adds is told by its table alone.
                let found = table.map(|_| self.stored(&analysis.schema));
                Looked { analyzed: Analyzed::Query(analysis), found, findings: self.unused(node, &compiled) }
            }
            Ok(analysis) => {
                let found = match node.config.materialized {
                    Materialized::View | Materialized::Ephemeral => seen(&analysis.schema),
                    Materialized::Incremental if compiled.is_incremental => {
                        let made = self.stored(&analysis.schema);
                        table().map_or(Arc::clone(&made), |table| merged(node, &table, &made))
                    }
                    _ => self.stored(&analysis.schema),
                };
                let mut findings = self.unused(node, &compiled);
                if self.doubts(node, &compiled).is_none() {
                    findings.extend(self.broken_promises(node, &analysis.schema, &found));
                }
                Looked { analyzed: Analyzed::Query(analysis), found: Some(found), findings }
            }
            Err(NotAnalyzed::Unknown(error)) if error.kind == ErrorKind::UnknownFunction && !self.has_hooks => {
                wrong(error, compiled)
            }
            Err(NotAnalyzed::Unknown(error)) => unchecked(error.message, false),
            Err(NotAnalyzed::Unread(relation)) => {
                let is_echo = self.makers.contains_key(&relation);
                unchecked(format!("the columns of `{relation}` are not known"), is_echo)
            }
            Err(NotAnalyzed::Wrong(error)) => match self.doubts(node, &compiled) {
                Some(doubt) => unchecked(format!("{}; but {doubt}", error.message), false),
                None => wrong(error, compiled),
            },
        }
    }

    /// Where the columns of a query are not those that the properties promise or describe.
    fn broken_promises(&self, node: &Node, query: &SchemaRef, found: &SchemaRef) -> Vec<Finding> {
        let contract = if node.contract.enforced { self.declared(&node.columns) } else { None };
        if let Some(promised) = contract {
            let kept = keeps_contract(node, query, &promised, self.engine);
            return kept.err().map(|diagnostic| finding(node, diagnostic)).into_iter().collect();
        }
        let names: Vec<&str> = found.fields().iter().map(|field| field.name().as_str()).collect();
        let is_there = |column: &&Column| names.iter().any(|name| name.eq_ignore_ascii_case(&column.name));
        let missing = node.columns.values().filter(|column| !is_there(column)).map(|column| {
            let message = format!("{} `{}` has no column `{}`", node.resource.words(), node.name, column.name);
            let warning = Diagnostic::warning(codes::DESCRIBED_COLUMN, message).at(column.span);
            finding(node, warning.suggest_near(&column.name, names.iter().copied()))
        });
        missing.collect()
    }

    /// The expressions of a query that nothing reads. What a macro prints may not need all that it makes.
    fn unused(&self, node: &Node, compiled: &Compiled) -> Vec<Finding> {
        if node.resource == ResourceType::Test {
            return Vec::new();
        }
        let unused = unused_ctes(statement(&compiled.sql), self.engine.dialect());
        let unused = unused.into_iter().map(|cte| {
            let note = Diagnostic::new(codes::UNUSED_CTE, Severity::Note, format!("nothing reads `{}`", cte.name));
            let position = Position { line: cte.line as usize, column: cte.column as usize };
            Finding { position: Some(position), ..finding(node, note) }
        });
        unused.collect()
    }

    /// The SQL of a node and what it means, with the relations that nothing of the project makes that is looked at: the engine tells of
    /// those what they are.
    fn understood(&self, node: &Arc<Node>) -> Result<Understood, String> {
        let compiled = self.surroundings.compiled(node)?;
        let mut asked: HashSet<Relation> = HashSet::default();
        loop {
            let analysis = self.analyst.analyze(statement(&compiled.sql));
            let unread = match &analysis {
                Err(NotAnalyzed::Unread(relation)) if self.is_there(relation, node) => Some(relation.clone()),
                _ => None,
            };
            let Some(relation) = unread.filter(|relation| asked.insert(relation.clone())) else {
                return Ok(Understood { compiled, analysis });
            };
            let known = match self.surroundings.columns(&relation) {
                Some(columns) => Declared::Columns(columns),
                None if self.makers.contains_key(&relation) || self.has_hooks => Declared::Unknown,
                None => Declared::Absent,
            };
            self.analyst.declare(relation, known);
        }
    }

    /// Whether a relation is read as it is now: the one that an incremental model has made before, or one that is not made anew.
    fn is_there(&self, relation: &Relation, reader: &Node) -> bool {
        reader.relation.as_ref() == Some(relation)
            || self.makers.get(relation).is_none_or(|maker| !self.wanted.contains(maker))
    }

    /// Notes it where the columns of what a node makes may be others than those of its query.
    fn doubt_made(&self, node: &Node, compiled: &Compiled) {
        if hooks(node).any(|hook| hook.to_string().to_lowercase().contains("alter")) {
            self.doubt(&node.id, "a hook may change the columns of what it reads");
        } else if matches!(node.config.materialized, Materialized::Other(_)) {
            self.doubt(&node.id, "it reads what a materialization of the project makes");
        } else if let Some(doubt) = self.doubts(node, compiled).filter(|_| takes_all(&compiled.sql)) {
            self.doubt(&node.id, doubt);
        }
    }

    fn doubt(&self, id: &UniqueId, reason: &'static str) {
        self.uncertain.write().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), reason);
    }

    /// Why something that seems to be wrong in a node may be right.
    fn doubts(&self, node: &Node, compiled: &Compiled) -> Option<&'static str> {
        if compiled.is_introspective {
            return Some("its template asks the engine, which may tell something else when it is built");
        }
        let uncertain = self.uncertain.read().unwrap_or_else(PoisonError::into_inner);
        self.request.dag.parents(&node.id).find_map(|parent| uncertain.get(parent).copied())
    }

    /// Columns as those that read a table find them.
    fn stored(&self, columns: &SchemaRef) -> SchemaRef {
        let stored = |field: &FieldRef| Field::new(field.name(), self.engine.stored_type(field.data_type()), true);
        Arc::new(Schema::new(columns.fields().iter().map(stored).collect::<Fields>()))
    }
}

fn wrong(error: EngineError, compiled: Compiled) -> Looked {
    let analyzed = Analyzed::Wrong { error, compiled: Box::new(compiled) };
    Looked { analyzed, found: None, findings: Vec::new() }
}

/// What is run before and after a node.
fn hooks(node: &Node) -> impl Iterator<Item = &serde_json::Value> {
    let hooks = ["pre-hook", "post-hook"].into_iter().filter_map(|key| node.config.values.get(key)?.as_array());
    hooks.flatten()
}

fn finding(node: &Node, diagnostic: Diagnostic) -> Finding {
    Finding { node: node.id.clone(), diagnostic, position: None }
}

/// Columns as those that read a view find them.
fn seen(columns: &SchemaRef) -> SchemaRef {
    let seen = |field: &FieldRef| field.as_ref().clone().with_nullable(true);
    Arc::new(Schema::new(columns.fields().iter().map(seen).collect::<Fields>()))
}

/// A snapshot has the columns of its query and those that it adds.
fn with_recorded(mut analysis: Analysis, table: Option<&Schema>) -> Analysis {
    let is_new = |field: &&FieldRef| analysis.schema.field_with_name(field.name()).is_err();
    let added: Vec<FieldRef> = table.map_or(&[][..], |table| table.fields()).iter().filter(is_new).cloned().collect();
    analysis.columns.resize_with(analysis.columns.len() + added.len(), Origins::default);
    let fields = analysis.schema.fields().iter().cloned().chain(added);
    analysis.schema = Arc::new(Schema::new(fields.collect::<Fields>()));
    analysis
}

/// The columns of an incremental model's table once rows of these columns are added to it, as `on_schema_change` has it.
fn merged(node: &Node, table: &SchemaRef, made: &SchemaRef) -> SchemaRef {
    let known = |schema: &Schema, field: &FieldRef| {
        schema.fields().iter().find(|known| known.name().eq_ignore_ascii_case(field.name())).cloned()
    };
    let fields: Fields = match node.config.values.get("on_schema_change").and_then(serde_json::Value::as_str) {
        Some("append_new_columns") => {
            let new = made.fields().iter().filter(|field| known(table, field).is_none());
            table.fields().iter().chain(new).cloned().collect()
        }
        Some("sync_all_columns") => return Arc::clone(made),
        _ => return Arc::clone(table),
    };
    Arc::new(Schema::new(fields))
}

/// Whether a query takes all columns of something, so that it has one more where that has. Told from the text: a star that is no
/// multiplication.
fn takes_all(sql: &str) -> bool {
    sql.match_indices('*').any(|(at, _)| {
        let before = sql[..at].trim_end();
        let word = &before[before.rfind(|c: char| !c.is_alphanumeric()).map_or(0, |end| end + 1)..];
        before.ends_with(['.', ',']) || ["select", "distinct", "all"].iter().any(|all| word.eq_ignore_ascii_case(all))
    })
}
