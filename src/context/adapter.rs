//! The `adapter` object: what macros ask of the engine.

use std::fmt;
use std::sync::Arc;

use super::function::{Arguments, fail};
use super::{Door, RelationValue};
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Environment, Error, ErrorKind, Object, State, Value, mutable, raise};
use crate::session::Session;
use crate::sql::Relation;

/// `adapter` in templates. Without a door (while parsing) questions to the engine are answered with nothing.
pub(super) struct Adapter {
    pub(super) session: Arc<Session>,
    pub(super) environment: Environment,
    pub(super) dispatch: Arc<[(String, Vec<String>)]>,
    pub(super) door: Option<Door>,
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("adapter")
    }
}

impl Object for Adapter {
    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "dispatch" => self.dispatch(&Arguments::of("adapter.dispatch", args)?),
            "get_columns_in_relation" => self.columns(&Arguments::of("adapter.get_columns_in_relation", args)?),
            "get_relation" => self.relation(&Arguments::of("adapter.get_relation", args)?),
            "quote" => {
                let name = Arguments::of("adapter.quote", args)?.required_text(0, "identifier")?;
                Ok(Value::from(self.session.dialect.quote(&name)))
            }
            "type" => Ok(Value::from(&self.session.target.kind)),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

impl Adapter {
    /// The first of `<adapter>__name` and `default__name` in the packages of the namespace's search order.
    fn dispatch(&self, args: &Arguments) -> Result<Value, Error> {
        let name = args.required_text(0, "macro_name")?;
        let namespace = args.text(1, "macro_namespace")?;
        let packages = self.search_order(namespace.as_deref());
        let prefixes = [self.session.target.kind.as_str(), "default"];
        for package in &packages {
            for prefix in prefixes {
                if let Some(found) = self.environment.macro_value(package, &format!("{prefix}__{name}")) {
                    return Ok(found);
                }
            }
        }
        let tried: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}__{name}")).collect();
        let message = format!("no macro `{}` in {}", tried.join("` or `"), packages.join(", "));
        Err(raise(Diagnostic::error(codes::UNKNOWN_MACRO, message)))
    }

    fn search_order(&self, namespace: Option<&str>) -> Vec<String> {
        let configured = self.dispatch.iter().find(|(name, _)| Some(name.as_str()) == namespace);
        match (configured, namespace) {
            (Some((_, order)), _) => order.clone(),
            (None, Some(namespace)) => vec![self.session.project.clone(), namespace.to_owned()],
            (None, None) => vec![self.session.project.clone(), "dbt".to_owned()],
        }
    }

    fn relation(&self, args: &Arguments) -> Result<Value, Error> {
        let part = |position, name, default: &str| {
            args.text(position, name).map(|part| part.unwrap_or_else(|| default.to_owned()))
        };
        let relation = Relation::new(
            part(0, "database", &self.session.target.database)?,
            part(1, "schema", &self.session.target.schema)?,
            args.required_text(2, "identifier")?,
        );
        let Some(door) = &self.door else { return Ok(Value::from(())) };
        let info = door.relation(&relation).map_err(|error| fail(error.message))?;
        Ok(info.map_or(Value::from(()), |info| {
            RelationValue::new(relation, self.session.dialect).with_kind(Some(info.kind)).into_value()
        }))
    }

    fn columns(&self, args: &Arguments) -> Result<Value, Error> {
        let value = args.required(0, "relation")?;
        let (Some(door), Some(relation)) = (&self.door, RelationValue::of(&value)) else {
            return Ok(mutable(Value::from(Vec::<Value>::new())));
        };
        let sql = format!("select * from {} where false", relation.render(self.session.dialect));
        let (schema, _) = door.query(&sql).map_err(|error| fail(error.message))?;
        let columns = schema.fields().iter().map(|field| {
            let name = Value::from(field.name());
            let data_type = Value::from(field.data_type().to_string());
            let quoted = Value::from(self.session.dialect.quote(field.name()));
            Value::from_pairs([
                ("name", name.clone()),
                ("column", name),
                ("quoted", quoted),
                ("data_type", data_type.clone()),
                ("dtype", data_type),
            ])
        });
        Ok(mutable(columns.collect()))
    }
}
