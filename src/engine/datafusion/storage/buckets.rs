//! Buckets by their URLs. What opens them stands in the environment, under the names that the clouds' own tools use; nothing of it is ever
//! shown.
#![expect(
    clippy::disallowed_methods,
    reason = "the keys of buckets come from the environment, as their own tools read it"
)]

use std::str::FromStr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{Error, ObjectStore, ObjectStoreScheme, Result, RetryConfig, parse_url_opts};
use regex::Regex;
use url::Url;

use crate::engine::datafusion::error::tidy;

/// Long enough for a service that catches its breath, short enough for one that is not there.
const RETRIES: usize = 4;
const RETRY_TIMEOUT: Duration = Duration::from_secs(30);

/// The bucket that a URL names; nothing is connected to.
///
/// # Errors
/// When there is no such kind of bucket, or the environment does not say what is needed.
pub(in crate::engine::datafusion) fn open(url: &Url) -> Result<Arc<dyn ObjectStore>> {
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    let scheme = ObjectStoreScheme::parse(url).map_err(Error::from)?.0;
    Ok(match scheme {
        ObjectStoreScheme::AmazonS3 => {
            let builder = AmazonS3Builder::new().with_url(url.as_str()).with_retry(retry);
            Arc::new(options(builder, AmazonS3Builder::with_config).build()?)
        }
        ObjectStoreScheme::GoogleCloudStorage => {
            let builder = GoogleCloudStorageBuilder::new().with_url(url.as_str()).with_retry(retry);
            Arc::new(options(builder, GoogleCloudStorageBuilder::with_config).build()?)
        }
        ObjectStoreScheme::MicrosoftAzure => {
            let builder = MicrosoftAzureBuilder::new().with_url(url.as_str()).with_retry(retry);
            Arc::new(options(builder, MicrosoftAzureBuilder::with_config).build()?)
        }
        _ => Arc::from(parse_url_opts(url, Vec::<(String, String)>::new())?.0),
    })
}

/// Tells a builder what the environment says of buckets of its kind.
fn options<B, K: FromStr>(builder: B, with: impl Fn(B, K, String) -> B) -> B {
    let ours = |name: &String| ["aws_", "google_", "azure_"].iter().any(|prefix| name.starts_with(prefix));
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?.to_lowercase(), value.into_string().ok()?)))
        .filter(|(name, _)| ours(name))
        .fold(builder, |builder, (name, value)| match name.parse::<K>() {
            Ok(key) => with(builder, key, value),
            Err(_) => builder,
        })
}

/// Why a bucket did not do what it was asked, in one line: without addresses, which may hold signatures, and without pages of XML.
pub(in crate::engine::datafusion) fn reason(error: &Error) -> String {
    match error {
        Error::NotFound { source, .. } if source.to_string().contains("NoSuchBucket") => {
            return "there is no such bucket".to_owned();
        }
        Error::NotFound { path, .. } => return format!("`{path}` is not there"),
        _ => {}
    }
    said(&error.to_string())
}

fn said(message: &str) -> String {
    static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<Code>([^<]+)</Code>").ok());
    static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"status code: (\d{3}[^:<]*)").ok());
    static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"([a-z]+://[^?\s)]*)\?[^\s)]*").ok());
    let found = |regex: &'static LazyLock<Option<Regex>>| Some(regex.as_ref()?.captures(message)?[1].trim().to_owned());
    match (found(&CODE), found(&STATUS)) {
        (Some(code), _) if code == "NoSuchBucket" => "there is no such bucket".to_owned(),
        (Some(code), Some(status)) => format!("the service answers {status} ({code})"),
        (None, Some(status)) => format!("the service answers {status}"),
        _ => {
            let message = message.rsplit("retry_timeout: 30s").next().unwrap_or(message).trim_start_matches([' ', '-']);
            let message = message.split("<?xml").next().unwrap_or(message);
            match ADDRESS.as_ref() {
                Some(address) => tidy(&address.replace_all(message, "$1")),
                None => "the service cannot be reached".to_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn what_services_say_is_put_in_a_line() {
        let denied = "Generic S3 error: Error performing PUT http://h/b/k?X-Amz-Signature=abc in 1ms - Server returned \
             non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>m</Message></Error>";
        assert_eq!(said(denied), "the service answers 403 Forbidden (AccessDenied)");
        let missing = "status code: 404 Not Found: <Error><Code>NoSuchBucket</Code></Error>";
        assert_eq!(said(missing), "there is no such bucket");
        let refused = "Generic S3 error: Error performing GET http://h/b?sig=abc in 9s, after 4 retries, max_retries: 4, \
             retry_timeout: 30s - HTTP error: error sending request for url (http://h/b?sig=abc)";
        assert_eq!(said(refused), "HTTP error: error sending request for url (http://h/b)");
    }
}
