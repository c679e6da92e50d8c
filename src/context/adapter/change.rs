//! Changes of relations and schemas. Each is a macro, which a project may have its own version of.

use super::catalog::call_macro;
use super::{Adapter, executing};
use crate::context::function::Arguments;
use crate::jinja::{Error, State, Value};

impl Adapter {
    /// `create_schema(relation)`.
    pub(super) fn create_schema(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        change(state, "create_schema", &[args.required(0, "relation")?])
    }

    /// `drop_schema(relation)`: with all that is in it.
    pub(super) fn drop_schema(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        change(state, "drop_schema", &[args.required(0, "relation")?])
    }

    /// `drop_relation(relation)`.
    pub(super) fn drop_relation(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        change(state, "drop_relation", &[args.required(0, "relation")?])
    }

    /// `truncate_relation(relation)`.
    pub(super) fn truncate_relation(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        change(state, "truncate_relation", &[args.required(0, "relation")?])
    }

    /// `rename_relation(from_relation, to_relation)`.
    pub(super) fn rename_relation(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        change(state, "rename_relation", &[args.required(0, "from_relation")?, args.required(1, "to_relation")?])
    }

    /// `alter_column_type(relation, column_name, new_column_type)`.
    pub(super) fn alter_column_type(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let column = args.required(1, "column_name")?;
        change(
            state,
            "alter_column_type",
            &[args.required(0, "relation")?, column, args.required(2, "new_column_type")?],
        )
    }
}

fn change(state: &State<'_, '_>, name: &str, args: &[Value]) -> Result<Value, Error> {
    if executing(state) {
        call_macro(state, name, args)?;
    }
    Ok(Value::from(""))
}
