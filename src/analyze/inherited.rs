//! What the project says of columns, and what columns inherit of it from those that they are made of.
//!
//! A column that is another one's value unchanged means what that one means: it has its description where it has none of its own, its `meta`
//! and its tags. So what is marked once, at the source, as personal data is marked wherever it goes. What a column says itself comes first:
//! `meta: {pii: false}` ends what `pii: true` began, for this column and for those that are made of it. `meta: {declassify: true}` ends all
//! keys and tags that were inherited so far, and `declassify: [pii, sensitive]` the keys and tags that it names.

use serde_json::Value as Json;

use super::{Analyses, ColumnId, Direction, EdgeKind, Lineage};
use crate::base::{HashMap, IndexMap};
use crate::engine::analysis::Flow;
use crate::manifest::{Column, Manifest, UniqueId};

/// The key of `meta` that ends what is inherited.
const DECLASSIFY: &str = "declassify";

/// What is said of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Markdown.
    pub description: Option<Fact<String>>,
    /// Free facts.
    pub meta: IndexMap<String, Fact<Json>>,
    /// Tags.
    pub tags: IndexMap<String, Fact<()>>,
}

/// Something that is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact<T> {
    /// What.
    pub value: T,
    /// The column of which it is said, where it is another one that this is made of.
    pub origin: Option<ColumnId>,
}

impl<T: Clone> Fact<T> {
    fn own(value: T) -> Self {
        Fact { value, origin: None }
    }

    /// The same, for a column that inherits it from `from`.
    fn inherited(&self, from: &ColumnId) -> Self {
        Fact { value: self.value.clone(), origin: Some(self.origin.as_ref().unwrap_or(from).clone()) }
    }
}

/// What is said of the columns of a project.
#[derive(Clone, Debug, Default)]
pub struct AllFacts(HashMap<ColumnId, Facts>);

impl AllFacts {
    /// What is said of the columns of all that was analyzed; each node comes after those that it reads.
    #[must_use]
    pub fn new(manifest: &Manifest, analyses: &Analyses, lineage: &Lineage) -> Self {
        let mut all = AllFacts::default();
        for (id, analyzed) in analyses.iter() {
            for field in analyzed.columns().iter().flat_map(|columns| columns.fields()) {
                let column = ColumnId { node: id.clone(), column: field.name().clone() };
                let facts = all.of_column(&column, described(manifest, &column), lineage);
                if facts != Facts::default() {
                    all.0.insert(column, facts);
                }
            }
        }
        all
    }

    /// What is said of one column, if anything is.
    #[must_use]
    pub fn get(&self, column: &ColumnId) -> Option<&Facts> {
        self.0.get(column)
    }

    fn of_column(&self, column: &ColumnId, described: Option<&Column>, lineage: &Lineage) -> Facts {
        let mut facts = described.map(own).unwrap_or_default();
        let is_value = |kind: EdgeKind| matches!(kind, EdgeKind::Flow(_));
        let values = || lineage.of(column, Direction::Upstream).filter(|edge| is_value(edge.kind));
        let same = || values().filter(|edge| edge.kind == EdgeKind::Flow(Flow::Identity)).map(|edge| &edge.from);
        let inherited = || same().filter_map(|from| Some((from, self.get(from)?)));
        // Of values that come from several columns, a description is that of all of them.
        if facts.description.is_none() && values().count() == same().count() {
            let mut said = same().map(|from| Some(self.get(from)?.description.as_ref()?.inherited(from)));
            let first = said.next().flatten();
            facts.description =
                first.filter(|first| said.all(|next| next.is_some_and(|next| next.value == first.value)));
        }
        let declassify = described.and_then(|described| described.meta.get(DECLASSIFY));
        if declassify == Some(&Json::Bool(true)) {
            return facts;
        }
        let is_ended = |name: &str| match declassify {
            Some(Json::Array(names)) => names.iter().any(|ended| ended == name),
            Some(Json::String(ended)) => ended == name,
            _ => false,
        };
        let stated: Vec<String> = facts.meta.keys().cloned().collect();
        for (from, theirs) in inherited() {
            for (key, fact) in theirs.meta.iter().filter(|(key, _)| !is_ended(key) && !stated.contains(*key)) {
                let inherited = fact.inherited(from);
                let known = facts.meta.entry(key.clone()).or_insert_with(|| inherited.clone());
                // Among several the one that says more: personal data stays that beside what is none.
                if is_nothing(&known.value) && !is_nothing(&inherited.value) {
                    *known = inherited;
                }
            }
            for (tag, fact) in theirs.tags.iter().filter(|(tag, _)| !is_ended(tag)) {
                facts.tags.entry(tag.clone()).or_insert_with(|| fact.inherited(from));
            }
        }
        facts
    }
}

/// What the properties of a node say of a column.
fn described<'a>(manifest: &'a Manifest, column: &ColumnId) -> Option<&'a Column> {
    let columns = |id: &UniqueId| match manifest.sources.get(id) {
        Some(source) => Some(&source.columns),
        None => manifest.nodes.get(id).map(|node| &node.columns),
    };
    let is_it = |described: &&Column| described.name.trim_matches(['"', '`']).eq_ignore_ascii_case(&column.column);
    columns(&column.node)?.values().find(is_it)
}

fn own(column: &Column) -> Facts {
    let meta = column.meta.iter().filter(|(key, _)| *key != DECLASSIFY);
    Facts {
        description: Some(&column.description).filter(|text| !text.trim().is_empty()).cloned().map(Fact::own),
        meta: meta.map(|(key, value)| (key.clone(), Fact::own(value.clone()))).collect(),
        tags: column.tags.iter().map(|tag| (tag.clone(), Fact::own(()))).collect(),
    }
}

fn is_nothing(value: &Json) -> bool {
    matches!(value, Json::Null | Json::Bool(false))
}
