//! Statements that macros run.

use arrow::datatypes::Schema;

use super::catalog::failure;
use super::{Adapter, executing};
use crate::context::function::{Arguments, fail};
use crate::context::table::Table;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::EngineError;
use crate::jinja::{Error, State, Tuple, Value, raise};

impl Adapter {
    /// `execute(sql, auto_begin, fetch, limit)`: the response and the rows, which are none unless `fetch` says so.
    pub(super) fn execute(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let sql = args.required_text(0, "sql")?;
        if !executing(state) {
            return Ok(Value::from(Tuple::from([Value::from(""), empty_table()?])));
        }
        let door = self.door("a statement was to be run")?;
        let (schema, batches) = door.run(&sql).map_err(|error| self.explained(&error, &sql))?;
        let fetched = if args.flag(2, "fetch") { table(&schema, &batches)? } else { empty_table()? };
        let rows: usize = batches.iter().map(arrow::record_batch::RecordBatch::num_rows).sum();
        Ok(Value::from(Tuple::from([response(rows), fetched])))
    }

    /// `add_query(sql, auto_begin, bindings, abridge_sql_log)`: runs a statement; the connection and cursor that dbt gives are none.
    pub(super) fn add_query(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let sql = args.required_text(0, "sql")?;
        if executing(state) {
            if args.get(2, "bindings").is_some_and(|bindings| bindings.is_true()) {
                return Err(fail("`add_query` takes no `bindings`: write the values into the statement"));
            }
            self.door("a statement was to be run")?.run(&sql).map_err(|error| self.explained(&error, &sql))?;
        }
        Ok(Value::from(Tuple::from([Value::from(()), Value::from(())])))
    }

    /// The failure with the statement, since no file holds it.
    fn explained(&self, error: &EngineError, sql: &str) -> Error {
        if error.code() == codes::CANCELLED {
            return failure(error.clone());
        }
        let message = self.session.scrub(&error.message);
        let note = format!("the query was: {}", self.session.scrub(sql.trim()));
        let diagnostic = Diagnostic::error(error.code(), message).note(note);
        raise(match &error.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        })
    }
}

/// dbt's response of an adapter.
fn response(rows: usize) -> Value {
    Value::from_pairs([
        ("_message", Value::from("OK")),
        ("code", Value::from("OK")),
        ("rows_affected", Value::from(rows)),
    ])
}

fn table(schema: &Schema, batches: &[arrow::record_batch::RecordBatch]) -> Result<Value, Error> {
    Table::new(schema, batches).map(Value::from_object).map_err(|error| fail(error.to_string()))
}

fn empty_table() -> Result<Value, Error> {
    table(&Schema::empty(), &[])
}
