//! Maps and sets of the compiler, by a hash that is quick.
//!
//! Their keys are names and ids of the project that the user runs on his own machine, short texts by the hundred thousand; the hash of the
//! standard library, which withstands keys that an attacker chose, costs about a seventh of reading a large project.

use std::collections;

use foldhash::fast::FixedState;

/// A map without order.
pub type HashMap<K, V> = collections::HashMap<K, V, FixedState>;
/// A set without order.
pub type HashSet<T> = collections::HashSet<T, FixedState>;
/// A map in the order of insertion.
pub type IndexMap<K, V> = indexmap::IndexMap<K, V, FixedState>;
/// A set in the order of insertion.
pub type IndexSet<T> = indexmap::IndexSet<T, FixedState>;
