//! `fqn`: a resource by its name, or by the package and folders that lead to it.

use std::cmp::Ordering;

use super::super::Pattern;
use crate::graph::member::Member;

/// The name alone, or the parts from the root on, with or without the package in front. A versioned model is also meant by its name
/// without the version, and by `name_v1` as by `name.v1`.
pub(super) fn matches(pattern: &Pattern, member: &Member<'_>) -> bool {
    let is_versioned = member.version().is_some();
    leads_to(pattern, member.fqn, is_versioned)
        || member.fqn.get(1..).is_some_and(|unscoped| leads_to(pattern, unscoped, is_versioned))
}

fn leads_to(pattern: &Pattern, fqn: &[String], is_versioned: bool) -> bool {
    let wanted = pattern.text();
    match fqn {
        [.., name, version] if is_versioned => {
            let both = wanted.rsplitn(2, '.').collect::<Vec<_>>();
            let joined = both.iter().rev().copied().collect::<Vec<_>>().join("_");
            if wanted == name || joined.rsplit('.').next() == Some(&format!("{name}_{version}")) {
                return true;
            }
        }
        [.., name] if wanted == name => return true,
        _ => {}
    }
    // Dots in names part like the dots between them.
    let flat: Vec<&str> = fqn.iter().flat_map(|part| part.split('.')).collect();
    let parts: Vec<&str> = wanted.split('.').collect();
    if flat.len() < parts.len() {
        return false;
    }
    let is_wild = |part: &str| part.contains(['*', '?', '[', ']']);
    let Some(first_wild) = parts.iter().position(|part| is_wild(part)) else {
        return flat.starts_with(&parts);
    };
    if flat[..first_wild] != parts[..first_wild] {
        return false;
    }
    let rest = if first_wild == 0 { pattern.clone() } else { Pattern::new(&parts[first_wild..].join(".")) };
    if rest.is_match(&flat[first_wild..].join(".")) {
        return true;
    }
    let leaf = if is_versioned { fqn.len().checked_sub(2) } else { fqn.len().checked_sub(1) };
    !wanted.contains('.') && leaf.and_then(|leaf| fqn.get(leaf)).is_some_and(|leaf| pattern.is_match(leaf))
}

/// Versions that are numbers by their size, others by their letters; a number comes before a word.
pub(super) fn compare_versions(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}
