//! Calls to the service.
//!
//! Jobs are inserted and cancelled, datasets made and tokens fetched by `gcp-bigquery-client`. Answers with columns in them are read as
//! JSON in calls of ours, since the library knows a closed list of types and refuses answers with others (`RANGE`), and so are uploads,
//! which it does not have.
//!
//! Each statement is a job with an id of ours. A call whose answer is lost is made again with the same id: where it had arrived the
//! service says that the job is there, and nothing runs twice. Only what may pass is tried again, later and later, with a spread so that
//! many do not come at once.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gcp_bigquery_client::auth::Authenticator;
use gcp_bigquery_client::client_builder::ClientBuilder;
use gcp_bigquery_client::model::dataset::Dataset;
use gcp_bigquery_client::model::job::Job;
use gcp_bigquery_client::model::job_configuration::JobConfiguration;
use gcp_bigquery_client::model::job_configuration_query::JobConfigurationQuery;
use gcp_bigquery_client::model::job_reference::JobReference;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value as Json, json};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::failure::{Answer, Failure};
use super::settings::Settings;
use super::sign_in::SignIn;
use crate::engine::{EngineError, ErrorKind};

/// The first pause before a call is made again; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The first pause before a job that failed runs again: the limits that stand against it are those of seconds.
const BEFORE_ANOTHER: Duration = Duration::from_secs(2);

/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// How long the service may hold an answer back until a job is done.
const HELD_BACK: Duration = Duration::from_secs(10);

/// The pause before a job is waited for again. The service holds its answer back; others may not.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// The pause between two looks at a job whose end cannot be waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How long the service is given to confirm that it cancels a job.
const CANCELLING: Duration = Duration::from_secs(5);

/// The rows of one page.
const PAGE: usize = 50_000;

/// The client of a target. Nothing is called before the first statement.
pub(super) struct Client {
    settings: Arc<Settings>,
    http: reqwest::Client,
    sign_in: Arc<SignIn>,
    library: OnceCell<gcp_bigquery_client::Client>,
    /// Where jobs run: as the profile says, else as the first answer did. Outside of the US and the EU a job is only found by it.
    place: Mutex<Option<String>>,
}

/// A job that came to its end.
#[derive(Clone, Debug)]
pub(super) struct Done {
    /// Its id.
    pub(super) id: String,
    /// Where it ran.
    pub(super) location: Option<String>,
    /// `statistics` of its resource.
    pub(super) statistics: Json,
}

/// What a job does.
#[derive(Clone, Copy)]
enum Work<'a> {
    /// A statement or a script.
    Query(&'a str),
    /// A load of these rows: its `configuration.load`, and lines of JSON.
    Load(&'a Json, &'a [u8]),
}

impl Client {
    /// # Errors
    /// When there is no TLS to be had.
    pub(super) fn new(settings: Arc<Settings>) -> Result<Self, EngineError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("transform/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.answer_timeout)
            .read_timeout(settings.answer_timeout)
            .build()
            .map_err(|error| EngineError::new(ErrorKind::Internal, error.to_string()))?;
        let Settings { credentials, impersonate, scopes, .. } = &*settings;
        let who = (credentials.clone(), impersonate.clone());
        let sign_in = SignIn::new(who, scopes.clone(), http.clone(), settings.answer_timeout);
        let place = Mutex::new(settings.location.clone());
        Ok(Client { settings, http, sign_in: Arc::new(sign_in), library: OnceCell::new(), place })
    }

    /// Runs a statement of ours to its end, or a script of which all is undone when it fails. A job that failed by no fault of its own
    /// runs again, under another id.
    pub(super) async fn run(&self, sql: &str, cancel: &CancellationToken) -> Result<Done, EngineError> {
        self.work(Work::Query(sql), self.settings.job_retries, cancel).await
    }

    /// Runs what a user wrote to its end: it may be a script, of which half is done when it fails.
    pub(super) async fn run_once(&self, sql: &str, cancel: &CancellationToken) -> Result<Done, EngineError> {
        self.work(Work::Query(sql), 0, cancel).await
    }

    /// Loads rows into a table: `configuration.load` of the job, and lines of JSON.
    pub(super) async fn load(&self, load: &Json, rows: &[u8], cancel: &CancellationToken) -> Result<Done, EngineError> {
        self.work(Work::Load(load, rows), self.settings.job_retries, cancel).await
    }

    async fn work(&self, work: Work<'_>, mut retries: usize, cancel: &CancellationToken) -> Result<Done, EngineError> {
        let mut pause = BEFORE_ANOTHER;
        loop {
            let id = format!("transform_{}", Uuid::new_v4().simple());
            let failure = tokio::select! {
                biased;
                done = self.to_its_end(&id, work) => match done {
                    Ok(done) => return Ok(done),
                    Err(failure) => failure,
                },
                () = cancel.cancelled() => {
                    self.cancel(&id).await;
                    return Err(EngineError::new(ErrorKind::Cancelled, "cancelled"));
                }
            };
            match failure.answer() {
                // The job itself failed: that is its end.
                Some(Answer { status: 0, .. }) => {}
                // What the service refused never began, and what became of others nobody will ask any more.
                Some(answer) if !answer.is_passing() => {}
                _ => self.cancel(&id).await,
            }
            match failure.answer().filter(|answer| answer.status == 0 && answer.is_passing() && retries > 0) {
                Some(_) => retries -= 1,
                None => return Err(failure.error()),
            }
            tracing::debug!("job `{id}` failed and runs again: {failure:?}");
            tokio::time::sleep(spread(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Begins a job and waits for its end. Whether an answer is lost on the way makes no difference.
    async fn to_its_end(&self, id: &str, work: Work<'_>) -> Result<Done, Failure> {
        let begun = self.patiently(|| self.begin(id, work)).await;
        let begun = match begun {
            Ok(job) => job,
            Err(Failure::Answer(answer)) if answer.is_duplicate() => Json::Null,
            Err(failure) => return Err(failure),
        };
        match begun["jobReference"]["location"].as_str() {
            Some(place) => self.remember(place),
            None => self.find_place().await,
        }
        if begun["status"]["state"] == "DONE" {
            return done(id, &begun);
        }
        let place = self.place();
        if matches!(work, Work::Query(_)) {
            let held_back = HELD_BACK.min(self.settings.answer_timeout / 2);
            let (path, held_back) = (format!("queries/{id}"), held_back.as_millis().to_string());
            let query = [("maxResults", "0"), ("timeoutMs", held_back.as_str())];
            loop {
                match self.get(&path, &query, place.as_deref()).await {
                    Ok(page) if page["jobComplete"] != true => tokio::time::sleep(ASK_AGAIN).await,
                    // It is done, or something is wrong: the job says which.
                    _ => break,
                }
            }
        }
        let path = format!("jobs/{id}");
        loop {
            let job = self.patiently(|| self.get(&path, &[], place.as_deref())).await?;
            if job["status"]["state"] == "DONE" {
                return done(id, &job);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn place(&self) -> Option<String> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, place: &str) {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| place.to_owned());
    }

    /// Finds out where jobs run when the answer that would have said it is lost: where the target's dataset is.
    async fn find_place(&self) {
        let path = format!("projects/{}/datasets/{}", self.settings.project, self.settings.dataset);
        if self.place().is_none()
            && let Ok(Some(dataset)) = self.resource(&path, &[]).await
            && let Some(place) = dataset["location"].as_str()
        {
            self.remember(place);
        }
    }

    async fn begin(&self, id: &str, work: Work<'_>) -> Result<Json, Failure> {
        let project = &self.settings.execution_project;
        match work {
            Work::Query(sql) => {
                let job = self.library().await?.job().insert(project, self.query_job(Some(id), sql)).await?;
                serde_json::to_value(job).map_err(|error| Failure::Lost(error.to_string()))
            }
            Work::Load(load, rows) => {
                let job = json!({
                    "jobReference": { "projectId": project, "jobId": id, "location": self.settings.location },
                    "configuration": { "load": load },
                });
                let path = format!("upload/bigquery/v2/projects/{project}/jobs");
                let request = self.request(Method::POST, &path)?.query(&[("uploadType", "multipart")]);
                let (content_type, body) = multipart(&job, rows);
                self.send(request.header("content-type", content_type).body(body)).await
            }
        }
    }

    /// The columns that a query would give, `schema.fields`: it is not run, which costs nothing.
    pub(super) async fn fields(&self, sql: &str) -> Result<Json, EngineError> {
        let project = &self.settings.execution_project;
        let path = format!("bigquery/v2/projects/{project}/jobs");
        let mut job = self.query_job(None, sql);
        if let Some(configuration) = &mut job.configuration {
            configuration.dry_run = Some(true);
        }
        let body =
            serde_json::to_vec(&job).map_err(|error| EngineError::new(ErrorKind::Internal, error.to_string()))?;
        let ask = || async {
            let request = self.request(Method::POST, &path)?.header("content-type", "application/json");
            self.send(request.body(body.clone())).await
        };
        let mut job = self.patiently(ask).await.map_err(Failure::error)?;
        Ok(job.pointer_mut("/statistics/query/schema/fields").map(Json::take).unwrap_or_default())
    }

    /// A page of the rows of a job: `schema`, `rows`, and the `pageToken` of the next.
    pub(super) async fn page(&self, job: &Done, token: Option<&str>) -> Result<Json, EngineError> {
        let (path, rows) = (format!("queries/{}", job.id), PAGE.to_string());
        let mut query = vec![("maxResults", rows.as_str()), ("formatOptions.useInt64Timestamp", "true")];
        query.extend(token.map(|token| ("pageToken", token)));
        let get = || self.get(&path, &query, job.location.as_deref());
        self.patiently(get).await.map_err(Failure::error)
    }

    /// A resource, `projects/…`; `None` when there is none of that name.
    pub(super) async fn resource(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<Json>, EngineError> {
        let path = format!("bigquery/v2/{path}");
        let ask = || async { self.send(self.request(Method::GET, &path)?.query(query)).await };
        found(self.patiently(ask).await)
    }

    /// Changes what a resource says of these keys.
    pub(super) async fn patch(&self, path: &str, body: &Json) -> Result<(), EngineError> {
        let path = format!("bigquery/v2/{path}");
        let ask = || async {
            let request = self.request(Method::PATCH, &path)?.header("content-type", "application/json");
            self.send(request.body(body.to_string())).await
        };
        self.patiently(ask).await.map(|_| ()).map_err(Failure::error)
    }

    /// Removes a resource; whether there was one.
    pub(super) async fn remove(&self, path: &str) -> Result<bool, EngineError> {
        let path = format!("bigquery/v2/{path}");
        let ask = || async { self.send(self.request(Method::DELETE, &path)?).await };
        Ok(found(self.patiently(ask).await)?.is_some())
    }

    /// Makes a dataset of a project, unless it is there.
    pub(super) async fn make_dataset(&self, project: &str, name: &str) -> Result<(), EngineError> {
        let make = || async {
            let dataset = Dataset::new(project, name);
            let dataset = match &self.settings.location {
                Some(location) => dataset.location(location),
                None => dataset,
            };
            Ok(self.library().await?.dataset().create(dataset).await.map(|_| ())?)
        };
        match self.patiently(make).await {
            Err(Failure::Answer(answer)) if answer.is_duplicate() => Ok(()),
            made => made.map_err(Failure::error),
        }
    }

    /// Asks the service to end a job. That it is not answered is said: it may go on.
    async fn cancel(&self, id: &str) {
        let place = self.place();
        let ask = async {
            let library = self.library().await?;
            let project = &self.settings.execution_project;
            library.job().cancel_job(project, id, place.as_deref()).await.map_err(Failure::from)
        };
        match tokio::time::timeout(CANCELLING, ask).await {
            Ok(Ok(_)) => tracing::info!("cancelled the job `{id}` in BigQuery"),
            // It had not begun.
            Ok(Err(Failure::Answer(answer))) if answer.is_not_found() => {}
            Ok(Err(failure)) => tracing::warn!("the job `{id}` may go on in BigQuery: {}", failure.error().message),
            Err(_) => tracing::warn!("the job `{id}` may go on in BigQuery: no answer in time"),
        }
    }

    fn query_job(&self, id: Option<&str>, sql: &str) -> Job {
        let Settings { execution_project, location, is_batch, maximum_bytes_billed, job_timeout, .. } = &*self.settings;
        Job {
            configuration: Some(JobConfiguration {
                job_timeout_ms: job_timeout.map(|timeout| timeout.as_millis().to_string()),
                query: Some(JobConfigurationQuery {
                    query: sql.to_owned(),
                    use_legacy_sql: Some(false),
                    priority: is_batch.then(|| "BATCH".to_owned()),
                    maximum_bytes_billed: maximum_bytes_billed.map(|bytes| bytes.to_string()),
                    ..JobConfigurationQuery::default()
                }),
                ..JobConfiguration::default()
            }),
            job_reference: Some(JobReference {
                job_id: id.map(str::to_owned),
                location: location.clone(),
                project_id: Some(execution_project.clone()),
            }),
            ..Job::default()
        }
    }

    async fn library(&self) -> Result<&gcp_bigquery_client::Client, Failure> {
        let open = || async {
            let base = format!("{}bigquery/v2", self.settings.endpoint);
            let mut builder = ClientBuilder::new();
            builder.with_v2_base_url(base).with_client(self.http.clone());
            builder.build_from_authenticator(Arc::clone(&self.sign_in) as Arc<dyn Authenticator>).await
        };
        Ok(self.library.get_or_try_init(open).await?)
    }

    async fn get(&self, path: &str, query: &[(&str, &str)], location: Option<&str>) -> Result<Json, Failure> {
        let path = format!("bigquery/v2/projects/{}/{path}", self.settings.execution_project);
        let place = location.map(|location| ("location", location));
        self.send(self.request(Method::GET, &path)?.query(query).query(place.as_slice())).await
    }

    /// A request for a path, whose segments may hold any letters but slashes.
    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Failure> {
        let mut url = self.settings.endpoint.clone();
        let Ok(mut segments) = url.path_segments_mut() else {
            return Err(Failure::SignIn("the endpoint is no address of a host".to_owned()));
        };
        segments.clear().extend(path.split('/'));
        drop(segments);
        Ok(self.http.request(method, url))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Json, Failure> {
        let token = self.sign_in.access_token().await?;
        let answer = request.bearer_auth(token).send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        match (status.is_success(), body.is_empty()) {
            (true, true) => Ok(Json::Null),
            (true, false) => match serde_json::from_slice(&body) {
                Ok(answer @ Json::Object(_)) => Ok(answer),
                Ok(_) => Err(Failure::Lost("the answer is not the service's".to_owned())),
                Err(error) => Err(Failure::Lost(error.to_string())),
            },
            (false, _) => Err(Failure::Answer(Answer::of_body(status, &body))),
        }
    }

    /// Makes a call until it does not fail for a reason that passes, or the time that the profile gives is over.
    async fn patiently<T, F: Future<Output = Result<T, Failure>>>(&self, call: impl Fn() -> F) -> Result<T, Failure> {
        let (began, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            match call().await {
                Err(failure) if failure.is_passing() && began.elapsed() + pause < self.settings.retry_deadline => {
                    tracing::debug!("a call to BigQuery is made again: {failure:?}");
                    tokio::time::sleep(spread(pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                answer => return answer,
            }
        }
    }
}

/// A job whose state is `DONE`: what it came to.
fn done(id: &str, job: &Json) -> Result<Done, Failure> {
    let error = &job["status"]["errorResult"];
    if !error.is_null() {
        return Err(Failure::Answer(Answer::of_job(error)));
    }
    let location = job["jobReference"]["location"].as_str().map(str::to_owned);
    Ok(Done { id: id.to_owned(), location, statistics: job["statistics"].clone() })
}

/// What is not there is no error.
fn found(answer: Result<Json, Failure>) -> Result<Option<Json>, EngineError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Answer(answer)) if answer.is_not_found() => Ok(None),
        Err(failure) => Err(failure.error()),
    }
}

/// Half to the whole of a pause, at random.
fn spread(pause: Duration) -> Duration {
    let random = f64::from(Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
    pause.mul_f64(0.5 + random / 2.0)
}

/// The body of an upload, a `multipart/related` of the job and its rows, and its type.
fn multipart(job: &Json, rows: &[u8]) -> (String, Vec<u8>) {
    let boundary = format!("transform_{}", Uuid::new_v4().simple());
    let head = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{job}\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    let body = [head.as_bytes(), rows, tail.as_bytes()].concat();
    (format!("multipart/related; boundary={boundary}"), body)
}
