//! The shapes of events and facets, as the schemas have them. Where one is named, so is its version.

use serde_json::{Map, Value as Json, json};

use crate::base::Timestamp;

/// Who tells: a URI with the release.
const PRODUCER: &str = concat!("urn:transform:", env!("CARGO_PKG_VERSION"));
const SCHEMA: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const FACETS: &str = "https://openlineage.io/spec/facets";

/// Facets by their keys.
pub(super) type Facets = Map<String, Json>;

/// What an event tells of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventType {
    Start,
    Complete,
    Fail,
    Abort,
}

impl EventType {
    fn as_str(self) -> &'static str {
        match self {
            EventType::Start => "START",
            EventType::Complete => "COMPLETE",
            EventType::Fail => "FAIL",
            EventType::Abort => "ABORT",
        }
    }
}

/// A run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The run's id, a UUID.
    pub(super) id: String,
    /// Where the job's name is one.
    pub(super) namespace: String,
    /// The job.
    pub(super) job: String,
}

impl Run {
    /// As facets name it.
    pub(super) fn named(&self) -> Json {
        json!({ "run": { "runId": self.id }, "job": { "namespace": self.namespace, "name": self.job } })
    }
}

/// A tag of a job, a dataset or one of its columns.
pub(super) fn tag(key: &str, value: &str, column: Option<&str>) -> Json {
    let mut tag = json!({ "key": key, "value": value, "source": "TRANSFORM" });
    if let Some(column) = column {
        tag["field"] = column.into();
    }
    tag
}

/// Who answers for a job or a dataset; the facet is the one of its kind.
pub(super) fn ownership(file: &str, owner: &str) -> Json {
    facet((file, "1-0-1"), json!({ "owners": [{ "name": owner }] }))
}

/// Replaces the secrets in all texts of an event.
pub(super) fn scrub(event: &mut Json, scrubbed: &dyn Fn(&str) -> String) {
    match event {
        Json::String(text) => *text = scrubbed(text),
        Json::Array(items) => items.iter_mut().for_each(|item| scrub(item, scrubbed)),
        Json::Object(fields) => fields.values_mut().for_each(|value| scrub(value, scrubbed)),
        _ => {}
    }
}

/// What is told of a run at a moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) run_facets: Facets,
    pub(super) job_facets: Facets,
    pub(super) inputs: Vec<Json>,
    pub(super) outputs: Vec<Json>,
}

/// An event.
pub(super) fn event(kind: EventType, run: &Run, time: Timestamp, told: Told) -> Json {
    let Told { run_facets, job_facets, inputs, outputs } = told;
    json!({
        "eventType": kind.as_str(),
        "eventTime": time,
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": { "runId": run.id, "facets": run_facets },
        "job": { "namespace": run.namespace, "name": run.job, "facets": job_facets },
        "inputs": inputs,
        "outputs": outputs,
    })
}

/// A facet of OpenLineage: the file of its schema with its version, and what it says.
pub(super) fn facet((file, version): (&str, &str), fields: Json) -> Json {
    foreign_facet(&format!("{FACETS}/{version}/{file}.json#/$defs/{file}"), fields)
}

/// A facet whose schema is at another address.
pub(super) fn foreign_facet(schema: &str, fields: Json) -> Json {
    let mut facet =
        Map::from_iter([("_producer".to_owned(), Json::from(PRODUCER)), ("_schemaURL".to_owned(), Json::from(schema))]);
    if let Json::Object(fields) = fields {
        // What is not known is left out: there is no null in the schemas.
        facet.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Json::Object(facet)
}
