//! The configs of a node as values.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use crate::base::IndexMap;

/// Configs by name. What the defaults and the resource trees of the project file say is the same for all nodes of a folder and is
/// shared by them; a node holds only what it says itself.
#[derive(Clone, Debug, Default)]
pub struct ConfigValues {
    shared: Arc<IndexMap<String, Json>>,
    own: Vec<(Box<str>, Json)>,
}

impl ConfigValues {
    /// The same, with nothing of its own: copies share all of it.
    #[must_use]
    pub fn to_shared(&self) -> Self {
        let all = self.iter().map(|(key, value)| (key.to_owned(), value.clone()));
        ConfigValues { shared: Arc::new(all.collect()), own: Vec::new() }
    }

    /// The value of a config.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.own(key).map(|at| &self.own[at].1).or_else(|| self.shared.get(key))
    }

    /// Sets a config.
    pub fn set(&mut self, key: &str, value: Json) {
        match self.own(key) {
            Some(at) => self.own[at].1 = value,
            None => self.own.push((key.into(), value)),
        }
    }

    /// All configs: first the shared ones in their order, then those that the node alone has.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        let shared = self.shared.iter().map(|(key, value)| {
            let value = self.own(key).map_or(value, |at| &self.own[at].1);
            (key.as_str(), value)
        });
        let own = self.own.iter().filter(|(key, _)| !self.shared.contains_key(&**key));
        shared.chain(own.map(|(key, value)| (&**key, value)))
    }

    /// Whether the node says anything that its neighbours do not.
    #[must_use]
    pub fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// All configs in one map.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Json> {
        self.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect()
    }

    fn own(&self, key: &str) -> Option<usize> {
        self.own.iter().position(|(own, _)| &**own == key)
    }
}

impl From<Map<String, Json>> for ConfigValues {
    fn from(values: Map<String, Json>) -> Self {
        ConfigValues { shared: Arc::new(values.into_iter().collect()), own: Vec::new() }
    }
}

impl Serialize for ConfigValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
