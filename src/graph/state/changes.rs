//! All differences between the project and an earlier state of it, for those who review a change.

use serde::Serialize;

use super::{Comparison, StateKind};
use crate::base::{HashSet, IndexMap, IndexSet};
use crate::diagnostic::Diagnostics;
use crate::graph::{Dag, Reach};
use crate::manifest::{Manifest, UniqueId};

/// What the project has and had, and what it is to those who read it.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The folder of the earlier state.
    pub name: String,
    /// When it was written, where it says so.
    pub generated: Option<String>,
    /// What was not there.
    pub added: Vec<UniqueId>,
    /// What is there no more.
    pub removed: Vec<Removed>,
    /// What differs.
    pub modified: Vec<Differing>,
    /// What reads something that differs or is there no more, directly or not, and is itself written as it was.
    pub impacted: Vec<Differing>,
}

/// A resource that is there no more.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Whether it was a relation: those who read it fail.
    pub breaking: bool,
}

/// A resource that differs, or whose relation may.
#[derive(Clone, Debug)]
pub struct Differing {
    /// Its id.
    pub id: UniqueId,
    /// In what: dbt's words behind `state:modified.`; none where only what it reads differs.
    pub reasons: Vec<&'static str>,
    /// Its columns that differ; `None` where they are not known, then or now. What is no relation has none.
    pub columns: Option<Vec<ColumnChange>>,
}

/// A column that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnChange {
    /// Its name.
    pub name: String,
    /// How.
    pub change: Change,
    /// The type that it had, where that is known.
    pub from: Option<String>,
    /// The type that it has.
    pub to: Option<String>,
    /// Whether those who read the old column may fail, or get other values.
    pub breaking: bool,
}

/// How a column differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there.
    Added,
    /// It is there no more.
    Removed,
    /// It has another type.
    Retyped,
}

/// Columns by name, with their types where they are known.
pub type Columns = IndexMap<String, Option<String>>;

/// The kinds of resources that are relations, to readers of the database too.
const RELATIONS: [&str; 3] = ["model", "seed", "snapshot"];

/// The parts of `state:modified`, each with its word.
const REASONS: [(StateKind, &str); 6] = [
    (StateKind::ModifiedBody, "body"),
    (StateKind::ModifiedConfigs, "configs"),
    (StateKind::ModifiedRelation, "relation"),
    (StateKind::ModifiedPersistedDescriptions, "persisted_descriptions"),
    (StateKind::ModifiedMacros, "macros"),
    (StateKind::ModifiedContract, "contract"),
];

impl Comparison<'_> {
    /// All differences; `columns` tells those that a resource has now. What is said of broken contracts goes to `diagnostics`.
    pub fn changes(
        &self,
        (manifest, dag): (&Manifest, &Dag),
        columns: &dyn Fn(&UniqueId) -> Option<Columns>,
        diagnostics: &mut Diagnostics,
    ) -> Changes {
        let now = dag.order();
        let chosen = |ids: &HashSet<&str>| now.iter().filter(|id| ids.contains(id.as_str())).cloned().collect();
        let added: Vec<UniqueId> = chosen(&self.in_state(StateKind::New, manifest, diagnostics));
        let is_added: HashSet<&UniqueId> = added.iter().collect();
        let differ = self.in_state(StateKind::Modified, manifest, diagnostics);
        // Which part it is in says nothing new of contracts.
        let mut told = Diagnostics::new();
        let parts = REASONS.map(|(kind, word)| (self.in_state(kind, manifest, &mut told), word));
        let modified = now.iter().filter(|id| differ.contains(id.as_str()) && !is_added.contains(id)).map(|id| {
            let reasons = parts.iter().filter(|(ids, _)| ids.contains(id.as_str())).map(|(_, word)| *word);
            Differing { id: id.clone(), reasons: reasons.collect(), columns: self.column_changes(id, columns) }
        });
        let modified: Vec<Differing> = modified.collect();
        let gone = self.gone(manifest);
        let impacted = {
            let gone: HashSet<&str> = gone.iter().map(|removed| removed.id.as_str()).collect();
            let orphans = now.iter().filter(|id| self.read_before(id.as_str()).any(|read| gone.contains(read)));
            let orphans: IndexSet<UniqueId> = orphans.cloned().collect();
            let roots: IndexSet<UniqueId> =
                modified.iter().map(|modified| modified.id.clone()).chain(orphans.clone()).collect();
            let own: HashSet<&UniqueId> = modified.iter().map(|modified| &modified.id).chain(&added).collect();
            let reached = dag.descendants(&roots, Reach::All);
            let impacted =
                now.iter().filter(|id| (reached.contains(*id) || orphans.contains(*id)) && !own.contains(id));
            let differing = |id: &UniqueId| Differing {
                id: id.clone(),
                reasons: Vec::new(),
                columns: self.column_changes(id, columns),
            };
            impacted.map(differing).collect()
        };
        let generated = self.earlier.manifest.as_ref().and_then(|earlier| earlier.generated_at.clone());
        let name = self.earlier.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Changes { name, generated, added, removed: gone, modified, impacted }
    }

    /// What a resource read in the earlier state.
    fn read_before(&self, id: &str) -> impl Iterator<Item = &str> {
        let earlier = self.earlier.manifest.as_ref().and_then(|earlier| earlier.resources.get(id));
        earlier.into_iter().flat_map(|resource| resource.depends_on.nodes.iter().map(String::as_str))
    }

    fn gone(&self, manifest: &Manifest) -> Vec<Removed> {
        let earlier = self.earlier.manifest.iter().flat_map(|earlier| &earlier.resources);
        let known: HashSet<&str> = crate::graph::members(manifest).iter().map(|member| member.id.as_str()).collect();
        let gone = earlier.filter(|(id, _)| !known.contains(id.as_str()));
        gone.map(|(id, resource)| Removed {
            id: id.clone(),
            name: resource.name.clone(),
            kind: resource.resource_type.clone(),
            breaking: RELATIONS.contains(&resource.resource_type.as_str()) && resource.relation_name.is_some(),
        })
        .collect()
    }

    fn column_changes(
        &self,
        id: &UniqueId,
        columns: &dyn Fn(&UniqueId) -> Option<Columns>,
    ) -> Option<Vec<ColumnChange>> {
        let kind = id.as_str().split('.').next().unwrap_or_default();
        if !RELATIONS.contains(&kind) && kind != "source" {
            return Some(Vec::new());
        }
        let (before, now) = (self.columns_before(id.as_str())?, columns(id)?);
        let mut changes = Vec::new();
        for (name, from) in &before {
            let found = now.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, to)| to);
            let (change, to, breaking) = match (found, from) {
                (None, _) => (Change::Removed, None, true),
                (Some(Some(to)), Some(from)) if !to.eq_ignore_ascii_case(from) => {
                    (Change::Retyped, Some(to.clone()), !holds(to, from))
                }
                _ => continue,
            };
            changes.push(ColumnChange { name: name.clone(), change, from: from.clone(), to, breaking });
        }
        let is_new = |name: &str| !before.keys().any(|known| known.eq_ignore_ascii_case(name));
        changes.extend(now.iter().filter(|(name, _)| is_new(name)).map(|(name, to)| ColumnChange {
            name: name.clone(),
            change: Change::Added,
            from: None,
            to: to.clone(),
            breaking: false,
        }));
        Some(changes)
    }

    /// The columns that a resource had: those that existed, else those that were described with a type, where all were.
    fn columns_before(&self, id: &str) -> Option<Columns> {
        if let Some(existed) = self.earlier.catalog.as_ref().and_then(|catalog| catalog.columns(id)) {
            return Some(existed.into_iter().map(|(name, kind)| (name.to_owned(), Some(kind.to_owned()))).collect());
        }
        let described = &self.earlier.manifest.as_ref()?.resources.get(id)?.columns;
        let is_whole = !described.is_empty() && described.values().all(|column| column.data_type.is_some());
        let columns = described.values().map(|column| (column.name.clone(), column.data_type.clone()));
        is_whole.then(|| columns.collect())
    }
}

/// Whether a type holds all values of another one as they are.
fn holds(wide: &str, narrow: &str) -> bool {
    const FAMILIES: [&[&str]; 3] =
        [&["tinyint", "smallint", "int", "bigint"], &["real", "double"], &["date", "timestamp"]];
    let (wide, narrow) = (Type::of(wide), Type::of(narrow));
    let rank = |of: &Type, family: &[&str]| family.iter().position(|name| *name == of.name);
    if wide.name == narrow.name {
        if wide.is_nested || narrow.is_nested {
            return false;
        }
        // `decimal(p, s)`: as many digits before the point and behind it; `varchar(n)`: as many letters.
        return match (wide.sizes.as_slice(), narrow.sizes.as_slice()) {
            ([], _) => true,
            ([to], [from]) => to >= from,
            ([to, to_scale], [from, from_scale]) => to_scale >= from_scale && to - to_scale >= from - from_scale,
            _ => false,
        };
    }
    FAMILIES.iter().any(|family| rank(&wide, family).zip(rank(&narrow, family)).is_some_and(|(to, from)| to > from))
}

/// A type, read: its name in one spelling, and what stands in brackets behind it.
struct Type {
    name: String,
    sizes: Vec<i64>,
    /// Whether other types stand in the brackets, or more behind them.
    is_nested: bool,
}

impl Type {
    fn of(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let (name, sizes) = text.split_once('(').unwrap_or((text.as_str(), ""));
        let name = match name.trim() {
            "int64" | "int8" | "long" => "bigint",
            "integer" | "int4" | "int32" => "int",
            "int2" | "int16" => "smallint",
            "float8" | "float64" | "double precision" => "double",
            "float4" | "float" => "real",
            "numeric" | "number" => "decimal",
            "text" | "string" | "character varying" => "varchar",
            "datetime" => "timestamp",
            other => other,
        };
        let parts = || sizes.trim_end_matches(')').split(',').map(str::trim).filter(|size| !size.is_empty());
        let sizes: Vec<i64> = parts().filter_map(|size| size.parse().ok()).collect();
        Type { name: name.to_owned(), is_nested: sizes.len() != parts().count(), sizes }
    }
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_type_that_holds_more_breaks_nothing() {
        for (wide, narrow) in [
            ("bigint", "int"),
            ("BIGINT", "integer"),
            ("double", "real"),
            ("timestamp", "date"),
            ("decimal(12, 2)", "decimal(10,2)"),
            ("varchar", "varchar(20)"),
            ("text", "varchar"),
        ] {
            assert!(holds(wide, narrow), "{wide} for {narrow}");
        }
        for (wide, narrow) in [
            ("int", "bigint"),
            ("varchar(10)", "varchar(20)"),
            ("decimal(10,4)", "decimal(10,2)"),
            ("varchar", "int"),
            ("date", "timestamp"),
            ("array(varchar)", "array(int)"),
            ("timestamp(6) with time zone", "timestamp(6)"),
        ] {
            assert!(!holds(wide, narrow), "{wide} for {narrow}");
        }
    }
}
