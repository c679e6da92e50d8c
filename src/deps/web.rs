//! The door to the network.

use std::fmt;
use std::time::Duration;

use crate::base::innermost;

/// Fetches files.
pub trait Web: Sync {
    /// The bytes at an address.
    ///
    /// # Errors
    /// When nobody answers, or the answer is not the file.
    fn get(&self, url: &str) -> Result<Vec<u8>, WebError>;
}

/// Why a file could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebError {
    /// The server answered with this status.
    Status(u16),
    /// Nobody answered.
    Unreachable(String),
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WebError::Status(status) => write!(f, "the server answered {status}"),
            WebError::Unreachable(why) => write!(f, "no answer: {why}"),
        }
    }
}

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a server that stumbles is asked again.
const RETRIES: u32 = 2;

/// The web itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct HttpWeb;

impl Web for HttpWeb {
    fn get(&self, url: &str) -> Result<Vec<u8>, WebError> {
        let unreachable = |error: &dyn std::error::Error| WebError::Unreachable(innermost(error));
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| unreachable(&error))?;
        runtime.block_on(async {
            let agent = concat!("transform/", env!("CARGO_PKG_VERSION"));
            let client = reqwest::Client::builder().timeout(PATIENCE).user_agent(agent).build();
            let client = client.map_err(|error| unreachable(&error))?;
            let mut attempt = 0;
            loop {
                let result = fetch(&client, url).await;
                match result {
                    Err(WebError::Status(500..) | WebError::Unreachable(_)) if attempt < RETRIES => {
                        attempt += 1;
                        tokio::time::sleep(Duration::from_millis(200) * attempt).await;
                    }
                    result => return result,
                }
            }
        })
    }
}

async fn fetch(client: &reqwest::Client, url: &str) -> Result<Vec<u8>, WebError> {
    let unreachable = |error: reqwest::Error| WebError::Unreachable(innermost(&error.without_url()));
    let answer = client.get(url).send().await.map_err(unreachable)?;
    if !answer.status().is_success() {
        return Err(WebError::Status(answer.status().as_u16()));
    }
    answer.bytes().await.map(|bytes| bytes.to_vec()).map_err(unreachable)
}
