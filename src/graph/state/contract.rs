//! Whether a model keeps what it promised: the columns and types of its contract.

use crate::artifact::state::{StateColumn, StateResource};
use crate::base::IndexMap;
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::Manifest;

/// Whether the contract of a model changed, and what is wrong when others may rely on what it no longer promises: a warning, for a
/// version of a model an error, since a new version is the way to change it.
pub(super) fn changed(now: &StateResource, before: &StateResource) -> (bool, Option<Diagnostic>) {
    if now.resource_type != "model" || !(now.contract.enforced || before.contract.enforced) {
        return (false, None);
    }
    if !before.contract.enforced {
        return (true, None);
    }
    let same = now.contract.enforced
        && promises(&now.columns) == promises(&before.columns)
        && (!makes_tables(now) && !makes_tables(before)
            || (now.constraints == before.constraints && now.materialized() == before.materialized()));
    let broken = breaks(now, before);
    let diagnostic = (!broken.is_empty()).then(|| {
        let mut diagnostic = breaking(now, format!("model `{}` breaks its contract", now.name));
        for what in broken {
            diagnostic = diagnostic.note(what);
        }
        diagnostic
    });
    (!same, diagnostic)
}

/// Warnings and errors about models with contracts that are gone.
pub(super) fn removed(before: &IndexMap<String, StateResource>, manifest: &Manifest) -> Vec<Diagnostic> {
    let gone = before.iter().filter(|(id, resource)| {
        resource.resource_type == "model" && resource.contract.enforced && !manifest.nodes.contains_key(id.as_str())
    });
    let described = gone.map(|(id, resource)| {
        let is_disabled = manifest.disabled.iter().any(|node| node.id.as_str() == id);
        let what = if is_disabled { "was disabled" } else { "was deleted or renamed" };
        breaking(resource, format!("model `{}`, which has a contract, {what}", resource.name))
    });
    described.collect()
}

fn breaking(model: &StateResource, message: String) -> Diagnostic {
    if model.version.is_null() {
        return Diagnostic::warning(codes::CONTRACT_BROKEN, message);
    }
    Diagnostic::error(codes::CONTRACT_BROKEN, message).help("keep this version as it was and make a new one")
}

/// What those who read the model may miss.
fn breaks(now: &StateResource, before: &StateResource) -> Vec<String> {
    let mut found = Vec::new();
    if !now.contract.enforced {
        found.push("the contract is not enforced any more".to_owned());
    }
    let mut constrained = !before.constraints.is_empty();
    for (name, column) in &before.columns {
        constrained |= !column.constraints.is_empty();
        match now.columns.get(name) {
            None => found.push(format!("column `{name}` is gone")),
            Some(kept) if bare_type(kept) != bare_type(column) => {
                let shown = |column: &StateColumn| column.data_type.clone().unwrap_or_else(|| "nothing".to_owned());
                found.push(format!("column `{name}` was {} and is {}", shown(column), shown(kept)));
            }
            Some(_) => {}
        }
    }
    if constrained && makes_tables(before) && !makes_tables(now) {
        let (before, now) = (before.materialized(), now.materialized());
        found.push(format!("it was materialized as {before} and is as {now}, which enforces no constraints"));
    }
    found
}

/// Types without size, precision and scale: those may change.
fn bare_type(column: &StateColumn) -> Option<String> {
    let data_type = column.data_type.as_ref()?;
    Some(data_type.split('(').next().unwrap_or_default().trim().to_lowercase())
}

type Promises<'a> = std::collections::BTreeMap<&'a str, (&'a Option<String>, &'a Vec<serde_json::Value>)>;

fn promises(columns: &IndexMap<String, StateColumn>) -> Promises<'_> {
    columns.iter().map(|(name, column)| (name.as_str(), (&column.data_type, &column.constraints))).collect()
}

fn makes_tables(model: &StateResource) -> bool {
    matches!(model.materialized(), "table" | "incremental")
}
