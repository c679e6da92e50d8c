//! For people at a terminal: the message, the line of the file with the place underlined, notes and help.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{SourceFile, SourceMap};

/// Lines longer than this are cut around the place: generated SQL can be one line of a megabyte.
const CONTEXT: usize = 400;

/// The diagnostic over several lines, without a final line end; `color` adds ANSI sequences.
#[must_use]
pub fn human(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.id));
    for (index, labels) in by_file(&diagnostic.labels).into_iter().enumerate() {
        let file = sources.get(labels[0].span.file);
        // There is nothing to show of an empty file, nor of a seed, whose text is not kept.
        group = match file.text().is_empty() {
            true => group.element(Origin::path(file.path().display().to_string())),
            false => group.element(snippet(&file, &labels, index == 0)),
        };
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for frame in &diagnostic.trace {
        let place = frame.span.map(|span| {
            let file = sources.get(span.file);
            let at = file.location(span.start as usize);
            format!(", called at {}:{}:{}", file.path().display(), at.line, at.column)
        });
        group = group.element(Level::NOTE.message(format!("{}{}", frame.what, place.unwrap_or_default())));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// The labels grouped by file, the primary label's file first.
fn by_file(labels: &[Label]) -> Vec<Vec<&Label>> {
    let mut groups: Vec<Vec<&Label>> = Vec::new();
    for label in labels {
        match groups.iter_mut().find(|group| group[0].span.file == label.span.file) {
            Some(group) => group.push(label),
            None => groups.push(vec![label]),
        }
    }
    groups
}

fn snippet<'a>(
    file: &SourceFile,
    labels: &[&Label],
    has_primary: bool,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let first = labels.iter().map(|label| label.span.start as usize).min().unwrap_or(0);
    let last = labels.iter().map(|label| label.span.end as usize).max().unwrap_or(0);
    let window = window(file.text(), first, last);
    let line = file.location(window.start).line;
    let mut snippet = Snippet::source(file.text()[window.clone()].to_owned())
        .path(file.path().display().to_string())
        .line_start(line);
    for (index, label) in labels.iter().enumerate() {
        let kind = if has_primary && index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let place =
            |offset: u32| file.floor_char_boundary(offset as usize).clamp(window.start, window.end) - window.start;
        let (start, end) = (place(label.span.start), place(label.span.end));
        let annotation = kind.span(start..end.max(start));
        snippet =
            snippet.annotation(if label.text.is_empty() { annotation } else { annotation.label(label.text.clone()) });
    }
    snippet
}

/// Whole lines around the places, but never much more than [`CONTEXT`] bytes to either side.
fn window(text: &str, first: usize, last: usize) -> std::ops::Range<usize> {
    let (first, last) = (first.min(text.len()), last.min(text.len()));
    let boundary = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (first, last) = (boundary(first), boundary(last));
    let start = text[..first].rfind('\n').map_or(0, |at| at + 1).max(boundary(first.saturating_sub(CONTEXT)));
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
    start..end.min(boundary((last + CONTEXT).min(text.len()))).max(last)
}
