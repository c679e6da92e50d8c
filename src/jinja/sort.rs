//! Sorting where comparing may fail.

use std::cmp::Ordering;

/// The items in order; equal ones stay as they are, also in reverse.
///
/// # Errors
/// The first error of a comparison.
pub(super) fn sorted<T, E>(
    mut items: Vec<T>,
    reverse: bool,
    mut compare: impl FnMut(&T, &T) -> Result<Ordering, E>,
) -> Result<Vec<T>, E> {
    let mut failure = None;
    items.sort_by(|left, right| {
        if failure.is_some() {
            return Ordering::Equal;
        }
        let order = compare(left, right).unwrap_or_else(|error| {
            failure = Some(error);
            Ordering::Equal
        });
        if reverse { order.reverse() } else { order }
    });
    failure.map_or(Ok(items), Err)
}
