//! Sets of members, by their index in the graph.

/// A set of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set(Vec<bool>);

impl Set {
    /// The empty set of a graph with so many members.
    pub(super) fn none(members: usize) -> Self {
        Set(vec![false; members])
    }

    pub(super) fn contains(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or(false)
    }

    /// Adds a member; whether it is new.
    pub(super) fn insert(&mut self, index: usize) -> bool {
        self.0.get_mut(index).is_some_and(|slot| !std::mem::replace(slot, true))
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.0.contains(&true)
    }

    /// The members, rising.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter_map(|(index, is_in)| is_in.then_some(index))
    }

    pub(super) fn union(mut self, other: &Set) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
        self
    }

    pub(super) fn intersection(mut self, other: &Set) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= other);
        self
    }

    pub(super) fn difference(mut self, other: &Set) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own &= !other);
        self
    }
}

impl Extend<usize> for Set {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, indices: I) {
        for index in indices {
            self.insert(index);
        }
    }
}
