//! Events posted to a server, one after the other, by a thread of their own.
//!
//! A server that stumbles is asked again, after longer and longer whiles. As long as it does not answer at all, each event is tried once: a
//! run of a thousand nodes does not wait for it a thousand times, and one bad moment does not lose what comes behind it.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use super::Transport;
use crate::base::{Timestamp, counted, innermost};
use crate::docs::openlineage::settings::Http;

/// How often a server that stumbles is asked again, and one that does not answer; and how long after the first time, then twice as long each
/// time.
const RETRIES: u32 = 5;
const RETRIES_UNANSWERED: u32 = 2;
const PAUSE: Duration = Duration::from_millis(200);

/// How long the end of a command waits for events that are on their way, and how often it looks whether it is to stop.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(50);

/// The statuses after which it is worth asking again.
const TRANSIENT: [u16; 5] = [429, 500, 502, 503, 504];

pub(super) struct Post {
    events: Mutex<Sender<String>>,
    ended: Mutex<Receiver<Sent>>,
    /// How many events are on their way.
    waiting: Arc<AtomicUsize>,
}

/// What became of the events.
#[derive(Default)]
struct Sent {
    lost: usize,
    /// Why the first of them was lost.
    why: Option<String>,
}

impl Post {
    /// # Errors
    /// When a setting cannot be used, in a sentence.
    pub(super) fn open(http: &Http) -> Result<Self, String> {
        let client = client(http)?;
        let (events, received) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let http = http.clone();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let sent = match runtime {
                Ok(runtime) => runtime.block_on(post_all(&client, &http, (&received, &left))),
                Err(error) => Sent { lost: received.iter().count(), why: Some(error.to_string()) },
            };
            // Nobody may wait for it any more.
            let _ = end.send(sent);
        };
        let spawned = thread::Builder::new().name("openlineage".to_owned()).spawn(work);
        spawned.map_err(|error| format!("no thread can be started: {error}"))?;
        Ok(Post { events: Mutex::new(events), ended: Mutex::new(ended), waiting })
    }
}

fn client(http: &Http) -> Result<Client, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if http.is_compressed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let key = http.key.iter().map(|key| (AUTHORIZATION.as_str(), format!("Bearer {key}")));
    for (name, value) in key.chain(http.headers.iter().map(|(name, value)| (name.as_str(), value.clone()))) {
        let name = HeaderName::try_from(name).map_err(|_| format!("`{name}` is no name of a header"))?;
        let mut value = HeaderValue::try_from(value).map_err(|_| format!("the header `{name}` cannot be sent"))?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let client = Client::builder()
        .user_agent(concat!("transform/", env!("CARGO_PKG_VERSION")))
        .timeout(http.timeout)
        // Elsewhere nobody is to have the events, nor the key.
        .redirect(Policy::none())
        .danger_accept_invalid_certs(!http.is_verified)
        .default_headers(headers);
    client.build().map_err(|error| format!("no client can be made: {}", innermost(&error)))
}

async fn post_all(client: &Client, http: &Http, (events, waiting): (&Receiver<String>, &AtomicUsize)) -> Sent {
    let mut sent = Sent::default();
    let mut answers = true;
    for event in events {
        let body = if http.is_compressed { compressed(&event) } else { event.into_bytes() };
        let result = post(client, &http.url, body, answers).await;
        answers = !matches!(result, Err(Refused { answered: false, .. }));
        if let Err(Refused { why, .. }) = result {
            sent.lost += 1;
            sent.why.get_or_insert(why);
        }
        waiting.fetch_sub(1, Ordering::Relaxed);
    }
    sent
}

/// Why an event was not taken.
struct Refused {
    why: String,
    /// Whether the server answered.
    answered: bool,
}

async fn post(client: &Client, url: &str, body: Vec<u8>, is_retried: bool) -> Result<(), Refused> {
    let mut attempt = 0;
    loop {
        let refused = match client.post(url).body(body.clone()).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => {
                let refused = Refused { why: format!("the server answered {}", answer.status()), answered: true };
                if !is_transient(answer.status()) {
                    return Err(refused);
                }
                refused
            }
            Err(error) => Refused { why: format!("no answer: {}", innermost(&error.without_url())), answered: false },
        };
        if !is_retried || attempt == if refused.answered { RETRIES } else { RETRIES_UNANSWERED } {
            return Err(refused);
        }
        tokio::time::sleep(PAUSE * 2_u32.pow(attempt)).await;
        attempt += 1;
    }
}

fn is_transient(status: StatusCode) -> bool {
    TRANSIENT.contains(&status.as_u16())
}

fn compressed(event: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(event.as_bytes());
    // Writing to memory does not fail.
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

impl Transport for Post {
    fn emit(&self, event: String, _: Timestamp) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // The other end is there until this one goes.
        let _ = self.events.lock().unwrap_or_else(PoisonError::into_inner).send(event);
    }

    fn close(self: Box<Self>, is_stopped: &dyn Fn() -> bool) -> Result<(), String> {
        let Post { events, ended, waiting } = *self;
        drop(events);
        let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
        let started = Instant::now();
        while started.elapsed() < PATIENCE && !is_stopped() {
            match ended.recv_timeout(LOOK) {
                Ok(Sent { lost: 0, .. }) => return Ok(()),
                Ok(Sent { lost, why }) => {
                    let events = counted(lost, "event");
                    return Err(format!("{events} not taken by the server: {}", why.unwrap_or_default()));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Err(format!("{} not taken by the server in time", counted(waiting.load(Ordering::Relaxed), "event")))
    }
}
