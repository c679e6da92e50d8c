//! `constraints:` of models and columns.

use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Node};

/// A constraint of a model or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// What it asks for.
    pub kind: ConstraintType,
    /// Its name in the database.
    pub name: Option<String>,
    /// The condition of a check, or what stands behind the words of the kind.
    pub expression: Option<String>,
    /// Whether to warn where the engine takes it and does not hold it.
    pub warn_unenforced: bool,
    /// Whether to warn where the engine does not take it.
    pub warn_unsupported: bool,
    /// The relation of a foreign key: `ref('…')` or `source('…', '…')`.
    pub to: Option<String>,
    /// The columns there.
    pub to_columns: Vec<String>,
    /// The columns of a constraint of the whole model.
    pub columns: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// What a constraint asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintType {
    /// A condition holds for each row.
    Check,
    /// No value is missing.
    NotNull,
    /// No value stands twice.
    Unique,
    /// The values tell the rows apart.
    PrimaryKey,
    /// The values are among those of another relation.
    ForeignKey,
    /// What the engine makes of the expression.
    Custom,
}

const TYPES: [ConstraintType; 6] = [
    ConstraintType::Check,
    ConstraintType::NotNull,
    ConstraintType::Unique,
    ConstraintType::PrimaryKey,
    ConstraintType::ForeignKey,
    ConstraintType::Custom,
];

impl ConstraintType {
    /// dbt's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ConstraintType::Check => "check",
            ConstraintType::NotNull => "not_null",
            ConstraintType::Unique => "unique",
            ConstraintType::PrimaryKey => "primary_key",
            ConstraintType::ForeignKey => "foreign_key",
            ConstraintType::Custom => "custom",
        }
    }
}

/// Reads the list under `constraints:`.
pub(super) fn constraints_of(fields: &mut Fields<'_, '_>) -> Vec<Constraint> {
    fields.list("constraints").iter().filter_map(|node| constraint(node, fields.diagnostics())).collect()
}

fn constraint(node: &Node, diagnostics: &mut Diagnostics) -> Option<Constraint> {
    let mut fields = Fields::of(node, "a constraint", diagnostics)?;
    let (kind, at) = fields.required_text("type", node.span)?;
    let Some(kind) = TYPES.into_iter().find(|known| known.as_str() == kind) else {
        let names = TYPES.map(ConstraintType::as_str);
        let message = format!("the `type` of a constraint is one of {}, not `{kind}`", quoted_list(&names));
        diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(at).suggest_near(&kind, names));
        return None;
    };
    let constraint = Constraint {
        kind,
        name: fields.text("name"),
        expression: fields.text("expression"),
        warn_unenforced: fields.flag("warn_unenforced").unwrap_or(true),
        warn_unsupported: fields.flag("warn_unsupported").unwrap_or(true),
        to: fields.text("to"),
        to_columns: fields.texts("to_columns").unwrap_or_default(),
        columns: fields.texts("columns").unwrap_or_default(),
        span: node.span,
    };
    fields.finish("a constraint");
    Some(constraint)
}
