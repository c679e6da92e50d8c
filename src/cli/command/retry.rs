//! `transform retry`: what failed or was skipped in the last command, run again with that command's arguments.

use std::path::Path;

use serde_json::{Map, Value as Json};

use super::build::{self, EarlierBatches, Kind};
use crate::artifact::state::StateRunResults;
use crate::base::IndexSet;
use crate::cli::arguments::{BuildArgs, CompileArgs, DocsGenerateArgs, RunOperationArgs, SelectArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::diagnostic::{Diagnostic, codes};
use crate::load::found_root;
use crate::manifest::UniqueId;
use crate::session::Flags;
use crate::source::{DiskWorld, World};

/// What did not end well.
const RETRIED: &[&str] = &["error", "fail", "skipped", "runtime error", "partial success"];

/// Flags that say where things are now, and not how the command was meant.
const OF_THIS_COMMAND: &[&str] =
    &["log_path", "profiles_dir", "project_dir", "defer_state", "target_path", "warn_error", "state"];

/// Flags that may be given anew.
const ANEW: &[&str] = &["vars", "threads"];

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, printer: &Printer) -> Result<Exit, Failure> {
    let (results, shown) = previous(flags)?;
    let Some(results) = results else {
        let message = format!("there are no results of an earlier command to retry in `{shown}`");
        return Err(Diagnostic::error(codes::STATE_UNREADABLE, message)
            .help("`retry` reads `run_results.json` of the target folder, or of `--state`")
            .into());
    };
    let which = results.args.get("which").and_then(Json::as_str).unwrap_or_default().to_owned();
    let warnings = flags.is("warn_error");
    let is_retried = |status: &str| RETRIED.contains(&status) || warnings && status == "warn";
    let ids = results.results.iter().filter(|result| is_retried(&result.status));
    // Hooks run with the command, not by themselves.
    let ids = ids.filter(|result| !result.unique_id.starts_with("operation."));
    let ids: IndexSet<String> = ids.map(|result| result.unique_id.clone()).collect();
    if ids.is_empty() {
        printer.line("nothing to retry: the last command succeeded");
        return Ok(Exit::Success);
    }
    let earlier = results.results.iter().map(|result| result.unique_id.clone()).collect();
    let in_part = results.results.iter().filter(|result| result.status == "partial success");
    let batches =
        in_part.filter_map(|result| Some((UniqueId::of(&[&result.unique_id]), result.batch_results.clone()?)));
    let batches: EarlierBatches = batches.collect();
    let flags = replayed(&which, &results.args, flags);
    let args = &results.args;
    let build =
        |kind| build::retry(kind, &flags, &BuildArgs { select: selection(args) }, (&ids, &earlier, &batches), printer);
    match which.as_str() {
        "run" => build(Kind::Run),
        "test" => build(Kind::Test),
        "build" => build(Kind::Build),
        "seed" => build(Kind::Seed),
        "snapshot" => build(Kind::Snapshot),
        "clone" => super::clone::run(&flags, &BuildArgs { select: selection(args) }, printer),
        "compile" => {
            super::compile::run(&flags, &CompileArgs { select: selection(args), ..CompileArgs::default() }, printer)
        }
        "generate" => {
            let args = DocsGenerateArgs { select: selection(args), ..DocsGenerateArgs::default() };
            super::docs::run(&flags, &crate::cli::arguments::DocsCommand::Generate(args), printer)
        }
        "run-operation" => {
            let name = args.get("macro").and_then(Json::as_str).unwrap_or_default().to_owned();
            let args = args.get("args").map_or_else(|| "{}".to_owned(), Json::to_string);
            super::run_operation::run(&flags, &RunOperationArgs { name, args }, printer)
        }
        other => Err(Diagnostic::error(codes::ARGUMENT, format!("`{other}` cannot be retried")).into()),
    }
}

/// The results of the last command, and the folder in which they are looked for.
fn previous(flags: &Flags) -> Result<(Option<StateRunResults>, String), Failure> {
    let world = DiskWorld;
    let root = found_root(&world, flags.text("project_dir").as_deref()).unwrap_or_default();
    let folder = match flags.text("state").or_else(|| flags.text("target_path")) {
        Some(folder) => folder,
        None => crate::load::target_path(&world, &root),
    };
    let path = world.absolute(&root).join(&folder).join("run_results.json");
    let results = StateRunResults::read(&world, Path::new(&path))?;
    Ok((results, folder))
}

/// The flags of the earlier command, with those of this one that say where things are.
fn replayed(which: &str, args: &Map<String, Json>, flags: &Flags) -> Flags {
    let kept = args
        .iter()
        .filter(|(name, value)| Flags::knows(name) && !OF_THIS_COMMAND.contains(&name.as_str()) && !value.is_null());
    let text = |value: &Json| match value {
        Json::Object(_) | Json::Array(_) => Json::from(value.to_string()),
        other => other.clone(),
    };
    let given = kept.map(|(name, value)| (name.clone(), text(value))).collect();
    let mut replayed = Flags::new(which, given);
    for name in OF_THIS_COMMAND.iter().chain(ANEW).filter(|name| flags.is_given(name)) {
        replayed = replayed.with(name, flags.get(name));
    }
    replayed
}

/// What the earlier command selected: kept in the results of this one, so that it can be retried, too.
fn selection(args: &Map<String, Json>) -> SelectArgs {
    let list = |name: &str| {
        let items = args.get(name).and_then(Json::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    SelectArgs {
        select: list("select"),
        models: Vec::new(),
        exclude: list("exclude"),
        resource_type: list("resource_types"),
        exclude_resource_type: list("exclude_resource_types"),
        selector: args.get("selector").and_then(Json::as_str).map(str::to_owned),
    }
}
