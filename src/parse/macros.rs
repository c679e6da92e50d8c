//! Macro files → the Jinja environment and the manifest's macros.

use rayon::prelude::*;

use super::Context;
use crate::context::globals;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::jinja::{self, Block, BlockKind, Environment};
use crate::load::{BUILT_IN, File, Package, Project};
use crate::manifest::{Macro, Manifest, UniqueId};

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
            add(package, file, block, manifest);
        }
    }
    let (environment, found) = builder.build(&project.session.project, BUILT_IN);
    diagnostics.extend(found);
    environment
}

/// Adds a macro; one that has a name of another is reported by the environment.
fn add(package: &Package, file: &File, block: &Block, manifest: &mut Manifest) {
    let name = block.macro_name();
    let id = UniqueId::of(&["macro", &package.config.name, &name]);
    if manifest.macros.contains_key(&id) {
        return;
    }
    manifest.macros.insert(
        id.clone(),
        Macro {
            id,
            package: package.config.name.clone(),
            name,
            path: file.original_path.clone(),
            span: block.span,
            description: String::new(),
            arguments: Vec::new(),
            meta: serde_json::Map::new(),
        },
    );
}

/// Adds what property files say of macros.
pub(super) fn describe(cx: &Context<'_>, manifest: &mut Manifest, diagnostics: &mut Diagnostics) {
    for (package, properties) in cx.properties.macros() {
        let id = UniqueId::of(&["macro", package, &properties.name]);
        if let Some(known) = manifest.macros.get_mut(&id) {
            known.description.clone_from(&properties.description);
            known.arguments.clone_from(&properties.arguments);
            known.meta.clone_from(&properties.meta);
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
