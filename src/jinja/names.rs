//! Which names a template mentions, without running it.

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use crate::jinja::tag::{TagKind, tags};

/// Words of the language, which are no names.
const KEYWORDS: [&str; 18] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "elif",
    "for",
    "recursive",
    "set",
    "do",
    "call",
    "true",
    "false",
    "none",
    "loop",
    "macro",
];

/// The names that the tags of `text` read or call, with the attributes behind them, in order and each once.
pub(super) fn names_in(text: &str) -> Vec<String> {
    mentioned(text, |_| true)
}

/// The names that the tags of `text` call.
#[must_use]
pub fn calls_in(text: &str) -> Vec<String> {
    mentioned(text, |name| name.is_called)
}

fn mentioned(text: &str, is_wanted: fn(&Name) -> bool) -> Vec<String> {
    let mut names = Vec::new();
    for tag in tags(text).map_while(Result::ok) {
        if matches!(tag.kind, TagKind::Expression | TagKind::Statement) {
            let code = if tag.kind == TagKind::Statement { tag.rest(text) } else { tag.inner.clone() };
            for Name { name, .. } in names_of(&text[code]).into_iter().filter(is_wanted) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    names
}

/// A name in the code of a tag.
struct Name {
    /// With the attributes behind it.
    name: String,
    is_called: bool,
}

/// The names in the code of one tag. A word after a dot, a pipe or `is` is none, nor is the keyword of an argument.
fn names_of(code: &str) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let (mut before, mut chain) = (Before::Nothing, false);
    let mut tokens =
        tokenize(code, true, SyntaxConfig::default()).map_while(Result::ok).map(|(token, _)| token).peekable();
    while let Some(token) = tokens.next() {
        let Token::Ident(word) = token else {
            before = match token {
                Token::Dot => Before::Dot,
                Token::Pipe => Before::Operator,
                _ => Before::Nothing,
            };
            chain &= before == Before::Dot;
            continue;
        };
        let is_keyword = KEYWORDS.contains(&word.to_lowercase().as_str());
        let assigned = matches!(tokens.peek(), Some(Token::Assign));
        let is_called = matches!(tokens.peek(), Some(Token::ParenOpen));
        match before {
            Before::Dot if chain => {
                if let Some(last) = names.last_mut() {
                    last.name.push('.');
                    last.name.push_str(word);
                    last.is_called = is_called;
                }
            }
            Before::Nothing if !is_keyword && !assigned => {
                names.push(Name { name: word.to_owned(), is_called });
                chain = true;
            }
            _ => chain = false,
        }
        before = if word == "is" { Before::Operator } else { Before::Nothing };
    }
    names
}

/// What stands before a word.
#[derive(PartialEq, Eq)]
enum Before {
    Nothing,
    Dot,
    Operator,
}
