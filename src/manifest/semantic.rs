//! Groups, and the semantic layer: metrics, semantic models, saved queries. They are kept for the tools that read the manifest.

use serde_json::{Map, Value as Json};

use super::{ConfigValues, RefArgs, UniqueId};
use crate::source::Span;

/// A group of models with its owner.
#[derive(Clone, Debug)]
pub struct Group {
    /// `group.package.name`.
    pub id: UniqueId,
    /// The package that declares it.
    pub package: String,
    /// Its name.
    pub name: String,
    /// The declaring file below the folder of its kind.
    pub path: String,
    /// The declaring file, relative to the project.
    pub original_path: String,
    /// Where it is declared.
    pub span: Span,
    /// Markdown.
    pub description: Option<String>,
    /// Its owner, by `name` and `email`.
    pub owner: Map<String, Json>,
    /// Its configs.
    pub config: Map<String, Json>,
}

/// The kinds of the semantic layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SemanticKind {
    /// A metric.
    Metric,
    /// A semantic model.
    SemanticModel,
    /// A saved query.
    SavedQuery,
}

impl SemanticKind {
    /// dbt's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            SemanticKind::Metric => "metric",
            SemanticKind::SemanticModel => "semantic_model",
            SemanticKind::SavedQuery => "saved_query",
        }
    }
}

/// A metric, semantic model or saved query.
#[derive(Clone, Debug)]
pub struct SemanticResource {
    /// `metric.package.name` and the like.
    pub id: UniqueId,
    /// Its kind.
    pub kind: SemanticKind,
    /// The package that declares it.
    pub package: String,
    /// Its name.
    pub name: String,
    /// The declaring file below the folder of its kind.
    pub path: String,
    /// The declaring file, relative to the project.
    pub original_path: String,
    /// Where it is declared.
    pub span: Span,
    /// Package, folders, name.
    pub fqn: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Free facts.
    pub meta: Map<String, Json>,
    /// The group that owns it.
    pub group: Option<String>,
    /// Its configs.
    pub config: ConfigValues,
    /// Its configs as they were written.
    pub unrendered_config: ConfigValues,
    /// `ref` calls.
    pub refs: Vec<RefArgs>,
    /// What it reads: semantic models, metrics, models.
    pub depends_on: Vec<UniqueId>,
    /// What only its kind has, as the artifact holds it.
    pub body: Map<String, Json>,
}
