//! Columns and constraints.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use crate::base::IndexMap;
use crate::config::Constraint;
use crate::manifest::{Column, UniqueId};

/// Columns by name.
pub(super) struct Columns<'a>(pub(super) &'a IndexMap<String, Column>);

impl Serialize for Columns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, column)| (name, ColumnEntry(column))))
    }
}

/// A column: its own fields, those that adapters give it over them.
struct ColumnEntry<'a>(&'a Column);

#[derive(Serialize)]
struct ColumnConfig<'a> {
    meta: &'a Map<String, Json>,
    tags: &'a [String],
}

#[derive(Serialize)]
struct ColumnFields<'a> {
    name: &'a str,
    description: &'a str,
    meta: &'a Map<String, Json>,
    data_type: Option<&'a str>,
    constraints: Vec<ConstraintFields<'a>>,
    quote: Option<bool>,
    config: ColumnConfig<'a>,
    tags: &'a [String],
    granularity: Option<&'a str>,
    doc_blocks: &'a [UniqueId],
}

impl Serialize for ColumnEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let column = self.0;
        let fields = ColumnFields {
            name: &column.name,
            description: &column.description,
            meta: &column.meta,
            data_type: column.data_type.as_deref(),
            constraints: column.constraints.iter().map(ConstraintFields::of).collect(),
            quote: column.quote,
            config: ColumnConfig { meta: &column.meta, tags: &column.tags },
            tags: &column.tags,
            granularity: column.granularity.as_deref(),
            doc_blocks: &column.doc_blocks,
        };
        if column.extra.is_empty() {
            return fields.serialize(serializer);
        }
        let mut all = serde_json::to_value(fields).map_err(serde::ser::Error::custom)?;
        if let Json::Object(map) = &mut all {
            map.extend(column.extra.clone());
        }
        all.serialize(serializer)
    }
}

/// A constraint of a column or, with the columns that it is on, of a model.
#[derive(Serialize)]
pub(super) struct ConstraintFields<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: Option<&'a str>,
    expression: Option<&'a str>,
    warn_unenforced: bool,
    warn_unsupported: bool,
    to: Option<&'a str>,
    to_columns: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<&'a [String]>,
}

impl<'a> ConstraintFields<'a> {
    fn of(constraint: &'a Constraint) -> Self {
        ConstraintFields {
            kind: constraint.kind.as_str(),
            name: constraint.name.as_deref(),
            expression: constraint.expression.as_deref(),
            warn_unenforced: constraint.warn_unenforced,
            warn_unsupported: constraint.warn_unsupported,
            to: constraint.to.as_deref(),
            to_columns: &constraint.to_columns,
            columns: None,
        }
    }

    pub(super) fn of_model(constraint: &'a Constraint) -> Self {
        ConstraintFields { columns: Some(&constraint.columns), ..Self::of(constraint) }
    }
}
