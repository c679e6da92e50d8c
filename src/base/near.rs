//! Near names, for the hint of an error about a name that does not exist; and words for lists and counts.

/// Names of more letters than this were not typed.
const LONGEST: usize = 200;

/// The candidate that a person who typed `name` most likely meant, if one is close enough to say so.
///
/// Closeness is the Damerau-Levenshtein distance without regard to case; at most a third of the name's letters may differ, so that
/// names of one or two letters are near to nothing else.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    if length > LONGEST {
        return None;
    }
    let limit = length / 3;
    candidates
        .into_iter()
        // At least so many letters differ; to count them takes as long as both names are long together.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *candidate != name)
        .min()
        .map(|(_, candidate)| candidate)
}

/// `` `a`, `b` and `c` ``: names in an enumeration for a message.
#[must_use]
pub fn quoted_list<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// `1 node`, `2 nodes`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
