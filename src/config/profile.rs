//! `profiles.yml`: where a project runs.

use serde_json::{Map, Value as Json};

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::registry;
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// A profile before its target is rendered: only the chosen output is, so that secrets of others need not be set.
#[derive(Clone, Debug)]
pub struct Profile<'n> {
    /// The chosen target's name.
    pub target: String,
    /// The chosen output, not rendered.
    pub output: &'n Node,
}

/// A target: the output of a profile, rendered.
#[derive(Clone, Debug)]
pub struct Target {
    /// The profile's name.
    pub profile: String,
    /// The target's name.
    pub name: String,
    /// The engine's `type`.
    pub kind: String,
    /// The default database, empty for engines whose names have none.
    pub database: String,
    /// The default schema.
    pub schema: String,
    /// How many nodes run at once.
    pub threads: usize,
    /// All keys, for the engine.
    pub values: Map<String, Json>,
}

impl<'n> Profile<'n> {
    /// Finds the output of a profile: `--target` (given with what to call it), else the profile's `target:`, else `default`.
    ///
    /// # Errors
    /// When the profile or the target does not exist; with the names that do.
    pub fn find(
        document: &'n Mapping,
        profile: &str,
        wanted_by: Option<Span>,
        target: Option<&str>,
    ) -> Result<Profile<'n>, Diagnostic> {
        let missing = |message: String, span: Option<Span>| {
            let diagnostic = Diagnostic::error(codes::PROFILE_NOT_FOUND, message);
            span.map_or(diagnostic.clone(), |span| diagnostic.at(span))
        };
        let Some(node) = document.get(profile) else {
            let names = document.iter().map(|entry| entry.key.as_str()).filter(|name| *name != "config");
            return Err(missing(format!("could not find profile named `{profile}` in `profiles.yml`"), wanted_by)
                .suggest(profile, names));
        };
        let default_target = node.as_map().and_then(|map| map.get("target")).and_then(Node::scalar);
        let target = target.map(str::to_owned).or(default_target).unwrap_or_else(|| "default".to_owned());
        let outputs = node.as_map().and_then(|map| map.get("outputs")).and_then(Node::as_map);
        let Some(outputs) = outputs else {
            return Err(missing(format!("profile `{profile}` has no `outputs`"), Some(node.span)));
        };
        let Some(output) = outputs.get(&target) else {
            let names = outputs.iter().map(|entry| entry.key.as_str());
            return Err(missing(
                format!("the profile `{profile}` does not have a target named `{target}`"),
                Some(node.span),
            )
            .suggest(&target, names));
        };
        Ok(Profile { target, output })
    }
}

impl Target {
    /// Reads a rendered output. `database` and `schema` come under the names that their engines use.
    pub fn read(profile: &str, name: &str, output: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let what = format!("target `{name}`");
        let mut fields = Fields::of(output, &what, diagnostics)?;
        let (kind, _) = fields.required_text("type", output.span)?;
        let mut first = |keys: &[&'static str]| keys.iter().find_map(|key| fields.text(key));
        let database = first(&["database", "project", "catalog", "dbname"]);
        let schema = first(&["schema", "dataset"]);
        let threads = fields.count("threads").unwrap_or(4).clamp(1, 256);
        let values = output.as_map().map(Mapping::to_json).unwrap_or_default();
        let database = registry::database(&kind, database, &values);
        Some(Target {
            profile: profile.to_owned(),
            name: name.to_owned(),
            kind,
            database: database.unwrap_or_else(|| DEFAULT_DATABASE.to_owned()),
            schema: schema.unwrap_or_else(|| DEFAULT_SCHEMA.to_owned()),
            threads: usize::try_from(threads).unwrap_or(1),
            values,
        })
    }

    /// The target of a project without a profile: the embedded engine over the project's own lake.
    #[must_use]
    pub fn embedded(kind: &str) -> Self {
        Target {
            profile: "default".to_owned(),
            name: "local".to_owned(),
            kind: kind.to_owned(),
            database: DEFAULT_DATABASE.to_owned(),
            schema: DEFAULT_SCHEMA.to_owned(),
            threads: 4,
            values: Map::new(),
        }
    }
}

const DEFAULT_DATABASE: &str = "lake";
const DEFAULT_SCHEMA: &str = "main";
