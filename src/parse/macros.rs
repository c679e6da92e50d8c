//! Macro files → the Jinja environment and the manifest's macros.

use std::sync::LazyLock;

use rayon::prelude::*;
use regex::Regex;

use super::{Context, macro_arguments};
use crate::base::{HashSet, IndexSet};
use crate::context::{Surroundings, globals};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::registry;
use crate::jinja::{self, BUILT_IN, Block, BlockKind, Environment, MacroInfo};
use crate::load::{File, Package, Project};
use crate::manifest::{Macro, Manifest, UniqueId};
use crate::session::Session;
use crate::source::Span;

/// Reads the macros of all packages into an environment.
pub(super) fn read(project: &Project, manifest: &mut Manifest, diagnostics: &mut Diagnostics) -> Environment {
    let sources = &project.session.sources;
    let mut builder = Environment::builder(sources.clone());
    globals::add(&mut builder, &project.session.world);
    let files: Vec<(&Package, &File)> = project
        .packages
        .iter()
        .flat_map(|package| package.files.macros.iter().map(move |file| (package, file)))
        .collect();
    let scanned: Vec<(Vec<Block>, Diagnostics)> =
        files.par_iter().map(|(_, file)| jinja::scan(file.id, sources.get(file.id).text())).collect();
    for ((package, file), (blocks, found)) in files.into_iter().zip(scanned) {
        diagnostics.extend(found);
        builder.macros(&package.config.name, file.id, &blocks);
        for block in blocks.iter().filter(|block| !matches!(block.kind, BlockKind::Snapshot | BlockKind::Docs)) {
            add(package, file, (block, validates(&project.session)), manifest);
        }
    }
    let (environment, found) = builder.build(&project.session.project);
    diagnostics.extend(found);
    environment
}

/// Whether definitions say what arguments macros have.
fn validates(session: &Session) -> bool {
    session.flags.get("validate_macro_args") == true
}

/// Adds a macro; one that has a name of another is reported by the environment.
fn add(package: &Package, file: &File, (block, validates): (&Block, bool), manifest: &mut Manifest) {
    let name = block.macro_name();
    let id = UniqueId::of(&["macro", &package.config.name, &name]);
    if manifest.macros.contains_key(&id) {
        return;
    }
    let arguments = if validates { macro_arguments::defined(package, file, block) } else { Vec::new() };
    manifest.macros.insert(
        id.clone(),
        Macro {
            id,
            package: package.config.name.clone(),
            name,
            path: file.original_path.clone(),
            span: block.span,
            description: String::new(),
            arguments,
            meta: serde_json::Map::new(),
            docs: None,
            patch_path: None,
            macros: Vec::new(),
            languages: languages(block),
        },
    );
}

/// The languages of a materialization; other macros have none.
fn languages(block: &Block) -> Option<Vec<String>> {
    matches!(block.kind, BlockKind::Materialization { .. }).then(|| vec!["sql".to_owned()])
}

/// Adds what property files say of macros.
pub(super) fn describe(cx: &Context<'_>, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    for placed in cx.properties.macros() {
        let (package, properties) = (&placed.package, &placed.properties);
        let id = UniqueId::of(&["macro", package, &properties.name]);
        if let Some(known) = manifest.macros.get_mut(&id) {
            if known.patch_path.is_some() {
                let message = format!("macro `{}` is described twice", properties.name);
                diagnostics.push(Diagnostic::error(codes::DUPLICATE_NAME, message).at(properties.span));
                continue;
            }
            let describer = cx.docs.describer(package, true);
            known.description = describer.text(&properties.description, properties.span, diagnostics);
            match validates(cx.session) {
                true => macro_arguments::check(known, properties, diagnostics),
                false => known.arguments.clear(),
            }
            if !properties.arguments.is_empty() {
                known.arguments.clone_from(&properties.arguments);
                for (.., description) in &mut known.arguments {
                    *description = describer.text(description, properties.span, diagnostics);
                }
            }
            known.meta.clone_from(&properties.meta);
            known.docs.clone_from(&properties.docs);
            known.patch_path = Some(format!("{package}://{}", placed.file.original_path));
            continue;
        }
        let message = format!("macro `{}` is described here, but no file defines it", properties.name);
        let names = manifest.macros.values().filter(|known| known.package == *package).map(|known| known.name.as_str());
        diagnostics.push(
            Diagnostic::warning(codes::NOT_DESCRIBED, message)
                .at(properties.span)
                .suggest_near(&properties.name, names),
        );
    }
}

/// A call of `adapter.dispatch` with its name and namespace in quotes.
static DISPATCH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r#"['"]([A-Za-z0-9_.]+)['"]"#;
    Regex::new(&format!(
        r"adapter\.dispatch\(\s*(?:macro_name\s*=\s*)?{name}\s*(?:,\s*(?:macro_namespace\s*=\s*)?{name})?"
    ))
    .ok()
});

/// Sets which macros each macro calls, as far as its text shows.
pub(super) fn follow(cx: &Context<'_>, manifest: &mut Manifest) {
    let spans: Vec<(UniqueId, Vec<UniqueId>)> = manifest
        .macros
        .values()
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|found| {
            let called = calls(cx, (&found.package, &found.name), found.span).into_iter();
            let ids: IndexSet<UniqueId> = called.map(UniqueId::of_macro).collect();
            (found.id.clone(), ids.into_iter().collect())
        })
        .collect();
    for (id, called) in spans {
        if let Some(found) = manifest.macros.get_mut(&id) {
            found.macros = called;
        }
    }
}

/// The macros that the text of a macro calls, as far as it shows.
fn calls<'c>(cx: &'c Context<'_>, (package, own): (&str, &str), text: Span) -> Vec<&'c MacroInfo> {
    let text = cx.session.sources.slice(text);
    let names = jinja::calls_in(&text).into_iter();
    let (asked, dispatched) = dispatched(cx, package, &text);
    // As in dbt, a project's own version of these is not told from the function.
    let named = names.chain(asked).filter(|name| name != own && !matches!(&**name, "ref" | "source" | "config"));
    named.filter_map(|name| called(&cx.surroundings.environment, package, &name)).chain(dispatched).collect()
}

/// Whether a macro calls another, by itself or by what it calls.
pub(super) fn reaches(cx: &Context<'_>, from: &MacroInfo, to: &UniqueId) -> bool {
    let mut seen = HashSet::default();
    let mut left = vec![from];
    while let Some(next) = left.pop() {
        let called = calls(cx, (&next.package, &next.name), next.span);
        if called.iter().any(|called| UniqueId::of_macro(called) == *to) {
            return true;
        }
        left.extend(called.into_iter().filter(|called| seen.insert((&called.package, &called.name))));
    }
    false
}

/// The macro that a call is taken to lead to. As in dbt, this is a guess: what stands before a dot and is no package that has the
/// macro says nothing, so that `builtins.ref` leads to the project's own `ref`; and a package's version of a built-in macro counts
/// for all packages.
pub(super) fn called<'c>(environment: &'c Environment, package: &str, name: &str) -> Option<&'c MacroInfo> {
    let of_any = |package: &str, name: &str| {
        let found = environment.macro_named(package, name);
        let is_own = |found: &&MacroInfo| *found.package != *BUILT_IN;
        found.filter(is_own).or_else(|| environment.macros_named(name).find(is_own)).or(found)
    };
    match name.split_once('.') {
        Some((_, own)) => environment.macro_named(package, name).or_else(|| of_any("", own)),
        None => of_any(package, name),
    }
}

/// The names that the `adapter.dispatch` calls of a text ask for, and the macros that they lead to.
fn dispatched<'c>(cx: &'c Context<'_>, package: &str, text: &str) -> (Vec<String>, Vec<&'c MacroInfo>) {
    let Some(pattern) = DISPATCH.as_ref().filter(|_| text.contains("adapter.dispatch")) else {
        return Default::default();
    };
    let environment = &cx.surroundings.environment;
    let asked = pattern.captures_iter(text).filter_map(|call| Some(call.get(1)?.as_str().to_owned())).collect();
    let prefixes: Vec<&str> = registry::macro_prefixes(&cx.session.target.kind).collect();
    let find = |call: regex::Captures<'_>| {
        let name = call.get(1)?.as_str();
        let namespace = call.get(2).map(|found| found.as_str());
        let order = cx.surroundings.dispatch.iter().find(|(known, _)| Some(known.as_str()) == namespace);
        let packages: Vec<&str> = match (order, namespace) {
            (Some((_, order)), _) => order.iter().map(String::as_str).collect(),
            (None, Some(namespace)) if environment.has_package(namespace) => vec![&cx.session.project, namespace],
            (None, _) => vec![&cx.session.project, package, BUILT_IN],
        };
        packages.iter().find_map(|package| {
            prefixes.iter().find_map(|prefix| environment.macro_named("", &format!("{package}.{prefix}__{name}")))
        })
    };
    (asked, pattern.captures_iter(text).filter_map(find).collect())
}

/// Whether the project or a package has its own version of a built-in macro, for the target's engine or for all.
#[must_use]
pub fn is_overridden(surroundings: &Surroundings, name: &str) -> bool {
    let has_own =
        |name: &str| surroundings.environment.macros_named(name).any(|found| found.package.as_ref() != BUILT_IN);
    let mut prefixes = registry::macro_prefixes(&surroundings.session.target.kind);
    has_own(name) || prefixes.any(|prefix| has_own(&format!("{prefix}__{name}")))
}
