//! What is read from a template when it is rendered for what it refers to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::context::{Captured, RefCall};
use crate::manifest::Version;
use crate::source::Span;
use crate::yaml;

/// What a template said.
#[derive(Clone, Debug, Default)]
pub(in crate::parse) struct Reading {
    /// What it refers to and sets.
    pub(in crate::parse) captured: Captured,
    /// The macros that it calls itself, as `package.name`.
    pub(in crate::parse) calls: Vec<String>,
    /// Of a generic test: its configs, rendered.
    pub(in crate::parse) config: Map<String, Json>,
}

/// A reading as it is stored. Values of JSON are trees of YAML there, which can be read back without knowing their types.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredReading {
    refs: Vec<(Option<String>, String, Option<yaml::Node>)>,
    sources: Vec<(String, String)>,
    metrics: Vec<(Option<String>, String)>,
    functions: Vec<(Option<String>, String)>,
    set: Option<yaml::Node>,
    calls: Vec<String>,
    config: Option<yaml::Node>,
}

impl Reading {
    /// To be stored; `None` for what would not come back the same.
    pub(super) fn to_stored(&self) -> Option<StoredReading> {
        let captured = &self.captured;
        let call = |call: &RefCall| {
            let version = match &call.version {
                Some(version) => Some(tree(version.as_json().clone())?),
                None => None,
            };
            Some((call.package.clone(), call.name.clone(), version))
        };
        Some(StoredReading {
            refs: captured.refs.iter().map(call).collect::<Option<_>>()?,
            sources: captured.sources.clone(),
            metrics: captured.metrics.clone(),
            functions: captured.functions.clone(),
            set: tree_of(&captured.config)?,
            calls: self.calls.clone(),
            config: tree_of(&self.config)?,
        })
    }

    /// Back from where it was stored.
    pub(super) fn of_stored(stored: StoredReading) -> Option<Self> {
        let call = |(package, name, version): (Option<String>, String, Option<yaml::Node>)| {
            let version = match version {
                Some(version) => Some(Version::of(version.to_json())?),
                None => None,
            };
            Some(RefCall { package, name, version })
        };
        let captured = Captured {
            refs: stored.refs.into_iter().map(call).collect::<Option<_>>()?,
            sources: stored.sources,
            metrics: stored.metrics,
            functions: stored.functions,
            config: map_of(stored.set),
        };
        Some(Reading { captured, calls: stored.calls, config: map_of(stored.config) })
    }
}

/// The tree of a value, if it is the same value.
fn tree(json: Json) -> Option<yaml::Node> {
    let node = yaml::Node::from_json(json.clone(), Span::default());
    (node.to_json() == json).then_some(node)
}

/// The tree of a map; nothing for an empty one.
#[expect(clippy::option_option, reason = "that there is none is another thing than that it cannot be stored")]
fn tree_of(map: &Map<String, Json>) -> Option<Option<yaml::Node>> {
    if map.is_empty() { Some(None) } else { tree(Json::Object(map.clone())).map(Some) }
}

fn map_of(tree: Option<yaml::Node>) -> Map<String, Json> {
    match tree.map(|tree| tree.to_json()) {
        Some(Json::Object(map)) => map,
        _ => Map::new(),
    }
}
