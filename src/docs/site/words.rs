//! Dictionaries: words that many nodes share are written once.

use serde::{Serialize, Serializer};

use crate::base::IndexSet;

/// Words, each with its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(IndexSet<String>);

impl Words {
    /// These words, at the places in which they are given.
    pub(super) fn of<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Words(words.into_iter().map(Into::into).collect())
    }

    /// The words that are used, in the order of the alphabet.
    pub(super) fn sorted<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut words: IndexSet<String> = words.into_iter().map(str::to_owned).collect();
        words.sort_unstable();
        Words(words)
    }

    /// The place of a word; -1 for none.
    pub(super) fn place(&self, word: Option<&str>) -> i32 {
        let place = word.and_then(|word| self.0.get_index_of(word));
        place.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1)
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
