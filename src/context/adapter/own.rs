//! Questions that a project answers itself: in dbt the adapter asks macros, and where the project, or a package that `dispatch:`
//! names, has its own version of one, that version is asked here, too. The built-in answer is the engine's, without a macro.

use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

use super::Adapter;
use super::catalog::call_macro;
use crate::base::HashSet;
use crate::context::RelationValue;
use crate::context::column::ColumnValue;
use crate::context::function::fail;
use crate::engine::{RelationKind, registry};
use crate::jinja::{BUILT_IN, CallSite, Error, State, Value};
use crate::sql::Relation;

const RELATIONS: &str = "list_relations_without_caching";
const COLUMNS: &str = "get_columns_in_relation";

/// The questions that are being answered. A macro that asks the adapter the very question that it answers gets the engine's answer.
#[derive(Debug, Default)]
pub(in crate::context) struct Asked(Mutex<HashSet<(ThreadId, &'static str)>>);

impl Asked {
    fn enter(&self, question: &'static str) -> Option<Asking<'_>> {
        let key = (thread::current().id(), question);
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        is_new.then_some(Asking { asked: self, key })
    }
}

/// A question until it is answered.
struct Asking<'a> {
    asked: &'a Asked,
    key: (ThreadId, &'static str),
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.asked.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl Adapter {
    /// The relations of a schema as the project's own macro has them; none where it has no such macro. The macro gives a table of
    /// database, name, schema and type, or a list of relations.
    pub(super) fn own_relations(
        &self,
        state: &State<'_, '_>,
        database: &str,
        schema: &str,
    ) -> Result<Option<Vec<Value>>, Error> {
        let place = Relation::new(database, schema, "");
        let Some(table) = self.ask(state, RELATIONS, self.value_of(place, None))? else { return Ok(None) };
        let relations = table.try_iter()?.map(|row| {
            if RelationValue::of(&row).is_some() {
                return Ok(row);
            }
            let text = |at: usize| row.get_item(&Value::from(at)).map(|value| value.to_string());
            let kind = if text(3)? == "view" { RelationKind::View } else { RelationKind::Table };
            Ok(self.value_of(Relation::new(text(0)?, text(2)?, text(1)?), Some(kind)))
        });
        relations.collect::<Result<Vec<_>, Error>>().map(Some)
    }

    /// The columns of a relation as the project's own macro has them; none where it has no such macro.
    pub(super) fn own_columns(
        &self,
        state: &State<'_, '_>,
        relation: &Value,
    ) -> Result<Option<Vec<ColumnValue>>, Error> {
        let Some(list) = self.ask(state, COLUMNS, relation.clone())? else { return Ok(None) };
        let columns = list.try_iter()?.map(|column| {
            let column = column.downcast_object_ref::<ColumnValue>().cloned();
            column.ok_or_else(|| fail(format!("`{COLUMNS}` must return a list of `api.Column`")))
        });
        columns.collect::<Result<Vec<_>, Error>>().map(Some)
    }

    /// What the project's own version of a macro returns.
    fn ask(&self, state: &State<'_, '_>, name: &'static str, argument: Value) -> Result<Option<Value>, Error> {
        if !self.has_own(state, name) {
            return Ok(None);
        }
        let Some(_asking) = self.asked.enter(name) else { return Ok(None) };
        call_macro(state, name, &[argument]).map(Some)
    }

    /// Whether a macro, or what it dispatches to, is not the built-in one.
    fn has_own(&self, state: &State<'_, '_>, name: &str) -> bool {
        let Some(site) = CallSite::of(state) else { return false };
        let package_of = |name: &str| site.environment().macro_named("", name).map(|found| found.package.clone());
        let is_own = |package: Option<std::sync::Arc<str>>| package.is_some_and(|package| package.as_ref() != BUILT_IN);
        if is_own(package_of(&format!("{}.{name}", self.session.project))) {
            return true;
        }
        let found = self.search_order(BUILT_IN).into_iter().find_map(|package| {
            registry::macro_prefixes(&self.session.target.kind)
                .find_map(|prefix| package_of(&format!("{package}.{prefix}__{name}")))
        });
        is_own(found)
    }
}
