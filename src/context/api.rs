//! `api`: the classes that templates make relations and columns with.

use super::column::ColumnClass;
use super::relation::RelationClass;
use crate::jinja::Value;
use crate::session::Session;

/// `api.Relation` and `api.Column`.
pub(super) fn api(session: &Session) -> Value {
    Value::from_pairs([("Relation", relation_class(session)), ("Column", column_class(session))])
}

/// `api.Relation`.
pub(super) fn relation_class(session: &Session) -> Value {
    Value::from_object(RelationClass::new(session))
}

/// `api.Column`.
pub(super) fn column_class(session: &Session) -> Value {
    Value::from_dyn_object(ColumnClass::new(session))
}
