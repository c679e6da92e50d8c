//! The package that every project has: macros and texts of documentation, below `templates`.
//!
//! # Dispatchers
//! A macro `default__limit_zero` is what adapters, packages and projects put their own versions before; it is called as
//! `limit_zero`, which dispatches to the first version that there is. That second macro says nothing that the first does not, so
//! it is not written: every `default__` macro of this package has its dispatcher made of its name and its parameters, unless the
//! package has a macro of that name.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::{File, Files, Package};
use crate::base::{HashSet, sha256_hex};
use crate::config::ProjectConfig;
use crate::jinja::{BUILT_IN, Block, scan};
use crate::source::SourceMap;

/// A file of built-in macros, below `templates/macros`.
macro_rules! built_in {
    ($path:literal) => {
        ($path, include_str!(concat!("../../templates/", $path)))
    };
}

/// The macros of the built-in package.
const BUILT_IN_MACROS: &[(&str, &str)] = &[
    built_in!("macros/flow/adapters.sql"),
    built_in!("macros/flow/configs.sql"),
    built_in!("macros/flow/dates.sql"),
    built_in!("macros/flow/hooks.sql"),
    built_in!("macros/flow/python.sql"),
    built_in!("macros/flow/statement.sql"),
    built_in!("macros/functions/aggregates.sql"),
    built_in!("macros/functions/arrays.sql"),
    built_in!("macros/functions/cast.sql"),
    built_in!("macros/functions/dateadd.sql"),
    built_in!("macros/functions/datediff.sql"),
    built_in!("macros/functions/dates.sql"),
    built_in!("macros/functions/series.sql"),
    built_in!("macros/functions/sets.sql"),
    built_in!("macros/functions/split_part.sql"),
    built_in!("macros/functions/text.sql"),
    built_in!("macros/functions/timestamps.sql"),
    built_in!("macros/functions/types.sql"),
    built_in!("macros/functions/user_defined.sql"),
    built_in!("macros/governance/contracts.sql"),
    built_in!("macros/governance/grants.sql"),
    built_in!("macros/governance/indexes.sql"),
    built_in!("macros/governance/persist_docs.sql"),
    built_in!("macros/incremental/columns.sql"),
    built_in!("macros/incremental/merge.sql"),
    built_in!("macros/incremental/schema_changes.sql"),
    built_in!("macros/incremental/strategies.sql"),
    built_in!("macros/metadata/columns.sql"),
    built_in!("macros/metadata/queries.sql"),
    built_in!("macros/metadata/relations.sql"),
    built_in!("macros/metadata/schemas.sql"),
    built_in!("macros/naming/naming.sql"),
    built_in!("macros/relations/create.sql"),
    built_in!("macros/relations/drop.sql"),
    built_in!("macros/relations/names.sql"),
    built_in!("macros/relations/rename.sql"),
    built_in!("macros/relations/replace.sql"),
    built_in!("macros/seed/seed.sql"),
    built_in!("macros/snapshot/statements.sql"),
    built_in!("macros/snapshot/strategies.sql"),
    built_in!("macros/tests/fixtures.sql"),
    built_in!("macros/tests/generic_tests.sql"),
    built_in!("macros/tests/queries.sql"),
];

/// The documentation blocks of the built-in package.
const BUILT_IN_DOCS: &[(&str, &str)] = &[built_in!("docs/overview.md")];

/// What the names of the versions for all adapters begin with.
const DEFAULT: &str = "default__";

/// The built-in package.
pub(super) fn package(sources: &SourceMap) -> Package {
    let files = Files {
        macros: macros(sources),
        docs: BUILT_IN_DOCS.iter().map(|(path, text)| file(sources, path, text)).collect(),
        ..Files::default()
    };
    Package { config: ProjectConfig::named(BUILT_IN), folder: PathBuf::new(), files }
}

fn file(sources: &SourceMap, path: &str, text: &str) -> File {
    File {
        id: sources.add(format!("built-in {path}"), text),
        absolute: PathBuf::new(),
        path: path.to_owned(),
        original_path: path.to_owned(),
        checksum: sha256_hex(text.as_bytes()),
    }
}

/// The files of macros, with their dispatchers at the end of each.
fn macros(sources: &SourceMap) -> Vec<File> {
    let scratch = SourceMap::default();
    let scan = |(path, text): &(&'static str, &'static str)| (*path, *text, scan(scratch.add(*path, *text), text).0);
    let scanned: Vec<(&str, &str, Vec<Block>)> = BUILT_IN_MACROS.iter().map(scan).collect();
    let written: HashSet<String> = scanned.iter().flat_map(|(_, _, blocks)| blocks).map(Block::macro_name).collect();
    let undispatched = |block: &&Block| block.name.strip_prefix(DEFAULT).is_some_and(|name| !written.contains(name));
    let with_dispatchers = |text: &str, blocks: &[Block]| {
        blocks.iter().filter(undispatched).fold(text.to_owned(), |text, block| text + &dispatcher(block))
    };
    scanned.iter().map(|(path, text, blocks)| file(sources, path, &with_dispatchers(text, blocks))).collect()
}

/// The macro that calls the first version of `block` that there is.
fn dispatcher(block: &Block) -> String {
    let name = block.name.trim_start_matches(DEFAULT);
    let (mut parameters, mut arguments) = (String::new(), String::new());
    for (at, parameter) in block.parameters.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let default = parameter.default.as_ref().map(|default| format!("={default}")).unwrap_or_default();
        let _ = write!(parameters, "{comma}{}{default}", parameter.name);
        let _ = write!(arguments, "{comma}{}", parameter.name);
    }
    let call = format!("{{{{ return(adapter.dispatch('{name}', '{BUILT_IN}')({arguments})) }}}}");
    format!("\n{{% macro {name}({parameters}) %}}{call}{{% endmacro %}}\n")
}
