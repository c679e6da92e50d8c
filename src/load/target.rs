//! Where the project runs: the profile's target, or the embedded engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Options, Renderer};
use crate::base::nearest;
use crate::config::{Profile, Target};
use crate::context::DocumentNames;
use crate::context::globals::Secrets;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::registry;
use crate::session::Vars;
use crate::source::{FileKind, SourceMap, Span, World};
use crate::yaml::{Mapping, Node};

/// Finds the target of a project. Without `profile:` it is the embedded engine; the same, with a warning, where the profile is
/// named but no `profiles.yml` exists and no target was asked for.
pub(super) fn resolve(
    renderer: &Renderer,
    options: &Options,
    root: &Path,
    profile: Option<(String, Span)>,
    diagnostics: &mut Diagnostics,
) -> Option<Target> {
    let from_options = options.profile.clone().map(|name| (name, None));
    let mut target = match from_options.or_else(|| profile.map(|(name, span)| (name, Some(span)))) {
        None => no_profile(options, diagnostics)?,
        Some((name, span)) => match profiles_file(renderer.world(), options, root) {
            Some(path) => {
                let mut document = renderer.read(&path, root, diagnostics)?;
                let empty = Mapping::default();
                let profiles = document.as_map().unwrap_or(&empty);
                let found = Profile::find(profiles, &name, span, options.target.as_deref());
                let Profile { target, output } = diagnostics.take(found)?;
                let output = output.clone();
                document = output;
                render_output(renderer, options, &mut document, diagnostics);
                let read = Target::read(&name, &target, &document, diagnostics)?;
                diagnostics.extend(misspelt(&read, &document));
                read
            }
            None => no_profiles_file(renderer, options, &name, span, diagnostics)?,
        },
    };
    if let Some(threads) = options.threads {
        target.threads = threads.max(1);
    }
    Some(target)
}

/// Warns of keys that are nearly those of the engine. Others are let pass: profiles written for other tools carry many.
fn misspelt(target: &Target, output: &Node) -> Vec<Diagnostic> {
    let known = registry::keys(&target.kind);
    let entries = output.as_map().map(|map| map.entries.as_slice()).unwrap_or_default();
    let near = entries.iter().filter(|entry| !known.contains(&entry.key.as_str())).filter_map(|entry| {
        let meant = nearest(&entry.key, known.iter().copied())?;
        let message = format!("target `{}` has no key `{}`", target.name, entry.key);
        let diagnostic = Diagnostic::warning(codes::YAML_UNKNOWN_KEY, message).at(entry.key_span);
        Some(diagnostic.help(format!("did you mean `{meant}`?")))
    });
    near.collect()
}

fn no_profile(options: &Options, diagnostics: &mut Diagnostics) -> Option<Target> {
    let embedded = Target::embedded(registry::EMBEDDED);
    match &options.target {
        Some(target) if *target != embedded.name => {
            let message = format!("target `{target}` was asked for, but the project names no profile");
            diagnostics.push(
                Diagnostic::error(codes::PROFILE_NOT_FOUND, message)
                    .help("add `profile:` to the project file, or leave `--target` out to use the embedded engine"),
            );
            None
        }
        _ => Some(embedded),
    }
}

fn no_profiles_file(
    renderer: &Renderer,
    options: &Options,
    name: &str,
    span: Option<Span>,
    diagnostics: &mut Diagnostics,
) -> Option<Target> {
    let place = |diagnostic: Diagnostic| match span {
        Some(span) => diagnostic.at(span),
        None => diagnostic,
    };
    let asked_for = options.target.is_some() || options.profiles_dir.is_some() || options.profile.is_some();
    if asked_for || renderer.world().env("DBT_PROFILES_DIR").is_some() {
        let message = format!("no `profiles.yml` was found for profile `{name}`");
        diagnostics.push(
            place(Diagnostic::error(codes::PROFILE_NOT_FOUND, message))
                .help("it is looked for in `--profiles-dir`, the project, the working folder and `~/.dbt`"),
        );
        return None;
    }
    let message = format!("no `profiles.yml` was found for profile `{name}`; the embedded engine is used");
    diagnostics.push(place(Diagnostic::warning(codes::PROFILE_NOT_FOUND, message)));
    Some(Target::embedded(registry::EMBEDDED))
}

fn profiles_file(world: &dyn World, options: &Options, root: &Path) -> Option<PathBuf> {
    let named = options.profiles_dir.clone().or_else(|| world.env("DBT_PROFILES_DIR").map(PathBuf::from));
    let folders = match named {
        Some(folder) => vec![world.absolute(&folder)],
        None => {
            let home = world.env("HOME").or_else(|| world.env("USERPROFILE")).map(|home| Path::new(&home).join(".dbt"));
            [Some(root.to_path_buf()), Some(world.absolute(Path::new("."))), home].into_iter().flatten().collect()
        }
    };
    folders.into_iter().map(|folder| folder.join("profiles.yml")).find(|path| world.kind(path) == Some(FileKind::File))
}

fn render_output(renderer: &Renderer, options: &Options, output: &mut Node, diagnostics: &mut Diagnostics) {
    let names = DocumentNames {
        world: renderer.shared_world(),
        secrets: Secrets::Allowed,
        vars: Vars::new(options.vars.clone()),
        package: String::new(),
        target: None,
    };
    let sources: Arc<SourceMap> = renderer.shared_sources();
    Renderer::with_names(&sources, names).render(output, &|_| true, diagnostics);
}
