//! `wordwrap` and `urlize`.

use minijinja::Error;
use minijinja::value::Value;

use crate::jinja::arguments::Arguments;
use crate::jinja::filter::texts::escaped;

/// `wordwrap(width=79, break_long_words=true, wrapstring='\n', break_on_hyphens=true)`: each line by itself.
pub(super) fn wordwrap(text: &str, args: &Arguments) -> Result<Value, Error> {
    args.limit(4, &["width", "break_long_words", "wrapstring", "break_on_hyphens"])?;
    let width = usize::try_from(args.int(0, "width")?.unwrap_or(79)).unwrap_or(1).max(1);
    let breaks = args.get(1, "break_long_words").is_none_or(|flag| flag.is_true());
    let end = args.text(2, "wrapstring")?.unwrap_or_else(|| "\n".to_owned());
    let lines = text.lines().map(|line| wrapped(line, width, breaks).join(&end));
    Ok(Value::from(lines.collect::<Vec<_>>().join(&end)))
}

fn wrapped(line: &str, width: usize, breaks: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for word in line.split(' ') {
        let length = |text: &str| text.chars().count();
        if !current.is_empty() && length(&current) + 1 + length(word) > width {
            lines.push(std::mem::take(&mut current));
        } else if !current.is_empty() {
            current.push(' ');
        }
        let mut rest = word;
        while breaks && length(rest) > width {
            let at = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
            lines.push(rest[..at].to_owned());
            rest = &rest[at..];
        }
        current.push_str(rest);
    }
    if !current.is_empty() || lines.is_empty() {
        lines.push(current);
    }
    lines
}

/// Addresses in a text as links.
pub(super) fn urlize(text: &str) -> String {
    let link = |word: &str| {
        let bare = word.trim_end_matches(['.', ',', ')', '>']);
        let is_link = bare.starts_with("http://") || bare.starts_with("https://");
        match is_link {
            true => format!("<a href=\"{0}\" rel=\"noopener\">{0}</a>{1}", escaped(bare), escaped(&word[bare.len()..])),
            false => escaped(word),
        }
    };
    let mut result = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        result.push_str(&link(bare));
        result.push_str(&word[bare.len()..]);
    }
    result
}
