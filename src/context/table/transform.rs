//! What makes a table of a table: selecting, sorting, grouping.

use std::sync::Arc;

use super::sequence::group_name;
use super::{Sequence, Table};
use crate::jinja::{Arguments, Error, State, Value, ValueKind, fail};

impl Table {
    /// The methods that give another table, or rows of this one.
    pub(super) fn transformed(
        &self,
        state: &mut State<'_, '_>,
        method: &str,
        args: &Arguments,
    ) -> Result<Option<Value>, Error> {
        Ok(Some(match method {
            "select" => self.with_columns(&self.positions(&args.required(0, "key")?)?).into(),
            "exclude" => {
                let excluded = self.positions(&args.required(0, "key")?)?;
                let kept: Vec<usize> = (0..self.names.len()).filter(|at| !excluded.contains(at)).collect();
                self.with_columns(&kept).into()
            }
            "where" => {
                let test = args.required(0, "test")?;
                let mut rows = Vec::new();
                for row in &self.rows {
                    if test.call(state, &[self.row(row)])?.is_true() {
                        rows.push(Arc::clone(row));
                    }
                }
                self.with_rows(rows).into()
            }
            "find" => {
                let test = args.required(0, "test")?;
                for row in &self.rows {
                    let row = self.row(row);
                    if test.call(state, std::slice::from_ref(&row))?.is_true() {
                        return Ok(Some(row));
                    }
                }
                Value::from(())
            }
            "order_by" => self.ordered(state, args)?.into(),
            "limit" => self.limited(args)?.into(),
            "rename" => self.renamed(args)?.into(),
            "distinct" => self.distinct(state, args)?.into(),
            "group_by" => self.grouped(state, args)?,
            _ => return Ok(None),
        }))
    }

    fn with_rows(&self, rows: Vec<Arc<[Value]>>) -> Table {
        Table { names: Arc::clone(&self.names), types: Arc::clone(&self.types), rows }
    }

    fn with_columns(&self, positions: &[usize]) -> Table {
        Table {
            names: positions.iter().map(|at| self.names[*at].clone()).collect(),
            types: positions.iter().map(|at| self.types[*at]).collect(),
            rows: self.rows.iter().map(|row| positions.iter().map(|at| row[*at].clone()).collect()).collect(),
        }
    }

    /// The positions of one column, or of several.
    fn positions(&self, key: &Value) -> Result<Vec<usize>, Error> {
        let one = |column: &Value| {
            let missing = || fail(format!("the table has no column {column:?}"));
            self.position(column).ok_or_else(missing)
        };
        match key.kind() {
            ValueKind::Seq | ValueKind::Iterable => key.try_iter()?.map(|column| one(&column)).collect(),
            _ => Ok(vec![one(key)?]),
        }
    }

    /// What rows are compared by: columns, or what a function makes of a row.
    fn keys(&self, state: &mut State<'_, '_>, key: &Value) -> Result<Vec<Vec<Value>>, Error> {
        if key.kind() == ValueKind::Plain {
            return self.rows.iter().map(|row| Ok(vec![key.call(state, &[self.row(row)])?])).collect();
        }
        let positions = self.positions(key)?;
        Ok(self.rows.iter().map(|row| positions.iter().map(|at| row[*at].clone()).collect()).collect())
    }

    /// `order_by(key, reverse=false)`; missing values come last.
    fn ordered(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Table, Error> {
        let keys = self.keys(state, &args.required(0, "key")?)?;
        let reverse = args.flag(1, "reverse");
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|one, other| {
            let pairs = keys[*one].iter().zip(&keys[*other]);
            let compared = pairs.map(|(one, other)| one.is_none().cmp(&other.is_none()).then_with(|| one.cmp(other)));
            let order = compared.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then);
            if reverse { order.reverse() } else { order }
        });
        Ok(self.with_rows(order.into_iter().map(|at| Arc::clone(&self.rows[at])).collect()))
    }

    /// `limit(stop)`, `limit(start, stop, step)`.
    fn limited(&self, args: &Arguments) -> Result<Table, Error> {
        let bound = |at, name| args.int(at, name).map(|bound| bound.and_then(|bound| usize::try_from(bound).ok()));
        let (first, second) = (bound(0, "start_or_stop")?, bound(1, "stop")?);
        let step = bound(2, "step")?.unwrap_or(1).max(1);
        let (start, stop) = if second.is_some() { (first.unwrap_or(0), second) } else { (0, first) };
        let rows = self.rows.iter().take(stop.unwrap_or(usize::MAX)).skip(start).step_by(step);
        Ok(self.with_rows(rows.cloned().collect()))
    }

    /// `rename(column_names)`: all the names, or new names by old ones.
    fn renamed(&self, args: &Arguments) -> Result<Table, Error> {
        let Some(given) = args.given(0, "column_names") else { return Ok(self.clone()) };
        let names: Vec<String> = if given.kind() == ValueKind::Map {
            let name = |name: &String| {
                let found = given.get_item(&Value::from(name))?;
                Ok(if found.is_undefined() { name.clone() } else { found.to_string() })
            };
            self.names.iter().map(name).collect::<Result<_, Error>>()?
        } else {
            given.try_iter()?.map(|name| name.to_string()).collect()
        };
        if names.len() != self.names.len() {
            return Err(fail(format!("the table has {} columns, not {}", self.names.len(), names.len())));
        }
        Ok(Table { names: names.into(), ..self.clone() })
    }

    fn distinct(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Table, Error> {
        let keys = match args.given(0, "key") {
            Some(key) => self.keys(state, &key)?,
            None => self.rows.iter().map(|row| row.to_vec()).collect(),
        };
        let mut seen = crate::base::HashSet::default();
        let rows = self.rows.iter().zip(keys).filter(|(_, key)| seen.insert(key.clone())).map(|(row, _)| row);
        Ok(self.with_rows(rows.cloned().collect()))
    }

    /// `group_by(key, key_name)`: a table for each value, by what the value prints as.
    fn grouped(&self, state: &mut State<'_, '_>, args: &Arguments) -> Result<Value, Error> {
        let key = args.required(0, "key")?;
        let name = args.text(1, "key_name")?.or_else(|| key.as_str().map(str::to_owned));
        let mut groups: Vec<(String, Vec<Arc<[Value]>>)> = Vec::new();
        for (row, key) in self.rows.iter().zip(self.keys(state, &key)?) {
            let name = key.first().map(group_name).unwrap_or_default();
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, rows)) => rows.push(Arc::clone(row)),
                None => groups.push((name, vec![Arc::clone(row)])),
            }
        }
        let (keys, tables): (Vec<String>, Vec<Value>) =
            groups.into_iter().map(|(name, rows)| (name, self.with_rows(rows).into())).unzip();
        Ok(Sequence::tables(name.as_deref().unwrap_or("group"), keys, tables).into())
    }
}
