//! Splits a template into its tags: `{{ … }}`, `{% … %}`, `{# … #}`.
//!
//! This is the coarse reading that finds blocks and prepares texts. It agrees with minijinja's tokenizer on where a tag ends
//! (strings, brackets and raw blocks are honoured), so that what is found here is what is parsed there.

use std::ops::Range;

/// What a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagKind {
    /// `{# … #}`.
    Comment,
    /// `{{ … }}`.
    Expression,
    /// `{% … %}`.
    Statement,
    /// `{% raw %} … {% endraw %}`, the text between included.
    Raw,
}

/// A tag, as byte offsets into the text.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    /// What it is.
    pub(super) kind: TagKind,
    /// From the opening brace to past the closing one.
    pub(super) outer: Range<usize>,
    /// What stands inside, without the marks that eat white space.
    pub(super) inner: Range<usize>,
    /// Whether it eats the white space before it (`{%-`).
    pub(super) eats_before: bool,
    /// Whether it eats the white space after it (`-%}`).
    pub(super) eats_after: bool,
}

impl Tag {
    /// The first word inside.
    pub(super) fn keyword<'a>(&self, text: &'a str) -> &'a str {
        let inner = text[self.inner.clone()].trim_start();
        &inner[..inner.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inner.len())]
    }

    /// Where what follows the keyword stands.
    pub(super) fn rest(&self, text: &str) -> Range<usize> {
        let inner = &text[self.inner.clone()];
        let lead = inner.len() - inner.trim_start().len();
        self.inner.start + lead + self.keyword(text).len()..self.inner.end
    }
}

/// A tag that is opened and not closed; it starts at the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// The opening brace.
    pub(super) at: usize,
    /// What would have closed it.
    pub(super) closer: &'static str,
}

/// The tags of `text` one after the other. After an unclosed tag there is nothing more.
pub(super) fn tags(text: &str) -> Tags<'_> {
    Tags { text, at: 0 }
}

/// See [`tags`].
#[derive(Debug)]
pub(super) struct Tags<'a> {
    text: &'a str,
    at: usize,
}

impl Tags<'_> {
    /// Goes on at an offset.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    fn read(&self, open: usize, kind: TagKind) -> Result<Tag, Unclosed> {
        match kind {
            TagKind::Comment => comment(self.text, open),
            _ => self.read_code(open, kind),
        }
    }

    fn read_code(&self, open: usize, kind: TagKind) -> Result<Tag, Unclosed> {
        let closer = if kind == TagKind::Expression { "}}" } else { "%}" };
        let tag = code(self.text, open, kind, closer).ok_or(Unclosed { at: open, closer })?;
        if kind == TagKind::Statement && tag.keyword(self.text) == "raw" {
            return self.read_raw(tag);
        }
        Ok(tag)
    }

    fn read_raw(&self, first: Tag) -> Result<Tag, Unclosed> {
        let last = end_tag(self.text, first.outer.end, "endraw")
            .ok_or(Unclosed { at: first.outer.start, closer: "{% endraw %}" })?;
        Ok(Tag { kind: TagKind::Raw, outer: first.outer.start..last.outer.end, eats_after: last.eats_after, ..first })
    }
}

impl Iterator for Tags<'_> {
    type Item = Result<Tag, Unclosed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let open = self.at + self.text.get(self.at..)?.find('{')?;
            let kind = match self.text.as_bytes().get(open + 1) {
                Some(b'{') => TagKind::Expression,
                Some(b'%') => TagKind::Statement,
                Some(b'#') => TagKind::Comment,
                _ => {
                    self.at = open + 1;
                    continue;
                }
            };
            let read = self.read(open, kind);
            self.at = read.as_ref().map_or(self.text.len(), |tag| tag.outer.end);
            return Some(read);
        }
    }
}

/// The statement `{% word %}` at or after `from`, whatever stands between: for blocks whose content is not Jinja.
pub(super) fn end_tag(text: &str, from: usize, word: &str) -> Option<Tag> {
    let mut at = from;
    loop {
        let open = at + text.get(at..)?.find("{%")?;
        let found = code(text, open, TagKind::Statement, "%}").filter(|tag| text[tag.inner.clone()].trim() == word);
        if found.is_some() {
            return found;
        }
        at = open + 2;
    }
}

fn comment(text: &str, open: usize) -> Result<Tag, Unclosed> {
    let close = text[open + 2..].find("#}").ok_or(Unclosed { at: open, closer: "#}" })? + open + 2;
    let bytes = text.as_bytes();
    Ok(Tag {
        kind: TagKind::Comment,
        outer: open..close + 2,
        inner: open + 2..close,
        eats_before: bytes.get(open + 2) == Some(&b'-'),
        eats_after: close > open + 2 && bytes[close - 1] == b'-',
    })
}

/// Reads a tag with code in it: its end is the first `closer` outside of strings and brackets.
fn code(text: &str, open: usize, kind: TagKind, closer: &str) -> Option<Tag> {
    let bytes = text.as_bytes();
    let marked = matches!(bytes.get(open + 2), Some(b'-' | b'+'));
    let start = open + 2 + usize::from(marked);
    let mut at = start;
    let mut depth = 0_i32;
    loop {
        let byte = *bytes.get(at)?;
        if depth == 0 {
            let mark = matches!(byte, b'-' | b'+') && bytes[at + 1..].starts_with(closer.as_bytes());
            if mark || bytes[at..].starts_with(closer.as_bytes()) {
                return Some(Tag {
                    kind,
                    outer: open..at + usize::from(mark) + closer.len(),
                    inner: start..at,
                    eats_before: bytes[open + 2] == b'-',
                    eats_after: byte == b'-',
                });
            }
        }
        match byte {
            b'\'' | b'"' => at = string_end(bytes, at)?,
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// The offset of the quote that ends the string which starts at `open`.
fn string_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 1,
            byte if byte == bytes[open] => return Some(at),
            _ => {}
        }
        at += 1;
    }
}
