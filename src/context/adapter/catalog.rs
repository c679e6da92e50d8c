//! Questions about what is there: relations, schemas, columns.

use super::{Adapter, empty_list, executing};
use crate::context::RelationValue;
use crate::context::column::{ColumnClass, ColumnValue, list};
use crate::context::function::{Arguments, fail};
use crate::engine::EngineError;
use crate::jinja::{CallSite, Error, State, Value, mutable, raise};
use crate::sql::Relation;

impl Adapter {
    /// `get_relation(database, schema, identifier)`: the relation, or none.
    pub(super) fn get_relation(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let part = |position, name, default: &str| {
            args.text(position, name).map(|part| part.unwrap_or_else(|| default.to_owned()))
        };
        let relation = Relation::new(
            part(0, "database", &self.session.target.database)?,
            part(1, "schema", &self.session.target.schema)?,
            args.required_text(2, "identifier")?,
        );
        Ok(self.relation(state, relation)?.unwrap_or_else(|| Value::from(())))
    }

    /// A relation with what it is, if there is one.
    fn relation(&self, state: &State<'_, '_>, relation: Relation) -> Result<Option<Value>, Error> {
        let Some(door) = self.door.as_ref().filter(|_| executing(state)) else { return Ok(None) };
        if let Some(own) = self.own_relations(state, &relation.database, &relation.schema)? {
            let is_it =
                |value: &Value| RelationValue::of(value).is_some_and(|one| one.identifier == relation.identifier);
            return Ok(own.into_iter().find(is_it));
        }
        let info = door.relation(&relation).map_err(failure)?;
        Ok(info.map(|info| self.value_of(relation, Some(info.kind))))
    }

    /// `list_relations(database, schema)`.
    pub(super) fn list_relations(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let database = args.text(0, "database")?.unwrap_or_else(|| self.session.target.database.clone());
        self.relations_of(state, &database, &args.required_text(1, "schema")?)
    }

    /// `list_relations_without_caching(schema_relation)`.
    pub(super) fn list_relations_of_schema(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let value = args.required(0, "schema_relation")?;
        let schema = RelationValue::of(&value).ok_or_else(|| fail("a relation with a schema is needed"))?;
        self.relations_of(state, &schema.database, &schema.schema)
    }

    fn relations_of(&self, state: &State<'_, '_>, database: &str, schema: &str) -> Result<Value, Error> {
        let Some(door) = self.door.as_ref().filter(|_| executing(state)) else { return Ok(empty_list()) };
        if let Some(own) = self.own_relations(state, database, schema)? {
            return Ok(mutable(Value::from(own)));
        }
        let found = door.relations(database, schema).map_err(failure)?;
        let values = found.into_iter().map(|info| self.value_of(info.relation, Some(info.kind)));
        Ok(mutable(values.collect()))
    }

    /// `list_schemas(database)`: their names.
    pub(super) fn list_schemas(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        if !executing(state) {
            return Ok(empty_list());
        }
        let table = call_macro(state, "list_schemas", &[args.required(0, "database")?])?;
        let rows = table.get_attr("rows")?.try_iter()?.map(|row| row.get_item(&Value::from(0)));
        Ok(mutable(Value::from(rows.collect::<Result<Vec<_>, _>>()?)))
    }

    /// `check_schema_exists(database, schema)`.
    pub(super) fn check_schema_exists(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        if !executing(state) {
            return Ok(Value::from(false));
        }
        let schema = args.required(1, "schema")?;
        let database = args.text(0, "database")?.unwrap_or_else(|| self.session.target.database.clone());
        let relation = self.value_of(Relation::new(database, "", "INFORMATION_SCHEMA"), None);
        let table = call_macro(state, "check_schema_exists", &[relation, schema])?;
        let row = table.get_attr("rows")?.get_item(&Value::from(0))?;
        Ok(Value::from(row.get_item(&Value::from(0))?.is_true()))
    }

    /// `already_exists(schema, name)`.
    pub(super) fn already_exists(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let (schema, name) = (args.required_text(0, "schema")?, args.required_text(1, "name")?);
        let relation = Relation::new(&self.session.target.database, schema, name);
        Ok(Value::from(self.relation(state, relation)?.is_some()))
    }

    /// `get_columns_in_relation(relation)`: columns; none where the relation does not exist.
    pub(super) fn get_columns_in_relation(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let value = args.required(0, "relation")?;
        if !executing(state) {
            return Ok(empty_list());
        }
        Ok(list(self.columns(state, &value)?))
    }

    /// `get_columns_in_table(schema, identifier)`.
    pub(super) fn get_columns_in_table(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let (schema, name) = (args.required_text(0, "schema")?, args.required_text(1, "identifier")?);
        if !executing(state) {
            return Ok(empty_list());
        }
        let relation = Relation::new(&self.session.target.database, schema, name);
        Ok(list(self.columns(state, &self.value_of(relation, None))?))
    }

    /// `get_column_schema_from_query(sql)`: the columns of a query, which is not run.
    pub(super) fn get_column_schema_from_query(
        &self,
        state: &mut State<'_, '_>,
        args: &Arguments,
    ) -> Result<Value, Error> {
        let sql = args.required_text(0, "sql")?;
        if !executing(state) {
            return Ok(empty_list());
        }
        Ok(list(self.columns_of_query(&sql)?))
    }

    /// `get_missing_columns(from_relation, to_relation)`: those of the first that the second has not.
    pub(super) fn get_missing_columns(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let (from, to) = (args.required(0, "from_relation")?, args.required(1, "to_relation")?);
        if !executing(state) {
            return Ok(empty_list());
        }
        let known = self.columns(state, &to)?;
        let is_missing = |column: &ColumnValue| !known.iter().any(|known| known.name() == column.name());
        Ok(list(self.columns(state, &from)?.into_iter().filter(is_missing).collect()))
    }

    /// The columns of a relation; none where it does not exist.
    pub(super) fn columns(&self, state: &State<'_, '_>, value: &Value) -> Result<Vec<ColumnValue>, Error> {
        if let Some(own) = self.own_columns(state, value)? {
            return Ok(own);
        }
        let Some(relation) = RelationValue::of(value) else { return Ok(Vec::new()) };
        let Some(door) = &self.door else { return Ok(Vec::new()) };
        // The name of what stands in for a relation, such as a subquery, says nothing of its columns.
        let is_whole = !relation.database.is_empty() && !relation.schema.is_empty();
        if is_whole && door.relation(&relation).map_err(failure)?.is_none() {
            return Ok(Vec::new());
        }
        self.columns_of_query(&format!("select * from {value} where false"))
    }

    fn columns_of_query(&self, sql: &str) -> Result<Vec<ColumnValue>, Error> {
        let door = self.door("the columns of a query were asked for")?;
        let class = ColumnClass::new(&self.session);
        let columns = door.columns(sql).map_err(failure)?;
        Ok(columns.iter().map(|(name, sql_type)| ColumnValue::described(&class, name, sql_type)).collect())
    }
}

/// Calls a macro as the code that called the adapter would.
pub(super) fn call_macro(state: &State<'_, '_>, name: &str, args: &[Value]) -> Result<Value, Error> {
    let site = CallSite::of(state).ok_or_else(|| fail(format!("`{name}` is called outside of a template")))?;
    site.call(name, args, &[]).map_err(raise)
}

/// An engine's failure as an error of the template.
pub(super) fn failure(error: EngineError) -> Error {
    let diagnostic = crate::diagnostic::Diagnostic::error(error.code(), error.message);
    raise(match error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    })
}
