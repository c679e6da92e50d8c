//! What the project says of columns, and what columns inherit of it from those that they are made of.
//!
//! A column that is another one's value unchanged means what that one means: it has its description where it has none of its own, its `meta`
//! and its tags. So what is marked once, at the source, as personal data is marked wherever it goes. What is said of the column itself comes
//! first: `meta: {pii: false}` holds for it and for those that are made of it, whatever `pii` was before. `meta: {declassify: true}` ends all
//! keys and tags that were inherited so far, and `declassify: [pii, sensitive]` the keys and tags that it names.

use serde_json::Value as Json;

use super::{Analyses, ColumnId, Direction, EdgeKind, Lineage};
use crate::base::{HashMap, IndexMap};
use crate::engine::analysis::Flow;
use crate::manifest::{Column, Manifest};

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

impl Facts {
    /// Adds a key of `meta`. Among several values it has the one that says more: what is personal data for one is that for all.
    fn add(&mut self, key: &str, fact: Fact<Json>) {
        let is_nothing = |value: &Json| matches!(value, Json::Null | Json::Bool(false));
        match self.meta.get_mut(key) {
            Some(known) if is_nothing(&known.value) && !is_nothing(&fact.value) => *known = fact,
            Some(_) => {}
            None => _ = self.meta.insert(key.to_owned(), fact),
        }
    }
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
                let facts = all.of_column(&column, &described(manifest, &column), lineage);
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

    fn of_column(&self, column: &ColumnId, described: &[&Column], lineage: &Lineage) -> Facts {
        let mut facts = own(described, &column.column);
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
        let declassify = described.iter().find_map(|described| described.meta.get(DECLASSIFY));
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
                facts.add(key, fact.inherited(from));
            }
            for (tag, fact) in theirs.tags.iter().filter(|(tag, _)| !is_ended(tag)) {
                facts.tags.entry(tag.clone()).or_insert_with(|| fact.inherited(from));
            }
        }
        facts
    }
}

/// What the properties of a node say of a column, and of the fields in it, whose keys and tags are those of the whole.
fn described<'a>(manifest: &'a Manifest, column: &ColumnId) -> Vec<&'a Column> {
    let described = match manifest.sources.get(&column.node) {
        Some(source) => Some(&source.columns),
        None => manifest.nodes.get(&column.node).map(|node| &node.columns),
    };
    let all = || described.into_iter().flat_map(|columns| columns.values());
    // Two names may differ in their case alone.
    let exact = all().find(|described| described.name == column.column);
    let own = exact.or_else(|| all().find(|described| described.is(&column.column)));
    own.into_iter().chain(all().filter(|described| described.is_within(&column.column))).collect()
}

fn own(described: &[&Column], name: &str) -> Facts {
    // That of a field is none of the whole.
    let descriptions = described.iter().filter(|column| column.is(name)).map(|column| &column.description);
    let description = descriptions.into_iter().find(|text| !text.trim().is_empty());
    let mut facts = Facts { description: description.cloned().map(Fact::own), ..Facts::default() };
    for (key, value) in described.iter().flat_map(|column| &column.meta).filter(|(key, _)| *key != DECLASSIFY) {
        facts.add(key, Fact::own(value.clone()));
    }
    let tags = described.iter().flat_map(|column| &column.tags);
    facts.tags.extend(tags.map(|tag| (tag.clone(), Fact::own(()))));
    facts
}
