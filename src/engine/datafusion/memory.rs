//! How queries share memory.
//!
//! Operators that can spill (sorts, aggregations) get equal shares, and together at most three quarters of the limit. The rest is kept for
//! those that cannot, but never all of it for the merge inside a sort, which takes as much as it is given. Each of those gets a little in
//! any case. Without that, sorts fill the limit to the brim, as DataFusion's own fair pool lets them, and the operator that reads their
//! rows fails.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{
    MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation, human_readable_size,
};

/// The name under which sorts ask for memory to merge what they spilled.
const SORT_MERGE: &str = "ExternalSorterMerge";

/// Room for the first batches of what cannot spill, in bytes: a batch is a few megabytes where rows are wide.
const FIRST_BATCHES: usize = 8 << 20;

/// A pool of memory that keeps room for operators that cannot spill.
#[derive(Debug)]
pub(super) struct HeadroomPool {
    limit: usize,
    state: Mutex<State>,
}

/// Who holds what, in bytes.
#[derive(Debug, Default)]
struct State {
    spillers: usize,
    spillable: usize,
    unspillable: usize,
}

impl HeadroomPool {
    /// A pool of so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        HeadroomPool { limit, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much more an operator may have.
    fn available(&self, state: &State, reservation: &MemoryReservation) -> usize {
        let consumer = reservation.consumer();
        if consumer.can_spill() {
            let left = self.limit.saturating_sub(state.unspillable).min(self.limit / 4 * 3);
            // An operator that holds nothing has nothing to spill: its first batch may be more than its share.
            let share = if reservation.size() == 0 { left } else { left / state.spillers.max(1) };
            return share.saturating_sub(reservation.size());
        }
        // Without a little, what cannot spill fails, and the sort under it may hold the rest: that much it gets in any case, even
        // a bit beyond the limit. More makes a merge faster, but is not worth what others need.
        let needed = (self.limit / 64).max(FIRST_BATCHES.min(self.limit / 4)).saturating_sub(reservation.size());
        let kept = if consumer.name().starts_with(SORT_MERGE) { self.limit / 4 } else { 0 };
        needed.max(self.limit.saturating_sub(state.spillable + state.unspillable + kept))
    }
}

impl MemoryPool for HeadroomPool {
    fn name(&self) -> &'static str {
        "headroom"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.state().spillers += usize::from(consumer.can_spill());
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.state().spillers -= usize::from(consumer.can_spill());
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        *self.state().held(reservation) += additional;
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        *self.state().held(reservation) -= shrink;
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let mut state = self.state();
        let available = self.available(&state, reservation);
        if additional > available {
            return Err(DataFusionError::ResourcesExhausted(format!(
                "`{}` needs {} more than the {} that it has; {} of {} are left for it",
                reservation.consumer().name(),
                human_readable_size(additional),
                human_readable_size(reservation.size()),
                human_readable_size(available),
                human_readable_size(self.limit),
            )));
        }
        *state.held(reservation) += additional;
        Ok(())
    }

    fn reserved(&self) -> usize {
        let state = self.state();
        state.spillable + state.unspillable
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit)
    }
}

impl State {
    fn held(&mut self, reservation: &MemoryReservation) -> &mut usize {
        if reservation.consumer().can_spill() { &mut self.spillable } else { &mut self.unspillable }
    }
}

impl fmt::Display for HeadroomPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "headroom(limit: {})", human_readable_size(self.limit))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{HeadroomPool, MemoryConsumer, MemoryPool};

    #[test]
    fn a_sort_can_begin_while_another_one_merges() {
        let pool: Arc<dyn MemoryPool> = Arc::new(HeadroomPool::new(48));
        let merge = MemoryConsumer::new("ExternalSorterMerge[0]").register(&pool);
        let sorts =
            [0, 1].map(|at| MemoryConsumer::new(format!("ExternalSorter[{at}]")).with_can_spill(true).register(&pool));
        merge.try_grow(2).unwrap();
        while merge.try_grow(1).is_ok() {}
        for sort in &sorts {
            sort.try_grow(11).unwrap();
            sort.try_grow(1).unwrap_err();
        }
    }

    #[test]
    fn a_merge_that_takes_all_it_can_leaves_room_for_the_next_one() {
        let pool: Arc<dyn MemoryPool> = Arc::new(HeadroomPool::new(48));
        let first = MemoryConsumer::new("ExternalSorterMerge[0]").register(&pool);
        let second = MemoryConsumer::new("ExternalSorterMerge[1]").register(&pool);
        first.try_grow(36).unwrap();
        first.try_grow(1).unwrap_err();
        second.try_grow(12).unwrap();
        second.try_grow(1).unwrap_err();
    }

    #[test]
    fn what_cannot_spill_gets_a_little_however_full_the_pool_is() {
        let pool: Arc<dyn MemoryPool> = Arc::new(HeadroomPool::new(48));
        let writer = MemoryConsumer::new("writer").register(&pool);
        writer.try_grow(48).unwrap();
        writer.try_grow(1).unwrap_err();
        for name in ["ExternalSorterMerge[0]", "SortPreservingMergeExec[0]"] {
            let merge = MemoryConsumer::new(name).register(&pool);
            merge.try_grow(12).unwrap();
            merge.try_grow(1).unwrap_err();
        }
    }
}
