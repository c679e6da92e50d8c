//! Names of resources that are unique in a project.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use super::ResourceType;
use crate::jinja::MacroInfo;

/// `model.package.name` and the like. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniqueId(Arc<str>);

impl UniqueId {
    /// The id of a node.
    #[must_use]
    pub fn node(resource: ResourceType, package: &str, name: &str) -> Self {
        Self::of(&[resource.as_str(), package, name])
    }

    /// The id of a source table.
    #[must_use]
    pub fn source(package: &str, source: &str, table: &str) -> Self {
        Self::of(&["source", package, source, table])
    }

    /// The id of a macro.
    #[must_use]
    pub fn of_macro(found: &MacroInfo) -> Self {
        Self::of(&["macro", &found.package, &found.name])
    }

    /// The id of these parts, the kind first.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        UniqueId(parts.join(".").into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for UniqueId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl serde::Serialize for UniqueId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
