//! When the nodes of a run could have run: what each waited for, and which of them the length of the run comes from.
//!
//! This is the critical path method (Kelley and Walker, 1959) over what nodes wait for in the [`Plan`], with the time that each took. It
//! knows nothing of threads: the critical path is what the run would take with any number of them.

use super::Plan;
use crate::base::{HashMap, HashSet, Timestamp, seconds_between};
use crate::manifest::UniqueId;

/// The nodes that ran, by id.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    nodes: HashMap<UniqueId, Scheduled>,
}

/// When a node could have run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scheduled {
    /// When the last of those that it waits for ended; the beginning of the run where it waits for none.
    pub queued_at: Timestamp,
    /// By how many seconds it could have taken longer before the critical path did.
    pub slack: f64,
    /// Whether it is on the critical path.
    pub is_critical: bool,
}

/// How long a node and those before it take at least.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    seconds: f64,
    /// The one before it that takes longest.
    last: Option<usize>,
}

impl Schedule {
    /// The schedule of a plan that began at `started_at`, of which these nodes ran from when to when. Others take no time and have no entry.
    #[must_use]
    pub fn new<'r>(
        plan: &Plan,
        ran: impl IntoIterator<Item = (&'r UniqueId, (Timestamp, Timestamp))>,
        started_at: Timestamp,
    ) -> Self {
        let order = plan.in_order();
        let places: HashMap<&UniqueId, usize> = order.iter().enumerate().map(|(at, id)| (id, at)).collect();
        let ran: HashMap<&UniqueId, (Timestamp, Timestamp)> = ran.into_iter().collect();
        let seconds = |id: &UniqueId| ran.get(id).map_or(0.0, |(start, end)| seconds_between(*start, *end));
        let waits = |id| plan.waits_for(id).filter_map(|other| places.get(other).copied());
        let mut reached = vec![Reached::default(); order.len()];
        for (at, id) in order.iter().enumerate() {
            let last = waits(id).max_by(|one, other| reached[*one].seconds.total_cmp(&reached[*other].seconds));
            let before = last.map_or(0.0, |last| reached[last].seconds);
            reached[at] = Reached { seconds: before + seconds(id), last };
        }
        let longest = (0..order.len()).max_by(|one, other| reached[*one].seconds.total_cmp(&reached[*other].seconds));
        let whole = longest.map_or(0.0, |longest| reached[longest].seconds);
        let mut latest = vec![whole; order.len()];
        for (at, id) in order.iter().enumerate().rev() {
            for before in waits(id) {
                latest[before] = latest[before].min(latest[at] - seconds(id));
            }
        }
        let critical: HashSet<usize> = std::iter::successors(longest, |at| reached[*at].last).collect();
        let nodes = order.iter().enumerate().filter(|(_, id)| ran.contains_key(id)).map(|(at, id)| {
            let ends = plan.waits_for(id).filter_map(|other| ran.get(other)).map(|(_, end)| *end);
            let scheduled = Scheduled {
                queued_at: ends.max().unwrap_or(started_at),
                // In whole microseconds, as times are: what is less is the noise of sums.
                slack: ((latest[at] - reached[at].seconds).max(0.0) * 1e6).round() / 1e6,
                is_critical: critical.contains(&at),
            };
            (id.clone(), scheduled)
        });
        Schedule { nodes: nodes.collect() }
    }

    /// When a node could have run, if it ran.
    #[must_use]
    pub fn of(&self, id: &UniqueId) -> Option<Scheduled> {
        self.nodes.get(id).copied()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(Utc.timestamp_opt(0, 0).unwrap() + TimeDelta::seconds(seconds))
    }

    #[test]
    fn the_longest_chain_is_critical_and_others_have_slack() {
        // a → c → d and b → d; b is short, and waits for a thread.
        let id = |name: &str| UniqueId::of(&[name]);
        let plan = Plan::of_waits(&[("a", &[]), ("b", &[]), ("c", &["a"]), ("d", &["b", "c"]), ("skipped", &["d"])]);
        let ran =
            [("a", 1, 4), ("b", 4, 5), ("c", 5, 7), ("d", 7, 9)].map(|(name, from, to)| (id(name), (at(from), at(to))));
        let schedule = Schedule::new(&plan, ran.iter().map(|(id, span)| (id, *span)), at(0));
        let told = |name: &str| schedule.of(&id(name)).map(|of| (of.queued_at, of.slack, of.is_critical));
        assert_eq!(told("a"), Some((at(0), 0.0, true)));
        assert_eq!(told("b"), Some((at(0), 4.0, false)));
        assert_eq!(told("c"), Some((at(4), 0.0, true)));
        assert_eq!(told("d"), Some((at(7), 0.0, true)));
        assert_eq!(told("skipped"), None);
    }
}
