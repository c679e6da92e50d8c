//! Descriptions: Markdown to HTML that can do nothing.
//!
//! Three things stand between a description and the reader: raw HTML in it is shown as the text that it is, what remains goes through a list
//! of what is allowed, and the page's policy lets no script run that is not the site's own.

use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};

/// What is allowed: text, lists, tables, code and links. A link leads out of the site, and tells nobody where it comes from.
static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut allowed = Builder::empty();
    allowed.add_tags(tags).add_tag_attributes("a", ["href", "title"]);
    allowed.url_schemes(["http", "https", "mailto"].into()).link_rel(Some("noopener noreferrer"));
    allowed
});

/// The HTML of a description.
pub(super) fn html(markdown: &str) -> String {
    let markdown = markdown.trim();
    if markdown.is_empty() {
        return String::new();
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let nothing = || Event::Text(CowStr::Borrowed(""));
    let mut pictures = Vec::new();
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        // The site shows no pictures of others: what one is called stays, and leads there where it can be reached.
        Event::Start(Tag::Image { dest_url, title, id, .. }) => {
            pictures.push(dest_url.contains("://"));
            match pictures.last() {
                Some(true) => Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id }),
                _ => nothing(),
            }
        }
        Event::End(TagEnd::Image) => match pictures.pop() {
            Some(true) => Event::End(TagEnd::Link),
            _ => nothing(),
        },
        other => other,
    });
    let mut written = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut written, events);
    ALLOWED.clean(written.trim_end()).to_string()
}

/// The first sentence of a description, as plain text of one line.
pub(super) fn head(markdown: &str) -> String {
    const MOST: usize = 160;
    let mut text = String::new();
    for event in TextMergeStream::new(Parser::new(markdown.trim())) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(_) if !text.trim().is_empty() && text.len() > MOST / 4 => break,
            Event::End(_) => text.push(' '),
            _ => {}
        }
        if text.len() > 4 * MOST {
            break;
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // A point ends a sentence where another one begins behind it: not in `e.g. this`.
    let begins = |at: usize| text[at..].chars().next().is_some_and(char::is_uppercase);
    let end = text.match_indices(". ").find(|(at, _)| begins(at + 2)).map_or(text.len(), |(at, _)| at + 1);
    match text[..end].char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", text[..cut].trim_end()),
        None => text[..end].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{head, html};

    #[test]
    fn markdown_is_html_and_html_is_text() {
        assert_eq!(html("**Orders**, see `x`"), "<p><strong>Orders</strong>, see <code>x</code></p>");
        assert_eq!(html("a <b onclick=x>b</b>"), "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>");
        assert!(!html("<script>alert(1)</script>").contains("<script"));
        assert_eq!(html("[x](javascript:alert(1))"), "<p><a rel=\"noopener noreferrer\">x</a></p>");
        assert_eq!(
            html("![x](https://a.example/x.png) ![logo](assets/logo.png)"),
            "<p><a href=\"https://a.example/x.png\" rel=\"noopener noreferrer\">x</a> logo</p>"
        );
        assert!(html("[x](https://example.com)").contains("href=\"https://example.com\""));
        assert!(!html("<img src=x onerror=alert(1)>").contains("<img"));
        assert!(html("| a |\n|---|\n| 1 |").starts_with("<table>"));
        assert_eq!(html("  "), "");
    }

    #[test]
    fn the_head_is_the_first_sentence() {
        assert_eq!(head("One order a row. Built daily."), "One order a row.");
        assert_eq!(head("Orders, e.g. returned ones. Daily."), "Orders, e.g. returned ones.");
        assert_eq!(head("# Orders\n\nOne `order`\na row"), "Orders One order a row");
        assert_eq!(head(""), "");
        assert_eq!(head(&"é".repeat(400)).chars().count(), 161);
    }
}
