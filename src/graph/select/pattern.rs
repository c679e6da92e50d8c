//! Values of a selection with `*`, `?` and `[…]`, matched as Python's `fnmatch` does: `*` crosses every separator, and a bracket
//! that is never closed is a bracket.

use regex::Regex;

/// A value of a selection.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    wildcard: Option<Regex>,
}

impl Pattern {
    /// The pattern of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let is_pattern = text.contains(['*', '?', '[']);
        // What no regular expression says is matched as it stands.
        Pattern { text: text.to_owned(), wildcard: is_pattern.then(|| Regex::new(&expression(text)).ok()).flatten() }
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a value is meant.
    #[must_use]
    pub fn is_match(&self, value: &str) -> bool {
        match &self.wildcard {
            Some(wildcard) => wildcard.is_match(value),
            None => self.text == value,
        }
    }
}

/// The regular expression of a pattern.
fn expression(pattern: &str) -> String {
    let mut out = String::from("(?s)^");
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        rest = behind;
        match c {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            '[' => match bracket(behind) {
                Some((class, behind)) => {
                    out.push_str(&class);
                    rest = behind;
                }
                None => out.push_str(r"\["),
            },
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out.push('$');
    out
}

/// The class that a bracket opens, and what stands behind it; a `]` right behind the opening is one of its members.
fn bracket(text: &str) -> Option<(String, &str)> {
    let (negated, body) = match text.strip_prefix('!') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let skipped = usize::from(body.starts_with(']'));
    let end = body[skipped..].find(']')? + skipped;
    let mut class = String::from(if negated { "[^" } else { "[" });
    let members: Vec<char> = body[..end].chars().collect();
    for (position, c) in members.iter().enumerate() {
        // A dash between two members is a range; one at an end is itself.
        if *c == '-' && position > 0 && position + 1 < members.len() {
            class.push('-');
        } else {
            class.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
        }
    }
    class.push(']');
    Some((class, &body[end + 1..]))
}
