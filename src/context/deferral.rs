//! `--defer`: reading what was built elsewhere in the place of what is not built here.

use super::Door;
use crate::base::{HashMap, HashSet};
use crate::manifest::{Node, ResourceType, UniqueId};
use crate::sql::Relation;

/// The relations of an earlier state that stand in for those of this target.
#[derive(Clone, Debug, Default)]
pub struct Deferral {
    /// By the ids of their nodes.
    pub relations: HashMap<UniqueId, Relation>,
    /// The nodes that the command is about: with `favor_state`, only those are read here.
    pub selected: HashSet<UniqueId>,
    /// `--favor-state`.
    pub favor_state: bool,
}

impl Deferral {
    /// The relation that a reference to `node` means, when it is one of the earlier state: because that is favoured and the node is
    /// not selected, or because the node's own does not exist. What lives only inside its readers is never read elsewhere.
    #[must_use]
    pub fn relation(&self, node: &Node, door: Option<&Door>) -> Option<&Relation> {
        let elsewhere = self.relations.get(&node.id).filter(|_| !node.is_ephemeral())?;
        if self.favor_state && !self.selected.contains(&node.id) {
            return Some(elsewhere);
        }
        let exists =
            node.relation.as_ref().zip(door).is_some_and(|(own, door)| matches!(door.relation(own), Ok(Some(_))));
        (!exists).then_some(elsewhere)
    }

    /// Whether nodes of a kind can be read elsewhere.
    #[must_use]
    pub fn is_deferred(kind: ResourceType) -> bool {
        matches!(kind, ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot)
    }
}
