//! When what is told: at the start and the end of the command and of each node that it executes.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::datasets::Project;
use super::event::{EventType, Facets, Run, Told, event, facet, ownership, scrub, tag};
use super::settings::Settings;
use super::transport::{self, Transport};
use crate::base::HashMap;
use crate::manifest::{Node, ResourceType, TestKind, UniqueId};
use crate::run::{NodeResult, Reporter, Status, Turn};

/// The bytes of the longest SQL that is told: servers refuse events that are too large, with all that is in them.
const LONGEST_SQL: usize = 100_000;

/// Tells of a command while it runs.
pub struct Emitter<'a> {
    project: Project<'a>,
    settings: Settings,
    transport: Box<dyn Transport>,
    command: Run,
    /// The ids of the runs of nodes that started.
    runs: Mutex<HashMap<UniqueId, String>>,
}

impl<'a> Emitter<'a> {
    /// Tells that a command starts. Its run has the id of the invocation, as in the artifacts.
    ///
    /// # Errors
    /// When events cannot go where they are to go, in a sentence.
    pub fn begin(project: Project<'a>, settings: Settings, command: &str) -> Result<Self, String> {
        let session = project.session;
        let transport = transport::open(&settings.target, Arc::clone(&session.world))?;
        let job = format!("transform-{command}-{}", session.project);
        let command = Run { id: session.invocation_id.clone(), namespace: settings.namespace.clone(), job };
        let emitter = Emitter { project, settings, transport, command, runs: Mutex::default() };
        let told = emitter.of_command(None);
        emitter.emit(EventType::Start, &emitter.command, told);
        Ok(emitter)
    }

    /// Tells that the command ended. What was told may still be on its way.
    #[must_use]
    pub fn end(self, results: &[NodeResult], was_interrupted: bool) -> OnTheWay {
        let failed = results.iter().find(|result| result.is_failure());
        let kind = match failed {
            _ if was_interrupted => EventType::Abort,
            Some(_) => EventType::Fail,
            None => EventType::Complete,
        };
        self.emit(kind, &self.command, self.of_command(failed));
        OnTheWay(self.transport)
    }

    fn of_command(&self, failed: Option<&NodeResult>) -> Told {
        let mut run_facets = self.run_facets(failed);
        if let Some(parent) = self.settings.parent.as_ref().or(self.settings.root.as_ref()) {
            run_facets.insert("parent".to_owned(), child_of(parent, self.settings.root.as_ref().unwrap_or(parent)));
        }
        let job_facets = Facets::from_iter([("jobType".to_owned(), job_type("JOB"))]);
        Told { run_facets, job_facets, ..Told::default() }
    }

    fn emit(&self, kind: EventType, run: &Run, told: Told) {
        let time = self.project.session.world.now();
        let mut event = event(kind, run, time, told);
        scrub(&mut event, &|text| self.project.session.scrub(text));
        self.transport.emit(event.to_string(), time);
    }

    fn run_facets(&self, failed: Option<&NodeResult>) -> Facets {
        let engine = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "name": "transform",
            "openlineageAdapterVersion": env!("CARGO_PKG_VERSION"),
        });
        let mut facets =
            Facets::from_iter([("processing_engine".to_owned(), facet(("ProcessingEngineRunFacet", "1-1-1"), engine))]);
        if let Some(failed) = failed {
            let said = json!({ "message": failed.message, "programmingLanguage": "SQL" });
            facets.insert("errorMessage".to_owned(), facet(("ErrorMessageRunFacet", "1-0-1"), said));
        }
        facets
    }

    /// The run of a node: one that has started is the same when it ends.
    fn run_of(&self, node: &Node) -> Run {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let id = runs.entry(node.id.clone()).or_insert_with(|| Uuid::new_v4().to_string()).clone();
        Run { id, namespace: self.settings.namespace.clone(), job: node.id.to_string() }
    }

    fn of_node(&self, node: &Node, result: Option<&NodeResult>) -> Told {
        let mut run_facets = self.run_facets(result.filter(|result| result.status.is_failure()));
        let root = self.settings.root.as_ref().unwrap_or(&self.command);
        run_facets.insert("parent".to_owned(), child_of(&self.command, root));
        run_facets.extend(result.and_then(|result| test_run(node, result)).map(|facet| ("test".to_owned(), facet)));
        Told {
            run_facets,
            job_facets: self.job_facets(node, result),
            inputs: self.project.inputs(node, result),
            outputs: self.project.outputs(node, result),
        }
    }

    fn job_facets(&self, node: &Node, result: Option<&NodeResult>) -> Facets {
        let kind = match node.resource {
            ResourceType::UnitTest => "TEST".to_owned(),
            other => other.as_str().to_uppercase(),
        };
        let mut facets = Facets::from_iter([("jobType".to_owned(), job_type(&kind))]);
        let mut add = |key: &str, facet: Json| _ = facets.insert(key.to_owned(), facet);
        let sql = result.and_then(|result| result.compiled.as_ref()).map(|compiled| compiled.sql.trim());
        if let Some(sql) = sql.filter(|sql| !sql.is_empty() && sql.len() <= LONGEST_SQL) {
            let said = json!({ "query": sql, "dialect": self.project.session.target.kind });
            add("sql", facet(("SQLJobFacet", "1-1-0"), said));
        }
        if !node.description.trim().is_empty() {
            let said = json!({ "description": node.description, "contentType": "text/markdown" });
            add("documentation", facet(("DocumentationJobFacet", "1-1-0"), said));
        }
        if let Some(owner) = self.project.owner(node) {
            add("ownership", ownership("OwnershipJobFacet", &owner));
        }
        let tags = node.config.tags.iter().filter(|key| !key.is_empty());
        let tags: Vec<Json> = tags.map(|key| tag(key, "true", None)).collect();
        if !tags.is_empty() {
            add("tags", facet(("TagsJobFacet", "1-0-0"), json!({ "tags": tags })));
        }
        facets
    }
}

/// Events that may not have arrived.
pub struct OnTheWay(Box<dyn Transport>);

impl OnTheWay {
    /// Waits until they have arrived, but not for ever, and no longer than until `is_stopped`.
    ///
    /// # Errors
    /// Why not all were taken, in a sentence.
    pub fn arrive(self, is_stopped: &dyn Fn() -> bool) -> Result<(), String> {
        self.0.close(is_stopped)
    }
}

impl Reporter for &Emitter<'_> {
    fn started(&self, node: &Node, _: Turn<'_>) {
        self.emit(EventType::Start, &self.run_of(node), self.of_node(node, None));
    }

    fn finished(&self, node: &Node, result: &NodeResult, _: Turn<'_>) {
        let run = self.run_of(node);
        if result.status == Status::Skipped {
            self.emit(EventType::Start, &run, self.of_node(node, None));
        }
        let kind = match result.status {
            Status::Skipped => EventType::Abort,
            status if status.is_failure() => EventType::Fail,
            _ => EventType::Complete,
        };
        self.emit(kind, &run, self.of_node(node, Some(result)));
    }
}

/// The facet of a run that another one started.
fn child_of(parent: &Run, root: &Run) -> Json {
    let mut said = parent.named();
    said["root"] = root.named();
    facet(("ParentRunFacet", "1-2-0"), said)
}

fn job_type(kind: &str) -> Json {
    let said = json!({ "processingType": "BATCH", "integration": "TRANSFORM", "jobType": kind });
    facet(("JobTypeJobFacet", "2-0-4"), said)
}

/// What a test is that is about no one column or relation.
fn test_run(node: &Node, result: &NodeResult) -> Option<Json> {
    let kind = match (&node.test, node.resource) {
        (Some(TestKind::Singular), _) => "singular",
        (_, ResourceType::UnitTest) => "unit",
        _ => return None,
    };
    let status = match result.status {
        Status::Skipped => "skip",
        status if status.is_failure() => "fail",
        _ => "pass",
    };
    let mut said = Map::new();
    said.insert("name".to_owned(), node.id.as_str().into());
    said.insert("status".to_owned(), status.into());
    said.insert("type".to_owned(), kind.into());
    said.extend(result.failures.map(|failures| ("actual".to_owned(), failures.to_string().into())));
    Some(facet(("TestRunFacet", "1-0-1"), json!({ "tests": [said] })))
}
