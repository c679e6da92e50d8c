//! What all templates of a project share: the macros by package, the globals, and how a name is resolved among them.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};
use minijinja::{Environment as Engine, Error, State};
use rayon::prelude::*;

use crate::base::{HashMap, IndexMap};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::callable::Macro;
use crate::jinja::code::{Compiler, Definition, LastLine, Place};
use crate::jinja::engine::{engine, lenient_engine, native_engine};
use crate::jinja::environment::{MacroInfo, Meaning};
use crate::jinja::failure::raise;
use crate::jinja::frame::{Mode, Package};
use crate::jinja::intern::Names;
use crate::source::SourceMap;

/// The package of the built-in macros, which is also the name that templates know it by.
pub const BUILT_IN: &str = "dbt";

/// What a [`Shared`] is made of.
pub(super) struct SharedParts {
    /// The texts of the macros.
    pub(super) sources: Arc<SourceMap>,
    /// Names that are the same everywhere; a later one wins.
    pub(super) globals: Vec<(String, Value)>,
    /// The macros of all packages.
    pub(super) macros: Vec<MacroInfo>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Shared {
    /// minijinja's own environment; it holds filters and tests, no templates.
    pub(super) engine: Engine<'static>,
    /// The same for templates that are only read: what is undefined has undefined attributes.
    pub(super) lenient_engine: Engine<'static>,
    /// The same for values of YAML: filters that make values of text do so.
    pub(super) native_engine: Engine<'static>,
    /// The names of compiled code.
    pub(super) names: Names,
    /// The texts of all templates.
    pub(super) sources: Arc<SourceMap>,
    /// Whether renderings are marked with where their text comes from.
    pub(super) is_traced: bool,
    globals: HashMap<String, Value>,
    all: Vec<Arc<Macro>>,
    /// The macros of each package by name.
    own: MacrosByPackage,
    packages: HashMap<Arc<str>, Arc<Package>>,
    /// What a package without macros sees.
    root: Arc<Package>,
    /// Packages as names in templates.
    namespaces: HashMap<String, Value>,
    internal: Arc<HashMap<String, Value>>,
}

impl Shared {
    /// Puts the parts together, and compiles what users wrote.
    pub(super) fn build(parts: SharedParts, root: &str) -> (Self, Diagnostics) {
        let (shared, mut diagnostics) = Shared::assemble(parts, root);
        diagnostics.extend(shared.check());
        (shared, diagnostics)
    }

    /// The same, whose renderings are marked with where their text comes from.
    pub(super) fn traced(&self) -> Self {
        let parts = SharedParts {
            sources: Arc::clone(&self.sources),
            globals: self.globals.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            macros: self.macros().map(|found| found.info.clone()).collect(),
        };
        Shared { is_traced: true, ..Shared::assemble(parts, &self.root.name).0 }
    }

    fn assemble(parts: SharedParts, root: &str) -> (Self, Diagnostics) {
        let SharedParts { sources, globals, macros } = parts;
        let all: Vec<Arc<Macro>> =
            macros.into_iter().enumerate().map(|(index, info)| Arc::new(Macro::new(info, index))).collect();
        let (own, diagnostics) = by_package(&all);
        let of = |package: &str| own.get(package).cloned().unwrap_or_default();
        let visible = |package: &Arc<str>| {
            let mut visible = HashMap::clone(&of(root));
            // Built-in macros are looked up last even from one another, so that a project can replace any of them.
            if **package != *BUILT_IN {
                visible.extend(of(package).iter().map(|(name, found)| (name.clone(), found.clone())));
            }
            Arc::new(Package { name: Arc::clone(package), visible: Arc::new(visible) })
        };
        let root: Arc<str> = Arc::from(root);
        let namespaces = own.keys().map(|package| &**package).chain([BUILT_IN]).map(|package| {
            let macros = of(package);
            (package.to_owned(), Value::from_object(Namespace { package: package.to_owned(), macros }))
        });
        let shared = Shared {
            engine: engine(),
            lenient_engine: lenient_engine(),
            native_engine: native_engine(),
            names: Names::default(),
            sources,
            is_traced: false,
            globals: globals.into_iter().collect(),
            packages: own.keys().map(|package| (Arc::clone(package), visible(package))).collect(),
            root: visible(&root),
            namespaces: namespaces.collect(),
            internal: of(BUILT_IN),
            all,
            own,
        };
        (shared, diagnostics)
    }

    /// All macros.
    pub(super) fn macros(&self) -> impl Iterator<Item = &Macro> {
        self.all.iter().map(|found| &**found)
    }

    /// The macros of a name, by package.
    pub(super) fn named<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s Macro> {
        self.own.values().filter_map(move |macros| macros.get(name)?.downcast_object_ref::<Macro>())
    }

    /// The macro at a position.
    pub(super) fn macro_at(&self, index: usize) -> Option<&Macro> {
        self.all.get(index).map(|found| &**found)
    }

    /// What the templates of a package see.
    pub(super) fn package(&self, name: &Arc<str>) -> Arc<Package> {
        match self.packages.get(name) {
            Some(package) => Arc::clone(package),
            None => Arc::new(Package { name: Arc::clone(name), visible: Arc::clone(&self.root.visible) }),
        }
    }

    /// Whether a package of this name has macros.
    pub(super) fn has_package(&self, name: &str) -> bool {
        self.own.contains_key(name)
    }

    /// The macro that a name means in a package; `package.name` means exactly that one.
    pub(super) fn find(&self, from: &str, name: &str) -> Option<&Value> {
        if let Some((package, name)) = name.split_once('.') {
            return self.own.get(package)?.get(name);
        }
        let package = self.packages.get(from).unwrap_or(&self.root);
        package.visible.get(name).or_else(|| self.internal.get(name))
    }

    /// What a name means to a template of `package` with the node's `names`.
    pub(super) fn resolve(&self, package: &Package, names: &Value, name: &str) -> Option<Value> {
        let known = package.visible.get(name).or_else(|| self.namespaces.get(name)).cloned();
        known
            .or_else(|| names.as_object()?.get_value_by_str(name))
            .or_else(|| self.globals.get(name).or_else(|| self.internal.get(name)).cloned())
    }

    /// A package as a name in templates.
    pub(super) fn namespace(&self, name: &str) -> Option<&Value> {
        self.namespaces.get(name)
    }

    /// What a name means to the templates of a package, as [`resolve`](Self::resolve) looks it up.
    pub(super) fn meaning(&self, from: &str, name: &str) -> Meaning<'_> {
        fn info(found: &Value) -> Option<&MacroInfo> {
            found.downcast_object_ref::<Macro>().map(|found| &found.info)
        }
        let package = self.packages.get(from).unwrap_or(&self.root);
        if let Some(info) = package.visible.get(name).and_then(info) {
            return Meaning::Macro(info);
        }
        match self.namespaces.get(name).and_then(|found| found.downcast_object_ref::<Namespace>()) {
            Some(namespace) => Meaning::Package(&namespace.package),
            None => Meaning::Other(self.internal.get(name).and_then(info)),
        }
    }

    /// A name that is the same everywhere.
    pub(super) fn global(&self, name: &str) -> Option<&Value> {
        self.globals.get(name)
    }

    /// The names that [`resolve`](Self::resolve) knows without a node.
    pub(super) fn known_names(&self, package: &Package) -> Vec<String> {
        let macros = package.visible.keys().chain(self.internal.keys());
        macros.chain(self.namespaces.keys()).chain(self.globals.keys()).cloned().collect()
    }

    /// The compiled macro.
    pub(super) fn definition<'a>(&self, target: &'a Macro) -> Result<&'a Definition, Diagnostic> {
        target.definition.get_or_init(|| self.compile(&target.info)).as_ref().map_err(Clone::clone)
    }

    fn compile(&self, info: &MacroInfo) -> Result<Definition, Diagnostic> {
        let compiler = Compiler { names: &self.names, mode: Mode::Text, is_traced: self.is_traced };
        let file = self.sources.get(info.span.file);
        let text = file.text();
        let place = |base| Place::File { file: info.span.file, base };
        let parameters = info.parameters.iter().map(|parameter| {
            let default = parameter.default_span.map(crate::source::Span::range);
            compiler.parameter(&parameter.name, default, text, place(0))
        });
        let parameters = parameters.collect::<Result<_, _>>()?;
        let body = text.get(info.body.range()).unwrap_or_default();
        let (code, uses) = compiler.template(body, place(info.body.start as usize), LastLine::Keep)?;
        Ok(Definition { name: self.names.intern(&info.name), parameters, uses, code })
    }

    /// Compiles every macro but the built-in ones, which are compiled when they are called.
    fn check(&self) -> Vec<Diagnostic> {
        let users = self.all.par_iter().filter(|found| *found.info.package != *BUILT_IN);
        users.filter_map(|found| self.definition(found).err()).collect()
    }
}

type MacrosByPackage = IndexMap<Arc<str>, Arc<HashMap<String, Value>>>;

/// The macros by package and name. Of two with one name the first counts.
fn by_package(all: &[Arc<Macro>]) -> (MacrosByPackage, Diagnostics) {
    let mut found: IndexMap<Arc<str>, HashMap<String, Value>> = IndexMap::default();
    let mut diagnostics = Diagnostics::new();
    for one in all {
        let macros = found.entry(Arc::clone(&one.info.package)).or_default();
        match macros.get(&one.info.name).and_then(|first| first.downcast_object_ref::<Macro>()) {
            Some(first) => diagnostics.push(duplicate(&first.info, &one.info)),
            None => drop(macros.insert(one.info.name.clone(), Value::from_dyn_object(Arc::clone(one)))),
        }
    }
    (found.into_iter().map(|(package, macros)| (package, Arc::new(macros))).collect(), diagnostics)
}

fn duplicate(first: &MacroInfo, second: &MacroInfo) -> Diagnostic {
    let MacroInfo { package, name, .. } = second;
    Diagnostic::error(codes::DUPLICATE_NAME, format!("package `{package}` has two macros `{name}`"))
        .label(second.name_span, "defined again here")
        .label(first.name_span, "first defined here")
}

/// A package as a name in templates: `dbt_utils.star(…)`, `pkg['macro']`.
#[derive(Debug)]
pub(super) struct Namespace {
    package: String,
    macros: Arc<HashMap<String, Value>>,
}

impl Namespace {
    /// Whether the package has a macro, or can be asked this as the mapping of macros that it is to dbt.
    pub(super) fn has(&self, name: &str) -> bool {
        self.macros.contains_key(name) || name == "get"
    }

    /// The package with another value for one of its macros.
    pub(super) fn with(&self, name: &str, value: Value) -> Namespace {
        let mut macros = HashMap::clone(&self.macros);
        macros.insert(name.to_owned(), value);
        Namespace { package: self.package.clone(), macros: Arc::new(macros) }
    }

    /// The error about a macro that it has not.
    pub(super) fn unknown(&self, name: &str) -> Diagnostic {
        let message = format!("package `{}` has no macro `{name}`", self.package);
        let error = Diagnostic::error(codes::UNKNOWN_MACRO, message);
        error.suggest(name, self.macros.keys().map(String::as_str))
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.macros.get(key.as_str()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let mut names: Vec<&String> = self.macros.keys().collect();
        names.sort_unstable();
        Enumerator::Values(names.into_iter().map(|name| Value::from(name.as_str())).collect())
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, name: &str, args: &[Value]) -> Result<Value, Error> {
        match self.macros.get(name) {
            Some(found) => found.call(state, args),
            None if name == "get" => {
                let found = args.first().and_then(|key| self.get_value(key));
                Ok(found.or_else(|| args.get(1).cloned()).unwrap_or_else(|| Value::from(())))
            }
            None => Err(raise(self.unknown(name))),
        }
    }
}
