//! Changes of relations, each by one job where that is possible.
//!
//! A table or a view is replaced by one statement. BigQuery refuses that where the one is to take the place of the other, or partitions
//! change: then the new one is made aside, the old one goes, and the new one gets its name; between the two readers find nothing, for about a second.

use arrow::datatypes::{Schema, SchemaRef};
use serde_json::{Map, Value as Json, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::catalog::{self, Listed};
use super::client::Done;
use super::statements::{self, DUPLICATE_KEY, Statement, Storage};
use super::{BigQuery, types, upload};
use crate::engine::{
    ColumnChange, Comments, DeclaredColumn, EngineError, ErrorKind, Layout, Operation, Outcome, Position, RelationKind,
    Rules,
};
use crate::sql::{Dialect, Relation};

/// Applies an operation.
pub(super) async fn apply(
    engine: &BigQuery,
    operation: Operation,
    cancel: &CancellationToken,
) -> Result<Outcome, EngineError> {
    let change = Change { engine, cancel };
    match operation {
        Operation::CreateView { relation, query } => change.create_view(&relation, &query).await,
        Operation::CreateTable { relation, query, rules, layout } => {
            change.create_table(&relation, &query, (&rules, &layout)).await
        }
        Operation::Load { relation, schema, types, batches, .. } => {
            let rows = upload::lines(&batches)?;
            let loaded = batches.iter().map(|batch| batch.num_rows() as u64).sum();
            change.load(&relation, (&schema, &types), &rows, loaded).await
        }
        Operation::Insert { relation, query } => {
            let columns = change.fitted(&relation, &query).await?;
            change.add(&relation, query, |query| statements::insert(&name(&relation), query, &columns.names())).await
        }
        Operation::Merge { relation, query, merge } => {
            let columns = change.fitted(&relation, &query).await?;
            change
                .add(&relation, query, |query| statements::merge(&name(&relation), query, &columns.names(), &merge))
                .await
        }
        Operation::DeleteInsert { relation, query, delete } => {
            let columns = change.fitted(&relation, &query).await?;
            let made = |query: &str| statements::delete_insert(&name(&relation), query, &columns.names(), &delete);
            change.add(&relation, query, made).await
        }
        Operation::Overwrite { relation, query, partition_by, predicates } => {
            let columns = change.fitted(&relation, &query).await?;
            let which = (partition_by.as_slice(), predicates.as_slice());
            let made =
                |query: &str| statements::overwrite(&name(&relation), query, &columns.names(), which, &columns.table);
            change.add(&relation, query, made).await
        }
        Operation::Alter { relation, changes } => {
            let table = change.table(&relation).await?;
            change.alter(&relation, &changes, &table).await
        }
        Operation::Widen { relation, columns } => {
            let table = change.table(&relation).await?;
            change.alter(&relation, &statements::widening(&table, &columns), &table).await
        }
        Operation::Constrain { relation, rules } => change.constrain(&relation, &rules).await,
        Operation::Describe { relation, comments } => change.describe(&relation, &comments).await,
        Operation::Drop { relation } => {
            change.remove(&relation).await?;
            Ok(Outcome::default())
        }
        Operation::Execute { sql } => {
            let done = engine.client.run_once(&sql, cancel).await;
            engine.catalog.forget();
            done.map(|done| outcome(engine, &done))
        }
        other => Err(unsupported(&other)),
    }
}

/// An operation that is only asked of engines that say that they have it.
fn unsupported(operation: &Operation) -> EngineError {
    let words = format!("{operation:?}");
    let word = words.split([' ', '{']).next().unwrap_or_default();
    EngineError::new(ErrorKind::Unsupported, format!("BigQuery has no operation `{word}`"))
}

fn name(relation: &Relation) -> String {
    relation.render(Dialect::BigQuery)
}

/// A change that is being made.
struct Change<'a> {
    engine: &'a BigQuery,
    cancel: &'a CancellationToken,
}

/// The columns of a query that a table has, and those of the table.
struct Fitted {
    query: SchemaRef,
    table: SchemaRef,
}

impl Fitted {
    /// The names of the columns that both have.
    fn names(&self) -> Vec<&str> {
        let of_table = |name: &str| self.table.fields().iter().any(|field| field.name().eq_ignore_ascii_case(name));
        self.query.fields().iter().map(|field| field.name().as_str()).filter(|name| of_table(name)).collect()
    }
}

impl Change<'_> {
    async fn run(&self, statement: Statement) -> Result<Outcome, EngineError> {
        let done = self.engine.client.run(&statement.sql, self.cancel).await;
        Ok(outcome(self.engine, &done.map_err(|error| said(error, statement.lines_before))?))
    }

    /// Adds the rows of a query to a table, of which it is known what they must be like.
    async fn add(
        &self,
        relation: &Relation,
        query: String,
        statement: impl FnOnce(&str) -> Statement,
    ) -> Result<Outcome, EngineError> {
        let held = statements::held(&query, &self.engine.catalog.rules(relation)).unwrap_or(Statement::plain(query));
        let mut statement = statement(&held.sql);
        statement.lines_before += held.lines_before;
        self.run(statement).await
    }

    async fn create_view(&self, relation: &Relation, query: &str) -> Result<Outcome, EngineError> {
        self.make_dataset(relation).await?;
        let statement = statements::create_view(&name(relation), query);
        let held = self.kind(relation).await?.filter(|kind| *kind != RelationKind::View);
        let outcome = match held {
            None => self.run(statement).await?,
            Some(kind) => {
                // Whatever is wrong with the query is told before the table goes, and both happen in one job that nobody stops.
                let lines_before = statement.lines_before;
                self.engine.client.fields(&format!("\n{query}")).await.map_err(|error| said(error, lines_before))?;
                let script = format!("{}{}", statements::drop(&name(relation), kind), statement.sql);
                let done = self.engine.client.run_once(&script, &CancellationToken::new()).await;
                outcome(self.engine, &done.map_err(|error| said(error, lines_before + 1))?)
            }
        };
        self.engine.catalog.note(relation, Some(Listed { kind: RelationKind::View, storage: Json::Null }));
        Ok(outcome)
    }

    async fn create_table(
        &self,
        relation: &Relation,
        query: &str,
        (rules, layout): (&Rules, &Layout),
    ) -> Result<Outcome, EngineError> {
        self.make_dataset(relation).await?;
        let columns = match rules.not_null.is_empty() && layout.partition_by.is_empty() {
            true => None,
            false => Some(self.columns(query).await?),
        };
        let storage = Storage::of(layout, columns.as_deref())?;
        let create = |relation: &Relation| {
            statements::create_table(&name(relation), query, (rules, &storage), columns.as_deref())
        };
        let held = self.engine.catalog.get(&self.engine.client, relation).await?;
        let made = Listed { kind: RelationKind::Table, storage: storage.kept.clone() };
        let outcome = match held.filter(|held| *held != made) {
            None => self.run(create(relation)).await?,
            Some(held) => {
                let aside = aside(relation);
                let outcome = self.clean(&aside, self.run(create(&aside)).await).await?;
                self.put(&aside, relation, held.kind).await?;
                outcome
            }
        };
        self.engine.catalog.note(relation, Some(made));
        self.engine.catalog.rule(relation, rules);
        Ok(outcome)
    }

    /// Puts a table in the place of a relation, in one job that nobody stops. Where that fails while the relation is there the table goes;
    /// else it stays, and the error says where the rows are.
    async fn put(&self, aside: &Relation, relation: &Relation, held: RelationKind) -> Result<(), EngineError> {
        let rename =
            format!("alter table {} rename to {};", name(aside), Dialect::BigQuery.quote(&relation.identifier));
        let script = format!("{}{rename}", statements::drop(&name(relation), held));
        let Err(mut error) = self.engine.client.run_once(&script, &CancellationToken::new()).await else {
            return Ok(());
        };
        self.engine.catalog.forget();
        match self.engine.client.resource(&catalog::path(relation), &[]).await {
            Ok(Some(_)) => self.clean(aside, Err(error)).await,
            _ => {
                error.message = format!("{}; the new rows are in `{aside}`", error.message);
                Err(error)
            }
        }
    }

    /// Removes a table that was made aside when what came of it is an error.
    async fn clean<T>(&self, aside: &Relation, made: Result<T, EngineError>) -> Result<T, EngineError> {
        if made.is_err()
            && let Err(left) = self.engine.client.remove(&catalog::path(aside)).await
        {
            tracing::warn!("`{aside}` could not be removed: {left}");
        }
        made
    }

    async fn make_dataset(&self, relation: &Relation) -> Result<(), EngineError> {
        self.engine.catalog.make(&self.engine.client, (&relation.database, &relation.schema)).await
    }

    async fn load(
        &self,
        relation: &Relation,
        (schema, declared): (&Schema, &[DeclaredColumn]),
        rows: &[u8],
        loaded: u64,
    ) -> Result<Outcome, EngineError> {
        self.make_dataset(relation).await?;
        let held = self.kind(relation).await?.filter(|kind| *kind != RelationKind::Table);
        let place = if held.is_some() { aside(relation) } else { relation.clone() };
        let fields = self.load_fields(schema, declared).await?;
        let load = json!({
            "destinationTable": {
                "projectId": place.database, "datasetId": place.schema, "tableId": place.identifier,
            },
            "schema": { "fields": fields },
            "sourceFormat": "NEWLINE_DELIMITED_JSON",
            "createDisposition": "CREATE_IF_NEEDED",
            "writeDisposition": "WRITE_TRUNCATE",
        });
        let loaded_all = self.engine.client.load(&load, rows, self.cancel).await;
        let done = match held {
            None => loaded_all?,
            Some(kind) => {
                let done = self.clean(&place, loaded_all).await?;
                self.put(&place, relation, kind).await?;
                done
            }
        };
        self.engine.catalog.note(relation, Some(Listed { kind: RelationKind::Table, storage: Json::Null }));
        Ok(Outcome { rows: Some(loaded), ..outcome(self.engine, &done) })
    }

    /// The columns of a load, with the types that some are declared to have, which BigQuery itself reads.
    async fn load_fields(&self, schema: &Schema, declared: &[DeclaredColumn]) -> Result<Vec<Json>, EngineError> {
        let wanted: Vec<(&str, &str)> =
            declared.iter().filter_map(|column| Some((column.name.as_str(), column.data_type.as_deref()?))).collect();
        let read = match wanted.is_empty() {
            true => Json::Null,
            false => {
                let nulls = wanted
                    .iter()
                    .map(|(name, data_type)| (Dialect::BigQuery.quote(name), Dialect::BigQuery.cast_type(data_type)))
                    .map(|(name, data_type)| format!("cast(null as {data_type}) as {name}"));
                let sql = format!("select\n{}", nulls.collect::<Vec<_>>().join(",\n"));
                self.engine.client.fields(&sql).await?
            }
        };
        let find = |name: &str| {
            let is_it = |field: &&Json| field["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
            let mut field = read.as_array().into_iter().flatten().find(is_it).cloned()?;
            let said = wanted.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
            types::with_digits(&mut field, said.map_or("", |(_, data_type)| data_type));
            Some(field)
        };
        Ok(schema.fields().iter().map(|field| find(field.name()).unwrap_or_else(|| types::load_field(field))).collect())
    }

    /// What a query gives for a table, which is widened for it.
    async fn fitted(&self, relation: &Relation, query: &str) -> Result<Fitted, EngineError> {
        let (table, query) = (self.table(relation).await?, self.columns(query).await?);
        let changes = statements::widening(&table, &query);
        if !changes.is_empty() {
            self.alter(relation, &changes, &table).await?;
        }
        Ok(Fitted { query, table })
    }

    async fn alter(
        &self,
        relation: &Relation,
        changes: &[ColumnChange],
        table: &Schema,
    ) -> Result<Outcome, EngineError> {
        match changes.is_empty() {
            true => Ok(Outcome::default()),
            false => {
                // Statements about columns are not undone when a later one fails.
                let script = statements::alter(&name(relation), changes, table)?.sql;
                let done = self.engine.client.run_once(&script, self.cancel).await?;
                Ok(outcome(self.engine, &done))
            }
        }
    }

    /// Columns that may hold nulls again do. What else the rules say holds for rows that come from here on: rows that are there are not read.
    async fn constrain(&self, relation: &Relation, rules: &Rules) -> Result<Outcome, EngineError> {
        let table = self.table(relation).await?;
        let must = |name: &str| rules.not_null.iter().any(|own| own.eq_ignore_ascii_case(name));
        let freed = table.fields().iter().filter(|field| !field.is_nullable() && !must(field.name()));
        let changes = freed.map(|field| ColumnChange::Nullable { name: field.name().clone(), nullable: true });
        self.engine.catalog.rule(relation, rules);
        self.alter(relation, &changes.collect::<Vec<_>>(), &table).await
    }

    async fn describe(&self, relation: &Relation, comments: &Comments) -> Result<Outcome, EngineError> {
        let path = catalog::path(relation);
        let Some(mut table) = self.engine.client.resource(&path, &[]).await? else { return Err(absent(relation)) };
        let mut body = Map::new();
        if let Some(comment) = &comments.relation {
            body.insert("description".to_owned(), Json::from(comment.as_str()));
        }
        if !comments.columns.is_empty() {
            let fields = catalog::described(table["schema"]["fields"].take(), &comments.columns);
            body.insert("schema".to_owned(), json!({ "fields": fields }));
        }
        if !body.is_empty() {
            self.engine.client.patch(&path, &Json::Object(body)).await?;
        }
        Ok(Outcome::default())
    }

    async fn remove(&self, relation: &Relation) -> Result<(), EngineError> {
        self.engine.client.remove(&catalog::path(relation)).await?;
        self.engine.catalog.note(relation, None);
        Ok(())
    }

    async fn kind(&self, relation: &Relation) -> Result<Option<RelationKind>, EngineError> {
        Ok(self.engine.catalog.get(&self.engine.client, relation).await?.map(|listed| listed.kind))
    }

    async fn columns(&self, query: &str) -> Result<SchemaRef, EngineError> {
        types::schema(&self.engine.client.fields(query).await?)
    }

    /// The columns of a table that is there.
    async fn table(&self, relation: &Relation) -> Result<SchemaRef, EngineError> {
        let table =
            self.engine.client.resource(&catalog::path(relation), &[]).await?.ok_or_else(|| absent(relation))?;
        types::schema(&table["schema"]["fields"])
    }
}

fn absent(relation: &Relation) -> EngineError {
    EngineError::new(ErrorKind::Plan, format!("there is no relation `{relation}`"))
}

/// A name beside a relation that nothing else has.
fn aside(relation: &Relation) -> Relation {
    let mark = Uuid::new_v4().simple().to_string();
    let identifier = format!("{}__dbt_tmp_{}", relation.identifier, &mark[..8]);
    Relation::new(&relation.database, &relation.schema, identifier)
}

/// An error of a statement as one of the operation's query: its place is counted from there, and rows that our statements refuse are
/// told as what they are.
fn said(error: EngineError, lines_before: usize) -> EngineError {
    let place =
        |Position { line, column }: Position| Position { line: line.saturating_sub(lines_before).max(1), column };
    let position = error.position.map(place);
    match error.message.strip_prefix(DUPLICATE_KEY) {
        Some(message) => EngineError::duplicate(message),
        None => error.at(position),
    }
}

/// What a job did, in the words of dbt's `adapter_response`.
fn outcome(engine: &BigQuery, done: &Done) -> Outcome {
    let Done { id, location, statistics } = done;
    let query = &statistics["query"];
    let number = |value: &Json| value.as_str().and_then(|text| text.parse::<u64>().ok());
    let rows = number(&query["numDmlAffectedRows"]).or_else(|| number(&statistics["load"]["outputRows"]));
    let facts = [
        ("code", query["statementType"].as_str().map(|word| Json::from(word.replace('_', " ")))),
        ("rows_affected", rows.map(Json::from)),
        ("bytes_processed", number(&query["totalBytesProcessed"]).map(Json::from)),
        ("bytes_billed", number(&query["totalBytesBilled"]).map(Json::from)),
        ("slot_ms", number(&query["totalSlotMs"]).map(Json::from)),
        ("job_id", Some(Json::from(id.as_str()))),
        ("location", location.as_deref().map(Json::from)),
        ("project_id", Some(Json::from(engine.settings.execution_project.as_str()))),
    ];
    let response = facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Outcome { rows, response: response.collect() }
}
