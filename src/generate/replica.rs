//! A further copy of the base data: what it calls things, and how its clocks differ.

use twox_hash::xxhash3_128::Hasher;

/// The seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// The seconds that clocks are moved by at most.
const LATER: u64 = 15 * 60;

/// One of the copies that are not the first.
#[derive(Clone, Debug)]
pub(super) struct Replica {
    number: String,
    seed: u64,
}

impl Replica {
    /// The copy of this number, from 1.
    pub(super) fn new(number: u32, seed: u64) -> Self {
        // Steps of the golden ratio keep the seeds of the copies far apart.
        let seed = seed.wrapping_add(u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        Replica { number: number.to_string(), seed }
    }

    /// A number below `below` that belongs to `key` in this copy.
    pub(super) fn draw(&self, key: &str, below: u64) -> u64 {
        let hash = Hasher::oneshot_with_seed(self.seed, key.as_bytes());
        (hash % u128::from(below)) as u64
    }

    /// The key of this copy: `O000138` is `O7000138` in the seventh. The digits behind are always as many, so that no two copies
    /// have a key in common, and a key that nobody knows is one that nobody knows in all of them.
    pub(super) fn rekey(&self, key: &mut String) {
        if key.starts_with(|first: char| first.is_ascii_uppercase()) {
            key.insert_str(1, &self.number);
        }
    }

    /// The same for the keys of orders in a path.
    pub(super) fn rekey_path(&self, path: &mut String) {
        let is_order =
            |part: &&str| part.len() > 1 && part.starts_with('O') && part[1..].bytes().all(|b| b.is_ascii_digit());
        if let Some(start) = path.split('/').find(is_order).and_then(|part| path.find(part)) {
            path.insert_str(start + 1, &self.number);
        }
    }

    /// An address of this copy; one that is missing, or is none, becomes one made of `key`.
    pub(super) fn readdress(&self, email: &mut String, key: &str) {
        let is_address = email.trim().split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !name.contains(' ') && !host.is_empty() && !host.contains('@')
        });
        match email.find('@') {
            Some(at) if is_address => email.insert_str(at, &format!(".{}", self.number)),
            _ => *email = format!("{}.{}@example.org", key.to_lowercase(), self.number),
        }
    }

    /// The seconds by which the clock of `key` is ahead.
    pub(super) fn delay(&self, key: &str) -> i64 {
        // Below `LATER`, so that nothing is lost.
        self.draw(key, LATER) as i64
    }
}

/// Moves a time of the day, in seconds; the day stays.
pub(super) fn later(seconds: i64, delay: i64) -> i64 {
    let of_day = seconds.rem_euclid(DAY);
    seconds - of_day + (of_day + delay).min(DAY - 1)
}

/// Moves the clock in `2025-01-17 20:10:42` or `2025-01-17T20:10:42.175Z`; the day stays, also one that does not exist.
pub(super) fn later_text(text: &mut String, delay: i64) {
    let part = |from: usize| text.get(from..from + 2).and_then(|digits| digits.parse::<i64>().ok());
    if let (Some(hours), Some(minutes), Some(seconds)) = (part(11), part(14), part(17)) {
        let moved = later(hours * 3600 + minutes * 60 + seconds, delay);
        text.replace_range(11..19, &format!("{:02}:{:02}:{:02}", moved / 3600, moved / 60 % 60, moved % 60));
    }
}
