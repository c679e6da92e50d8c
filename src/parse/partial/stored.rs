//! The file: the values, and the conditions under which they hold.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::base::{Fingerprint, HashMap, Kept, ValueFile, Written};
use crate::jinja::Read;

/// What a file of ours starts with; the number changes with the format.
const MAGIC: &[u8] = b"transform partial parse 1\n";

/// What an earlier command kept: values, each with its condition.
#[derive(Default)]
pub(super) struct Stored(ValueFile<Vec<Condition>, Option<usize>>);

/// What a reading asked for, and what that was.
#[derive(Serialize, Deserialize)]
struct Condition {
    reads: Vec<Read>,
    facts: Fingerprint,
}

/// What this command found out.
pub(super) struct Added {
    key: Fingerprint,
    reads: Option<Vec<Read>>,
    bytes: Vec<u8>,
}

impl Added {
    /// A value under a key; with what was asked for to find it out. `None` if it cannot be stored.
    pub(super) fn new(key: Fingerprint, reads: Option<Vec<Read>>, value: &impl Serialize) -> Option<Self> {
        Some(Added { key, reads, bytes: postcard::to_extend(value, Vec::new()).ok()? })
    }
}

impl Stored {
    /// Takes apart the file of a build; `None` if it is of another one or damaged.
    pub(super) fn read(bytes: Vec<u8>, build: Fingerprint) -> Option<Self> {
        ValueFile::read(bytes, MAGIC, build).map(Stored)
    }

    /// The conditions, each with what was asked for and what it was.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&[Read], Fingerprint)> {
        self.0.head().iter().map(|condition| (condition.reads.as_slice(), condition.facts))
    }

    /// The value of a key, if its condition is met.
    pub(super) fn find<T: DeserializeOwned>(&self, key: Fingerprint, met: &[bool]) -> Option<T> {
        let is_met = |condition: &Option<usize>| condition.is_none_or(|at| met.get(at) == Some(&true));
        self.0.find(key, is_met)
    }

    /// Each key with its value and the facts that it holds under.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = (Fingerprint, Vec<u8>, Option<Fingerprint>)> {
        let facts = |condition: &Option<usize>| condition.map(|at| self.0.head()[at].facts);
        self.0.all().map(move |kept| (kept.key, kept.value.to_vec(), facts(kept.remark)))
    }

    /// Whether everything was asked for.
    pub(super) fn is_all_used(&self) -> bool {
        self.0.is_all_used()
    }

    /// The file of what was used and what was added.
    pub(super) fn with(&self, mut added: Vec<Added>, facts: &Facts) -> Option<Vec<u8>> {
        let mut conditions = Vec::new();
        let mut places: HashMap<&[Read], usize> = HashMap::default();
        let mut values: Vec<Written<'_, Option<usize>>> = Vec::new();
        let mut place = |reads, facts, conditions: &mut Vec<Condition>| {
            *places.entry(reads).or_insert_with(|| {
                conditions.push(Condition { reads: reads.to_vec(), facts });
                conditions.len() - 1
            })
        };
        for Kept { key, remark, value, .. } in self.0.all().filter(|kept| kept.is_used) {
            let condition = remark.and_then(|at| self.0.head().get(at));
            let condition = condition.map(|found| place(&*found.reads, found.facts, &mut conditions));
            values.push((key, condition, value));
        }
        added.sort_unstable_by_key(|added| added.key);
        added.dedup_by_key(|added| added.key);
        for Added { key, reads, bytes } in &added {
            let condition = match reads {
                Some(reads) => Some(place(reads, facts.of(reads)?, &mut conditions)),
                None => None,
            };
            values.push((*key, condition, bytes));
        }
        ValueFile::written(MAGIC, facts.build(), conditions, values)
    }
}
