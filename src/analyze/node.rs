//! One node: what is known of it, and what its readers find.

use std::sync::{Arc, PoisonError, RwLock};

use arrow::datatypes::{Field, FieldRef, Fields, Schema, SchemaRef};

use super::named::unknown_columns;
use super::{Analyzed, Finding, Request, Surroundings, keeps_contract};
use crate::base::{HashMap, HashSet, IndexMap, IndexSet, plain_text, quoted_list};
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::engine::analysis::{
    Analysis, Analyst, Declared, DeclaredArgument, DeclaredFunction, NotAnalyzed, Origins, Query,
};
use crate::engine::{Engine, EngineError, ErrorKind, Position};
use crate::graph::Reach;
use crate::jinja::BUILT_IN;
use crate::manifest::{
    Column, Hook, Materialized, Node, OnSchemaChange, Phase, ResourceType, Source, TestKind, UniqueId,
};
use crate::sql::{Relation, has_wildcard, is_ephemeral_name, statement};

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
    /// The built-in tests that the project has its own versions of.
    own_tests: HashSet<&'a str>,
    /// The columns that readers find.
    found: RwLock<HashMap<UniqueId, SchemaRef>>,
    /// The columns of what is read and not looked at, which the engine tells.
    read: RwLock<HashMap<UniqueId, SchemaRef>>,
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
    /// Whether its template asks the engine.
    pub(super) is_introspective: bool,
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
        let nodes = request.manifest.nodes.values();
        let nodes = nodes.filter_map(|node| Some((inlined(node).or(node.relation.clone())?, node.id.clone())));
        let makers = sources.chain(nodes).collect();
        let of_run = request.manifest.run_hooks.iter().filter(|hook| hook.phase == Phase::Start);
        let has_hooks = request.manifest.nodes.values().any(|node| changes_columns(node)) || of_run.count() > 0;
        let own = request.manifest.macros.values().filter(|known| known.package != BUILT_IN);
        Task {
            request,
            wanted,
            engine,
            analyst,
            surroundings,
            makers,
            has_hooks,
            own_tests: own.filter_map(|known| known.name.strip_prefix("test_")).collect(),
            found: RwLock::default(),
            read: RwLock::default(),
            uncertain: RwLock::default(),
        }
    }

    /// Tells the analyst of the project's functions, and of its relations before anything is known of their columns: their names are
    /// suggested for others.
    pub(super) fn announce(&mut self) {
        self.makers.keys().for_each(|relation| self.analyst.declare(relation.clone(), Declared::Unknown));
        let nodes = self.request.manifest.nodes.values();
        for node in nodes.filter(|node| node.resource == ResourceType::Function) {
            match self.function(node) {
                Some((name, function)) => self.analyst.declare_function(name, function),
                // What calls it may be right.
                None => self.has_hooks = true,
            }
        }
    }

    /// A function as it will be, where it is an expression of its arguments alone.
    fn function(&self, node: &Arc<Node>) -> Option<(Relation, DeclaredFunction)> {
        let is_function =
            |id: &UniqueId| self.request.manifest.node(id).is_some_and(|node| node.resource == ResourceType::Function);
        let reads = node.depends_on.iter().any(|id| !is_function(id));
        let kind = node.config.values.get("type").and_then(serde_json::Value::as_str);
        if reads || node.language() != "sql" || kind.is_some_and(|kind| kind != "scalar") || has_hooks(node) {
            return None;
        }
        let properties = node.function.as_ref()?;
        let compiled = self.surroundings.compiled(node).ok().filter(|compiled| !compiled.is_introspective)?;
        let arguments = properties.arguments.iter().map(|argument| DeclaredArgument {
            name: argument.name.to_lowercase(),
            data_type: argument.data_type.clone(),
            default: argument.default_value.as_ref().map(plain_text),
        });
        let arguments = arguments.collect();
        let returns = properties.returns.data_type.clone();
        let body = statement(&compiled.sql).to_owned();
        let name = Relation::new(&node.database, &node.schema, &node.alias);
        Some((name, DeclaredFunction { arguments, returns, body }))
    }

    /// Who makes a relation, and the columns of what was read and not looked at.
    pub(super) fn into_makers(self) -> (HashMap<Relation, UniqueId>, HashMap<UniqueId, SchemaRef>) {
        (self.makers, self.read.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known of a member of the graph; of some, as exposures, there is nothing to be known.
    pub(super) fn look(&self, id: &UniqueId) -> Option<Looked> {
        if let Some(source) = self.request.manifest.sources.get(id) {
            return Some(self.data(self.source(source)));
        }
        let node = self.request.manifest.nodes.get(id)?;
        match node.resource {
            ResourceType::Seed => Some(self.data(self.seed(node))),
            ResourceType::Test if self.is_about_known(node) => None,
            ResourceType::Model | ResourceType::Snapshot | ResourceType::Test => Some(self.query(node)),
            _ => None,
        }
    }

    /// Whether a test is one of the built-in ones that is right for any column, of a column that there is: it need not be planned.
    fn is_about_known(&self, node: &Node) -> bool {
        let (Some(TestKind::Generic(test)), Some(config)) = (&node.test, &node.config.test) else { return false };
        let is_plain = matches!(test.name.as_str(), "unique" | "not_null")
            && config.filter.is_none()
            && test.namespace.is_none()
            && !self.own_tests.contains(test.name.as_str());
        let (Some(id), Some(column)) = (test.attached.as_ref().filter(|_| is_plain), &test.column) else {
            return false;
        };
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        found.get(id).is_some_and(|found| found.fields().iter().any(|field| field.name() == column))
    }

    /// Tells the analyst of what was looked at, for those that read it.
    pub(super) fn tell(&self, id: &UniqueId, looked: &Looked) {
        let source = self.request.manifest.sources.get(id).map(|source| &source.relation);
        let node = self.request.manifest.nodes.get(id).filter(|node| node.resource != ResourceType::Test);
        if let Some(relation) = source.or_else(|| node?.relation.as_ref()) {
            if let Some(found) = &looked.found {
                self.found.write().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), Arc::clone(found));
            }
            let known = looked.found.clone().map_or(Declared::Unknown, Declared::Columns);
            self.analyst.declare(relation.clone(), known);
        }
    }

    /// Rows that are there, and read as a table has them.
    fn data(&self, analyzed: Analyzed) -> Looked {
        let found = analyzed.columns().map(|columns| self.stored(columns));
        Looked { analyzed, found, findings: Vec::new(), is_introspective: false }
    }

    fn source(&self, source: &Source) -> Analyzed {
        if let Some(columns) = self.surroundings.columns(&source.relation) {
            if self.has_hooks && source.external.is_none() {
                self.doubt(&source.id, "a hook may change the columns of what it reads");
            }
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
            // As SQL reads the name.
            let name = if column.quote == Some(true) { column.name.clone() } else { column.name.to_lowercase() };
            Some(Field::new(name, data_type, true))
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
            Looked { analyzed, found: columns, findings: Vec::new(), is_introspective: false }
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
        let inlined = compiled.ephemerals.iter().filter_map(|(id, _)| self.request.manifest.node(id));
        if inlined.into_iter().any(|node| node.is_exempt()) {
            return unchecked("it reads an ephemeral model whose config `static_analysis` is `off`".to_owned(), false);
        }
        let doubt = self.doubts(node, &compiled);
        let is_doubted = self.doubt_made(node, &compiled, doubt);
        let is_sure = doubt.is_none() && !is_doubted;
        let is_introspective = compiled.is_introspective;
        match analysis {
            // A macro that looks at a relation which is not built yet may find nothing to select.
            _ if statement(&compiled.sql).is_empty() => unchecked("it has no SQL".to_owned(), false),
            Ok(analysis) if analysis.schema.fields().is_empty() => unchecked("it has no columns yet".to_owned(), false),
            Ok(analysis) if node.resource == ResourceType::Snapshot => {
                let mut findings = self.notes(node, &compiled, &analysis);
                if is_sure {
                    findings.extend(self.misnamed(node, &analysis.schema));
                }
                let table = table();
                let analysis = with_recorded(analysis, table.as_deref());
                // What a snapshot adds is told by its table alone.
                let found = table.map(|_| self.stored(&analysis.schema));
                Looked { analyzed: Analyzed::Query(analysis), found, findings, is_introspective }
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
                let mut findings = self.notes(node, &compiled, &analysis);
                if is_sure {
                    findings.extend(self.broken_promises(node, &analysis.schema, &found));
                    findings.extend(self.misnamed(node, &analysis.schema));
                }
                Looked { analyzed: Analyzed::Query(analysis), found: Some(found), findings, is_introspective }
            }
            Err(NotAnalyzed::Unknown(error)) if error.kind == ErrorKind::UnknownFunction && !self.has_hooks => {
                wrong(error, compiled)
            }
            Err(NotAnalyzed::Unknown(error)) => unchecked(error.message, false),
            Err(NotAnalyzed::Unread(relation)) => {
                let is_echo = self.makers.contains_key(&relation);
                unchecked(format!("the columns of `{relation}` are not known"), is_echo)
            }
            Err(NotAnalyzed::Wrong(error)) => match doubt {
                Some(doubt) => unchecked(format!("{}; but {doubt}", error.message), false),
                None => wrong(error, compiled),
            },
        }
    }

    /// Where the columns of a query are not those that the properties promise or describe.
    fn broken_promises(&self, node: &Node, query: &SchemaRef, found: &SchemaRef) -> Vec<Finding> {
        let is_enforced = node.contract.enforced && !node.is_ephemeral();
        let contract = if is_enforced { self.declared(&node.columns) } else { None };
        if let Some(promised) = contract {
            let kept = keeps_contract(node, query, &promised, self.engine);
            return kept.err().map(|diagnostic| finding(node, diagnostic)).into_iter().collect();
        }
        if self.request.least > Severity::Warning {
            return Vec::new();
        }
        let names: Vec<&str> = found.fields().iter().map(|field| field.name().as_str()).collect();
        let is_there = |column: &&Column| names.iter().any(|name| column.is(name) || column.is_within(name));
        let missing = node.columns.values().filter(|column| !is_there(column)).map(|column| {
            let message = format!("{} `{}` has no column `{}`", node.resource.words(), node.name, column.name);
            let warning = Diagnostic::warning(codes::DESCRIBED_COLUMN, message).at(column.span);
            finding(node, warning.suggest_near(&column.name, names.iter().copied()))
        });
        missing.collect()
    }

    /// Where the config of a node names columns that its query does not have.
    fn misnamed(&self, node: &Node, query: &Schema) -> Option<Finding> {
        let wanted = self.request.least <= Severity::Warning;
        wanted.then(|| unknown_columns(node, query)).flatten().map(|warning| finding(node, warning))
    }

    /// The expressions of a query that nothing reads (what a macro prints may not need all that it makes), and a star that gives other
    /// columns than it gave.
    fn notes(&self, node: &Node, compiled: &Compiled, analysis: &Analysis) -> Vec<Finding> {
        if node.resource == ResourceType::Test || self.request.least > Severity::Note {
            return Vec::new();
        }
        // An ephemeral model that a `ref` without a use puts in front is none of the author's.
        let unused = analysis.unused.iter().filter(|cte| !is_ephemeral_name(&cte.name)).map(|cte| {
            let note = Diagnostic::new(codes::UNUSED_CTE, Severity::Note, format!("nothing reads `{}`", cte.name));
            let position = Position { line: cte.line as usize, column: cte.column as usize };
            Finding { position: Some(position), ..finding(node, note) }
        });
        let before = analysis.before.as_ref().filter(|_| has_wildcard(&compiled.sql, self.engine.dialect()));
        unused.chain(before.and_then(|before| changed(node, before, &analysis.schema))).collect()
    }

    /// The SQL of a node and what it means, with the relations that nothing of the project makes that is looked at: the engine tells of
    /// those what they are.
    fn understood(&self, node: &Arc<Node>) -> Result<Understood, String> {
        let compiled = self.surroundings.compiled(node)?;
        let mut asked: HashSet<Relation> = HashSet::default();
        // Of those that are looked at themselves it is known where their values come from.
        let ephemerals = compiled.ephemerals.iter().filter(|(id, _)| self.wanted.contains(id));
        let ephemerals = ephemerals.filter_map(|(id, _)| inlined(self.request.manifest.node(id)?));
        let ephemerals: Vec<(String, Relation)> =
            ephemerals.map(|relation| (relation.identifier.clone(), relation)).collect();
        let query = Query { sql: statement(&compiled.sql), inlined: &ephemerals };
        loop {
            let analysis = self.analyst.analyze(query);
            let unread = match &analysis {
                Err(NotAnalyzed::Unread(relation)) if self.is_there(relation, node) => Some(relation.clone()),
                _ => None,
            };
            let Some(relation) = unread.filter(|relation| asked.insert(relation.clone())) else {
                return Ok(Understood { compiled, analysis });
            };
            let known = match self.surroundings.columns(&relation).filter(|_| !self.may_change(&relation)) {
                Some(columns) => {
                    if let Some(maker) = self.makers.get(&relation).filter(|maker| !self.wanted.contains(*maker)) {
                        let mut read = self.read.write().unwrap_or_else(PoisonError::into_inner);
                        read.insert(maker.clone(), Arc::clone(&columns));
                    }
                    Declared::Columns(columns)
                }
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

    /// Whether a relation that is there may have other columns once the chosen nodes are built: a hook may make it anew, or it shows what
    /// one of them makes.
    fn may_change(&self, relation: &Relation) -> bool {
        match self.makers.get(relation) {
            Some(maker) => {
                !self.wanted.contains(maker)
                    && self.request.dag.ancestors([maker], Reach::All).iter().any(|id| self.wanted.contains(id))
            }
            None => self.has_hooks,
        }
    }

    /// Notes it where the columns of what a node makes may be others than those of its query, and says whether they may; `doubt` is what
    /// there is of the query itself.
    fn doubt_made(&self, node: &Node, compiled: &Compiled, doubt: Option<&'static str>) -> bool {
        let of_query = || doubt.filter(|_| has_wildcard(&compiled.sql, self.engine.dialect()));
        let reason = if changes_columns(node) {
            Some("a hook may change the columns of what it reads")
        } else if self.is_made_otherwise(node) {
            Some("it reads what a materialization of the project makes")
        } else if compiled.is_introspective {
            Some("it reads what a template made by asking the engine")
        } else {
            of_query()
        };
        reason.inspect(|reason| self.doubt(&node.id, reason)).is_some()
    }

    /// Whether the project says itself how a node is made.
    fn is_made_otherwise(&self, node: &Node) -> bool {
        node.resource == ResourceType::Model
            && (matches!(node.config.materialized, Materialized::Other(_)) || self.surroundings.is_made_by_macro(node))
    }

    fn doubt(&self, id: &UniqueId, reason: &'static str) {
        self.uncertain.write().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), reason);
    }

    /// Why something that seems to be wrong in a node may be right.
    fn doubts(&self, node: &Node, compiled: &Compiled) -> Option<&'static str> {
        if compiled.is_introspective {
            return Some("its template asks the engine, which may tell something else when it is built");
        }
        if self.is_made_otherwise(node) {
            return Some("a materialization of the project makes something of its SQL");
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
    Looked { analyzed, found: None, findings: Vec::new(), is_introspective: false }
}

/// Whether statements are run before or after a node.
pub(super) fn has_hooks(node: &Node) -> bool {
    hooks(node).next().is_some()
}

fn hooks(node: &Node) -> impl Iterator<Item = Hook> {
    ["pre-hook", "post-hook"].into_iter().flat_map(|key| Hook::all(node.config.values.get(key)))
}

/// Whether what is run before and after a node may give its table, or another one, other columns: all that does not begin with a word that
/// does no such thing.
fn changes_columns(node: &Node) -> bool {
    let harmless =
        ["grant", "revoke", "analyze", "vacuum", "optimize", "comment", "insert", "delete", "update", "select", "set"];
    let is_harmless = |hook: &Hook| {
        let text = hook.sql.trim_start().to_lowercase();
        harmless.iter().any(|word| text.starts_with(word))
    };
    !hooks(node).all(|hook| is_harmless(&hook))
}

/// What an ephemeral model is in the queries of its readers: it is no relation, but has a name there.
fn inlined(node: &Node) -> Option<Relation> {
    node.is_ephemeral().then(|| Relation::new("", "", node.cte_name()))
}

/// The columns that a query has won or lost through a star.
fn changed(node: &Node, before: &[String], now: &Schema) -> Option<Finding> {
    let names: Vec<&str> = now.fields().iter().map(|field| field.name().as_str()).collect();
    let new: Vec<&str> = names.iter().copied().filter(|name| before.iter().all(|known| known != name)).collect();
    let gone: Vec<&str> = before.iter().map(String::as_str).filter(|name| !names.contains(name)).collect();
    let told: Vec<String> = [("new", new), ("gone", gone)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what} {}", quoted_list(&names)))
        .collect();
    if told.is_empty() {
        return None;
    }
    let told = told.join(", ");
    let message =
        format!("`select *` in {} `{}` gives other columns than before: {told}", node.resource.words(), node.name);
    Some(finding(node, Diagnostic::new(codes::STAR_CHANGED, Severity::Note, message).at(node.span)))
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
    analysis.expressions.resize_with(analysis.columns.len(), Vec::new);
    let fields = analysis.schema.fields().iter().cloned().chain(added);
    analysis.schema = Arc::new(Schema::new(fields.collect::<Fields>()));
    analysis
}

/// The columns of an incremental model's table once rows of these columns are added to it, as `on_schema_change` has it.
fn merged(node: &Node, table: &SchemaRef, made: &SchemaRef) -> SchemaRef {
    let word = node.config.values.get("on_schema_change").and_then(serde_json::Value::as_str);
    match word.and_then(OnSchemaChange::named).unwrap_or_default() {
        OnSchemaChange::Ignore | OnSchemaChange::Fail => Arc::clone(table),
        OnSchemaChange::Sync => Arc::clone(made),
        OnSchemaChange::Append => {
            let is_known =
                |field: &FieldRef| table.fields().iter().any(|known| known.name().eq_ignore_ascii_case(field.name()));
            let new = made.fields().iter().filter(|field| !is_known(field));
            Arc::new(Schema::new(table.fields().iter().chain(new).cloned().collect::<Fields>()))
        }
    }
}
