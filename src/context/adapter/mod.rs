//! The `adapter` object: what macros ask of the engine. Methods are grouped by what they are about, a file each.
//!
//! While a project is parsed nothing is asked: questions are answered with nothing, as in dbt.

mod catalog;
mod change;
mod constraint;
mod dispatch;
mod grants;
mod own;
mod quote;
mod statement;
mod strategy;

use std::fmt;
use std::sync::Arc;

use super::function::{Arguments, fail};
use super::{Door, RelationValue, api, target_value, value_of};
use crate::engine::RelationKind;
use crate::jinja::{CallSite, Enumerator, Error, ErrorKind, Object, ObjectRepr, State, Value, mutable};
use crate::session::Session;
use crate::sql::Relation;

pub(super) use own::Asked;

/// `adapter` in templates.
pub(super) struct Adapter {
    pub(super) session: Arc<Session>,
    pub(super) dispatch: Arc<[(String, Vec<String>)]>,
    pub(super) door: Option<Door>,
    pub(super) asked: Arc<Asked>,
}

/// A method with the state of its caller.
type Method = fn(&Adapter, &mut State<'_, '_>, &Arguments) -> Result<Value, Error>;

/// All methods.
static METHODS: &[(&str, Method)] = &[
    ("adapter.dispatch", Adapter::dispatch),
    // The catalog.
    ("adapter.get_relation", Adapter::get_relation),
    ("adapter.load_relation", Adapter::get_relation),
    ("adapter.list_relations", Adapter::list_relations),
    ("adapter.list_relations_without_caching", Adapter::list_relations_of_schema),
    ("adapter.list_schemas", Adapter::list_schemas),
    ("adapter.check_schema_exists", Adapter::check_schema_exists),
    ("adapter.already_exists", Adapter::already_exists),
    ("adapter.get_columns_in_relation", Adapter::get_columns_in_relation),
    ("adapter.get_columns_in_table", Adapter::get_columns_in_table),
    ("adapter.get_column_schema_from_query", Adapter::get_column_schema_from_query),
    ("adapter.get_missing_columns", Adapter::get_missing_columns),
    // Statements.
    ("adapter.execute", Adapter::execute),
    ("adapter.add_query", Adapter::add_query),
    ("adapter.commit", Adapter::nothing),
    ("adapter.commit_if_has_connection", Adapter::nothing),
    // Changes, which are macros.
    ("adapter.create_schema", Adapter::create_schema),
    ("adapter.drop_schema", Adapter::drop_schema),
    ("adapter.drop_relation", Adapter::drop_relation),
    ("adapter.truncate_relation", Adapter::truncate_relation),
    ("adapter.rename_relation", Adapter::rename_relation),
    ("adapter.alter_column_type", Adapter::alter_column_type),
    // Texts have no size here.
    ("adapter.expand_target_column_types", Adapter::nothing),
    ("adapter.expand_column_types", Adapter::nothing),
    // There is no cache: the catalog, or the project's own macro, is always asked.
    ("adapter.cache_added", Adapter::nothing),
    ("adapter.cache_dropped", Adapter::nothing),
    ("adapter.cache_renamed", Adapter::nothing),
    // Names.
    ("adapter.type", Adapter::kind),
    ("adapter.quote", Adapter::quote),
    ("adapter.quote_as_configured", Adapter::quote_as_configured),
    ("adapter.quote_seed_column", Adapter::quote_seed_column),
    // Strategies.
    ("adapter.get_incremental_strategy_macro", Adapter::get_incremental_strategy_macro),
    ("adapter.valid_incremental_strategies", Adapter::valid_incremental_strategies),
    ("adapter.get_hard_deletes_behavior", Adapter::get_hard_deletes_behavior),
    ("adapter.valid_snapshot_target", Adapter::valid_snapshot_target),
    ("adapter.assert_valid_snapshot_target_given_strategy", Adapter::valid_snapshot_target),
    // Grants and constraints.
    ("adapter.standardize_grants_dict", Adapter::standardize_grants_dict),
    ("adapter.render_raw_columns_constraints", Adapter::render_raw_columns_constraints),
    ("adapter.render_raw_model_constraints", Adapter::render_raw_model_constraints),
    ("adapter.convert_type", Adapter::convert_type),
];

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("adapter")
    }
}

impl Object for Adapter {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        Some(match key {
            "Relation" => api::relation_class(&self.session),
            "Column" => api::column_class(&self.session),
            "config" => self.config(),
            "behavior" => Value::from_object(Behavior(Arc::clone(&self.session))),
            _ => {
                let (name, method) = find(key)?;
                let adapter = Arc::clone(self);
                super::function::function(name, move |state, args| method(&adapter, state, &args))
            }
        })
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let Some((name, found)) = find(method) else {
            // An attribute that can be called, such as `adapter.Column(…)`.
            return match self.get_value(&Value::from(method)) {
                Some(value) => value.call(state, args),
                None => Err(Error::from(ErrorKind::UnknownMethod)),
            };
        };
        found(self, state, &Arguments::of(name, args)?)
    }
}

fn find(method: &str) -> Option<(&'static str, Method)> {
    METHODS.iter().find(|(name, _)| name.strip_prefix("adapter.") == Some(method)).copied()
}

impl Adapter {
    /// A method that has nothing to do.
    fn nothing(&self, _: &mut State<'_, '_>, _: &Arguments) -> Result<Value, Error> {
        Ok(Value::from(""))
    }

    fn kind(&self, _: &mut State<'_, '_>, _: &Arguments) -> Result<Value, Error> {
        Ok(Value::from(&self.session.target.kind))
    }

    /// What dbt's runtime config says that macros read.
    fn config(&self) -> Value {
        let session = &self.session;
        Value::from_pairs([
            ("credentials", target_value(&session.target, &session.secrets)),
            ("target_name", Value::from(&session.target.name)),
            ("profile_name", Value::from(&session.target.profile)),
            ("project_name", Value::from(&session.project)),
            ("threads", Value::from(session.target.threads)),
        ])
    }

    /// The relation as a value, its name spelt as the session says.
    fn value_of(&self, relation: Relation, kind: Option<RelationKind>) -> Value {
        let value = RelationValue::new(relation, self.session.dialect).quoting(self.session.quoting);
        value.with_kind(kind).into_value()
    }

    /// The engine, for what cannot be answered without one.
    fn door(&self, what: &str) -> Result<&Door, Error> {
        self.door.as_ref().ok_or_else(|| fail(format!("{what}, but no engine is connected")))
    }
}

/// Whether the template runs, rather than being read.
fn executing(state: &State<'_, '_>) -> bool {
    let execute = CallSite::of(state).and_then(|site| site.lookup("execute"));
    execute.is_some_and(|value| value.is_true())
}

fn empty_list() -> Value {
    mutable(Value::from(Vec::<Value>::new()))
}

/// `adapter.behavior.<flag>`: what the project's flags say; what they do not name is off.
#[derive(Debug)]
struct Behavior(Arc<Session>);

impl Object for Behavior {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?.to_lowercase();
        let said = self.0.flags.behaviours().find(|(known, _)| known.to_lowercase() == name);
        Some(said.map_or_else(|| Value::from(false), |(_, value)| value_of(value)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
