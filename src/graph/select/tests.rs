use proptest::prelude::*;

use super::{Group, IndirectSelection, Pattern, Selection, Term};
use crate::graph::Reach;

fn parse(text: &str) -> Result<Selection, crate::diagnostic::Diagnostic> {
    Selection::parse(&[text], IndirectSelection::Eager)
}

fn parts(selection: Selection) -> Vec<Selection> {
    match selection {
        Selection::Group(Group { parts, .. }) => parts,
        term => vec![term],
    }
}

fn terms(text: &str) -> Vec<Vec<Term>> {
    let term = |selection| match selection {
        Selection::Term(term) => term,
        Selection::Group(group) => panic!("{group:?} is no term"),
    };
    parts(parse(text).unwrap()).into_iter().map(|part| parts(part).into_iter().map(term).collect()).collect()
}

fn one(text: &str) -> Term {
    let mut terms = terms(text);
    assert_eq!((terms.len(), terms[0].len()), (1, 1));
    terms.remove(0).remove(0)
}

fn error(text: &str) -> String {
    let diagnostic = parse(text).unwrap_err();
    format!("{} ({})", diagnostic.message, diagnostic.help.clone().unwrap_or_default())
}

#[test]
fn plus_signs_and_numbers_say_how_far() {
    assert_eq!((one("+a").parents, one("+a").children), (Some(Reach::All), None));
    assert_eq!((one("2+a").parents, one("2+a+3").children), (Some(Reach::Steps(2)), Some(Reach::Steps(3))));
    assert_eq!(one("a+").children, Some(Reach::All));
    assert!(one("@a").childrens_parents);
    assert_eq!(one("1+tag:x.y+").text, "1+tag:x.y+");
    // A name may end in digits without a plus before them.
    assert_eq!(one("orders_2026").children, None);
}

#[test]
fn spaces_join_and_commas_intersect() {
    let parts: Vec<usize> = terms("a b,c,d  e").iter().map(Vec::len).collect();
    assert_eq!(parts, [1, 3, 1]);
}

#[test]
fn errors_say_what_is_wrong() {
    assert_eq!(error("@a+"), "`@a+` has both `@` and a `+` behind: `@` already takes what reads it ()");
    assert_eq!(error("+"), "`+` in a selection names nothing ()");
    assert_eq!(error("tga:x"), "selections have no method `tga` (did you mean `tag`?)");
    assert_eq!(error("path:[x"), "`[x` is not a pattern: unclosed character class; missing ']' ()");
    assert_eq!(
        error("test_type:genric"),
        "`test_type:genric` selects nothing: there is no `genric` (did you mean `generic`?)"
    );
    assert_eq!(
        error("source:a.b.c.d"),
        "`source:a.b.c.d` names nothing (write `source`, `source.table` or `package.source.table`)"
    );
    assert_eq!(error("a,,b"), "`a,,b` has a comma with nothing beside it ()");
}

#[test]
fn patterns_are_those_of_fnmatch() {
    let is_match = |pattern: &str, value: &str| Pattern::new(pattern).is_match(value);
    assert!(is_match("a*", "a.b/c") && is_match("a?c", "abc") && is_match("*", ""));
    assert!(is_match("[ab]x", "bx") && is_match("[!ab]x", "cx") && !is_match("[!ab]x", "ax"));
    assert!(is_match("[a-c]", "b") && is_match("[]]", "]") && is_match("[x", "[x") && is_match("[-a]", "-"));
    assert!(!is_match("{a,b}", "a") && is_match("a.b*", "a.bc") && !is_match("a.b*", "axbc"));
}

proptest! {
    #[test]
    fn patterns_never_panic(pattern in r"[a-c*?!^\-\[\]\\&~]{0,12}", value in "[a-c]{0,6}") {
        let _ = Pattern::new(&pattern).is_match(&value);
    }

    #[test]
    fn never_panics(text in r"[@+0-9a-z:.,*?\[\]{}/\\ é-]{0,40}") {
        let _ = parse(&text);
    }
}

/// Texts that look like `selectors.yml`, most of them wrong somewhere.
fn selector_files() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("- name: a".to_owned()),
        Just("- name: b".to_owned()),
        Just("definition:".to_owned()),
        Just("default: true".to_owned()),
        Just("union:".to_owned()),
        Just("intersection:".to_owned()),
        Just("- exclude:".to_owned()),
        Just("- method: selector".to_owned()),
        Just("method: tag".to_owned()),
        Just("value: a".to_owned()),
        Just("parents_depth: -1".to_owned()),
        Just("indirect_selection: buildable".to_owned()),
        Just("- config.materialized: table".to_owned()),
        Just("- [a, {b: c}]".to_owned()),
        "[-:{}\\[\\]a-z@+,. '\"&*|>#!?%]{0,12}",
    ];
    proptest::collection::vec((0..5_usize, line), 0..16).prop_map(|lines| {
        let indented = lines.into_iter().map(|(depth, line)| format!("{}{line}\n", "  ".repeat(depth)));
        format!("selectors:\n{}", indented.collect::<String>())
    })
}

proptest! {
    #[test]
    fn selector_files_never_panic(text in selector_files()) {
        let sources = crate::source::SourceMap::default();
        let file = sources.add("selectors.yml", text.as_str());
        if let Ok(root) = crate::yaml::parse(file, &text, &mut crate::diagnostic::Diagnostics::new()) {
            let mut diagnostics = crate::diagnostic::Diagnostics::new();
            let selectors = crate::config::SelectorProperties::read_all(&root, &mut diagnostics);
            let _ = super::Selectors::new(&selectors, IndirectSelection::Eager, &mut diagnostics);
        }
    }
}
