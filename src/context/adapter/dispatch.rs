//! `adapter.dispatch`: the macro of a name that suits the engine.

use super::Adapter;
use crate::context::function::{Arguments, fail};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::registry;
use crate::jinja::{CallSite, Error, State, Value, raise};

impl Adapter {
    /// `dispatch(macro_name, macro_namespace)`: in each package of the search order, the first of `<adapter>__name`, those of the
    /// adapters that it descends from, and `default__name`.
    pub(super) fn dispatch(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let name = args.required_text(0, "macro_name")?;
        let namespace = args.text(1, "macro_namespace")?;
        if let Some((package, name)) = name.split_once('.') {
            let message =
                format!("`dispatch` takes the package apart from the name: `adapter.dispatch('{name}', '{package}')`");
            return Err(fail(message));
        }
        let prefixes = registry::macro_prefixes(&self.session.target.kind);
        let names: Vec<String> = prefixes.map(|prefix| format!("{prefix}__{name}")).collect();
        let site = CallSite::of(state);
        // As in dbt, a namespace that is no package is none at all.
        let is_known = |namespace: &&String| {
            let has_macros = |site: &CallSite| site.environment().has_package(namespace);
            self.is_configured(namespace) || site.as_ref().is_some_and(has_macros)
        };
        let searched = match namespace.as_ref().filter(is_known) {
            Some(namespace) => {
                let packages = self.search_order(namespace);
                let pairs =
                    packages.iter().flat_map(|package| names.iter().map(move |name| format!("{package}.{name}")));
                pairs.collect::<Vec<_>>()
            }
            None => names,
        };
        let found = site.and_then(|site| searched.iter().find_map(|name| site.find_macro(name)));
        found.ok_or_else(|| raise(missing(&name, namespace.as_deref(), &searched)))
    }

    fn is_configured(&self, namespace: &str) -> bool {
        self.dispatch.iter().any(|(name, order)| name == namespace && !order.is_empty())
    }

    /// The packages to look in: the project's `dispatch:` for the namespace, else the project itself and then the namespace.
    pub(super) fn search_order(&self, namespace: &str) -> Vec<String> {
        let configured = self.dispatch.iter().find(|(name, _)| name == namespace);
        match configured {
            Some((_, order)) if !order.is_empty() => order.clone(),
            _ => vec![self.session.project.clone(), namespace.to_owned()],
        }
    }
}

fn missing(name: &str, namespace: Option<&str>, searched: &[String]) -> Diagnostic {
    let within = namespace.map_or_else(String::new, |namespace| format!(" in namespace `{namespace}`"));
    let searched: Vec<String> = searched.iter().map(|name| format!("`{name}`")).collect();
    Diagnostic::error(codes::UNKNOWN_MACRO, format!("dispatch finds no macro `{name}`{within}"))
        .note(format!("searched for {}", searched.join(", ")))
}
