//! The selectors of `selectors.yml`, as selections.

use super::{Group, IndirectSelection, Method, Operation, Selection, Term};
use crate::base::{HashSet, IndexMap, quoted_list};
use crate::config::{Criterion, Definition, Parts, SelectorProperties};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::graph::Reach;

/// Selections by name.
#[derive(Clone, Debug, Default)]
pub struct Selectors {
    selections: IndexMap<String, Selection>,
    default: Option<String>,
}

impl Selectors {
    /// The selectors of a project; `indirect` is which tests come along where a selector does not say. Those that cannot be used are
    /// reported and left out.
    pub fn new(selectors: &[SelectorProperties], indirect: IndirectSelection, diagnostics: &mut Diagnostics) -> Self {
        let mut found = Selectors::default();
        for selector in selectors {
            let Some(selection) = diagnostics.take(selection(&selector.definition, indirect)) else { continue };
            found.selections.insert(selector.name.clone(), selection);
            if selector.is_default {
                found.default = Some(selector.name.clone());
            }
        }
        for selector in selectors {
            let Some(selection) = found.selections.get(&selector.name) else { continue };
            if found.leads_to(selection, &selector.name, &mut HashSet::default()) {
                let message = format!("selector `{}` selects by itself", selector.name);
                diagnostics.push(Diagnostic::error(codes::SELECTOR_SYNTAX, message).at(selector.span));
                found.selections.shift_remove(&selector.name);
            }
        }
        found
    }

    /// A selector by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Selection> {
        self.selections.get(name)
    }

    /// The selector of commands that are given no selection.
    #[must_use]
    pub fn default_selection(&self) -> Option<&Selection> {
        self.get(self.default.as_ref()?)
    }

    /// The error about a selector that does not exist.
    #[must_use]
    pub fn unknown(&self, name: &str) -> Diagnostic {
        let diagnostic = Diagnostic::error(codes::SELECTOR_SYNTAX, format!("there is no selector `{name}`"));
        match self.selections.is_empty() {
            true => diagnostic.help("selectors are defined in `selectors.yml`"),
            false => diagnostic.suggest(name, self.selections.keys().map(String::as_str)),
        }
    }

    fn leads_to(&self, selection: &Selection, wanted: &str, seen: &mut HashSet<String>) -> bool {
        match selection {
            Selection::Group(group) => group.parts.iter().any(|part| self.leads_to(part, wanted, seen)),
            Selection::Term(Term { method: Method::Selector(name), .. }) => {
                name == wanted
                    || (seen.insert(name.clone())
                        && self.get(name).is_some_and(|next| self.leads_to(next, wanted, seen)))
            }
            Selection::Term(_) => false,
        }
    }
}

fn selection(definition: &Definition, indirect: IndirectSelection) -> Result<Selection, Diagnostic> {
    match definition {
        Definition::Text(text, span) => {
            Term::parse(text, indirect).map(Selection::Term).map_err(|error| error.at(*span))
        }
        Definition::Criterion(criterion) => {
            let term = Selection::Term(term(criterion, indirect)?);
            Ok(term.without(union(&criterion.exclude, indirect)?))
        }
        Definition::Union(parts) => group(Operation::Union, parts, indirect),
        Definition::Intersection(parts) => group(Operation::Intersection, parts, indirect),
    }
}

fn group(operation: Operation, parts: &Parts, indirect: IndirectSelection) -> Result<Selection, Diagnostic> {
    let included = parts.parts.iter().map(|part| selection(part, indirect)).collect::<Result<_, _>>()?;
    // Unlike on the command line, tests come along with the parts only.
    let group = Group { operation, parts: included, indirect: IndirectSelection::Eager, text: None };
    Ok(Selection::Group(group).without(union(&parts.exclude, indirect)?))
}

fn union(parts: &[Definition], indirect: IndirectSelection) -> Result<Selection, Diagnostic> {
    let parts = parts.iter().map(|part| selection(part, indirect)).collect::<Result<_, _>>()?;
    Ok(Selection::Group(Group { operation: Operation::Union, parts, indirect: IndirectSelection::Eager, text: None }))
}

fn term(criterion: &Criterion, indirect: IndirectSelection) -> Result<Term, Diagnostic> {
    let method = Method::of(&criterion.method, &criterion.value).map_err(|error| error.at(criterion.span))?;
    if criterion.childrens_parents && criterion.children {
        let message = "`childrens_parents` already takes what reads it: `children` says nothing more";
        return Err(Diagnostic::error(codes::SELECTOR_SYNTAX, message).at(criterion.span));
    }
    let reach = |wanted: bool, depth: Option<u64>| {
        let steps = depth.filter(|depth| *depth > 0).and_then(|depth| usize::try_from(depth).ok());
        wanted.then(|| steps.map_or(Reach::All, Reach::Steps))
    };
    let indirect = match &criterion.indirect_selection {
        None => indirect,
        Some((word, span)) => IndirectSelection::parse(word).ok_or_else(|| {
            let names = quoted_list(IndirectSelection::NAMES);
            let message = format!("`indirect_selection` is one of {names}, not `{word}`");
            Diagnostic::error(codes::CONFIG_VALUE, message).at(*span)
        })?,
    };
    Ok(Term {
        text: format!("{}:{}", criterion.method, criterion.value),
        method,
        parents: reach(criterion.parents, criterion.parents_depth),
        children: reach(criterion.children, criterion.children_depth),
        childrens_parents: criterion.childrens_parents,
        indirect,
    })
}
