use proptest::prelude::*;

use super::{Selection, Term};
use crate::graph::Reach;

fn terms(text: &str) -> Vec<Vec<Term>> {
    Selection::parse(&[text]).unwrap().intersections().map(<[Term]>::to_vec).collect()
}

fn one(text: &str) -> Term {
    let mut terms = terms(text);
    assert_eq!((terms.len(), terms[0].len()), (1, 1));
    terms.remove(0).remove(0)
}

fn error(text: &str) -> String {
    let diagnostic = Selection::parse(&[text]).unwrap_err();
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
    assert_eq!(error("tag:[x"), "`[x` is not a pattern: unclosed character class; missing ']' ()");
    assert_eq!(error("a,,b"), "`a,,b` has a comma with nothing beside it ()");
}

proptest! {
    #[test]
    fn never_panics(text in r"[@+0-9a-z:.,*?\[\]{}/\\ é-]{0,40}") {
        let _ = Selection::parse(&[text]);
    }
}
