//! What a piece of running code can see: the root of minijinja's context, one for each template and macro that runs.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::State;
use minijinja::value::{Enumerator, Object, ObjectRepr, Value};

use crate::base::HashMap;
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::environment::Scope;
use crate::jinja::reads::Reads;
use crate::jinja::replaced::Replaced;
use crate::jinja::shared::Shared;

/// The name under which a frame finds itself. No template can write it.
const SELF: &str = "\0frame";

/// The macros that are in sight of a package's templates.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// Its name.
    pub(super) name: Arc<str>,
    /// Its own macros and, where it has none of that name, the root project's.
    pub(super) visible: Arc<HashMap<String, Value>>,
}

/// Names and values, few enough that a list is the fastest map.
pub(super) type Bindings = Vec<(&'static str, Value)>;

/// How a template is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// For its text.
    Text,
    /// For what it refers to: what nothing defines does no harm.
    Reading,
    /// For a value of YAML: filters like `as_number` make values of text.
    Native,
}

/// The names in sight of one run of a template or macro.
#[derive(Debug)]
pub(super) struct Frame {
    /// What all templates share.
    pub(super) shared: Arc<Shared>,
    /// The package in whose sight the code runs: as in dbt that of the node, in the macros of other packages, too.
    pub(super) package: Arc<Package>,
    /// The package of the macro that runs, whose macros mean something where nothing else has the name.
    home: Option<Arc<Package>>,
    /// The names of the node.
    pub(super) names: Value,
    /// Names that mean something else.
    pub(super) replaced: Replaced,
    /// How many macros are running, one in the other.
    pub(super) depth: usize,
    /// Arguments, and for macros inside a template the variables of the place that made them.
    bindings: Bindings,
    /// The variables of the template that macros inside it ask for.
    variables: Mutex<Bindings>,
    /// The frame of the template that the macro stands in.
    outer: Option<Arc<Frame>>,
    /// What a value of YAML printed so far.
    pieces: Mutex<Vec<Value>>,
    /// The macros that a template itself called, not those that macros called.
    calls: Mutex<Vec<usize>>,
    /// How the template is rendered. Macros are run as always.
    mode: Mode,
    /// What the user is told about this rendering, macros included.
    notes: Arc<Mutex<Vec<Diagnostic>>>,
    /// The account of what is read, macros included, where one is kept.
    pub(super) reads: Option<Reads>,
}

impl Frame {
    /// The frame of a template or a value.
    pub(super) fn new(shared: Arc<Shared>, scope: &Scope, mode: Mode, reads: Option<Reads>) -> Frame {
        let package = shared.package(&scope.package);
        let names = scope.names.clone();
        Frame {
            shared,
            package,
            home: None,
            names,
            replaced: scope.replaced.clone(),
            depth: 0,
            bindings: Vec::new(),
            variables: Mutex::default(),
            pieces: Mutex::default(),
            outer: None,
            calls: Mutex::default(),
            mode,
            notes: Arc::default(),
            reads,
        }
    }

    /// The frame of a text that is rendered from within this one.
    pub(super) fn of_text(self: &Arc<Self>) -> Arc<Frame> {
        Arc::new(self.of_macro(self.home.clone(), Vec::new()))
    }

    /// The frame of a macro of the package `home`, called from this one.
    pub(super) fn of_macro(self: &Arc<Self>, home: Option<Arc<Package>>, bindings: Bindings) -> Frame {
        Frame {
            shared: Arc::clone(&self.shared),
            package: Arc::clone(&self.package),
            home,
            names: self.names.clone(),
            replaced: self.replaced.clone(),
            depth: self.depth + 1,
            bindings,
            variables: Mutex::default(),
            pieces: Mutex::default(),
            outer: None,
            calls: Mutex::default(),
            mode: Mode::Text,
            notes: Arc::clone(&self.notes),
            reads: self.reads.clone(),
        }
    }

    /// The frame of a macro that was made in `outer`, called from this one.
    pub(super) fn of_closure(self: &Arc<Self>, outer: &Arc<Frame>, bindings: Bindings) -> Frame {
        let frame = self.of_macro(outer.home.clone(), bindings);
        let package = Arc::clone(&outer.package);
        Frame { outer: Some(Arc::clone(outer)), package, names: outer.names.clone(), mode: outer.mode, ..frame }
    }

    /// The frame of the code that runs.
    pub(super) fn current(state: &State<'_, '_>) -> Option<Arc<Frame>> {
        state.lookup(SELF)?.downcast_object()
    }

    /// Adds an argument, while the arguments of a call are being gathered.
    pub(super) fn bind(&mut self, name: &'static str, value: Value) {
        self.bindings.push((name, value));
    }

    /// Keeps the value of a variable for the macros of this template.
    pub(super) fn share(&self, name: &'static str, value: Value) {
        let mut variables = self.variables.lock().unwrap_or_else(PoisonError::into_inner);
        match variables.iter_mut().find(|(known, _)| *known == name) {
            Some((_, current)) => *current = value,
            None => variables.push((name, value)),
        }
    }

    /// Keeps account of a piece of a value of YAML.
    pub(super) fn add_piece(&self, piece: Value) {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner).push(piece);
    }

    /// The pieces that a value of YAML is made of.
    pub(super) fn pieces(&self) -> Vec<Value> {
        std::mem::take(&mut *self.pieces.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps account of a call, if it is the template's own.
    pub(super) fn note_call(&self, index: usize) {
        if self.depth == 0 {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            if !calls.contains(&index) {
                calls.push(index);
            }
        }
    }

    /// The macros that the template called, in the order of their first call.
    pub(super) fn calls(&self) -> Vec<usize> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How the code is rendered.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// minijinja for this code.
    pub(super) fn engine(&self) -> &minijinja::Environment<'static> {
        match self.mode {
            Mode::Text => &self.shared.engine,
            Mode::Reading => &self.shared.lenient_engine,
            Mode::Native => &self.shared.native_engine,
        }
    }

    /// Tells the user something about this rendering, once.
    pub(super) fn note(&self, note: Diagnostic) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |one: &Diagnostic| one.message == note.message && one.primary() == note.primary();
        if !notes.iter().any(is_known) {
            notes.push(note);
        }
    }

    /// Gives the notes without a place this one.
    pub(super) fn place_notes(&self, span: crate::source::Span) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        for note in notes.iter_mut().filter(|note| note.primary().is_none()) {
            *note = note.clone().at(span);
        }
    }

    /// What the user is told.
    pub(super) fn notes(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets the variables, because those that are macros hold this frame in turn.
    pub(super) fn close(&self) {
        self.variables.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The name for good.
    pub(super) fn intern(&self, name: &str) -> &'static str {
        self.shared.names.intern(name)
    }

    /// The error about a name that nothing defines.
    pub(super) fn unknown(&self, name: &str) -> Diagnostic {
        let known = self.known_names();
        let error = Diagnostic::error(codes::JINJA_UNDEFINED, format!("`{name}` is not defined"));
        error.suggest(name, known.iter().map(String::as_str))
    }

    /// What `name` means here.
    pub(super) fn lookup(&self, name: &str) -> Option<Value> {
        let own = self.local(name).or_else(|| self.replaced.get(name).cloned());
        own.or_else(|| {
            if let Some(reads) = &self.reads {
                reads.name(&self.package.name, name);
            }
            self.shared.resolve(&self.package, &self.names, name).or_else(|| self.at_home(name))
        })
    }

    /// The macro of this name that the package of the running macro has.
    fn at_home(&self, name: &str) -> Option<Value> {
        let home = self.home.as_ref()?;
        if let Some(reads) = &self.reads {
            reads.macro_(&home.name, name);
        }
        self.shared.find(&home.name, name).cloned()
    }

    /// The macro that `name` means here, other names aside; as in [`Shared::find`].
    pub(super) fn find_macro(&self, name: &str) -> Option<Value> {
        if let Some(reads) = &self.reads {
            reads.macro_(&self.package.name, name);
        }
        self.shared.find(&self.package.name, name).cloned().or_else(|| self.at_home(name))
    }

    fn local(&self, name: &str) -> Option<Value> {
        let find =
            |bindings: &Bindings| bindings.iter().rev().find(|(known, _)| *known == name).map(|(_, v)| v.clone());
        let variables = self.variables.lock().unwrap_or_else(PoisonError::into_inner);
        let found = find(&variables).or_else(|| find(&self.bindings));
        drop(variables);
        found.or_else(|| self.outer.as_ref()?.local(name))
    }

    /// All names in sight.
    pub(super) fn known_names(&self) -> Vec<String> {
        let mut names = self.shared.known_names(&self.package);
        names.extend(self.home.iter().flat_map(|home| home.visible.keys()).cloned());
        names.extend(self.bindings.iter().map(|(name, _)| (*name).to_owned()));
        if let Ok(keys) = self.names.try_iter() {
            names.extend(keys.filter_map(|key| key.as_str().map(str::to_owned)));
        }
        names
    }
}

impl Object for Frame {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        if name == SELF {
            return Some(Value::from_dyn_object(Arc::clone(self)));
        }
        self.lookup(name)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
