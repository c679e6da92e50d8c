//! Short digests, for telling whether something is still what it was.

use serde::{Deserialize, Serialize};
use twox_hash::xxhash3_128::Hasher;

/// The XXH3 of some parts, 128 bits: different for different parts, unless somebody sets out to make them alike. What others read
/// or compare has a SHA-256 instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of these parts in this order.
    #[must_use]
    pub fn of<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut hasher = Hasher::new();
        for part in parts {
            let part = part.as_ref();
            // With its length, so that `a` and `bc` are not `ab` and `c`.
            hasher.write(&(part.len() as u64).to_le_bytes());
            hasher.write(part);
        }
        Fingerprint(hasher.finish_128().to_le_bytes())
    }
}

impl AsRef<[u8]> for Fingerprint {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn parts_do_not_run_together() {
        assert_eq!(Fingerprint::of(["a", "b"]), Fingerprint::of(["a", "b"]));
        assert_ne!(Fingerprint::of(["a", "bc"]), Fingerprint::of(["ab", "c"]));
        assert_ne!(Fingerprint::of(["a"]), Fingerprint::of(["a", ""]));
    }
}
