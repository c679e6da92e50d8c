//! What the things are that readings asked for: the same then and now, or not.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::base::{Fingerprint, HashMap};
use crate::context::{Basis, Surroundings, target_value};
use crate::jinja::{MacroInfo, Meaning, Read};
use crate::session::Session;
use crate::source::World;

/// The facts of this command.
pub(super) struct Facts {
    surroundings: Surroundings,
    /// What every reading rests on: the target, and how names are written there.
    target: Fingerprint,
    dispatch: OnceLock<Fingerprint>,
    vars: OnceLock<Fingerprint>,
    flags: OnceLock<Fingerprint>,
    /// Many templates ask for the same, and for the same together.
    each: Mutex<HashMap<Read, Option<Fingerprint>>>,
    together: Mutex<HashMap<Vec<Read>, Option<Fingerprint>>>,
}

impl Facts {
    /// The facts of a command with these macros and this session.
    pub(super) fn new(surroundings: &Surroundings) -> Self {
        Facts {
            target: target(&surroundings.session),
            surroundings: surroundings.clone(),
            dispatch: OnceLock::new(),
            vars: OnceLock::new(),
            flags: OnceLock::new(),
            each: Mutex::default(),
            together: Mutex::default(),
        }
    }

    /// The build of the program.
    pub(super) fn build(&self) -> Fingerprint {
        self.world().build()
    }

    /// The files.
    pub(super) fn world(&self) -> &dyn World {
        self.surroundings.session.world.as_ref()
    }

    /// What these are now; nothing when that is another thing each time.
    pub(super) fn of(&self, reads: &[Read]) -> Option<Fingerprint> {
        kept(&self.together, reads, || {
            let each: Option<Vec<Fingerprint>> =
                reads.iter().map(|read| kept(&self.each, read, || self.fact(read))).collect();
            each.map(|each| Fingerprint::of(std::iter::once(self.target).chain(each)))
        })
    }

    fn fact(&self, read: &Read) -> Option<Fingerprint> {
        let environment = &self.surroundings.environment;
        let (package, name) = match read {
            Read::Name { package, name } => (package, name),
            Read::Macro { package, name } => return Some(self.of_macro(environment.macro_named(package, name))),
            Read::Variable(name) => return Some(self.of_variable(name)),
        };
        match environment.meaning(package, name) {
            Meaning::Macro(info) => Some(self.of_macro(Some(info))),
            Meaning::Package(package) => Some(self.of_package(package)),
            Meaning::Other(built_in) => match (Basis::of(name), built_in) {
                (Basis::Fixed, _) => Some(Fingerprint::of(["fixed"])),
                (Basis::Vars, _) => Some(self.vars()),
                (Basis::Flags, _) => Some(self.flags()),
                (Basis::Dispatch, _) => Some(self.dispatch()),
                (Basis::Moment, Some(info)) => Some(self.of_macro(Some(info))),
                (Basis::Moment, None) => None,
            },
        }
    }

    /// The text of a macro; that there is none is a fact, too.
    fn of_macro(&self, info: Option<&MacroInfo>) -> Fingerprint {
        let Some(info) = info else { return Fingerprint::of(["no macro"]) };
        let file = self.surroundings.session.sources.get(info.span.file);
        let text = file.text().get(info.span.range()).unwrap_or_default();
        Fingerprint::of(["macro", &info.package, &info.name, text])
    }

    /// The macros of a package.
    fn of_package(&self, package: &str) -> Fingerprint {
        let own = self.surroundings.environment.macros().filter(|info| *info.package == *package);
        Fingerprint::of(own.map(|info| self.of_macro(Some(info))))
    }

    fn of_variable(&self, name: &str) -> Fingerprint {
        self.world()
            .env(name)
            .map_or_else(|| Fingerprint::of(["no variable"]), |value| Fingerprint::of(["variable", &value]))
    }

    fn dispatch(&self) -> Fingerprint {
        *self.dispatch.get_or_init(|| {
            let behaviours: Vec<_> = self.surroundings.session.flags.behaviours().collect();
            Fingerprint::of(["dispatch", &format!("{:?}", self.surroundings.dispatch), &json(&behaviours)])
        })
    }

    fn vars(&self) -> Fingerprint {
        *self.vars.get_or_init(|| Fingerprint::of(["vars", &json(&self.surroundings.session.vars)]))
    }

    fn flags(&self) -> Fingerprint {
        *self.flags.get_or_init(|| Fingerprint::of(["flags", &json(&self.surroundings.session.flags.all())]))
    }
}

fn target(session: &Session) -> Fingerprint {
    let target = &session.target;
    let shown = json(&target_value(target, &session.secrets));
    let names = format!("{:?} {:?}", session.dialect, session.quoting);
    Fingerprint::of([&session.project, &target.kind, &target.database, &target.schema, &shown, &names])
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What is known of a key; made when it is not, without keeping others from theirs.
fn kept<K, Q, V>(known: &Mutex<HashMap<K, V>>, key: &Q, make: impl FnOnce() -> V) -> V
where
    K: Borrow<Q> + Hash + Eq,
    Q: ToOwned<Owned = K> + Hash + Eq + ?Sized,
    V: Copy,
{
    if let Some(found) = known.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
        return *found;
    }
    let made = make();
    known.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), made);
    made
}
