//! The file: a head, an index, and the values one behind the other, each read when it is asked for.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::base::{Fingerprint, HashMap};
use crate::jinja::Read;

/// What a file of ours starts with; the number changes with the format.
const MAGIC: &[u8] = b"transform partial parse 1\n";

/// What an earlier command kept.
#[derive(Default)]
pub(super) struct Stored {
    bytes: Vec<u8>,
    entries: HashMap<Fingerprint, Entry>,
    conditions: Vec<Condition>,
}

/// A value, where its bytes are and when it holds.
struct Entry {
    range: Range<usize>,
    condition: Option<usize>,
    is_used: AtomicBool,
}

/// What a reading asked for, and what that was.
#[derive(Serialize, Deserialize)]
struct Condition {
    reads: Vec<Read>,
    facts: Fingerprint,
}

/// What stands before the values: for each its key, its length and its condition.
#[derive(Default, Serialize, Deserialize)]
struct Index {
    conditions: Vec<Condition>,
    entries: Vec<(Fingerprint, usize, Option<usize>)>,
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
        let body = bytes.strip_prefix(MAGIC)?.strip_prefix(build.as_ref())?;
        let sum = Fingerprint::of([body.get(16..)?]);
        let (index, values): (Index, &[u8]) = postcard::take_from_bytes(body.strip_prefix(sum.as_ref())?).ok()?;
        let mut start = bytes.len() - values.len();
        let mut entries = HashMap::default();
        entries.reserve(index.entries.len());
        for (key, length, condition) in index.entries {
            let range = start..start.checked_add(length).filter(|end| *end <= bytes.len())?;
            start = range.end;
            entries.insert(key, Entry { range, condition, is_used: AtomicBool::new(false) });
        }
        Some(Stored { entries, conditions: index.conditions, bytes })
    }

    /// The conditions, each with what was asked for and what it was.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (&[Read], Fingerprint)> {
        self.conditions.iter().map(|condition| (condition.reads.as_slice(), condition.facts))
    }

    /// The value of a key, if its condition is met.
    pub(super) fn find<T: DeserializeOwned>(&self, key: Fingerprint, met: &[bool]) -> Option<T> {
        let entry = self.entries.get(&key)?;
        if entry.condition.is_some_and(|condition| met.get(condition) != Some(&true)) {
            return None;
        }
        let value = postcard::from_bytes(self.bytes.get(entry.range.clone())?).ok()?;
        entry.is_used.store(true, Ordering::Relaxed);
        Some(value)
    }

    /// Each key with its value and the facts that it holds under.
    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = (Fingerprint, Vec<u8>, Option<Fingerprint>)> {
        self.entries.iter().map(|(key, entry)| {
            let facts = entry.condition.map(|at| self.conditions[at].facts);
            (*key, self.bytes[entry.range.clone()].to_vec(), facts)
        })
    }

    /// Whether everything was asked for.
    pub(super) fn is_all_used(&self) -> bool {
        self.entries.values().all(|entry| entry.is_used.load(Ordering::Relaxed))
    }

    /// The file of what was used and what was added.
    pub(super) fn with(&self, mut added: Vec<Added>, facts: &Facts) -> Option<Vec<u8>> {
        let mut index = Index::default();
        let mut places: HashMap<&[Read], usize> = HashMap::default();
        let mut values: Vec<&[u8]> = Vec::new();
        let mut place = |reads, facts, conditions: &mut Vec<Condition>| {
            *places.entry(reads).or_insert_with(|| {
                conditions.push(Condition { reads: reads.to_vec(), facts });
                conditions.len() - 1
            })
        };
        let mut used: Vec<_> = self.entries.iter().filter(|(_, entry)| entry.is_used.load(Ordering::Relaxed)).collect();
        // By their place, so that the same project gives the same file.
        used.sort_unstable_by_key(|(_, entry)| entry.range.start);
        for (key, entry) in used {
            let bytes = self.bytes.get(entry.range.clone())?;
            let condition = entry.condition.and_then(|at| self.conditions.get(at));
            let condition = condition.map(|found| place(&*found.reads, found.facts, &mut index.conditions));
            index.entries.push((*key, bytes.len(), condition));
            values.push(bytes);
        }
        added.sort_unstable_by_key(|added| added.key);
        added.dedup_by_key(|added| added.key);
        for Added { key, reads, bytes } in &added {
            let condition = match reads {
                Some(reads) => Some(place(reads, facts.of(reads)?, &mut index.conditions)),
                None => None,
            };
            index.entries.push((*key, bytes.len(), condition));
            values.push(bytes);
        }
        let mut body = postcard::to_extend(&index, Vec::new()).ok()?;
        values.iter().for_each(|value| body.extend_from_slice(value));
        let sum = Fingerprint::of([&body]);
        Some([MAGIC, facts.build().as_ref(), sum.as_ref(), &body].concat())
    }
}
