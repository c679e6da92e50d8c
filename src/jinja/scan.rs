//! Finds the blocks of a macro, test, snapshot or docs file without rendering anything.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::block::{Block, BlockKind, Parameter};
use crate::jinja::grammar::SyntaxError;
use crate::jinja::header::{Header, ParameterRange};
use crate::jinja::tag::{Tag, TagKind, Tags, Unclosed, end_tag, tags};
use crate::source::{FileId, Span};

/// The blocks at the top level of a file, in order, and what is wrong with the file.
///
/// Comments, raw blocks and strings are respected; what stands between blocks is passed over.
#[must_use]
pub fn scan(file: FileId, text: &str) -> (Vec<Block>, Diagnostics) {
    let mut scanner = Scanner { file, text, blocks: Vec::new(), diagnostics: Diagnostics::new() };
    scanner.run();
    (scanner.blocks, scanner.diagnostics)
}

/// The statements that open a block of ours; each is closed by its name with `end` before it.
const BLOCKS: [&str; 6] = ["macro", "test", "data_test", "materialization", "snapshot", "docs"];

struct Scanner<'a> {
    file: FileId,
    text: &'a str,
    blocks: Vec<Block>,
    diagnostics: Diagnostics,
}

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        let mut tags = tags(self.text);
        while let Some(tag) = tags.next() {
            let tag = match tag {
                Ok(tag) => tag,
                Err(unclosed) => return self.unclosed(unclosed),
            };
            if tag.kind != TagKind::Statement {
                continue;
            }
            let keyword = tag.keyword(self.text);
            if BLOCKS.contains(&keyword) {
                self.block(keyword, &tag, &mut tags);
            } else if keyword.strip_prefix("end").is_some_and(|opener| BLOCKS.contains(&opener)) {
                let opener = &keyword[3..];
                self.error(format!("`{keyword}` without `{opener}`"), tag.outer, None);
            }
        }
    }

    /// Reads the block that `first` opens, up to its end tag.
    fn block(&mut self, keyword: &str, first: &Tag, tags: &mut Tags<'a>) {
        let last = match self.last_tag(keyword, first, tags) {
            Ok(Some(last)) => last,
            Ok(None) => {
                let message = format!("the block `{keyword}` is not closed");
                return self.error(message, first.outer.clone(), Some(format!("add `{{% end{keyword} %}}`")));
            }
            Err(unclosed) => return self.unclosed(unclosed),
        };
        match self.head(keyword, first) {
            Ok((kind, name, parameters)) => self.blocks.push(Block {
                kind,
                name: self.text[name.clone()].to_owned(),
                name_span: Span::new(self.file, name),
                parameters: parameters.into_iter().map(|parameter| self.parameter(parameter)).collect(),
                span: Span::new(self.file, first.outer.start..last.outer.end),
                body: Span::new(self.file, body(self.text, first, &last)),
            }),
            Err(SyntaxError { message, range }) => self.error(message, range, None),
        }
    }

    /// The tag that closes the block, past nested blocks of the same kind. What documentation says is not Jinja.
    fn last_tag(&self, keyword: &str, first: &Tag, tags: &mut Tags<'a>) -> Result<Option<Tag>, Unclosed> {
        let end = format!("end{keyword}");
        if keyword == "docs" {
            let last = end_tag(self.text, first.outer.end, &end);
            tags.skip_to(last.as_ref().map_or(self.text.len(), |tag| tag.outer.end));
            return Ok(last);
        }
        let mut depth = 0;
        for tag in tags {
            let tag = tag?;
            if tag.kind != TagKind::Statement {
                continue;
            }
            match tag.keyword(self.text) {
                word if word == keyword => depth += 1,
                word if word == end && depth == 0 => return Ok(Some(tag)),
                word if word == end => depth -= 1,
                _ => {}
            }
        }
        Ok(None)
    }

    fn head(&self, keyword: &str, tag: &Tag) -> Result<(BlockKind, Range<usize>, Vec<ParameterRange>), SyntaxError> {
        let header = Header::read(self.text, tag.rest(self.text))?;
        let name = header.name().ok_or_else(|| SyntaxError {
            message: format!("the block `{keyword}` has no name"),
            range: tag.outer.clone(),
        })?;
        let kind = match keyword {
            "materialization" => BlockKind::Materialization { adapter: adapter(&header) },
            "snapshot" => BlockKind::Snapshot,
            "docs" => BlockKind::Docs,
            "macro" => BlockKind::Macro,
            _ => BlockKind::Test,
        };
        if !matches!(kind, BlockKind::Macro | BlockKind::Test) {
            return Ok((kind, name, Vec::new()));
        }
        let (parameters, behind) = header.parameters(1)?;
        if behind < header.len() {
            return Err(header.error("expected the end of the tag", behind));
        }
        Ok((kind, name, parameters))
    }

    fn parameter(&self, parameter: ParameterRange) -> Parameter {
        Parameter {
            name: self.text[parameter.name].to_owned(),
            annotation: parameter.annotation.map(|range| self.text[range].to_owned()),
            default: parameter.default.clone().map(|range| self.text[range].to_owned()),
            default_span: parameter.default.map(|range| Span::new(self.file, range)),
        }
    }

    fn unclosed(&mut self, Unclosed { at, closer }: Unclosed) {
        self.diagnostics.push(unclosed_tag(Span::new(self.file, at..at + 2), closer));
    }

    fn error(&mut self, message: String, range: Range<usize>, help: Option<String>) {
        let diagnostic = Diagnostic::error(codes::JINJA_SYNTAX, message).at(Span::new(self.file, range));
        self.diagnostics.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }
}

/// The diagnostic of a tag that does not end; the opening braces are the place.
pub(super) fn unclosed_tag(opener: Span, closer: &str) -> Diagnostic {
    Diagnostic::error(codes::JINJA_SYNTAX, "a tag is not closed")
        .label(opener, format!("no `{closer}` follows outside of strings and brackets"))
}

/// The `adapter` of a materialization's head; `default` and no word at all are both every adapter.
fn adapter(header: &Header<'_>) -> Option<String> {
    let (_, value) = header.options().find(|(key, _)| *key == "adapter")?;
    Some(value?.trim_matches(['\'', '"']).to_owned())
}

/// What stands between two tags once they have eaten their white space.
fn body(text: &str, first: &Tag, last: &Tag) -> Range<usize> {
    let (mut start, mut end) = (first.outer.end, last.outer.start);
    if first.eats_after {
        start = end - text[start..end].trim_start().len();
    }
    if last.eats_before {
        end = start + text[start..end].trim_end().len();
    }
    start..end
}
