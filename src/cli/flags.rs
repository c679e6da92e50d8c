//! The flags on the command line: arguments made from the table of flags, and read back.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory};
use serde_json::{Map, Value as Json};

use super::arguments::Cli;
use super::world::world;
use crate::diagnostic::Diagnostics;
use crate::load::{found_root, project_flags, user_flags};
use crate::session::{FLAGS, Flag, FlagKind, Flags};

/// The whole command line: every command with its own arguments and the flags that it knows. Flags of all commands may stand before
/// or behind the command's name.
pub(super) fn command() -> clap::Command {
    let mut command = Cli::command();
    for flag in FLAGS {
        if flag.commands.is_empty() {
            command = command.args(arguments(flag).map(|argument| argument.global(true)));
            continue;
        }
        for name in flag.commands {
            if command.get_subcommands().any(|known| known.get_name() == *name) {
                command = command.mut_subcommand(name, |command| command.args(arguments(flag)));
            }
        }
    }
    command
}

/// The flags of a command line, completed by the environment and the project file; and the project's folder, if there is one.
pub(super) fn read(matches: &ArgMatches) -> (Flags, Option<PathBuf>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut names = Vec::new();
    let mut given = Map::new();
    let mut level = Some(matches);
    while let Some(matches) = level {
        given.extend(FLAGS.iter().filter_map(|flag| Some((flag.name.to_owned(), value(flag, matches)?))));
        level = matches.subcommand().map(|(name, matches)| {
            names.push(name);
            matches
        });
    }
    let command = match names.last().copied() {
        Some("ls") => "list",
        Some("snapshot-freshness") => "freshness",
        other => other.unwrap_or_default(),
    };
    let mut flags = Flags::new(command, given);
    let Some(world) = diagnostics.take(world()) else { return (flags, None, diagnostics) };
    flags.read_environment(world.as_ref(), &mut diagnostics);
    let root = found_root(world.as_ref(), flags.text("project_dir").as_deref());
    if let Some(root) = &root {
        flags.read_project(project_flags(world.as_ref(), root), &mut diagnostics);
    }
    flags.read_user(user_flags(world.as_ref()), &mut diagnostics);
    (flags, root, diagnostics)
}

/// The arguments of a flag: one, or a pair of which the last one counts.
fn arguments(flag: &'static Flag) -> impl Iterator<Item = Arg> {
    let (long, negative) = (flag.long(), format!("no-{}", flag.long()));
    let mut argument = Arg::new(flag.name).long(&long);
    if let Some(letter) = flag.short {
        argument = argument.short(letter);
    }
    argument = match flag.help {
        "" => argument.hide(true),
        help => argument.help(help),
    };
    let mut twin = None;
    argument = match flag.kind {
        FlagKind::Mark => argument.action(ArgAction::SetTrue),
        FlagKind::Switch => {
            let of = Arg::new(&negative).long(&negative).action(ArgAction::SetTrue);
            // Of a pair the help shows the one that changes something, and that is what its text is about.
            let (argument, of) = match flag.is_on() && !flag.help.is_empty() {
                true => (argument.hide(true), of.help(flag.help)),
                false => (argument, of.hide(true)),
            };
            twin = Some(of.overrides_with(flag.name));
            argument.action(ArgAction::SetTrue).overrides_with(&negative)
        }
        FlagKind::Number => argument.value_name(flag.value_name).value_parser(whole_number),
        FlagKind::Text => argument.value_name(flag.value_name),
        FlagKind::Choice(choices) => argument
            .value_name(flag.value_name)
            .value_parser(choices.to_vec())
            .ignore_case(true)
            .hide_possible_values(true),
    };
    if flag.kind == FlagKind::Number {
        argument = argument.allow_negative_numbers(true);
    }
    [Some(argument), twin].into_iter().flatten()
}

fn whole_number(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| "a whole number is needed".to_owned())
}

/// What one level of the command line says of a flag.
fn value(flag: &Flag, matches: &ArgMatches) -> Option<Json> {
    let is_said = |id: &str| {
        let known = matches.try_contains_id(id).is_ok();
        known && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    let negative = format!("no-{}", flag.long());
    if !is_said(flag.name) {
        return (flag.kind == FlagKind::Switch && is_said(&negative)).then_some(Json::Bool(false));
    }
    match flag.kind {
        FlagKind::Switch | FlagKind::Mark => Some(Json::Bool(true)),
        FlagKind::Number => matches.get_one::<i64>(flag.name).copied().map(Json::from),
        FlagKind::Text => matches.get_one::<String>(flag.name).map(|text| Json::from(text.as_str())),
        FlagKind::Choice(_) => flag.read(matches.get_one::<String>(flag.name)?),
    }
}
