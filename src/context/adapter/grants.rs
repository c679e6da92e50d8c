//! Grants as engines list them.

use std::sync::Arc;

use super::Adapter;
use crate::context::function::Arguments;
use crate::jinja::{Dict, Error, List, State, Value};

impl Adapter {
    /// `standardize_grants_dict(grants_table)`: rows of `grantee` and `privilege_type` as privilege → grantees.
    pub(super) fn standardize_grants_dict(&self, _: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let table = args.required(0, "grants_table")?;
        let mut found: Vec<(String, Arc<List>)> = Vec::new();
        for row in table.get_attr("rows")?.try_iter()? {
            let privilege = row.get_attr("privilege_type")?.to_string();
            let grantee = row.get_attr("grantee")?;
            match found.iter().find(|(known, _)| *known == privilege) {
                Some((_, grantees)) => grantees.push(grantee),
                None => found.push((privilege, Arc::new([grantee].into_iter().collect()))),
            }
        }
        let entries =
            found.into_iter().map(|(privilege, grantees)| (Value::from(privilege), Value::from_dyn_object(grantees)));
        Ok(entries.collect::<Dict>().into())
    }
}
