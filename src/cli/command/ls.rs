//! `transform ls`: the selected nodes, for people and for tools.

use serde_json::{Map, Value as Json, json};

use crate::artifact;
use crate::base::plain_text;
use crate::cli::arguments::{LsArgs, LsOutput, SelectArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::Workspace;
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::{ResourceType, UniqueId};
use crate::session::Flags;

/// The keys of JSON output where none are asked for.
const DEFAULT_KEYS: &[&str] = &[
    "alias",
    "name",
    "package_name",
    "depends_on",
    "tags",
    "config",
    "resource_type",
    "source_name",
    "original_file_path",
    "unique_id",
];

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &LsArgs, printer: &Printer) -> Result<Exit, Failure> {
    let select = select(&args.select)?;
    let workspace = Workspace::open(flags, printer)?;
    let mut chosen = workspace.choose(&select, printer)?;
    if select.resource_type.is_empty() {
        // As in dbt, analyses are listed when their kind is asked for.
        chosen.retain(|id| workspace.manifest().node(id).is_none_or(|node| node.resource != ResourceType::Analysis));
    }
    if chosen.is_empty() {
        let warning = Diagnostic::warning(codes::SELECTOR_EMPTY, "no node is selected");
        printer.diagnostics(&warning.into(), &workspace.sources);
        return Ok(Exit::Success);
    }
    if args.output == LsOutput::Json {
        print_json(&workspace, chosen.iter(), &args.output_keys, printer);
        return Ok(Exit::Success);
    }
    for id in &chosen {
        printer.data(&line(&workspace, id, args.output));
    }
    Ok(Exit::Success)
}

/// What is listed: of `--models`, no other kind of resource.
fn select(args: &SelectArgs) -> Result<SelectArgs, Diagnostic> {
    if args.models.is_empty() {
        return Ok(args.clone());
    }
    if !(args.select.is_empty() && args.resource_type.is_empty()) {
        let message = "`--models` lists models alone: it is not used beside `--select` or `--resource-type`";
        return Err(Diagnostic::error(codes::ARGUMENT, message));
    }
    Ok(SelectArgs {
        select: args.models.clone(),
        models: Vec::new(),
        resource_type: vec![ResourceType::Model.as_str().to_owned()],
        ..args.clone()
    })
}

fn line(workspace: &Workspace, id: &UniqueId, output: LsOutput) -> String {
    let manifest = workspace.manifest();
    if let Some(node) = manifest.node(id) {
        return match (output, node.fqn.last()) {
            // A version of a model is the last part, behind its name.
            (LsOutput::Name, Some(version)) if node.resource == ResourceType::Model && *version != node.name => {
                format!("{}.{version}", node.name)
            }
            (LsOutput::Name, _) => node.name.clone(),
            (LsOutput::Path, _) => node.original_path.clone(),
            (LsOutput::Selector | LsOutput::Json, _) => node.fqn.join("."),
        };
    }
    if let Some(source) = manifest.sources.get(id) {
        let full = format!("{}.{}.{}", source.package, source.source, source.name);
        return match output {
            LsOutput::Name => format!("{}.{}", source.source, source.name),
            LsOutput::Path => source.path.clone(),
            LsOutput::Selector | LsOutput::Json => format!("source:{full}"),
        };
    }
    let json = artifact::resource(manifest, &workspace.project.session, id).unwrap_or_default();
    let text = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default();
    match output {
        LsOutput::Name => text("name").to_owned(),
        LsOutput::Path => text("original_file_path").to_owned(),
        LsOutput::Selector | LsOutput::Json => {
            let version = json.get("version").filter(|version| !version.is_null() && !version.is_object());
            let version = version.map(|version| format!("_v{}", plain_text(version)));
            format!(
                "{}:{}.{}{}",
                text("resource_type"),
                text("package_name"),
                text("name"),
                version.unwrap_or_default()
            )
        }
    }
}

fn print_json<'a>(
    workspace: &Workspace,
    chosen: impl Iterator<Item = &'a UniqueId>,
    keys: &[String],
    printer: &Printer,
) {
    let keys: Vec<&str> = keys.iter().flat_map(|keys| keys.split_whitespace()).collect();
    for id in chosen {
        let full = artifact::resource(workspace.manifest(), &workspace.project.session, id).unwrap_or_default();
        let mut shown = Map::new();
        if keys.is_empty() {
            let own = full.as_object().into_iter().flatten();
            let own = own.filter(|(key, _)| DEFAULT_KEYS.contains(&key.as_str()));
            shown.extend(own.map(|(key, value)| (key.clone(), value.clone())));
        }
        for key in &keys {
            let value = key.split('.').try_fold(&full, |value, part| value.get(part));
            // As in dbt, a key that is not set is shown where it is one of the node's own.
            if let Some(value) = value.filter(|value| !value.is_null() || !key.contains('.')) {
                shown.insert((*key).to_owned(), value.clone());
            }
        }
        printer.data(&json!(shown).to_string());
    }
}
