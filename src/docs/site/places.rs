//! Which nodes and columns the site shows, and at which places in its lists.

use serde::Serialize;
use serde_json::Value as Json;

use super::Site;
use crate::base::{HashMap, HashSet, IndexSet};
use crate::graph::{Member, members};
use crate::manifest::{ConfigValues, Manifest, UniqueId};

/// The nodes of the graph that have pages, sorted by id, each with its columns.
#[derive(Debug)]
pub(super) struct Places<'a> {
    members: Vec<Member<'a>>,
    at: HashMap<&'a UniqueId, usize>,
    /// What the nodes read that have no place.
    passed: HashMap<&'a UniqueId, &'a [UniqueId]>,
    columns: Vec<IndexSet<&'a str>>,
    /// The names of all columns, sorted.
    names: IndexSet<&'a str>,
}

/// `cols`: the columns of all nodes.
#[derive(Serialize)]
pub(super) struct Columns<'p> {
    names: &'p IndexSet<&'p str>,
    of: Vec<Vec<usize>>,
}

impl<'a> Places<'a> {
    /// The places of a site: tests have pages of their own kind, hooks none, and what the project hides has no place at all.
    pub(super) fn of(site: &Site<'a>) -> Self {
        let (hidden, mut members): (Vec<_>, Vec<_>) =
            members(site.manifest).into_iter().partition(|member| is_hidden(member.config));
        let passed = hidden.iter().map(|member| (member.id, member.depends_on)).collect();
        members.retain(|member| !member.is_test() && member.kind != "operation");
        members.sort_by(|one, other| one.id.cmp(other.id));
        let at = members.iter().enumerate().map(|(at, member)| (member.id, at)).collect();
        let columns: Vec<IndexSet<&str>> = members.iter().map(|member| columns(site, member)).collect();
        let mut names: IndexSet<&str> = columns.iter().flatten().copied().collect();
        names.sort_unstable();
        Places { members, at, passed, columns, names }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    pub(super) fn member(&self, place: usize) -> &Member<'a> {
        &self.members[place]
    }

    /// The node with this id, if it has a place.
    pub(super) fn known(&self, id: &str) -> Option<&Member<'a>> {
        let at = self.members.binary_search_by(|member| member.id.as_str().cmp(id)).ok()?;
        self.members.get(at)
    }

    /// The place of a node.
    pub(super) fn place(&self, id: &UniqueId) -> Option<usize> {
        self.at.get(id).copied()
    }

    /// The places of what a node reads, each once, sorted. In the place of a hidden node stands what that one reads: the way goes on.
    pub(super) fn parents(&self, place: usize) -> Vec<usize> {
        let mut parents = IndexSet::default();
        let mut waiting: Vec<&UniqueId> = self.members[place].depends_on.iter().collect();
        let mut seen: HashSet<&UniqueId> = HashSet::default();
        while let Some(id) = waiting.pop() {
            match self.place(id) {
                Some(parent) => _ = parents.insert(parent),
                None if seen.insert(id) => waiting.extend(self.passed.get(id).copied().unwrap_or_default()),
                None => {}
            }
        }
        parents.sort_unstable();
        parents.into_iter().collect()
    }

    /// The columns of a node, in their order.
    pub(super) fn columns_of(&self, place: usize) -> &IndexSet<&'a str> {
        &self.columns[place]
    }

    /// The place of a column's name among all names, if the node has such a column. Names differ in case where the engine has folded one.
    pub(super) fn column(&self, place: usize, name: &str) -> Option<usize> {
        let columns = &self.columns[place];
        let folded = || columns.iter().find(|column| column.eq_ignore_ascii_case(name));
        self.names.get_index_of(*columns.get(name).or_else(folded)?)
    }

    /// `cols`.
    pub(super) fn columns(&self) -> Columns<'_> {
        let places =
            |columns: &IndexSet<&str>| columns.iter().filter_map(|name| self.names.get_index_of(*name)).collect();
        Columns { of: self.columns.iter().map(places).collect(), names: &self.names }
    }
}

/// Whether the project asks not to show what has these configs.
pub(super) fn is_hidden(config: &ConfigValues) -> bool {
    config.get("docs").and_then(|docs| docs.get("show")) == Some(&Json::Bool(false))
}

/// The ids of all that is not told of: what is hidden, and the tests of it, whose results tell what is in it.
pub(super) fn hidden(manifest: &Manifest) -> HashSet<&str> {
    let all = members(manifest);
    let own: HashSet<&UniqueId> =
        all.iter().filter(|member| is_hidden(member.config)).map(|member| member.id).collect();
    let is_about = |member: &Member<'_>| member.is_test() && member.depends_on.iter().any(|id| own.contains(id));
    let hidden = all.iter().filter(|member| own.contains(member.id) || is_about(member));
    hidden.map(|member| member.id.as_str()).collect()
}

/// The columns that a node is known to have, else those that are described.
fn columns<'a>(site: &Site<'a>, member: &Member<'a>) -> IndexSet<&'a str> {
    if let Some(schema) = site.analyses.get(member.id).and_then(|analyzed| analyzed.columns()) {
        return schema.fields().iter().map(|field| field.name().as_str()).collect();
    }
    let described = member.node.map(|node| &node.columns).or_else(|| member.source.map(|source| &source.columns));
    described.into_iter().flat_map(|columns| columns.values()).map(|column| column.own_name()).collect()
}
