//! Signing in to Google Cloud: who we are becomes a token, which is renewed before it ends.
//!
//! The protocols are those of `yup-oauth2`, which `gcp-bigquery-client` brings. Acting as another account is a call of ours, of
//! <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken>, since the library's
//! begins with a person's credentials only.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use gcp_bigquery_client::auth::Authenticator;
use gcp_bigquery_client::error::BQError;
use gcp_bigquery_client::yup_oauth2;
use gcp_bigquery_client::yup_oauth2::authenticator::ApplicationDefaultCredentialsTypes;
use gcp_bigquery_client::yup_oauth2::{DefaultHyperClientBuilder, HyperClientBuilder};
use serde_json::{Value as Json, json};
use tokio::sync::{Mutex, OnceCell};

use super::settings::Credentials;

/// What a token of another account is asked of.
const IAM: &str = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts";

/// What acting as another account needs of one's own.
const CLOUD: &str = "https://www.googleapis.com/auth/cloud-platform";

/// How long a token of another account is used: they hold an hour.
const USED_FOR: Duration = Duration::from_mins(50);

type Library = yup_oauth2::authenticator::Authenticator<<DefaultHyperClientBuilder as HyperClientBuilder>::Connector>;

/// Whoever signs in, by what the profile says. Nothing is asked before the first token is.
#[derive(Clone)]
pub(super) struct SignIn(Arc<Account>);

struct Account {
    credentials: Credentials,
    impersonate: Option<String>,
    scopes: Vec<String>,
    http: reqwest::Client,
    patience: Duration,
    library: OnceCell<Library>,
    acting: Mutex<Option<(String, Instant)>>,
}

impl SignIn {
    /// Whoever has these credentials, acting as another account if one is named; a token takes `patience` at most.
    pub(super) fn new(
        (credentials, impersonate): (Credentials, Option<String>),
        scopes: Vec<String>,
        http: reqwest::Client,
        patience: Duration,
    ) -> Self {
        let (library, acting) = (OnceCell::new(), Mutex::new(None));
        SignIn(Arc::new(Account { credentials, impersonate, scopes, http, patience, library, acting }))
    }
}

#[async_trait]
impl Authenticator for SignIn {
    async fn access_token(&self) -> Result<String, BQError> {
        match &self.0.impersonate {
            None => self.0.own_token(&self.0.scopes).await,
            Some(account) => self.0.token_of(account).await,
        }
    }
}

impl Account {
    /// A token of the profile's own credentials.
    async fn own_token(&self, scopes: &[String]) -> Result<String, BQError> {
        if let Credentials::Token(token) = &self.credentials {
            return Ok(token.clone());
        }
        let library = self
            .library
            .get_or_try_init(|| open(&self.credentials))
            .await
            .map_err(BQError::InvalidServiceAccountKey)?;
        let Ok(token) = tokio::time::timeout(self.patience, library.token(scopes)).await else {
            return Err(BQError::ConnectionPoolError("no token in time".to_owned()));
        };
        let token = token?;
        token.token().map(str::to_owned).ok_or(BQError::NoToken)
    }

    /// A token of the account that is acted as.
    async fn token_of(&self, account: &str) -> Result<String, BQError> {
        let mut acting = self.acting.lock().await;
        if let Some((token, _)) = acting.as_ref().filter(|(_, until)| *until > Instant::now()) {
            return Ok(token.clone());
        }
        let own = self.own_token(&[CLOUD.to_owned()]).await?;
        let asked = self.http.post(format!("{IAM}/{account}:generateAccessToken")).bearer_auth(own);
        let body = json!({ "scope": self.scopes, "lifetime": "3600s" }).to_string();
        let answer = asked.header("content-type", "application/json").body(body).send().await?;
        let status = answer.status();
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(BQError::ConnectionPoolError(format!("no token for `{account}`: {status}")));
        }
        let answer: Json = serde_json::from_slice(&answer.bytes().await?)?;
        let Some(token) = answer["accessToken"].as_str() else {
            let why = answer["error"]["message"].as_str().map_or_else(|| status.to_string(), str::to_owned);
            let error = std::io::Error::other(format!("acting as `{account}` was refused: {why}"));
            return Err(BQError::InvalidServiceAccountAuthenticator(error));
        };
        *acting = Some((token.to_owned(), Instant::now() + USED_FOR));
        Ok(token.to_owned())
    }
}

/// What gives tokens for credentials.
async fn open(credentials: &Credentials) -> std::io::Result<Library> {
    match credentials {
        Credentials::KeyFile(path) => from_file(path).await,
        Credentials::Key(key) => yup_oauth2::ServiceAccountAuthenticator::builder((**key).clone()).build().await,
        Credentials::Refresh(secret) => {
            yup_oauth2::AuthorizedUserAuthenticator::builder((**secret).clone()).build().await
        }
        Credentials::Token(token) => yup_oauth2::AccessTokenAuthenticator::builder(token.clone()).build().await,
        Credentials::Ambient => match well_known().filter(|path| path.exists()) {
            Some(path) => from_file(&path).await,
            None => from_machine().await,
        },
    }
}

/// Credentials in a file, which says itself of which kind they are.
async fn from_file(path: &Path) -> std::io::Result<Library> {
    let named = |error: std::io::Error| std::io::Error::new(error.kind(), format!("`{}`: {error}", path.display()));
    let text = tokio::fs::read(path).await.map_err(named)?;
    let kind = serde_json::from_slice::<Json>(&text).ok().and_then(|said| said["type"].as_str().map(str::to_owned));
    match kind.as_deref() {
        Some("service_account") => {
            let key = yup_oauth2::read_service_account_key(path).await.map_err(named)?;
            yup_oauth2::ServiceAccountAuthenticator::builder(key).build().await
        }
        Some("authorized_user") => {
            let secret = yup_oauth2::read_authorized_user_secret(path).await.map_err(named)?;
            yup_oauth2::AuthorizedUserAuthenticator::builder(secret).build().await
        }
        Some("external_account") => {
            let secret = yup_oauth2::read_external_account_secret(path).await.map_err(named)?;
            yup_oauth2::ExternalAccountAuthenticator::builder(secret).build().await
        }
        _ => Err(named(std::io::Error::other("no credentials of Google Cloud: its `type` is not one that is known"))),
    }
}

/// Where `gcloud auth application-default login` leaves credentials, unless the environment names another file.
fn well_known() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("GOOGLE_APPLICATION_CREDENTIALS") {
        return Some(named.into());
    }
    let folder = match std::env::var_os("CLOUDSDK_CONFIG") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::home_dir()?.join(".config/gcloud"),
    };
    Some(folder.join("application_default_credentials.json"))
}

/// The account of the machine that we run on, which its metadata server knows.
async fn from_machine() -> std::io::Result<Library> {
    let options = yup_oauth2::ApplicationDefaultCredentialsFlowOpts::default();
    match yup_oauth2::ApplicationDefaultCredentialsAuthenticator::builder(options).await {
        ApplicationDefaultCredentialsTypes::ServiceAccount(builder) => builder.build().await,
        ApplicationDefaultCredentialsTypes::InstanceMetadata(builder) => builder.build().await,
    }
}
