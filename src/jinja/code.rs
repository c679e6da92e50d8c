//! Compiled templates: text in, instructions of minijinja's machine out.

use std::ops::Range;
use std::sync::Arc;

use minijinja::machinery::{CodeGenerator, Instructions, ast};
use minijinja::value::Value;

use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::failure::{header_error, syntax_error};
use crate::jinja::frame::Mode;
use crate::jinja::grammar;
use crate::jinja::intern::Names;
use crate::jinja::lower::{Source, lower};
use crate::jinja::prepare::{PrepareError, is_too_long, prepare, prepare_expression};
use crate::jinja::scan::unclosed_tag;
use crate::jinja::tag::Unclosed;
use crate::source::{FileId, Span};

/// Where a text stands, so that a range in it becomes a span.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// In a file, from a byte on.
    File {
        /// The file.
        file: FileId,
        /// The offset of the text's first byte.
        base: usize,
    },
    /// In no file; whatever is wrong is shown here.
    Fixed(Span),
}

impl Place {
    /// The span of a range of the text.
    pub(super) fn span(self, range: Range<usize>) -> Span {
        match self {
            Place::File { file, base } => Span::new(file, base + range.start..base + range.end),
            Place::Fixed(span) => span,
        }
    }

    /// The place of the part of the text that starts at `offset`.
    fn at(self, offset: usize) -> Place {
        match self {
            Place::File { file, base } => Place::File { file, base: base + offset },
            fixed @ Place::Fixed(_) => fixed,
        }
    }
}

/// What happens to a line end at the end of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLine {
    /// A template loses one line end, as Jinja has it.
    Trim,
    /// The body of a macro is a part of a template and keeps it.
    Keep,
}

/// Something that can be run.
pub(super) struct Code {
    /// The instructions.
    pub(super) instructions: Instructions<'static>,
    /// Where the text stands.
    pub(super) place: Place,
    /// The text, for the words of an error.
    pub(super) text: Arc<str>,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code").field("place", &self.place).finish_non_exhaustive()
    }
}

/// The names that the caller of a macro fills in and that its body asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// Positional arguments beyond the parameters.
    pub(super) varargs: bool,
    /// Keyword arguments that are no parameters.
    pub(super) kwargs: bool,
    /// The body of the call block.
    pub(super) caller: bool,
}

/// What a parameter is when no argument is given.
#[derive(Debug)]
pub(super) enum DefaultValue {
    /// Undefined.
    None,
    /// Always the same value, which nothing can change.
    Constant(Value),
    /// Computed at each call, in sight of the parameters before it.
    Computed(Code),
}

/// A parameter of compiled code.
#[derive(Debug)]
pub(super) struct BoundParameter {
    /// Its name.
    pub(super) name: &'static str,
    /// Its default.
    pub(super) default: DefaultValue,
}

/// A macro or call block, compiled.
#[derive(Debug)]
pub(super) struct Definition {
    /// The name, `caller` for call blocks.
    pub(super) name: &'static str,
    /// The parameters in order.
    pub(super) parameters: Vec<BoundParameter>,
    /// Which extra names the body asks for.
    pub(super) uses: Uses,
    /// The body.
    pub(super) code: Code,
}

/// Compiles texts with the names of one environment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compiler<'a> {
    /// Where names are kept.
    pub(super) names: &'a Names,
    /// How the code will be rendered.
    pub(super) mode: Mode,
    /// Whether it prints where its text comes from.
    pub(super) is_traced: bool,
}

impl Compiler<'_> {
    /// Compiles a template, and says which extra names it asks for.
    pub(super) fn template(self, text: &str, place: Place, last: LastLine) -> Result<(Code, Uses), Diagnostic> {
        // The machine takes one line end off the end; a body that shall keep its own gets another one.
        let padded = (last == LastLine::Keep && text.ends_with('\n')).then(|| format!("{text}\n"));
        let prepared = prepare(padded.as_deref().unwrap_or(text)).map_err(|error| match error {
            PrepareError::Unclosed(Unclosed { at, closer }) => unclosed_tag(place.span(at..at + 2), closer),
            PrepareError::Header(error) => header_error(error, place),
            PrepareError::TooLong(range) => {
                Diagnostic::error(codes::JINJA_SYNTAX, "the expression is too long").at(place.span(range))
            }
        })?;
        let template =
            grammar::template(&prepared.text, &prepared.heads).map_err(|error| syntax_error(error, text, place))?;
        let mut generator = CodeGenerator::new("", &prepared.text);
        generator.compile_stmt(&template.tree);
        let (instructions, _) = generator.finish();
        let source = Source {
            instructions: &instructions,
            heads: &prepared.heads,
            silent: &template.silent,
            prepared: &prepared.text,
            text,
            place,
        };
        lower(&source, self)
    }

    /// Compiles an expression that stands in `text` at `range`.
    pub(super) fn expression(self, text: &str, range: Range<usize>, place: Place) -> Result<Code, Diagnostic> {
        let (text, place) = (&text[range.clone()], place.at(range.start));
        if is_too_long(text) {
            return Err(
                Diagnostic::error(codes::JINJA_SYNTAX, "the expression is too long").at(place.span(0..text.len()))
            );
        }
        let joined = prepare_expression(text);
        let tree = grammar::expression(&joined).map_err(|error| syntax_error(error, text, place))?;
        let mut generator = CodeGenerator::new("", &joined);
        generator.compile_expr(&tree);
        let (instructions, _) = generator.finish();
        let source = Source { instructions: &instructions, heads: &[], silent: &[], prepared: &joined, text, place };
        lower(&source, self).map(|(code, _)| code)
    }

    /// Compiles a parameter whose default stands in `text` at a range.
    pub(super) fn parameter(
        self,
        name: &str,
        default: Option<Range<usize>>,
        text: &str,
        place: Place,
    ) -> Result<BoundParameter, Diagnostic> {
        let default = match default {
            None => DefaultValue::None,
            Some(range) => self.default(text, range, place)?,
        };
        Ok(BoundParameter { name: self.names.intern(name), default })
    }

    fn default(self, text: &str, range: Range<usize>, place: Place) -> Result<DefaultValue, Diagnostic> {
        let code = self.expression(text, range.clone(), place)?;
        Ok(match grammar::expression(&text[range]) {
            Ok(ast::Expr::Const(constant)) => DefaultValue::Constant(constant.value.clone()),
            _ => DefaultValue::Computed(code),
        })
    }
}
