//! Ephemeral models: which of them a node needs, and in which order.

use super::Rendered;
use crate::manifest::UniqueId;

/// The ephemeral models of `reads` and those that they read themselves, in the order in which they are asked for, each behind the ones
/// that it reads. `render` gives a model's own SQL and its reads.
///
/// # Errors
/// The first of `render`.
pub(super) fn gather<E>(
    reads: &[UniqueId],
    mut render: impl FnMut(&UniqueId) -> Result<Rendered, E>,
) -> Result<Vec<(UniqueId, Rendered)>, E> {
    let mut found = Vec::new();
    visit(reads, &mut render, &mut found)?;
    Ok(found)
}

fn visit<E>(
    reads: &[UniqueId],
    render: &mut impl FnMut(&UniqueId) -> Result<Rendered, E>,
    found: &mut Vec<(UniqueId, Rendered)>,
) -> Result<(), E> {
    for id in reads {
        if found.iter().any(|(known, _)| known == id) {
            continue;
        }
        let rendered = render(id)?;
        visit(&rendered.reads, render, found)?;
        found.push((id.clone(), rendered));
    }
    Ok(())
}
