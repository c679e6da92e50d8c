//! Identifiers in quotes.

use super::Adapter;
use crate::context::function::{Arguments, fail};
use crate::jinja::{Error, State, Value, ValueKind};

impl Adapter {
    /// `quote(identifier)`.
    pub(super) fn quote(&self, _: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        Ok(Value::from(self.session.dialect.quote(&args.required_text(0, "identifier")?)))
    }

    /// `quote_as_configured(identifier, quote_key)`: in quotes where the project has that part of a name in quotes.
    pub(super) fn quote_as_configured(&self, _: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let (identifier, key) = (args.required_text(0, "identifier")?, args.required_text(1, "quote_key")?);
        let quoting = self.session.quoting;
        let quoted = match key.as_str() {
            "database" => quoting.database,
            "schema" => quoting.schema,
            "identifier" => quoting.identifier,
            _ => return Err(fail(format!("`quote_key` is `database`, `schema` or `identifier`, not `{key}`"))),
        };
        Ok(Value::from(if quoted { self.session.dialect.quote(&identifier) } else { identifier }))
    }

    /// `quote_seed_column(column, quote_config)`: in quotes unless the config says no.
    pub(super) fn quote_seed_column(&self, _: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let column = args.required_text(0, "column")?;
        let config = args.get(1, "quote_config").unwrap_or_default();
        let quoted = match config.kind() {
            ValueKind::Bool => config.is_true(),
            ValueKind::None | ValueKind::Undefined => true,
            kind => return Err(fail(format!("`quote_columns` is true or false, not {kind}"))),
        };
        Ok(Value::from(if quoted { self.session.dialect.quote(&column) } else { column }))
    }
}
