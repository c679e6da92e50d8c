//! A layout that is asked for as the columns of a table allow it.

use datafusion::arrow::datatypes::{DataType, Schema};

use super::super::merge::known;
use crate::base::quoted_list;
use crate::engine::datafusion::type_names::sql_name;
use crate::engine::{EngineError, ErrorKind, Grain, Granularity, Layout, PartitionColumn};
use crate::sql::Relation;

/// The layout with its columns as the table spells them. Partitions that folders cannot tell apart, those of several values, are left
/// out with a warning.
///
/// # Errors
/// [`ErrorKind::Plan`] when it names a column that is not there, or no column would be left in the files.
pub(in crate::engine::datafusion::operations) fn settled(
    relation: &Relation,
    layout: &Layout,
    schema: &Schema,
) -> Result<Layout, EngineError> {
    let mut partition_by = Vec::new();
    for column in &layout.partition_by {
        let name = known(schema, std::slice::from_ref(&column.name), "partition_by")?.remove(0);
        let data_type = schema.field_with_name(&name)?.data_type();
        if data_type.is_nested() || data_type.is_binary() {
            let message = format!("`partition_by` names column `{name}` of type `{}`", sql_name(data_type));
            return Err(EngineError::new(ErrorKind::Plan, message).help("partitions are told by plain values"));
        }
        if keeps_apart(column.grain, data_type) {
            partition_by.push(PartitionColumn { name, grain: Grain::Value });
        } else {
            warn(relation, column);
        }
    }
    if partition_by.len() == schema.fields().len() {
        let message = "`partition_by` names all columns of the table: none is left for its files";
        return Err(EngineError::new(ErrorKind::Plan, message).help("remove one of them from `partition_by`"));
    }
    let zorder_by = known(schema, &layout.zorder_by, "zorder_by")?;
    if let Some(column) = partition_by.iter().find(|column| zorder_by.contains(&column.name)) {
        let message = format!("`zorder_by` names column `{}`, which `partition_by` names, too", column.name);
        return Err(EngineError::new(ErrorKind::Plan, message).help("all rows of a file have the same value of it"));
    }
    Ok(Layout { partition_by, zorder_by, ..layout.clone() })
}

/// Whether each value of a column of this type is a partition.
fn keeps_apart(grain: Grain, data_type: &DataType) -> bool {
    match (grain, data_type) {
        (Grain::Value, _) | (Grain::Time(Granularity::Day), DataType::Date32 | DataType::Date64) => true,
        (Grain::Time(_), data_type) => !data_type.is_temporal(),
        (Grain::Range { .. }, _) => false,
    }
}

fn warn(relation: &Relation, column: &PartitionColumn) {
    let name = &column.name;
    let (one, instead) = match column.grain {
        Grain::Time(granularity) => {
            (granularity.as_str(), format!("cast(date_trunc('{}', {name}) as date)", granularity.as_str()))
        }
        _ => ("range", format!("floor({name} / …)")),
    };
    tracing::warn!(
        "`{relation}`: its files are not partitioned by `{name}`, of which each value would be a partition; for one a {one} add a \
         column such as `{instead}` and name it in `partition_by`"
    );
}

/// What is said where a table has other partitions than are asked for.
pub(in crate::engine::datafusion::operations) fn other_partitions(
    relation: &Relation,
    known: &Layout,
    wanted: &Layout,
) -> Option<EngineError> {
    let names = |layout: &Layout| layout.partition_by.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let (known, wanted) = (names(known), names(wanted));
    if wanted.is_empty() || wanted.len() == known.len() && wanted.iter().all(|name| known.contains(name)) {
        return None;
    }
    let is =
        if known.is_empty() { "not partitioned".to_owned() } else { format!("partitioned by {}", quoted_list(&known)) };
    let message = format!("`{relation}` is {is}, and `partition_by` says {}", quoted_list(&wanted));
    Some(
        EngineError::new(ErrorKind::Plan, message).help("its files have to be written anew for that: `--full-refresh`"),
    )
}
