//! What a call to the service came to when it failed, and what of that may succeed when the call is made again.

use gcp_bigquery_client::error::BQError;
use gcp_bigquery_client::yup_oauth2;
use reqwest::StatusCode;
use serde_json::Value as Json;

use crate::base::innermost;
use crate::engine::{EngineError, ErrorKind, Position};

/// A call that failed.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The service answered that it failed.
    Answer(Answer),
    /// No answer came, or none that can be read: it is not known whether the call arrived.
    Lost(String),
    /// There is no token to call with.
    SignIn(String),
}

/// The service's own account of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The status of HTTP; 0 of a job, which fails behind an answer that succeeded.
    pub(super) status: u16,
    /// One of the words of <https://cloud.google.com/bigquery/docs/error-messages>; empty where it gave none.
    pub(super) reason: String,
    /// What it says.
    pub(super) message: String,
}

impl Answer {
    /// The failure of a job: `errorResult` of its status.
    pub(super) fn of_job(error: &Json) -> Self {
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        Answer { status: 0, reason: text("reason"), message: text("message") }
    }

    /// The body of an answer that is no success. Proxies answer with pages, of which the status is what counts.
    pub(super) fn of_body(status: StatusCode, body: &[u8]) -> Self {
        let error = serde_json::from_slice::<Json>(body).unwrap_or_default();
        let error = &error["error"];
        let reason = error["errors"][0]["reason"].as_str().or_else(|| error["status"].as_str());
        let message = error["message"].as_str().map_or_else(|| status.to_string(), str::to_owned);
        Answer { status: status.as_u16(), reason: reason.unwrap_or_default().to_owned(), message }
    }

    /// Whether the same may succeed in a moment: the service says of these that they are its own, and for a short time.
    pub(super) fn is_passing(&self) -> bool {
        const REASONS: [&str; 6] = [
            "backendError",
            "internalError",
            "jobBackendError",
            "jobInternalError",
            "jobRateLimitExceeded",
            "rateLimitExceeded",
        ];
        REASONS.contains(&self.reason.as_str()) || matches!(self.status, 408 | 429 | 500 | 502 | 503 | 504)
    }

    /// Whether there is no such thing.
    pub(super) fn is_not_found(&self) -> bool {
        self.status == 404 || self.reason == "notFound"
    }

    /// Whether there is such a thing already.
    pub(super) fn is_duplicate(&self) -> bool {
        self.status == 409 || self.reason == "duplicate"
    }
}

impl Failure {
    /// Whether the same call may succeed in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Failure::Answer(answer) => answer.is_passing(),
            Failure::Lost(_) => true,
            Failure::SignIn(_) => false,
        }
    }

    /// What the service answered, if it did.
    pub(super) fn answer(&self) -> Option<&Answer> {
        match self {
            Failure::Answer(answer) => Some(answer),
            _ => None,
        }
    }

    /// The failure as an error of the engine.
    pub(super) fn error(self) -> EngineError {
        match self {
            Failure::Answer(answer) => answer.error(),
            Failure::Lost(why) => {
                let mut error = EngineError::new(ErrorKind::Io, format!("BigQuery cannot be reached: {why}"));
                error.retryable = true;
                error.help("check the network, and `api_endpoint` if the profile has one")
            }
            Failure::SignIn(why) => EngineError::new(ErrorKind::Settings, format!("signing in to Google Cloud: {why}"))
                .help("check `method` and what it needs in `profiles.yml`; with `method: oauth`, run `gcloud auth application-default login`"),
        }
    }
}

impl Answer {
    fn error(self) -> EngineError {
        let (message, position) = placed(&self.message);
        let kind = self.kind(&message, position.is_some());
        let mut error = EngineError::new(kind, message).at(position);
        error.retryable = self.is_passing();
        match (self.status, self.reason.as_str()) {
            (401, _) => error.help("the token is not accepted: it may have ended, or be of another service"),
            (_, "accessDenied") => error.help("the account that the target signs in with lacks the right"),
            (_, "bytesBilledLimitExceeded") => error
                .help("`maximum_bytes_billed` of the target stands against it: raise it, or let the query read less"),
            (_, "stopped") => error
                .help("somebody ended the job, or it took longer than `job_execution_timeout_seconds` of the target"),
            _ => error,
        }
    }

    fn kind(&self, message: &str, has_place: bool) -> ErrorKind {
        let begins = |words: &[&str]| words.iter().any(|words| message.starts_with(words));
        match self.reason.as_str() {
            "notFound" => ErrorKind::Plan,
            "invalidQuery" if begins(&["Syntax error"]) => ErrorKind::Syntax,
            "invalidQuery" if begins(&["Function not found"]) => ErrorKind::UnknownFunction,
            "invalidQuery" if has_place || begins(&["Unrecognized name", "No matching signature"]) => ErrorKind::Plan,
            _ if self.status == 401 => ErrorKind::Settings,
            _ if self.is_passing() => ErrorKind::Io,
            _ => ErrorKind::Execution,
        }
    }
}

/// A message without the place that stands behind it, and the place: `… at [2:7]`.
fn placed(message: &str) -> (String, Option<Position>) {
    let read = || {
        let (before, place) = message.trim_end().strip_suffix(']')?.rsplit_once(" at [")?;
        let (line, column) = place.split_once(':')?;
        let position = Position { line: line.parse().ok()?, column: column.parse().ok()? };
        Some((before.to_owned(), position))
    };
    match read() {
        Some((message, position)) => (message, Some(position)),
        None => (message.to_owned(), None),
    }
}

impl From<BQError> for Failure {
    fn from(error: BQError) -> Self {
        match error {
            BQError::ResponseError { error } => {
                let reason = error.error.errors.first().and_then(|first| first.get("reason")).cloned();
                let status = u16::try_from(error.error.code).unwrap_or_default();
                let reason = reason.unwrap_or(error.error.status);
                Failure::Answer(Answer { status, reason, message: error.error.message })
            }
            BQError::RequestError(error) => error.into(),
            BQError::SerializationError(error) => Failure::Lost(error.to_string()),
            BQError::YupAuthError(
                error @ (yup_oauth2::Error::HttpError(_)
                | yup_oauth2::Error::HttpClientError(_)
                | yup_oauth2::Error::LowLevelError(_)),
            ) => Failure::Lost(error.to_string()),
            BQError::YupAuthError(error) => Failure::SignIn(error.to_string()),
            BQError::AuthError(error) => Failure::SignIn(error.to_string()),
            BQError::NoToken => Failure::SignIn("no token was given".to_owned()),
            BQError::InvalidServiceAccountKey(error) | BQError::InvalidServiceAccountAuthenticator(error) => {
                Failure::SignIn(error.to_string())
            }
            other => Failure::Lost(other.to_string()),
        }
    }
}

impl From<reqwest::Error> for Failure {
    /// The innermost cause, without the address, which may hold what is not for everybody.
    fn from(error: reqwest::Error) -> Self {
        let why = match error.is_timeout() {
            true => "no answer in time".to_owned(),
            false => innermost(&error.without_url()),
        };
        Failure::Lost(why)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::{Answer, placed};
    use crate::engine::{ErrorKind, Position};

    #[test]
    fn a_place_in_a_message_becomes_a_position() {
        let (message, position) = placed("Unrecognized name: nope at [3:12]");
        assert_eq!(message, "Unrecognized name: nope");
        assert_eq!(position, Some(Position { line: 3, column: 12 }));
        for plain in ["no place", "an array at [offset]", "odd at [1:]", ""] {
            assert_eq!(placed(plain), (plain.to_owned(), None));
        }
    }

    #[test]
    fn an_answer_that_is_no_json_is_its_status() {
        let answer = Answer::of_body(StatusCode::BAD_GATEWAY, b"<html>502</html>");
        assert_eq!(answer.message, "502 Bad Gateway");
        assert!(answer.is_passing());
    }

    #[test]
    fn answers_are_told_apart() {
        let body = br#"{"error": {"code": 400, "message": "Syntax error: Unexpected \")\" at [1:9]",
            "errors": [{"reason": "invalidQuery", "message": "the same"}]}}"#;
        let error = Answer::of_body(StatusCode::BAD_REQUEST, body).error();
        assert_eq!((error.kind, error.position.map(|place| place.column)), (ErrorKind::Syntax, Some(9)));
        assert!(!error.retryable);
        let quota = Answer { status: 403, reason: "quotaExceeded".to_owned(), message: "too many".to_owned() };
        let rate = Answer { reason: "rateLimitExceeded".to_owned(), ..quota.clone() };
        assert!(rate.is_passing() && !quota.is_passing(), "a quota of the day is not there again in a moment");
    }
}
