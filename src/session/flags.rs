//! The flags of a command: what was given on the command line, else in the environment, else under `flags:` in the project file,
//! else in the user's own settings, else the default. [`table`] is the list of them, from which the command line is made, too.

mod flag;
mod table;

use serde_json::{Map, Value as Json};

use crate::base::Timestamp;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::World;

pub use flag::{Flag, FlagKind};
use table::{ENGINE_PREFIX, flag_named};

pub use table::FLAGS;

/// The flags of one command.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The command's name, as dbt's artifacts spell it.
    pub command: String,
    given: Map<String, Json>,
    project: Map<String, Json>,
}

impl Flags {
    /// The flags of a command, with those that its arguments gave, by their names.
    #[must_use]
    pub fn new(command: &str, given: Map<String, Json>) -> Self {
        Flags { command: command.to_owned(), given, project: Map::new() }
    }

    /// Adds what the environment says of flags that were not given: `DBT_ENGINE_X`, else `DBT_X`. Values that a flag cannot have are
    /// reported, and names of the reserved kind that no flag has.
    pub fn read_environment(&mut self, world: &dyn World, diagnostics: &mut Diagnostics) {
        let mut found_values = Vec::new();
        for flag in FLAGS.iter().filter(|flag| !self.given.contains_key(flag.name)) {
            let found = flag.variables().find_map(|name| world.env(&name).map(|value| (name, value)));
            let Some((name, text)) = found.filter(|(_, value)| !value.is_empty()) else { continue };
            match flag.read(&text) {
                Some(value) => found_values.push((flag.name.to_owned(), value)),
                None => diagnostics.push(wrong(flag, &format!("`{name}`"), &text)),
            }
        }
        self.given.extend(found_values);
        let variables: Vec<String> = FLAGS.iter().flat_map(Flag::variables).collect();
        let mut unknown = world.env_names();
        unknown.retain(|name| name.starts_with(ENGINE_PREFIX) && !variables.contains(name));
        unknown.sort();
        for name in unknown {
            let message = format!("environment variable `{name}` is not one that a flag has");
            let known = variables.iter().map(String::as_str);
            diagnostics.push(Diagnostic::warning(codes::ARGUMENT, message).suggest_near(&name, known));
        }
    }

    /// Adds `flags:` of the project file. Names that no flag has are kept for templates: dbt's behaviour flags are among them.
    pub fn read_project(&mut self, flags: Map<String, Json>, diagnostics: &mut Diagnostics) {
        for (name, value) in flags {
            let Some(flag) = flag_named(&name) else {
                self.project.insert(name, value);
                continue;
            };
            match flag.accept(&value) {
                Some(value) => _ = self.project.insert(name, value),
                None => diagnostics.push(wrong(flag, "`flags:` of the project file", &value.to_string())),
            }
        }
    }

    /// Adds what the user's own settings say of flags that the project file leaves open.
    pub fn read_user(&mut self, mut flags: Map<String, Json>, diagnostics: &mut Diagnostics) {
        flags.retain(|name, _| !self.project.contains_key(name));
        self.read_project(flags, diagnostics);
    }

    /// Puts start and end in the place of `--sample '3 days'`, and checks the event times.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn resolve_times(&mut self, now: Timestamp) -> Result<(), Diagnostic> {
        if let Some(text) = self.text("sample") {
            let window = super::window::read(&text, now)?;
            self.given.insert("sample".to_owned(), window);
        }
        match (self.time("event_time_start")?, self.time("event_time_end")?) {
            (Some(start), Some(end)) if start >= end => {
                let message = "`--event-time-start` must be before `--event-time-end`";
                Err(Diagnostic::error(codes::ARGUMENT, message))
            }
            (Some(_), None) => {
                Err(Diagnostic::error(codes::ARGUMENT, "`--event-time-start` needs `--event-time-end`, too"))
            }
            (None, Some(_)) => {
                Err(Diagnostic::error(codes::ARGUMENT, "`--event-time-end` needs `--event-time-start`, too"))
            }
            _ => Ok(()),
        }
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, Diagnostic> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let option = name.replace('_', "-");
        let message = || format!("`--{option}` is a date or a time, not `{text}`");
        Timestamp::parse(&text).map(Some).ok_or_else(|| Diagnostic::error(codes::ARGUMENT, message()))
    }

    /// The same with a flag set, as if it had been given.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.given.insert(name.to_owned(), value.into());
        self
    }

    /// Whether there is a flag of a name.
    #[must_use]
    pub fn knows(name: &str) -> bool {
        flag_named(name).is_some()
    }

    /// Whether the command line or the environment gave a flag.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// The value of a flag; null when nobody said anything and it has no default.
    #[must_use]
    pub fn get(&self, name: &str) -> Json {
        let said = self.given.get(name).or_else(|| self.project.get(name)).cloned();
        said.unwrap_or_else(|| flag_named(name).map_or(Json::Null, Flag::default_value))
    }

    /// Whether a flag is on.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.get(name) == Json::Bool(true)
    }

    /// The value of a flag that is a text; nothing where it is not set.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        match self.get(name) {
            Json::Null => None,
            Json::String(text) => Some(text),
            other => Some(other.to_string()),
        }
    }

    /// The value of a flag that is a whole number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name).as_i64()
    }

    /// The values of a flag that is a list of texts.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Json::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether `--full-refresh` was asked for.
    #[must_use]
    pub fn full_refresh(&self) -> bool {
        self.is("full_refresh")
    }

    /// Whether `--store-failures` was asked for.
    #[must_use]
    pub fn store_failures(&self) -> bool {
        self.is("store_failures")
    }

    /// The flags that only the project file has: dbt's behaviour flags are among them.
    pub fn behaviours(&self) -> impl Iterator<Item = (&String, &Json)> {
        self.project.iter().filter(|(name, _)| flag_named(name).is_none())
    }

    /// Every flag with its value, in the order of the table, then those that only the project file has.
    #[must_use]
    pub fn all(&self) -> Map<String, Json> {
        let known = FLAGS.iter().map(|flag| (flag.name.to_owned(), self.get(flag.name)));
        let others = self.behaviours().map(|(name, value)| (name.clone(), value.clone()));
        let which = std::iter::once(("which".to_owned(), Json::from(self.command.as_str())));
        known.chain(others).chain(which).collect()
    }
}

fn wrong(flag: &Flag, place: &str, value: &str) -> Diagnostic {
    let message = format!("{place} says `{value}` of flag `{}`, which takes {}", flag.name, flag.takes());
    Diagnostic::error(codes::ARGUMENT, message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::{FLAGS, Flags};
    use crate::diagnostic::Diagnostics;
    use crate::source::MemoryWorld;

    #[test]
    fn the_nearest_place_wins() {
        let world = MemoryWorld::with_files::<&str, &str>([])
            .with_env("DBT_FAIL_FAST", "1")
            .with_env("DBT_QUIET", "1")
            .with_env("DBT_ENGINE_QUIET", "no")
            .with_env("DBT_PRINTER_WIDTH", "wide")
            .with_env("DBT_ENGINE_NOTHING", "1");
        let given: Map<_, _> = [("fail_fast".to_owned(), json!(false))].into_iter().collect();
        let mut flags = Flags::new("run", given);
        let mut diagnostics = Diagnostics::new();
        flags.read_environment(&world, &mut diagnostics);
        let project = json!({ "quiet": true, "use_colors": false, "indirect_selection": "cautious", "own_flag": 1 });
        flags.read_project(project.as_object().cloned().unwrap(), &mut diagnostics);
        assert!(!flags.is("fail_fast") && !flags.is("quiet") && !flags.is("use_colors") && flags.is("print"));
        assert_eq!(flags.text("indirect_selection").as_deref(), Some("cautious"));
        assert_eq!(flags.get("own_flag"), json!(1));
        let said: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
        assert_eq!(
            said,
            [
                "`DBT_PRINTER_WIDTH` says `wide` of flag `printer_width`, which takes a whole number",
                "environment variable `DBT_ENGINE_NOTHING` is not one that a flag has"
            ]
        );
    }

    #[test]
    fn every_flag_is_there_once() {
        let mut names: Vec<&str> = FLAGS.iter().map(|flag| flag.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
