//! What is there: the relations of datasets, listed once, and what is known of one of them.
//!
//! A dataset is listed when it is asked about first, and what we change afterwards is noted: most models ask whether they are there, and
//! each question would cost as much as a statement. Statements of users may change anything: behind one everything is listed again.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value as Json, json};

use super::client::Client;
use super::statements::kept_storage;
use super::types;
use crate::base::{HashMap, IndexMap};
use crate::engine::{Comments, EngineError, RelationInfo, RelationKind, Rules};
use crate::sql::Relation;

/// How many relations a page of a listing has.
const PAGE: &str = "1000";

/// What a listing tells of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// Table or view.
    pub(super) kind: RelationKind,
    /// What a table that replaces it must have in common with it; null where that is nothing.
    pub(super) storage: Json,
}

/// The relations of a dataset by their names; `None` where there is no such dataset.
type Dataset = Option<IndexMap<String, Listed>>;

/// A dataset by its project and name.
type Place<'a> = (&'a str, &'a str);

/// What is known of datasets.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    known: Mutex<Known>,
    /// What the rows of a table must be like that are added by this process: tables hold no conditions themselves.
    rules: Mutex<HashMap<Relation, Rules>>,
}

/// What was listed, and how many changes were noted since the beginning: a listing that was asked for before one of them is not kept.
#[derive(Debug, Default)]
struct Known {
    datasets: HashMap<(String, String), Dataset>,
    changes: u64,
}

impl Catalog {
    /// The relations of a dataset, sorted by name; none when there is no such dataset.
    pub(super) async fn list(&self, client: &Client, place: Place<'_>) -> Result<Dataset, EngineError> {
        self.look(client, place, Dataset::clone).await
    }

    /// What a relation is, if it is there.
    pub(super) async fn get(&self, client: &Client, relation: &Relation) -> Result<Option<Listed>, EngineError> {
        let Relation { database, schema, identifier } = relation;
        self.look(client, (database, schema), |dataset| dataset.as_ref()?.get(identifier).cloned()).await
    }

    /// Makes a dataset where there is none. What is in it is then listed: somebody else may have made and filled it meanwhile.
    pub(super) async fn make(&self, client: &Client, place: Place<'_>) -> Result<(), EngineError> {
        if !self.look(client, place, Option::is_some).await? {
            client.make_dataset(place.0, place.1).await?;
            self.with(|known| known.datasets.remove(&key(place)));
        }
        Ok(())
    }

    /// Looks at a dataset, which is listed where it is not known.
    async fn look<T>(&self, client: &Client, place: Place<'_>, look: impl Fn(&Dataset) -> T) -> Result<T, EngineError> {
        loop {
            let (seen, changes) = self.with(|known| (known.datasets.get(&key(place)).map(&look), known.changes));
            if let Some(seen) = seen {
                return Ok(seen);
            }
            let listed = listed(client, place).await?;
            let kept = self.with(|known| {
                let is_new = known.changes == changes;
                let seen = look(&listed);
                if is_new {
                    known.datasets.insert(key(place), listed);
                }
                is_new.then_some(seen)
            });
            if let Some(seen) = kept {
                return Ok(seen);
            }
        }
    }

    /// Notes what a relation is now; `None` that there is none.
    pub(super) fn note(&self, relation: &Relation, now: Option<Listed>) {
        self.with(|known| {
            known.changes += 1;
            let place = (relation.database.as_str(), relation.schema.as_str());
            let Some(Some(dataset)) = known.datasets.get_mut(&key(place)) else { return };
            match now {
                Some(now) => _ = dataset.insert(relation.identifier.clone(), now),
                None => _ = dataset.shift_remove(&relation.identifier),
            }
        });
    }

    /// Notes what rows must be like that are added to a table from here on.
    pub(super) fn rule(&self, relation: &Relation, rules: &Rules) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).insert(relation.clone(), rules.clone());
    }

    /// What rows must be like that are added to a table.
    pub(super) fn rules(&self, relation: &Relation) -> Rules {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).get(relation).cloned().unwrap_or_default()
    }

    /// Forgets what is listed.
    pub(super) fn forget(&self) {
        self.with(|known| {
            known.changes += 1;
            known.datasets.clear();
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn key((project, dataset): Place<'_>) -> (String, String) {
    (project.to_owned(), dataset.to_owned())
}

async fn listed(client: &Client, (project, dataset): Place<'_>) -> Result<Dataset, EngineError> {
    let path = format!("projects/{project}/datasets/{dataset}/tables");
    let (mut relations, mut token) = (IndexMap::default(), None::<String>);
    loop {
        let mut query = vec![("maxResults", PAGE)];
        query.extend(token.as_deref().map(|token| ("pageToken", token)));
        let Some(page) = client.resource(&path, &query).await? else { return Ok(None) };
        for table in page["tables"].as_array().into_iter().flatten() {
            if let Some(name) = table["tableReference"]["tableId"].as_str() {
                relations.insert(name.to_owned(), Listed { kind: kind(table), storage: storage(table) });
            }
        }
        token = page["nextPageToken"].as_str().map(str::to_owned);
        if token.is_none() {
            relations.sort_unstable_keys();
            return Ok(Some(relations));
        }
    }
}

/// What a resource of a table says that it is. Snapshots and clones are tables.
fn kind(table: &Json) -> RelationKind {
    match table["type"].as_str() {
        Some("VIEW" | "MATERIALIZED_VIEW") => RelationKind::View,
        Some("EXTERNAL") => RelationKind::External,
        _ => RelationKind::Table,
    }
}

/// What a resource of a table says of its storage.
fn storage(table: &Json) -> Json {
    let (time, range) = (&table["timePartitioning"], &table["rangePartitioning"]);
    let lower = |text: &Json| text.as_str().map(str::to_lowercase);
    let number = |text: &Json| text.as_str().and_then(|text| text.parse::<i64>().ok()).or(text.as_i64());
    let partitions = match (time.is_object(), range.is_object()) {
        (true, _) => json!([time["type"], lower(&time["field"])]),
        (_, true) => {
            let Json::Object(bounds) = &range["range"] else { return Json::Null };
            let bound = |key: &str| bounds.get(key).and_then(number);
            json!([lower(&range["field"]), bound("start"), bound("end"), bound("interval")])
        }
        _ => Json::Null,
    };
    let clusters = table["clustering"]["fields"].as_array().into_iter().flatten().filter_map(Json::as_str);
    kept_storage(partitions, clusters)
}

/// A relation's resource.
pub(super) fn path(relation: &Relation) -> String {
    let Relation { database, schema, identifier } = relation;
    format!("projects/{database}/datasets/{schema}/tables/{identifier}")
}

/// What the resource of a relation tells of it.
pub(super) fn info(relation: &Relation, table: &Json) -> Result<RelationInfo, EngineError> {
    let fields = &table["schema"]["fields"];
    let columns = fields
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|field| Some((field["name"].as_str()?.to_owned(), field["description"].as_str()?.to_owned())));
    Ok(RelationInfo {
        relation: relation.clone(),
        kind: kind(table),
        comments: Comments { relation: table["description"].as_str().map(str::to_owned), columns: columns.collect() },
        maker: None,
        schema: Some(types::schema(fields)?),
    })
}

/// `schema.fields` with the remarks on columns; an empty one goes. Columns are matched without regard to case.
pub(super) fn described(mut fields: Json, remarks: &[(String, String)]) -> Json {
    for field in fields.as_array_mut().into_iter().flatten() {
        let name = field["name"].as_str().unwrap_or_default();
        if let Some((_, remark)) = remarks.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)) {
            field["description"] = Json::from(remark.as_str());
        }
    }
    fields
}
