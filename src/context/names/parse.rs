//! Names while a node is parsed: what it refers to is recorded, nothing is executed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};

use super::node::own;
use super::shared::NODE_NAMES;
use super::{Subject, Surroundings};
use crate::context::RelationValue;
use crate::context::function::{Arguments, fail, function};
use crate::jinja::{Dict, Enumerator, Error, ErrorKind, Object, ObjectRepr, State, Value};
use crate::manifest::{Node, Version};
use crate::sql::Relation;

/// What a template said while it was parsed.
#[derive(Clone, Debug, Default)]
pub struct Captured {
    /// `ref` calls, each once, in the order of first use.
    pub refs: Vec<RefCall>,
    /// `source` calls: source, table.
    pub sources: Vec<(String, String)>,
    /// `metric` calls.
    pub metrics: Vec<NameCall>,
    /// `function` calls.
    pub functions: Vec<NameCall>,
    /// What `config()` set, the last call winning.
    pub config: Map<String, Json>,
}

/// A call of `metric` or `function`: the package, when it is named, and the name.
pub(super) type NameCall = (Option<String>, String);

/// A call of `ref`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefCall {
    /// The package, when it is named.
    pub package: Option<String>,
    /// The node.
    pub name: String,
    /// The version, when it is named.
    pub version: Option<Version>,
}

/// The names of a node that is being parsed.
pub struct ParseNames {
    surroundings: Surroundings,
    subject: Subject,
    /// The node as far as it is known, where it is one.
    unread: Option<Arc<Node>>,
    captured: Mutex<Captured>,
    /// The names that templates gave themselves, by `context.update`: a dict.
    written: Value,
}

impl ParseNames {
    /// Names for one rendering of `subject`; `unread` is the node as far as it is known, where it is one.
    #[must_use]
    pub fn new(surroundings: Surroundings, subject: Subject, unread: Option<Arc<Node>>) -> Arc<Self> {
        Arc::new(ParseNames {
            surroundings,
            subject,
            unread,
            captured: Mutex::default(),
            written: Dict::default().into(),
        })
    }

    /// What was recorded.
    #[must_use]
    pub fn captured(&self) -> Captured {
        self.with(|captured| captured.clone())
    }

    /// What surrounds the node, and the node.
    pub(super) fn node(&self) -> (&Surroundings, &Subject) {
        (&self.surroundings, &self.subject)
    }

    /// The node as far as it is known, where it is one.
    pub(super) fn unread(&self) -> Option<&Node> {
        self.unread.as_deref()
    }

    /// The names that templates gave themselves: a dict.
    pub(super) fn written(&self) -> Value {
        self.written.clone()
    }

    fn with<R>(&self, change: impl FnOnce(&mut Captured) -> R) -> R {
        change(&mut self.captured.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn placeholder(&self, name: &str) -> Value {
        let session = &self.surroundings.session;
        let relation = Relation::new(&session.target.database, &session.target.schema, name);
        RelationValue::new(relation, session.dialect).quoting(session.quoting).into_value()
    }

    fn reference(&self, args: &Arguments) -> Result<Value, Error> {
        let call = RefCall::of(args)?;
        let value = self.placeholder(&call.name);
        self.with(|captured| {
            if !captured.refs.contains(&call) {
                captured.refs.push(call);
            }
        });
        Ok(value)
    }

    fn source(&self, args: &Arguments) -> Result<Value, Error> {
        let (source, table) = source_call(args)?;
        let value = self.placeholder(&table);
        self.with(|captured| {
            let call = (source, table);
            if !captured.sources.contains(&call) {
                captured.sources.push(call);
            }
        });
        Ok(value)
    }

    /// `metric([package,] name)` and `function([package,] name)`: remembered, printed as the name.
    fn name_only(
        &self,
        args: &Arguments,
        what: &str,
        list: fn(&mut Captured) -> &mut Vec<NameCall>,
    ) -> Result<Value, Error> {
        let call = name_call(args, what)?;
        let name = Value::from(&call.1);
        self.with(|captured| {
            let known = list(captured);
            if !known.contains(&call) {
                known.push(call);
            }
        });
        Ok(name)
    }
}

impl RefCall {
    /// `ref(name)` or `ref(package, name)`.
    pub(super) fn of(args: &Arguments) -> Result<Self, Error> {
        let text = |value: &Value| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| fail(format!("`ref` takes names in quotes, not {}", value.kind())))
        };
        let version = args.named().iter().find(|(name, _)| name == "v" || name == "version");
        let version = version.and_then(|(_, value)| Version::of(serde_json::to_value(value).ok()?));
        match args.positional() {
            [name] => Ok(RefCall { package: None, name: text(name)?, version }),
            [package, name] => Ok(RefCall { package: Some(text(package)?), name: text(name)?, version }),
            other => Err(fail(format!("`ref` takes one or two names, not {}", other.len()))),
        }
    }
}

/// `metric([package,] name)`, `function([package,] name)`.
pub(super) fn name_call(args: &Arguments, what: &str) -> Result<NameCall, Error> {
    match args.positional() {
        [_] => Ok((None, args.required_text(0, "name")?)),
        [_, _] => Ok((args.text(0, "package")?, args.required_text(1, "name")?)),
        other => Err(fail(format!("`{what}` takes one or two names, not {}", other.len()))),
    }
}

/// `source(source, table)`.
pub(super) fn source_call(args: &Arguments) -> Result<(String, String), Error> {
    match args.positional() {
        [_, _] => Ok((args.required_text(0, "source")?, args.required_text(1, "table")?)),
        other => Err(fail(format!("`source` takes two names, the source and the table, not {}", other.len()))),
    }
}

impl fmt::Debug for ParseNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseNames").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Object for ParseNames {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let names = Arc::clone(self);
        let nothing = |name| function(name, |_, _| Ok(Value::from(())));
        let empty = |name| function(name, |_, _| Ok(Value::from("")));
        let key = key.as_str()?;
        if let Some(value) = own(&self.written, key) {
            return Some(value);
        }
        Some(match key {
            "ref" => function("ref", move |_, args| names.reference(&args)),
            "source" => function("source", move |_, args| names.source(&args)),
            "metric" => {
                function("metric", move |_, args| names.name_only(&args, "metric", |captured| &mut captured.metrics))
            }
            "function" => function("function", move |_, args| {
                names.name_only(&args, "function", |captured| &mut captured.functions)
            }),
            "config" => Value::from_object(ConfigRecorder(names)),
            "this" => self.placeholder(&self.subject.name),
            "execute" => Value::from(false),
            "load_result" => nothing("load_result"),
            "store_result" => empty("store_result"),
            "store_raw_result" => empty("store_raw_result"),
            "write" => empty("write"),
            other => return self.rest(other).or_else(|| self.surroundings.get(other, &self.subject, None)),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(NODE_NAMES)
    }
}

/// `config`: calls are recorded, questions are answered with nothing, since configs are not known yet.
#[derive(Debug)]
struct ConfigRecorder(Arc<ParseNames>);

impl Object for ConfigRecorder {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::of("config", args)?;
        let mut said: Vec<(String, Value)> = Vec::new();
        for mapping in args.positional() {
            for key in mapping.try_iter().map_err(|_| fail("`config` takes named values"))? {
                let value = mapping.get_item(&key)?;
                said.push((key.to_string(), value));
            }
        }
        said.extend(args.named().iter().cloned());
        for (one, other) in [("pre_hook", "pre-hook"), ("post_hook", "post-hook")] {
            let says = |key: &str| said.iter().any(|(said, _)| said == key);
            if says(one) && says(other) {
                return Err(fail(format!("`config` takes `{one}` or `{other}`, not both: they are the same")));
            }
        }
        self.0.with(|captured| {
            for (key, value) in said {
                let json = serde_json::to_value(&value).map_err(|error| fail(format!("config `{key}`: {error}")))?;
                captured.config.insert(key, json);
            }
            Ok(Value::from(""))
        })
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "set" => {
                let args = Arguments::of("config.set", args)?;
                let pair = (args.required(0, "name")?, args.required(1, "value")?);
                self.call(state, &[std::iter::once(pair).collect::<Dict>().into()])
            }
            "get" | "require" | "meta_get" | "meta_require" => Ok(Value::from("")),
            "persist_relation_docs" | "persist_column_docs" => Ok(Value::from(false)),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
