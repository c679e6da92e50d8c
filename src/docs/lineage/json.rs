//! Lineage as programs read it.

use serde_json::{Map, Value as Json, json};

use super::{Shown, ShownColumn};
use crate::analyze::{ColumnId, Fact};

/// The columns and the edges as lists of objects. What the project says of a column has the column that it is inherited from beside it,
/// under `inherited_from`.
#[must_use]
pub fn json(shown: &Shown<'_>) -> Json {
    let edges = shown.edges();
    let edges = edges
        .iter()
        .map(|edge| json!({ "from": column(&edge.from), "to": column(&edge.to), "kind": edge.kind.as_str() }));
    let columns = shown.columns.iter().map(asked);
    json!({ "columns": columns.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>() })
}

fn column(column: &ColumnId) -> Json {
    json!({ "unique_id": column.node, "column": column.column })
}

fn asked(shown: &ShownColumn<'_>) -> Json {
    let mut written = json!({ "unique_id": shown.id.node, "column": shown.id.column, "data_type": shown.data_type });
    let (Some(facts), Some(fields)) = (shown.facts, written.as_object_mut()) else { return written };
    if let Some(description) = &facts.description {
        fields.insert("description".to_owned(), fact(description, description.value.as_str().into()));
    }
    if !facts.meta.is_empty() {
        let meta = facts.meta.iter().map(|(key, value)| (key.clone(), fact(value, value.value.clone())));
        fields.insert("meta".to_owned(), Json::Object(meta.collect()));
    }
    if !facts.tags.is_empty() {
        let tags = facts.tags.iter().map(|(tag, value)| fact(value, tag.as_str().into()));
        fields.insert("tags".to_owned(), tags.collect());
    }
    written
}

fn fact<T>(fact: &Fact<T>, value: Json) -> Json {
    let mut written = Map::from_iter([("value".to_owned(), value)]);
    if let Some(origin) = &fact.origin {
        written.insert("inherited_from".to_owned(), column(origin));
    }
    Json::Object(written)
}
