//! What stands behind a `*`: `exclude`, `except`, `replace` and `rename`.
//!
//! Their names are read as all others are, in lower case unless they are quoted. A column that is renamed comes behind the others: where
//! it stood only the planner knows.

use datafusion::sql::sqlparser::ast::{
    ExceptSelectItem, ExcludeSelectItem, Expr, Ident, IdentWithAlias, ObjectName, Query, RenameSelectItem, Select,
    SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Spanned, WildcardAdditionalOptions,
};

use super::names::folded;
use crate::engine::datafusion::guard::place_of;
use crate::engine::{EngineError, ErrorKind};

/// Translates the wildcards of a query.
///
/// # Errors
/// [`ErrorKind::Unsupported`] with the place of a `select` that renames columns where they go by their places.
pub(super) fn translate(query: &mut Query) -> Result<(), EngineError> {
    match query.body.as_mut() {
        SetExpr::Select(select) => in_select(select),
        body => in_set(body)?,
    }
    Ok(())
}

fn in_set(body: &mut SetExpr) -> Result<(), EngineError> {
    match body {
        SetExpr::Select(select) => {
            if select.projection.iter().any(renames) {
                let message = "`rename` in a query of a `union`, whose columns go by their places, is not supported";
                let error = EngineError::new(ErrorKind::Unsupported, message).help("list the columns");
                return Err(error.at(place_of(select.span().start)));
            }
            in_select(select);
            Ok(())
        }
        SetExpr::SetOperation { left, right, .. } => {
            in_set(left)?;
            in_set(right)
        }
        _ => Ok(()),
    }
}

fn renames(item: &SelectItem) -> bool {
    match item {
        SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) => options.opt_rename.is_some(),
        _ => false,
    }
}

fn in_select(select: &mut Select) {
    let mut items = Vec::new();
    for mut item in std::mem::take(&mut select.projection) {
        let renamed = match &mut item {
            SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) => translated(options),
            _ => Vec::new(),
        };
        let relation = match &item {
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => parts(name),
            _ => Vec::new(),
        };
        items.push(item);
        items.extend(renamed.into_iter().map(|IdentWithAlias { ident, alias }| {
            let expr = match relation.as_slice() {
                [] => Expr::Identifier(ident),
                relation => Expr::CompoundIdentifier(relation.iter().cloned().chain([ident]).collect()),
            };
            SelectItem::ExprWithAlias { expr, alias }
        }));
    }
    select.projection = items;
}

/// Folds the names, and takes out those that are renamed.
fn translated(options: &mut WildcardAdditionalOptions) -> Vec<IdentWithAlias> {
    let has_parts = |name: &ObjectName| name.0.len() > 1;
    let is_refused = match &options.opt_exclude {
        Some(ExcludeSelectItem::Single(name)) => has_parts(name),
        Some(ExcludeSelectItem::Multiple(all)) => all.iter().any(has_parts),
        None => false,
    };
    // The planner says why.
    if is_refused {
        return Vec::new();
    }
    let renamed = match options.opt_rename.take() {
        Some(RenameSelectItem::Single(one)) => vec![one],
        Some(RenameSelectItem::Multiple(all)) => all,
        None => Vec::new(),
    };
    let left_out: Vec<Ident> =
        excluded(options).into_iter().chain(renamed.iter().map(|one| one.ident.clone())).collect();
    exclude(options, &left_out);
    for item in options.opt_replace.iter_mut().flat_map(|replace| &mut replace.items) {
        item.column_name = exact(&item.column_name);
    }
    renamed
}

/// The columns that a wildcard leaves out.
pub(super) fn excluded(options: &WildcardAdditionalOptions) -> Vec<Ident> {
    let mut names = Vec::new();
    match &options.opt_exclude {
        Some(ExcludeSelectItem::Single(name)) => names.extend(parts(name).pop()),
        Some(ExcludeSelectItem::Multiple(all)) => names.extend(all.iter().filter_map(|name| parts(name).pop())),
        None => {}
    }
    if let Some(ExceptSelectItem { first_element, additional_elements }) = &options.opt_except {
        names.extend(std::iter::once(first_element).chain(additional_elements).cloned());
    }
    names
}

/// Lets a wildcard leave out these columns.
pub(super) fn exclude(options: &mut WildcardAdditionalOptions, names: &[Ident]) {
    options.opt_except = None;
    options.opt_exclude = (!names.is_empty())
        .then(|| ExcludeSelectItem::Multiple(names.iter().map(|name| ObjectName::from(vec![exact(name)])).collect()));
}

/// The name as it is looked up.
pub(super) fn exact(name: &Ident) -> Ident {
    Ident { value: folded(name), quote_style: Some('"'), span: name.span }
}

fn parts(name: &ObjectName) -> Vec<Ident> {
    name.0.iter().filter_map(|part| part.as_ident().cloned()).collect()
}
