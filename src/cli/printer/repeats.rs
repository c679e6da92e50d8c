//! Warnings that say the same of one thing after the other: the first few are shown, the others are counted. The log file has all.

use crate::base::IndexMap;
use crate::diagnostic::{Code, Diagnostic, Severity, codes};

/// How many warnings that say the same are shown.
const SHOWN: usize = 3;

/// What has been said of a batch of diagnostics so far.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// Whether everything is shown.
    all: bool,
    said: IndexMap<(&'static str, String), usize>,
    left_out: IndexMap<&'static str, (Code, usize)>,
}

impl Repeats {
    /// Nothing said yet; with `all` everything is shown.
    pub(super) fn new(all: bool) -> Self {
        Repeats { all, ..Repeats::default() }
    }

    /// Whether a diagnostic is to be shown; if not, it is counted.
    pub(super) fn admits(&mut self, diagnostic: &Diagnostic) -> bool {
        // What became of a test is its result, each a fact of its own.
        let is_result = [codes::TEST_FAILED, codes::SOURCE_STALE].contains(&diagnostic.code);
        if self.all || diagnostic.severity != Severity::Warning || is_result {
            return true;
        }
        let said = self.said.entry((diagnostic.code.id, without_names(&diagnostic.message))).or_default();
        *said += 1;
        if *said > SHOWN {
            self.left_out.entry(diagnostic.code.id).or_insert((diagnostic.code, 0)).1 += 1;
        }
        *said <= SHOWN
    }

    /// How many of each kind were not shown, as a warning each.
    pub(super) fn summed_up(self) -> impl Iterator<Item = Diagnostic> {
        self.left_out.into_values().map(|(code, count)| {
            Diagnostic::warning(code, format!("… and {count} more like these"))
                .help("`--show-all-deprecations` shows them all, and they are in the log file")
        })
    }
}

/// A message without the names in it, which differ from place to place.
fn without_names(message: &str) -> String {
    message.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

#[cfg(test)]
mod tests {
    use super::Repeats;
    use crate::diagnostic::{Diagnostic, Severity, codes};

    fn shown(repeats: &mut Repeats, diagnostics: &[Diagnostic]) -> usize {
        diagnostics.iter().filter(|diagnostic| repeats.admits(diagnostic)).count()
    }

    #[test]
    fn the_first_of_many_are_shown_and_the_others_counted() {
        let keys: Vec<Diagnostic> = (0..10)
            .map(|key| Diagnostic::warning(codes::YAML_UNKNOWN_KEY, format!("model `m{key}` has no key `k{key}`")))
            .collect();
        let mut repeats = Repeats::default();
        assert_eq!(shown(&mut repeats, &keys), 3);
        let other = Diagnostic::warning(codes::YAML_UNKNOWN_KEY, "column `c` has no key `k`");
        assert_eq!(shown(&mut repeats, &[other]), 1);
        let messages: Vec<String> = repeats.summed_up().map(|diagnostic| diagnostic.message.clone()).collect();
        assert_eq!(messages, ["… and 7 more like these"]);
        assert_eq!(shown(&mut Repeats::new(true), &keys), 10);
    }

    #[test]
    fn errors_and_results_of_tests_are_all_shown() {
        let mut repeats = Repeats::default();
        let errors = vec![Diagnostic::error(codes::YAML_UNKNOWN_KEY, "no"); 10];
        assert_eq!(shown(&mut repeats, &errors), 10);
        let results = vec![Diagnostic::new(codes::TEST_FAILED, Severity::Warning, "no"); 10];
        assert_eq!(shown(&mut repeats, &results), 10);
    }
}
