//! What a string says between its quotes, as Python reads it.

use std::str::Chars;

/// The text that is written as `code`.
pub(super) fn unescape(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    let mut rest = code.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let before = rest.clone();
        match escaped(&mut rest) {
            Escaped::Text(c) => text.push(c),
            Escaped::Nothing => {}
            // Not an escape: the backslash is one.
            Escaped::Unknown => {
                text.push('\\');
                rest = before;
            }
        }
    }
    text
}

enum Escaped {
    Text(char),
    Nothing,
    Unknown,
}

fn escaped(rest: &mut Chars<'_>) -> Escaped {
    let found = match rest.next() {
        // A line that goes on.
        Some('\n') => return Escaped::Nothing,
        Some(c @ ('\\' | '\'' | '"')) => Some(c),
        Some('a') => Some('\x07'),
        Some('b') => Some('\x08'),
        Some('f') => Some('\x0c'),
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        Some('v') => Some('\x0b'),
        Some('x') => code(rest, 2),
        Some('u') => wide(rest),
        Some('U') => code(rest, 8),
        Some(first @ '0'..='7') => octal(first, rest),
        _ => None,
    };
    found.map_or(Escaped::Unknown, Escaped::Text)
}

fn number(rest: &mut Chars<'_>, digits: usize) -> Option<u32> {
    let code = rest.as_str().get(..digits)?;
    let number = u32::from_str_radix(code, 16).ok()?;
    rest.nth(digits - 1);
    Some(number)
}

fn code(rest: &mut Chars<'_>, digits: usize) -> Option<char> {
    number(rest, digits).and_then(char::from_u32)
}

/// `\uXXXX`, two of which may stand for one character.
fn wide(rest: &mut Chars<'_>) -> Option<char> {
    let high = number(rest, 4)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    let low = rest.as_str().starts_with("\\u").then(|| rest.nth(1)).and_then(|_| number(rest, 4))?;
    char::from_u32(0x10000 + ((high - 0xd800) << 10) + low.checked_sub(0xdc00)?)
}

fn octal(first: char, rest: &mut Chars<'_>) -> Option<char> {
    let mut number = first.to_digit(8)?;
    for _ in 0..2 {
        let Some(digit) = rest.as_str().chars().next().and_then(|c| c.to_digit(8)) else { break };
        number = number * 8 + digit;
        rest.next();
    }
    char::from_u32(number)
}
