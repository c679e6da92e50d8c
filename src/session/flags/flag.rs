//! One flag: its name, what it takes, where it is known.

use serde_json::Value as Json;

/// A flag of dbt's command line.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// As templates and project files spell it: `fail_fast`, on the command line `--fail-fast`.
    pub name: &'static str,
    /// What it takes.
    pub kind: FlagKind,
    /// The letter behind one dash.
    pub short: Option<char>,
    /// The commands that know it; all of them where empty.
    pub commands: &'static [&'static str],
    /// What a value is called in the help.
    pub value_name: &'static str,
    /// The help, of a switch that is on that of its twin; a flag without any is accepted and not listed.
    pub help: &'static str,
    /// Whether environment variables set it.
    has_variable: bool,
    /// An environment variable of another name that sets it, too.
    old_variable: Option<&'static str>,
    fallback: Fallback,
}

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagKind {
    /// Nothing: `--x` and `--no-x`.
    Switch,
    /// Nothing: `--x` alone.
    Mark,
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// One of these.
    Choice(&'static [&'static str]),
}

#[derive(Clone, Copy, Debug)]
enum Fallback {
    Nothing,
    Bool(bool),
    Number(i64),
    Text(&'static str),
}

impl Flag {
    const fn new(name: &'static str, kind: FlagKind, fallback: Fallback) -> Self {
        Flag {
            name,
            kind,
            short: None,
            commands: &[],
            value_name: "VALUE",
            help: "",
            has_variable: true,
            old_variable: None,
            fallback,
        }
    }

    pub(super) const fn switch(name: &'static str, default: bool) -> Self {
        Self::new(name, FlagKind::Switch, Fallback::Bool(default))
    }

    pub(super) const fn mark(name: &'static str) -> Self {
        Self::new(name, FlagKind::Mark, Fallback::Bool(false))
    }

    pub(super) const fn text(name: &'static str, value_name: &'static str) -> Self {
        Flag { value_name, ..Self::new(name, FlagKind::Text, Fallback::Nothing) }
    }

    pub(super) const fn number(name: &'static str, default: Option<i64>) -> Self {
        let fallback = match default {
            Some(number) => Fallback::Number(number),
            None => Fallback::Nothing,
        };
        Flag { value_name: "N", ..Self::new(name, FlagKind::Number, fallback) }
    }

    pub(super) const fn choice(
        name: &'static str,
        choices: &'static [&'static str],
        default: Option<&'static str>,
    ) -> Self {
        let fallback = match default {
            Some(text) => Fallback::Text(text),
            None => Fallback::Nothing,
        };
        Self::new(name, FlagKind::Choice(choices), fallback)
    }

    pub(super) const fn help(self, help: &'static str) -> Self {
        Flag { help, ..self }
    }

    pub(super) const fn short(self, letter: char) -> Self {
        Flag { short: Some(letter), ..self }
    }

    pub(super) const fn on(self, commands: &'static [&'static str]) -> Self {
        Flag { commands, ..self }
    }

    pub(super) const fn named(self, value_name: &'static str) -> Self {
        Flag { value_name, ..self }
    }

    pub(super) const fn without_variable(self) -> Self {
        Flag { has_variable: false, ..self }
    }

    pub(super) const fn old_variable(self, name: &'static str) -> Self {
        Flag { old_variable: Some(name), ..self }
    }

    /// The flag on the command line, without the dashes.
    #[must_use]
    pub fn long(&self) -> String {
        self.name.replace('_', "-")
    }

    /// Whether it is on when nobody said anything.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self.fallback, Fallback::Bool(true))
    }

    /// The environment variables that set it, the strongest first.
    pub fn variables(&self) -> impl Iterator<Item = String> {
        let name = self.name.to_uppercase();
        let own = [format!("DBT_ENGINE_{name}"), format!("DBT_{name}")];
        let own = own.into_iter().filter(|_| self.has_variable);
        own.chain(self.old_variable.map(str::to_owned))
    }

    /// The value that a text stands for, if the flag can have it.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Json> {
        let text = text.trim();
        match self.kind {
            FlagKind::Switch | FlagKind::Mark => match text.to_ascii_lowercase().as_str() {
                "1" | "true" | "t" | "yes" | "y" | "on" => Some(Json::Bool(true)),
                "0" | "false" | "f" | "no" | "n" | "off" => Some(Json::Bool(false)),
                _ => None,
            },
            FlagKind::Number => text.parse::<i64>().ok().map(Json::from),
            FlagKind::Text => Some(Json::from(text)),
            FlagKind::Choice(choices) => {
                choices.iter().find(|choice| choice.eq_ignore_ascii_case(text)).map(|choice| Json::from(*choice))
            }
        }
    }

    /// The value of a YAML file, if the flag can have it.
    #[must_use]
    pub(super) fn accept(&self, value: &Json) -> Option<Json> {
        match (self.kind, value) {
            (_, Json::Null) => Some(Json::Null),
            (FlagKind::Text, Json::Object(_) | Json::Array(_)) => Some(value.clone()),
            (_, Json::String(text)) => self.read(text),
            // The word `off`, as YAML reads it.
            (FlagKind::Choice(_), Json::Bool(false)) => self.read("off"),
            (_, Json::Bool(_) | Json::Number(_)) => self.read(&value.to_string()),
            _ => None,
        }
    }

    /// What it takes, in words.
    pub(super) fn takes(&self) -> String {
        match self.kind {
            FlagKind::Switch | FlagKind::Mark => "`true` or `false`".to_owned(),
            FlagKind::Number => "a whole number".to_owned(),
            FlagKind::Text => "a text".to_owned(),
            FlagKind::Choice(choices) => format!("one of {}", crate::base::quoted_list(choices)),
        }
    }

    /// What it is when nobody said anything.
    pub(super) fn default_value(&self) -> Json {
        match self.fallback {
            Fallback::Nothing => Json::Null,
            Fallback::Bool(flag) => Json::Bool(flag),
            Fallback::Number(number) => Json::from(number),
            Fallback::Text(text) => Json::from(text),
        }
    }
}
