//! What `profiles.yml` says of BigQuery, checked. The keys are those of dbt-bigquery.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use gcp_bigquery_client::yup_oauth2::authorized_user::AuthorizedUserSecret;
use gcp_bigquery_client::yup_oauth2::{ServiceAccountKey, parse_service_account_key};
use serde_json::Value;
use url::Url;

use crate::base::quoted_list;
use crate::engine::keys::{Keys, wrong};
use crate::engine::registry::Settings as Profile;
use crate::engine::{EngineError, ErrorKind};

/// Where the service is, unless the profile says otherwise.
const ENDPOINT: &str = "https://bigquery.googleapis.com";

/// What the tokens are asked for: queries, and the files and sheets that tables may be of.
const SCOPES: [&str; 3] = [
    "https://www.googleapis.com/auth/bigquery",
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/drive.readonly",
];

/// How long calls are made again that may succeed when they are.
const RETRY_DEADLINE: Duration = Duration::from_secs(120);

/// How long one answer may take. Whoever waits for a job asks again and again.
const ANSWER: Duration = Duration::from_secs(60);

/// The settings of a target in BigQuery.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The project that holds the relations.
    pub(super) project: String,
    /// The project that jobs run in and are paid by.
    pub(super) execution_project: String,
    /// The dataset of relations that are not said to be in another.
    pub(super) dataset: String,
    /// Where datasets are made and jobs run; BigQuery's choice where absent.
    pub(super) location: Option<String>,
    /// The service, without a path.
    pub(super) endpoint: Url,
    /// Who we are.
    pub(super) credentials: Credentials,
    /// The service account to act as.
    pub(super) impersonate: Option<String>,
    /// What tokens are asked for.
    pub(super) scopes: Vec<String>,
    /// Whether jobs wait until there is room.
    pub(super) is_batch: bool,
    /// The bytes that a job may be billed for.
    pub(super) maximum_bytes_billed: Option<u64>,
    /// How long a job may run.
    pub(super) job_timeout: Option<Duration>,
    /// How often a job that failed by no fault of its own runs again.
    pub(super) job_retries: usize,
    /// How long calls are made again that may succeed when they are.
    pub(super) retry_deadline: Duration,
    /// How long one answer may take.
    pub(super) answer_timeout: Duration,
}

/// How a target signs in.
#[derive(Clone)]
pub(super) enum Credentials {
    /// `service-account`: a file with a key.
    KeyFile(PathBuf),
    /// `service-account-json`: the key itself.
    Key(Box<ServiceAccountKey>),
    /// `oauth`: what the machine has (application default credentials).
    Ambient,
    /// `oauth-secrets` with a token, which nobody renews.
    Token(String),
    /// `oauth-secrets` with what renews tokens.
    Refresh(Box<AuthorizedUserSecret>),
}

impl fmt::Debug for Credentials {
    /// The method alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method())
    }
}

impl Credentials {
    /// The word of the profile.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Credentials::KeyFile(_) => "service-account",
            Credentials::Key(_) => "service-account-json",
            Credentials::Ambient => "oauth",
            Credentials::Token(_) | Credentials::Refresh(_) => "oauth-secrets",
        }
    }
}

impl Settings {
    /// Reads the keys of one output.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] naming the key that is missing or whose value cannot be used.
    pub(super) fn read(profile: &Profile) -> Result<Self, EngineError> {
        let keys = Keys(&profile.values);
        let either = |one, other| Ok::<_, EngineError>(keys.text(one)?.or(keys.text(other)?));
        let seconds = |key: &str| match keys.duration(key, 1.0, "a number of seconds")? {
            Some(Duration::ZERO) => Err(wrong(key, &Value::from(0), "a number of seconds above zero")),
            seconds => Ok(seconds),
        };
        let project =
            either("project", "database")?.ok_or_else(|| missing("project", "the project of the relations"))?;
        let dataset = either("dataset", "schema")?.ok_or_else(|| missing("dataset", "the dataset of the relations"))?;
        Ok(Settings {
            execution_project: keys.text("execution_project")?.unwrap_or_else(|| project.clone()),
            project,
            dataset,
            location: keys.text("location")?,
            endpoint: endpoint(keys)?,
            credentials: credentials(keys, profile)?,
            impersonate: keys.text("impersonate_service_account")?,
            scopes: scopes(keys)?,
            is_batch: is_batch(keys)?,
            maximum_bytes_billed: keys.count("maximum_bytes_billed")?.map(|bytes| bytes as u64),
            job_timeout: seconds("job_execution_timeout_seconds")?.or(seconds("timeout_seconds")?),
            job_retries: job_retries(keys)?,
            retry_deadline: keys
                .duration("job_retry_deadline_seconds", 1.0, "a number of seconds")?
                .unwrap_or(RETRY_DEADLINE),
            answer_timeout: keys
                .duration("job_creation_timeout_seconds", 1.0, "a number of seconds")?
                .unwrap_or(ANSWER),
        })
    }
}

fn missing(key: &str, what: &str) -> EngineError {
    EngineError::new(ErrorKind::Settings, format!("the profile has no `{key}`"))
        .help(format!("add `{key}: …` to the target in `profiles.yml`: {what}"))
}

fn endpoint(keys: Keys<'_>) -> Result<Url, EngineError> {
    let said = keys.text("api_endpoint")?.unwrap_or_else(|| ENDPOINT.to_owned());
    let url = if said.contains("://") { said.clone() } else { format!("https://{said}") };
    // Keys in it would be shown with it.
    let is_host = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && url.path() == "/"
            && (url.username(), url.password(), url.query()) == ("", None, None)
    };
    Url::parse(&url).ok().filter(is_host).ok_or_else(|| {
        EngineError::new(ErrorKind::Settings, "`api_endpoint` is not the URL of a host alone")
            .help("write it as `https://bigquery.googleapis.com`, without a path, a user or a query")
    })
}

fn credentials(keys: Keys<'_>, profile: &Profile) -> Result<Credentials, EngineError> {
    const METHODS: [&str; 4] = ["oauth", "oauth-secrets", "service-account", "service-account-json"];
    let method = keys.text("method")?.unwrap_or_else(|| "oauth".to_owned());
    match method.as_str() {
        "oauth" => Ok(Credentials::Ambient),
        "service-account" => {
            let path = keys.text("keyfile")?.ok_or_else(|| missing("keyfile", "the path of the account's key"))?;
            Ok(Credentials::KeyFile(profile.project_dir.join(path)))
        }
        "service-account-json" => {
            let key = keys.value("keyfile_json").ok_or_else(|| missing("keyfile_json", "the account's key"))?;
            let text = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
            // What is wrong with it is not said: it is a secret.
            let key = parse_service_account_key(text).map_err(|_| {
                EngineError::new(ErrorKind::Settings, "`keyfile_json` is not the key of a service account").help(
                    "it has the fields of the file that Google Cloud gives: `type`, `private_key`, `client_email`, …",
                )
            })?;
            Ok(Credentials::Key(Box::new(key)))
        }
        "oauth-secrets" => {
            if let Some(token) = keys.secret("token")? {
                return Ok(Credentials::Token(token));
            }
            let need = |key: &str, what: &str| keys.secret(key)?.ok_or_else(|| missing(key, what));
            Ok(Credentials::Refresh(Box::new(AuthorizedUserSecret {
                refresh_token: need("refresh_token", "what tokens are renewed with; or a `token`")?,
                client_id: need("client_id", "of the application that the refresh token is for")?,
                client_secret: need("client_secret", "of the application that the refresh token is for")?,
                key_type: "authorized_user".to_owned(),
            })))
        }
        _ => Err(wrong("method", &Value::String(method), &format!("one of {}", quoted_list(&METHODS)))),
    }
}

fn scopes(keys: Keys<'_>) -> Result<Vec<String>, EngineError> {
    match keys.value("scopes") {
        None => Ok(SCOPES.map(str::to_owned).to_vec()),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong("scopes", item, "a list of texts")))
            .collect(),
        Some(other) => Err(wrong("scopes", other, "a list of texts")),
    }
}

fn is_batch(keys: Keys<'_>) -> Result<bool, EngineError> {
    match keys.text("priority")?.as_deref() {
        None | Some("interactive") => Ok(false),
        Some("batch") => Ok(true),
        Some(other) => Err(wrong("priority", &Value::from(other), "`interactive` or `batch`")),
    }
}

/// Zero is a number of retries. `retries` is the older name.
fn job_retries(keys: Keys<'_>) -> Result<usize, EngineError> {
    for key in ["job_retries", "retries"] {
        match keys.value(key) {
            Some(none) if none.as_u64() == Some(0) => return Ok(0),
            Some(_) => return Ok(keys.count(key)?.unwrap_or(1)),
            None => {}
        }
    }
    Ok(1)
}
