//! Where compiled SQL comes from: places in the node's own file, in macros, and in the files of the ephemeral models in it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use tracing::subscriber::NoSubscriber;

use super::{Compiled, Compiler, Rendered};
use crate::base::HashSet;
use crate::diagnostic::Diagnostic;
use crate::jinja::Trace;
use crate::manifest::{Node, ResourceType, Template, TestKind};
use crate::source::{SourceMap, Span};
use crate::sql::statement;

/// Tells where the SQL of nodes comes from. What it renders for that is rendered with marks, by a compiler that is made when first it is
/// needed.
#[derive(Debug)]
pub struct Tracer {
    compiler: Compiler,
    marking: OnceLock<Compiler>,
}

/// Where the SQL of a node comes from.
#[derive(Clone, Debug, Default)]
struct Origins(Vec<Part>);

/// A stretch of the SQL that is a part of one rendering.
#[derive(Clone, Debug)]
struct Part {
    /// Where it is in the SQL.
    range: Range<usize>,
    /// Its first byte in the rendering.
    start: usize,
    rendering: Arc<Trace>,
}

impl Origins {
    /// The places that a byte of the SQL comes from, the expressions that print it outermost first, then the byte itself where it stands in
    /// a file as it is. Empty where that is not known.
    fn at(&self, offset: usize) -> Vec<Span> {
        let part = self.0.iter().find(|part| part.range.contains(&offset));
        part.map(|part| part.rendering.at(part.start + offset - part.range.start)).unwrap_or_default()
    }

    fn add(&mut self, range: Range<usize>, start: usize, rendering: &Arc<Trace>) {
        self.0.push(Part { range, start, rendering: Arc::clone(rendering) });
    }
}

impl Tracer {
    /// A tracer of what a compiler compiles.
    #[must_use]
    pub fn new(compiler: &Compiler) -> Self {
        Tracer { compiler: compiler.clone(), marking: OnceLock::new() }
    }

    /// Where the SQL of a compiled node comes from. It is rendered once more for this; where another text comes of that, nothing is known.
    fn origins(&self, node: &Arc<Node>, compiled: &Compiled) -> Origins {
        let mut origins = Origins::default();
        let sql = compiled.sql.as_str();
        for (id, rendered) in &compiled.ephemerals {
            let trace = self.compiler.parsed.manifest.node(id).and_then(|node| self.trace(node, false));
            let place =
                trace.as_ref().and_then(|trace| Some((sql.find(&rendered.sql)?, trace.text.find(&rendered.sql)?)));
            if let (Some(trace), Some((at, start))) = (trace, place) {
                origins.add(at..at + rendered.sql.len(), start, &Arc::new(trace));
            }
        }
        let Some(own) = self.trace(node, compiled.is_incremental).map(Arc::new) else { return origins };
        // The ephemeral models are put into it at one place.
        let same = |(a, b): &(u8, u8)| a == b;
        let before = sql.bytes().zip(own.text.bytes()).take_while(same).count();
        let after = sql.bytes().rev().zip(own.text.bytes().rev()).take_while(same).count().min(own.text.len() - before);
        let is_whole = compiled.ephemerals.is_empty() && sql == own.text;
        if is_whole
            || (!compiled.ephemerals.is_empty() && statement(&own.text[before..own.text.len() - after]).is_empty())
        {
            origins.add(0..before, 0, &own);
            origins.add(sql.len() - after..sql.len(), own.text.len() - after, &own);
        }
        origins
    }

    /// A failure that points into the compiled SQL of a node, pointing at where that comes from: first a place in the file of the node, then
    /// one in the macro that prints it. Others stay what they are.
    #[must_use]
    pub fn at_origin(&self, node: &Arc<Node>, compiled: &Compiled, failure: Diagnostic) -> Diagnostic {
        let sources = self.sources();
        let is_compiled = |at: &Span| at.file != node.span.file && sources.get(at.file).text() == compiled.sql;
        let Some(at) = failure.primary().filter(is_compiled) else { return failure };
        let file = sources.get(at.file);
        let place = file.location(at.start as usize);
        let place = format!("`{}:{}:{}`", file.path().display(), place.line, place.column);
        // A test of a property file stands there.
        let own = node.test.as_ref().filter(|test| matches!(test, TestKind::Generic(_))).map(|_| node.span);
        let places = self.origins(node, compiled).at(at.start as usize);
        let mut seen = HashSet::default();
        let places = own.into_iter().chain(places).filter(|place| seen.insert((place.file, place.start)));
        let places: Vec<Span> = places.map(|place| self.word(place, &sources.slice(at))).collect();
        let placed = match places.as_slice() {
            [] if node.is_inline() => return failure,
            [] => return failure.note(format!("compiled from `{}`", self.template_path(node))),
            [place_in_node] => failure.moved(*place_in_node),
            [outermost, .., innermost] => failure.moved(*outermost).label(*innermost, "it stands here"),
        };
        if node.is_inline() { placed } else { placed.note(format!("compiled to {place}")) }
    }

    /// The whole word, where a place is only its first byte.
    fn word(&self, place: Span, word: &str) -> Span {
        let file = self.sources().get(place.file);
        let start = place.start as usize;
        let is_it = file.text().get(start..).is_some_and(|rest| rest.starts_with(word));
        let end = if is_it { start + word.len() } else { start };
        Span::new(place.file, start..end.max(place.end as usize))
    }

    /// The file that the SQL was made of; a unit test's is that of its model.
    fn template_path(&self, node: &Node) -> String {
        match (&node.template, node.resource) {
            (Template::File(span), ResourceType::UnitTest) => {
                self.sources().get(span.file).path().display().to_string()
            }
            _ => node.original_path.clone(),
        }
    }

    fn sources(&self) -> &SourceMap {
        &self.compiler.parsed.surroundings.session.sources
    }

    fn trace(&self, node: &Arc<Node>, is_incremental: bool) -> Option<Trace> {
        let marking = self.marking.get_or_init(|| {
            let mut marking = self.compiler.read_only();
            marking.parsed.surroundings.environment = self.compiler.parsed.surroundings.environment.traced();
            marking
        });
        // What it logs was logged before.
        let rendering = || marking.render(node, is_incremental);
        let Rendered { sql, .. } = tracing::subscriber::with_default(NoSubscriber::default(), rendering).ok()?;
        Trace::read(&sql)
    }
}
