//! A file of ours that keeps values from one command to the next: a head, an index, and the values one behind the other, each read when it
//! is asked for.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Fingerprint, HashMap};

/// The values of an earlier command by their keys, each with a remark `R`; and a head `H` that belongs to all of them.
pub struct ValueFile<H, R> {
    bytes: Vec<u8>,
    head: H,
    entries: HashMap<Fingerprint, Entry<R>>,
}

/// A value: where its bytes are, and whether it was used.
struct Entry<R> {
    range: Range<usize>,
    remark: R,
    is_used: AtomicBool,
}

/// What stands before the values: for each its key, its length and the remark on it.
#[derive(Serialize, Deserialize)]
struct Index<H, R> {
    head: H,
    entries: Vec<(Fingerprint, usize, R)>,
}

/// A value of an earlier command.
pub struct Kept<'a, R> {
    /// Its key.
    pub key: Fingerprint,
    /// The remark on it.
    pub remark: &'a R,
    /// Its bytes.
    pub value: &'a [u8],
    /// Whether this command used it.
    pub is_used: bool,
}

/// A value that is written: its key, the remark on it and its bytes.
pub type Written<'a, R> = (Fingerprint, R, &'a [u8]);

impl<H: Default, R> Default for ValueFile<H, R> {
    fn default() -> Self {
        ValueFile { bytes: Vec::new(), head: H::default(), entries: HashMap::default() }
    }
}

impl<H: Serialize + DeserializeOwned, R: Serialize + DeserializeOwned> ValueFile<H, R> {
    /// Takes apart a file that starts with `magic` and is of this build of the program; `None` if it is another one or damaged.
    #[must_use]
    pub fn read(bytes: Vec<u8>, magic: &[u8], build: Fingerprint) -> Option<Self> {
        let body = bytes.strip_prefix(magic)?.strip_prefix(build.as_ref())?;
        let sum = Fingerprint::of([body.get(16..)?]);
        let (index, values): (Index<H, R>, &[u8]) = postcard::take_from_bytes(body.strip_prefix(sum.as_ref())?).ok()?;
        let mut start = bytes.len() - values.len();
        let mut entries = HashMap::default();
        entries.reserve(index.entries.len());
        for (key, length, remark) in index.entries {
            let range = start..start.checked_add(length).filter(|end| *end <= bytes.len())?;
            start = range.end;
            entries.insert(key, Entry { range, remark, is_used: AtomicBool::new(false) });
        }
        Some(ValueFile { entries, head: index.head, bytes })
    }

    /// The bytes of a file.
    #[must_use]
    pub fn written(magic: &[u8], build: Fingerprint, head: H, values: Vec<Written<'_, R>>) -> Option<Vec<u8>> {
        let (entries, values): (Vec<_>, Vec<&[u8]>) =
            values.into_iter().map(|(key, remark, value)| ((key, value.len(), remark), value)).unzip();
        let mut body = postcard::to_extend(&Index { head, entries }, Vec::new()).ok()?;
        values.iter().for_each(|value| body.extend_from_slice(value));
        let sum = Fingerprint::of([&body]);
        Some([magic, build.as_ref(), sum.as_ref(), &body].concat())
    }
}

impl<H, R> ValueFile<H, R> {
    /// What belongs to all values.
    pub fn head(&self) -> &H {
        &self.head
    }

    /// The value of a key, if it can be read, and `holds` says so of the remark on it. It is used from then on.
    pub fn find<T: DeserializeOwned>(&self, key: Fingerprint, holds: impl FnOnce(&R) -> bool) -> Option<T> {
        let entry = self.entries.get(&key).filter(|entry| holds(&entry.remark))?;
        let value = postcard::from_bytes(self.bytes.get(entry.range.clone())?).ok()?;
        entry.is_used.store(true, Ordering::Relaxed);
        Some(value)
    }

    /// All values in the order of the file, so that the same project gives the same file.
    pub fn all(&self) -> impl Iterator<Item = Kept<'_, R>> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_unstable_by_key(|(_, entry)| entry.range.start);
        entries.into_iter().filter_map(|(key, Entry { range, remark, is_used })| {
            let value = self.bytes.get(range.clone())?;
            Some(Kept { key: *key, remark, value, is_used: is_used.load(Ordering::Relaxed) })
        })
    }

    /// Whether every value was used.
    pub fn is_all_used(&self) -> bool {
        self.entries.values().all(|entry| entry.is_used.load(Ordering::Relaxed))
    }
}
