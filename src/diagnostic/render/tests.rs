use proptest::prelude::*;

use super::{concise, human, json};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{SourceMap, Span};

proptest! {
    /// Places may come from libraries that count otherwise: wherever they point, the message is shown.
    #[test]
    fn any_place_can_be_shown(text in "[a\u{a0}é€\n ]{0,12}", first in 0..20usize, second in 0..20usize) {
        let sources = SourceMap::default();
        let file = sources.add("a.sql", text);
        let diagnostic = Diagnostic::error(codes::INTERNAL, "m").at(Span::new(file, first..second)).label(Span::new(file, second..first), "l");
        prop_assert!(human(&diagnostic, &sources, false).contains("a.sql") || sources.get(file).text().is_empty());
        prop_assert!(concise(&diagnostic, &sources).contains('m'));
        prop_assert!(!json(&diagnostic, &sources).is_null());
    }
}
