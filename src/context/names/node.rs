//! Names while a node is compiled or run: references are relations, queries are answered.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::parse::{name_call, source_call};
use super::shared::NODE_NAMES;
use super::{Given, RefCall, Subject, Surroundings};
use crate::base::HashMap;
use crate::context::function::{Arguments, fail, function};
use crate::context::table::Table;
use crate::context::{Deferral, Door, EventWindow, RelationValue, value_of};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::registry;
use crate::jinja::{Enumerator, Error, ErrorKind, Object, ObjectRepr, State, Value, mutable, raise};
use crate::manifest::{
    Found, Lookup, Manifest, Node, NodeConfig, ResourceType, SemanticKind, SemanticResource, Source, UniqueId,
};

/// The names of a node that is being compiled.
pub struct NodeNames {
    /// What surrounds it.
    pub surroundings: Surroundings,
    /// All nodes.
    pub manifest: Arc<Manifest>,
    /// All names.
    pub lookup: Arc<Lookup>,
    /// The node.
    pub node: Arc<Node>,
    /// The engine; without one, queries fail.
    pub door: Option<Door>,
    /// What is read elsewhere.
    pub deferral: Option<Arc<Deferral>>,
    /// What `is_incremental()` is.
    pub is_incremental: bool,
    /// What `execute` is.
    pub execute: bool,
    /// Further names of this rendering: the arguments of a generic test.
    pub extra: Vec<(&'static str, Value)>,
    /// What `statement` kept for `load_result`.
    pub results: Mutex<HashMap<String, Value>>,
    /// The names that templates gave themselves, by `context.update`: a dict.
    pub written: Value,
    /// The ephemeral models that templates asked for, in the order in which they did.
    pub ephemerals: Mutex<Vec<UniqueId>>,
    /// The event time that is looked at: of inputs with an `event_time` only the rows in it are read.
    pub window: Option<EventWindow>,
    /// What stands in for what it reads, when that is not what the project has.
    pub given: Option<Given>,
}

impl NodeNames {
    pub(super) fn subject(&self) -> Subject {
        Subject {
            unique_id: self.node.id.to_string(),
            name: self.node.name.clone(),
            package: self.node.package.as_str().into(),
            resource_type: self.node.resource.as_str(),
            fqn: self.node.fqn.clone(),
            original_path: self.node.original_path.clone(),
            version: self.node.version.clone(),
        }
    }

    fn reference(&self, args: &Arguments) -> Result<Value, Error> {
        let call = RefCall::of(args)?;
        match self.lookup.find_ref(&self.node.package, call.package.as_deref(), &call.name, call.version.as_ref()) {
            Found::Here(id) if !self.node.is_operation() && !self.node.depends_on.contains(id) => {
                Err(raise(self.not_inferred(&call.name)))
            }
            Found::Here(id) => match self.manifest.node(id) {
                Some(node) => match self.stand_in(id, &node.name, || self.relation_of(node))? {
                    Some(given) => Ok(given),
                    None => {
                        self.note_ephemeral(node);
                        Ok(self.read(self.deferred(node), &node.config).into_value())
                    }
                },
                None => Err(fail("not a node")),
            },
            Found::Disabled(_) | Found::Missing => {
                let message = format!("`{}` refers to `{}`, which does not exist", self.node.name, call.name);
                Err(raise(
                    Diagnostic::error(codes::UNKNOWN_REF, message).suggest_near(&call.name, self.lookup.ref_names()),
                ))
            }
        }
    }

    /// `function([package,] name)`: the function in the engine.
    fn function(&self, args: &Arguments) -> Result<Value, Error> {
        let (package, name) = name_call(args, "function")?;
        match self.lookup.find_function(&self.node.package, package.as_deref(), &name) {
            Found::Here(id) => match self.manifest.node(id) {
                Some(node) => Ok(self.relation_of(node).of_function().into_value()),
                None => Err(fail("not a node")),
            },
            Found::Disabled(_) | Found::Missing => {
                let message = format!("`{}` calls function `{name}`, which does not exist", self.node.name);
                let diagnostic = Diagnostic::error(codes::UNKNOWN_REF, message);
                Err(raise(diagnostic.suggest_near(&name, self.lookup.function_names())))
            }
        }
    }

    /// `metric([package,] name)`: the metric, printed as its name.
    fn metric(&self, args: &Arguments) -> Result<Value, Error> {
        let (package, name) = name_call(args, "metric")?;
        let is_meant = |found: &&SemanticResource| {
            found.kind == SemanticKind::Metric
                && found.name == name
                && package.as_ref().is_none_or(|package| found.package == *package)
        };
        match self.manifest.semantic.values().find(is_meant) {
            Some(found) => Ok(Value::from(&found.name)),
            None => {
                let message = format!("`{}` refers to metric `{name}`, which does not exist", self.node.name);
                Err(raise(Diagnostic::error(codes::UNKNOWN_REF, message)))
            }
        }
    }

    /// The node would run whenever it likes, before or after the one that it reads.
    fn not_inferred(&self, name: &str) -> Diagnostic {
        let message = format!("`{}` reads `{name}`, which was not seen when the project was read", self.node.name);
        Diagnostic::error(codes::DEPENDENCY_NOT_INFERRED, message)
            .help(format!("add a line `-- depends_on: {{{{ ref('{name}') }}}}` to the file"))
    }

    /// `model` of a model in batches: `model.batch` tells which it is; none while it is the whole model.
    fn batch_model(&self) -> Option<Value> {
        let model = self.surroundings.get("model", &self.subject(), self.door.as_ref())?;
        let mut model = serde_json::to_value(&model).ok()?;
        let time = |at: Option<chrono::NaiveDateTime>| at.map(|at| format!("{}+00:00", at.format("%Y-%m-%d %H:%M:%S")));
        let batch = self.window.as_ref().map(|window| {
            serde_json::json!({
                "id": window.id,
                "event_time_start": time(window.start),
                "event_time_end": time(window.end),
            })
        });
        model.as_object_mut()?.insert("batch".to_owned(), batch.unwrap_or_default());
        Some(value_of(&model))
    }

    /// The relation of a node or source, with `--defer` maybe that of an earlier state; all its rows.
    #[must_use]
    pub fn relation(&self, id: &UniqueId) -> Option<RelationValue> {
        let source = self.manifest.sources.get(id).map(|source| self.relation_of_source(source));
        source.or_else(|| {
            let node = self.manifest.node(id)?;
            self.note_ephemeral(node);
            Some(self.deferred(node))
        })
    }

    /// Keeps account of an ephemeral model that was asked for: its SQL is wanted.
    fn note_ephemeral(&self, node: &Node) {
        if node.is_ephemeral() {
            let mut ephemerals = self.ephemerals.lock().unwrap_or_else(PoisonError::into_inner);
            if !ephemerals.contains(&node.id) {
                ephemerals.push(node.id.clone());
            }
        }
    }

    fn deferred(&self, node: &Node) -> RelationValue {
        let elsewhere = self.deferral.as_ref().and_then(|deferral| deferral.relation(node, self.door.as_ref()));
        let session = &self.surroundings.session;
        match elsewhere.filter(|_| !node.is_ephemeral()) {
            Some(relation) => RelationValue::new(relation.clone(), session.dialect).quoting(session.quoting),
            None => self.relation_of(node),
        }
    }

    fn relation_of_source(&self, source: &Source) -> RelationValue {
        let session = &self.surroundings.session;
        // As dbt documents, what the project file says of quoting is said of the project's own relations.
        let quoting = registry::quoting(&session.target.kind).with(&source.quoting);
        RelationValue::new(source.relation.clone(), session.dialect).quoting(quoting)
    }

    /// What is read of a relation: no rows with `--empty`, those of the batch and those of `--sample`.
    fn read(&self, relation: RelationValue, config: &NodeConfig) -> RelationValue {
        let flags = &self.surroundings.session.flags;
        let relation = relation.limited_to(flags.is("empty").then_some(0));
        let Some(column) = config.values.get("event_time").and_then(|column| column.as_str()) else { return relation };
        let dialect = self.surroundings.session.dialect;
        let mut bounds = self.window.as_ref().map(|window| window.bounds(column, dialect)).unwrap_or_default();
        if matches!(self.node.resource, ResourceType::Model | ResourceType::Snapshot) {
            let sample = flags.get("sample");
            let bound = |key: &str, sign: &str| {
                let time = sample.get(key)?.as_str()?;
                Some(format!("{} {sign} cast('{time}' as timestamp)", dialect.moment(column)))
            };
            bounds.extend([bound("start", ">="), bound("end", "<")].into_iter().flatten());
        }
        relation.filtered(Some(bounds.join(" and ")).filter(|bounds| !bounds.is_empty()))
    }

    pub(super) fn relation_of(&self, node: &Node) -> RelationValue {
        let session = &self.surroundings.session;
        let relation = node.relation.clone();
        let relation = relation.unwrap_or_else(|| session.relation(&node.database, &node.schema, &node.alias));
        let value = RelationValue::new(relation, session.dialect).quoting(session.quoting);
        match node.is_ephemeral() {
            true => value.printed_as(node.cte_name()),
            false => value,
        }
    }

    fn source(&self, args: &Arguments) -> Result<Value, Error> {
        let (source, table) = source_call(args)?;
        match self.lookup.find_source(&self.node.package, &source, &table) {
            Found::Here(id) if self.manifest.sources.contains_key(id) => {
                let source = &self.manifest.sources[id];
                let value = self.relation_of_source(source);
                match self.stand_in(id, &source.name, || value.clone())? {
                    Some(given) => Ok(given),
                    None => Ok(self.read(value, &source.config).into_value()),
                }
            }
            _ => {
                let message = format!("`{}` reads source `{source}.{table}`, which is not declared", self.node.name);
                Err(raise(Diagnostic::error(codes::UNKNOWN_SOURCE, message)))
            }
        }
    }

    /// `store_result(name, response, agate_table)`.
    fn store_result(&self, args: &Arguments) -> Result<Value, Error> {
        let response = args.get(1, "response").unwrap_or_else(|| Value::from(()));
        self.store(args.required_text(0, "name")?, response, args.get(2, "agate_table"))
    }

    /// `store_raw_result(name, message, code, rows_affected, agate_table)`.
    fn store_raw_result(&self, args: &Arguments) -> Result<Value, Error> {
        let part = |position, name| args.get(position, name).unwrap_or_else(|| Value::from(()));
        let response = Value::from_pairs([
            ("_message", part(1, "message")),
            ("code", part(2, "code")),
            ("rows_affected", part(3, "rows_affected")),
        ]);
        self.store(args.required_text(0, "name")?, response, args.get(4, "agate_table"))
    }

    /// Keeps what a statement gave for `load_result`.
    fn store(&self, name: String, response: Value, table: Option<Value>) -> Result<Value, Error> {
        let table = table.filter(|table| !table.is_none() && !table.is_undefined());
        let data = match &table {
            Some(table) => match table.downcast_object_ref::<Table>() {
                Some(table) => table.matrix(),
                None => table.get_attr("rows")?,
            },
            None => mutable(Value::from(Vec::<Value>::new())),
        };
        let table = table.unwrap_or_else(|| Value::from(()));
        let result = Value::from_pairs([("response", response), ("data", data), ("table", table)]);
        self.results.lock().unwrap_or_else(PoisonError::into_inner).insert(name, result);
        Ok(Value::from(""))
    }

    fn load_result(&self, args: &Arguments) -> Result<Value, Error> {
        let name = args.required_text(0, "name")?;
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        match results.get_mut(&name) {
            None => Ok(Value::from(())),
            Some(kept) if kept.is_undefined() => Err(fail(format!("the result `{name}` was loaded already"))),
            Some(kept) if name == "main" => Ok(kept.clone()),
            Some(kept) => Ok(std::mem::take(kept)),
        }
    }
}

impl fmt::Debug for NodeNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeNames").field("node", &self.node.id).finish_non_exhaustive()
    }
}

/// A name that a template gave itself.
pub(super) fn own(written: &Value, key: &str) -> Option<Value> {
    written.as_object().filter(|_| written.is_true())?.get_value_by_str(key)
}

impl Object for NodeNames {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let names = Arc::clone(self);
        let key = key.as_str()?;
        if let Some(value) = own(&self.written, key) {
            return Some(value);
        }
        if let Some((_, value)) = self.extra.iter().find(|(name, _)| *name == key) {
            return Some(value.clone());
        }
        if let Some(value) = self.overridden(key) {
            return Some(value);
        }
        Some(match key {
            "ref" => function("ref", move |_, args| names.reference(&args)),
            "source" => function("source", move |_, args| names.source(&args)),
            "function" => function("function", move |_, args| names.function(&args)),
            "metric" => function("metric", move |_, args| names.metric(&args)),
            "config" => Value::from_object(ConfigReader(names)),
            // A hook of a run is no relation; of an operation there is nothing that could be one, but where it asks a source.
            "this" if self.node.is_operation() && self.node.relation.is_none() => {
                match self.manifest.run_hooks.iter().any(|hook| hook.node.id == self.node.id) {
                    true => Value::from(()),
                    false => Value::UNDEFINED,
                }
            }
            "this" => self.relation_of(&self.node).into_value(),
            "model" if self.node.config.microbatch.is_some() => return self.batch_model(),
            "execute" => Value::from(self.execute),
            "load_result" => function("load_result", move |_, args| names.load_result(&args)),
            "store_result" => function("store_result", move |_, args| names.store_result(&args)),
            "store_raw_result" => function("store_raw_result", move |_, args| names.store_raw_result(&args)),
            "write" => function("write", |_, _| Ok(Value::from(""))),
            other => {
                let own = self.rest(other);
                return own.or_else(|| self.surroundings.get(other, &self.subject(), self.door.as_ref()));
            }
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(NODE_NAMES)
    }
}

/// `config`: calls were recorded while parsing and print nothing now; questions are answered.
#[derive(Debug)]
struct ConfigReader(Arc<NodeNames>);

impl ConfigReader {
    /// A config by its name, in whichever spelling it was given.
    fn find(&self, key: &str) -> Option<&serde_json::Value> {
        let values = &self.0.node.config.values;
        values.get(key).or_else(|| values.get(&key.replace('_', "-"))).or_else(|| values.get(&key.replace('-', "_")))
    }

    /// Whether `persist_docs` says so of relations or columns.
    fn persists(&self, what: &str) -> Result<Value, Error> {
        match self.find("persist_docs") {
            None | Some(serde_json::Value::Null) => Ok(Value::from(false)),
            Some(serde_json::Value::Object(map)) => Ok(map.get(what).map_or_else(|| Value::from(false), value_of)),
            Some(_) => Err(fail("`persist_docs` is a mapping of `relation` and `columns`")),
        }
    }
}

impl Object for ConfigReader {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, _args: &[Value]) -> Result<Value, Error> {
        Ok(Value::from(""))
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::of("config", args)?;
        let config = &self.0.node.config;
        match method {
            "set" => return Ok(Value::from("")),
            "persist_relation_docs" => return self.persists("relation"),
            "persist_column_docs" => return self.persists("columns"),
            "get" | "require" | "meta_get" | "meta_require" => {}
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        let key = args.required_text(0, "name")?;
        let found = if method.starts_with("meta") { config.meta().get(&key) } else { self.find(&key) };
        let required = method.ends_with("require");
        let value = match found {
            Some(json) => value_of(json),
            None if required => return Err(fail(format!("`{}` needs a config `{key}`", self.0.node.name))),
            None => args.get(1, "default").unwrap_or_else(|| Value::from(())),
        };
        let validator = args.given(if required { 1 } else { 2 }, "validator");
        if let Some(validator) = validator.filter(|_| required || args.get(1, "default").is_some()) {
            validator.call(state, std::slice::from_ref(&value))?;
        }
        Ok(value)
    }
}
