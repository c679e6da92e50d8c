//! The columns that tell a model's rows apart, read off its constraints and tests.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::base::HashMap;
use crate::config::{Constraint, ConstraintType};
use crate::manifest::{Manifest, Node, ResourceType, TestKind, UniqueId};

/// What the tests of a model say of its columns.
#[derive(Default)]
struct Tested {
    unique: BTreeSet<String>,
    unique_but_disabled: BTreeSet<String>,
    not_null: BTreeSet<String>,
}

/// Sets the primary keys of all models.
pub(super) fn infer(manifest: &mut Manifest) {
    let mut tested: HashMap<UniqueId, Tested> = HashMap::default();
    for test in manifest.nodes.values().chain(&manifest.orphans).chain(&manifest.disabled) {
        collect(test, &mut tested);
    }
    let none = Tested::default();
    for node in manifest.nodes.values_mut().filter(|node| node.resource == ResourceType::Model) {
        let mut key = of(node, tested.get(&node.id).unwrap_or(&none));
        if !key.is_empty() {
            key.sort();
            Arc::make_mut(node).primary_key = key;
        }
    }
}

fn collect(test: &Node, tested: &mut HashMap<UniqueId, Tested>) {
    let Some(TestKind::Generic(generic)) = &test.test else { return };
    let Some(attached) = &generic.attached else { return };
    let columns: Vec<String> =
        match (generic.arguments.get("column_name"), generic.arguments.get("combination_of_columns")) {
            (Some(Json::String(column)), _) => vec![column.clone()],
            (_, Some(Json::Array(columns))) => columns.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => return,
        };
    let known = tested.entry(attached.clone()).or_default();
    match generic.name.as_str() {
        "unique" | "unique_combination_of_columns" if test.config.enabled => known.unique.extend(columns),
        "unique" | "unique_combination_of_columns" => known.unique_but_disabled.extend(columns),
        "not_null" => known.not_null.extend(columns),
        _ => {}
    }
}

/// By constraints, else by tests: unique and never missing, unique, unique in a test that is switched off.
fn of(node: &Node, tested: &Tested) -> Vec<String> {
    let is_key = |constraint: &&Constraint| constraint.kind == ConstraintType::PrimaryKey;
    if let Some(constraint) = node.constraints.iter().find(is_key) {
        return constraint.columns.clone();
    }
    let key = node.columns.iter().find(|(_, column)| column.constraints.iter().any(|constraint| is_key(&constraint)));
    if let Some((name, _)) = key {
        return vec![name.clone()];
    }
    let all = tested.unique.union(&tested.unique_but_disabled);
    let both: Vec<String> = all.filter(|column| tested.not_null.contains(*column)).cloned().collect();
    if !both.is_empty() {
        return both;
    }
    let unique = if tested.unique.is_empty() { &tested.unique_but_disabled } else { &tested.unique };
    unique.iter().cloned().collect()
}
