//! Strategies of incremental models and snapshots.

use super::{Adapter, executing};
use crate::base::quoted_list;
use crate::context::RelationValue;
use crate::context::function::{Arguments, fail};
use crate::jinja::{CallSite, Error, ErrorKind, State, Value, mutable};

/// The strategies that every project knows.
const STRATEGIES: [&str; 5] = ["append", "delete+insert", "merge", "insert_overwrite", "microbatch"];

impl Adapter {
    /// `get_incremental_strategy_macro(model_context, strategy)`: the macro `get_incremental_<strategy>_sql`.
    pub(super) fn get_incremental_strategy_macro(
        &self,
        state: &mut State<'_, '_>,
        args: &Arguments,
    ) -> Result<Value, Error> {
        let strategy = args.text(1, "strategy")?.unwrap_or_else(|| "default".to_owned());
        let name = format!("get_incremental_{}_sql", strategy.replace('+', "_"));
        let found = CallSite::of(state).and_then(|site| site.lookup(&name));
        found
            .ok_or_else(|| fail(format!("incremental strategy `{strategy}` needs a macro `{name}`, and there is none")))
    }

    pub(super) fn valid_incremental_strategies(&self, _: &mut State<'_, '_>, _: &Arguments) -> Result<Value, Error> {
        Ok(mutable(STRATEGIES.into_iter().map(Value::from).collect()))
    }

    /// `get_hard_deletes_behavior(config)`: what a snapshot does with rows that are gone.
    pub(super) fn get_hard_deletes_behavior(
        &self,
        state: &mut State<'_, '_>,
        args: &Arguments,
    ) -> Result<Value, Error> {
        const KNOWN: [&str; 3] = ["ignore", "invalidate", "new_record"];
        let config = args.required(0, "config")?;
        let mut get = |name: &str| match config.call_method(state, "get", &[Value::from(name)]) {
            Err(error) if error.kind() == ErrorKind::UnknownMethod => config.get_attr(name),
            other => other,
        };
        let (hard_deletes, older) = (get("hard_deletes")?, get("invalidate_hard_deletes")?);
        let said = hard_deletes.as_str().filter(|text| !text.is_empty());
        match said {
            Some(_) if older.is_true() => {
                Err(fail("a snapshot has `hard_deletes` or the older `invalidate_hard_deletes`, not both"))
            }
            Some(behaviour) if KNOWN.contains(&behaviour) => Ok(Value::from(behaviour)),
            Some(other) => Err(fail(format!("`hard_deletes` is one of {}, not `{other}`", quoted_list(&KNOWN)))),
            None => Ok(Value::from(if older.is_true() { "invalidate" } else { "ignore" })),
        }
    }

    /// `valid_snapshot_target(relation, column_names)`: fails where the table lacks what a snapshot keeps.
    pub(super) fn valid_snapshot_target(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        const KEPT: [&str; 3] = ["dbt_scd_id", "dbt_valid_from", "dbt_valid_to"];
        let value = args.required(0, "relation")?;
        if !executing(state) {
            return Ok(Value::from(()));
        }
        let names = args.get(1, "column_names").unwrap_or_default();
        let known: Vec<String> =
            self.columns(state, &value)?.iter().map(|column| column.name().to_lowercase()).collect();
        let wanted = KEPT.map(|name| {
            let configured = names.get_attr(name).ok().filter(|name| !name.is_undefined() && !name.is_none());
            configured.map_or_else(|| name.to_owned(), |name| name.to_string())
        });
        let missing: Vec<&String> = wanted.iter().filter(|name| !known.contains(&name.to_lowercase())).collect();
        if missing.is_empty() {
            return Ok(Value::from(()));
        }
        let relation = RelationValue::of(&value).map_or_else(String::new, |relation| relation.to_string());
        Err(fail(format!("`{relation}` is no snapshot: it has no column {}", quoted_list(&missing))))
    }
}
