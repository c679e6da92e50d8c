//! The macros of all packages and the names that are the same everywhere: what every template of a project is rendered with.

use std::sync::Arc;

use minijinja::value::{Kwargs, Value};

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::jinja::block::{Block, BlockKind, Parameter};
use crate::jinja::callable::{Macro, call_macro, run};
use crate::jinja::code::{Compiler, LastLine, Place};
use crate::jinja::failure::Failure;
use crate::jinja::frame::{Frame, Mode};
use crate::jinja::function;
use crate::jinja::names::names_in;
use crate::jinja::native::whole;
use crate::jinja::reads::Reads;
use crate::jinja::replaced::Replaced;
use crate::jinja::shared::{Shared, SharedParts};
use crate::source::{FileId, SourceMap, Span};

/// What is known of a macro without running it.
#[derive(Clone, Debug)]
pub struct MacroInfo {
    /// The package that defines it.
    pub package: Arc<str>,
    /// Its name as templates call it: `test_unique`, not `unique`.
    pub name: String,
    /// The kind of its block.
    pub kind: BlockKind,
    /// The whole block.
    pub span: Span,
    /// Where the name stands.
    pub name_span: Span,
    /// What it computes.
    pub body: Span,
    /// Its parameters in order.
    pub parameters: Vec<Parameter>,
}

/// What a template can see besides macros and globals.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The package whose macros an unqualified name means first.
    pub package: Arc<str>,
    /// The names of the node that is being rendered: a map, or an object that makes them when asked.
    pub names: Value,
    /// Names that mean something else, whatever the macros and the node say.
    pub replaced: Replaced,
}

impl Scope {
    /// What a template of `package` sees, with nothing replaced.
    #[must_use]
    pub fn new(package: impl Into<Arc<str>>, names: Value) -> Self {
        Scope { package: package.into(), names, replaced: Replaced::default() }
    }
}

/// What came of a template.
#[derive(Debug)]
pub struct Rendering<'e> {
    /// Its text, or why there is none.
    pub text: Result<String, Diagnostic>,
    /// The macros that the template called itself, even when it failed: what dbt records as a node's dependencies. Macros that
    /// those macros called are not among them.
    pub calls: Vec<&'e MacroInfo>,
    /// What the user is told about it: names that nothing defines, among others.
    pub notes: Vec<Diagnostic>,
}

/// Collects macros and globals.
#[derive(Debug)]
pub struct Builder {
    sources: Arc<SourceMap>,
    globals: Vec<(String, Value)>,
    macros: Vec<MacroInfo>,
}

/// The macros of all packages. Immutable and cheap to share between threads.
#[derive(Clone, Debug)]
pub struct Environment {
    shared: Arc<Shared>,
    reads: Option<Reads>,
}

/// What a name means to the templates of a package, as far as it does not depend on the node.
#[derive(Clone, Copy, Debug)]
pub enum Meaning<'e> {
    /// A macro.
    Macro(&'e MacroInfo),
    /// The macros of this package.
    Package(&'e str),
    /// A name of the node or a global; where there is none, this macro of the built-in package.
    Other(Option<&'e MacroInfo>),
}

impl Environment {
    /// Starts an environment whose templates come from `sources`.
    #[must_use]
    pub fn builder(sources: Arc<SourceMap>) -> Builder {
        let globals = function::globals().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Builder { sources, globals, macros: Vec::new() }
    }

    /// The environment of what is run from this frame.
    pub(super) fn of(frame: &Frame) -> Self {
        Environment { shared: Arc::clone(&frame.shared), reads: frame.reads.clone() }
    }

    /// The same environment, and the account of what its renderings read.
    #[must_use]
    pub fn recording(&self) -> (Self, Reads) {
        let reads = Reads::default();
        (Environment { shared: Arc::clone(&self.shared), reads: Some(reads.clone()) }, reads)
    }

    /// The same environment, whose renderings of templates are marked with where their text comes from: for [`Trace::read`](super::Trace).
    #[must_use]
    pub fn traced(&self) -> Self {
        Environment { shared: Arc::new(self.shared.traced()), reads: None }
    }

    /// What a name means to the templates of a package, in the order in which a template looks it up.
    #[must_use]
    pub fn meaning(&self, package: &str, name: &str) -> Meaning<'_> {
        self.shared.meaning(package, name)
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// All macros in the order in which they were added.
    pub fn macros(&self) -> impl Iterator<Item = &MacroInfo> {
        self.shared.macros().map(|found| &found.info)
    }

    /// Whether a package of this name has macros.
    #[must_use]
    pub fn has_package(&self, name: &str) -> bool {
        self.shared.has_package(name)
    }

    /// The macros of a name, one of each package that has one, in the order in which the packages were added.
    pub fn macros_named(&self, name: &str) -> impl Iterator<Item = &MacroInfo> {
        self.shared.named(name).map(|found| &found.info)
    }

    /// The macro that `name` means in `from_package`: that package's, else the root project's, else the built-in one.
    /// `package.name` means exactly that one.
    #[must_use]
    pub fn macro_named(&self, from_package: &str, name: &str) -> Option<&MacroInfo> {
        let found = self.shared.find(from_package, name)?;
        found.downcast_object_ref::<Macro>().map(|found| &found.info)
    }

    /// What a name means to a template: a macro, a name of the scope, a global.
    #[must_use]
    pub fn lookup(&self, scope: &Scope, name: &str) -> Option<Value> {
        self.frame(scope, Mode::Text).lookup(name)
    }

    /// The value that was made known to every template under a name.
    #[must_use]
    pub fn global(&self, name: &str) -> Option<Value> {
        self.shared.global(name).cloned()
    }

    /// All names that a template can use, sorted.
    #[must_use]
    pub fn known_names(&self, scope: &Scope) -> Vec<String> {
        let mut names = self.frame(scope, Mode::Text).known_names();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Renders a stretch of a file; what fails is the first failure, with its place and the macros that led there.
    #[must_use]
    pub fn render(&self, template: Span, scope: &Scope) -> Rendering<'_> {
        self.render_in(Mode::Text, scope, |frame| self.render_span(template, frame))
    }

    /// [`render`](Self::render) for what the template refers to: as in dbt, what nothing defines may then be called and has
    /// attributes, all of them undefined. The user is told of it in the notes. The macros that it calls run as always.
    pub fn read(&self, template: Span, scope: &Scope) -> Rendering<'_> {
        self.render_in(Mode::Reading, scope, |frame| self.render_span(template, frame))
    }

    /// [`read`](Self::read) of a text that is not itself in a file; failures are reported at `at`.
    pub fn read_text(&self, text: &str, at: Span, scope: &Scope) -> Rendering<'_> {
        self.render_in(Mode::Reading, scope, |frame| self.render_at(text, Place::Fixed(at), frame))
    }

    fn render_in(
        &self,
        mode: Mode,
        scope: &Scope,
        render: impl FnOnce(&Arc<Frame>) -> Result<String, Diagnostic>,
    ) -> Rendering<'_> {
        let frame = self.frame(scope, mode);
        let text = render(&frame);
        let called = frame.calls().into_iter().filter_map(|index| self.shared.macro_at(index));
        Rendering { text, calls: called.map(|found| &found.info).collect(), notes: frame.notes() }
    }

    /// [`render`](Self::render) of a text that is not itself in a file; failures are reported at `at`.
    #[must_use]
    pub fn render_text(&self, text: &str, at: Span, scope: &Scope) -> Rendering<'_> {
        self.render_in(Mode::Text, scope, |frame| self.render_at(text, Place::Fixed(at), frame))
    }

    /// What takes the place of a text in a document whose texts are rendered; `None` where the text stands as it is.
    ///
    /// # Errors
    /// As for [`render`](Self::render).
    pub fn document_text(&self, text: &str, at: Span, scope: &Scope) -> Result<Option<serde_json::Value>, Diagnostic> {
        if !is_template(text) {
            // As everywhere in Jinja, the last line end is no part of what is rendered.
            return Ok(text.strip_suffix('\n').map(Into::into));
        }
        let value = self.native(text, at, scope)?;
        Ok(serde_json::to_value(&value).ok())
    }

    /// Renders a YAML value: what prints one piece gives the value itself, anything else gives text.
    ///
    /// # Errors
    /// As for [`render`](Self::render).
    pub fn native(&self, text: &str, at: Span, scope: &Scope) -> Result<Value, Diagnostic> {
        let frame = self.frame(scope, Mode::Native);
        let text = self.render_at(text, Place::Fixed(at), &frame)?;
        let mut pieces = frame.pieces();
        let Some(piece) = pieces.pop().filter(|_| pieces.is_empty()) else { return Ok(Value::from(text)) };
        if let Some(unknown) = frame.notes().into_iter().next().filter(|_| piece.is_undefined()) {
            return Err(unknown.with_severity(Severity::Error));
        }
        whole(piece).map_err(|message| Diagnostic::error(codes::JINJA_RUNTIME, message).at(at))
    }

    /// Calls a macro and gives what it returned, or else what it printed, as text. `name` is resolved from the scope's package
    /// and may be qualified.
    ///
    /// # Errors
    /// When there is no such macro, or as for [`render`](Self::render).
    pub fn call(
        &self,
        name: &str,
        args: &[Value],
        kwargs: &[(&str, Value)],
        scope: &Scope,
    ) -> Result<Value, Diagnostic> {
        self.call_in(&self.frame(scope, Mode::Text), name, args, kwargs)
    }

    /// The names that a template calls or reads, dotted where it says so (`ref`, `my_macro`, `dbt_utils.star`), in order and
    /// each once. Empty when the template is malformed.
    #[must_use]
    pub fn names_in(&self, template: Span) -> Vec<String> {
        let file = self.shared.sources.get(template.file);
        names_in(file.text().get(template.range()).unwrap_or_default())
    }

    fn frame(&self, scope: &Scope, mode: Mode) -> Arc<Frame> {
        Arc::new(Frame::new(Arc::clone(&self.shared), scope, mode, self.reads.clone()))
    }

    fn render_span(&self, template: Span, frame: &Arc<Frame>) -> Result<String, Diagnostic> {
        let file = self.shared.sources.get(template.file);
        let text = file.text().get(template.range()).unwrap_or_default();
        self.render_at(text, Place::File { file: template.file, base: template.start as usize }, frame)
    }

    pub(super) fn render_at(&self, text: &str, place: Place, frame: &Arc<Frame>) -> Result<String, Diagnostic> {
        let compiler = self.compiler(frame);
        if !is_template(text) && !compiler.is_traced {
            return Ok(plain(text));
        }
        let (code, _) = compiler.template(text, place, LastLine::Trim)?;
        run(&code, frame).map(|(text, _)| text).map_err(Failure::into_diagnostic)
    }

    pub(super) fn call_in(
        &self,
        frame: &Arc<Frame>,
        name: &str,
        args: &[Value],
        kwargs: &[(&str, Value)],
    ) -> Result<Value, Diagnostic> {
        let Some(found) = frame.find_macro(name).and_then(|value| value.downcast_object::<Macro>()) else {
            let known: Vec<&str> = self.macros().map(|info| info.name.as_str()).collect();
            let error = Diagnostic::error(codes::UNKNOWN_MACRO, format!("there is no macro `{name}`"));
            return Err(error.suggest(name, known));
        };
        let mut all = args.to_vec();
        if !kwargs.is_empty() {
            all.push(kwargs.iter().map(|(name, value)| (*name, value.clone())).collect::<Kwargs>().into());
        }
        call_macro(&found, frame, &all).map_err(|error| Failure::outside(&error, &found.info))
    }

    fn compiler(&self, frame: &Frame) -> Compiler<'_> {
        Compiler {
            names: &self.shared.names,
            mode: frame.mode(),
            is_traced: self.shared.is_traced && frame.mode() == Mode::Text,
        }
    }
}

impl Builder {
    /// Makes a value known under a name in every template.
    pub fn global(&mut self, name: &str, value: Value) {
        self.globals.push((name.to_owned(), value));
    }

    /// Adds the blocks of a file that are macros: macros, tests and materializations. Others are passed over.
    pub fn macros(&mut self, package: &str, file: FileId, blocks: &[Block]) {
        let package: Arc<str> = Arc::from(package);
        let is_macro =
            |kind: &BlockKind| matches!(kind, BlockKind::Macro | BlockKind::Test | BlockKind::Materialization { .. });
        self.macros.extend(blocks.iter().filter(|block| is_macro(&block.kind) && block.span.file == file).map(
            |block| MacroInfo {
                package: Arc::clone(&package),
                name: block.macro_name(),
                kind: block.kind.clone(),
                span: block.span,
                name_span: block.name_span,
                body: block.body,
                parameters: block.parameters.clone(),
            },
        ));
    }

    /// Finishes: names are resolved with `root_package` as the user's project and [`BUILT_IN`](super::BUILT_IN) as the built-in
    /// macros. Every macro that is not built in is compiled, and every malformed one reported.
    #[must_use]
    pub fn build(self, root_package: &str) -> (Environment, Diagnostics) {
        let parts = SharedParts { sources: self.sources, globals: self.globals, macros: self.macros };
        let (shared, diagnostics) = Shared::build(parts, root_package);
        (Environment { shared: Arc::new(shared), reads: None }, diagnostics)
    }
}

/// Whether a text has tags of Jinja in it.
#[must_use]
pub fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|tag| text.contains(tag))
}

/// A text without Jinja as the machine would print it: line ends are `\n`, and the last one is taken off.
fn plain(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text).replace("\r\n", "\n")
}
