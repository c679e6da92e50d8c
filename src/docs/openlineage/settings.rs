//! Where events go: what OpenLineage's own clients read from the environment and from `openlineage.yml`.
//!
//! In this order: `OPENLINEAGE_DISABLED=true` ends it; a transport of the file, completed by variables such as
//! `OPENLINEAGE__TRANSPORT__URL`; `OPENLINEAGE_URL` with `OPENLINEAGE_API_KEY` and `OPENLINEAGE_ENDPOINT`; else nowhere. The file is the one
//! that `OPENLINEAGE_CONFIG` names, one in the project's folder, or `~/.openlineage/openlineage.yml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::event::Run;
use crate::base::plain_text;
use crate::source::World;

/// The prefix of variables that stand for keys of the file.
const KEYS: &str = "OPENLINEAGE__";
/// The name of the jobs' namespace where nothing says another.
const NAMESPACE: &str = "transform";
/// Where events are posted to, behind the address.
const ENDPOINT: &str = "api/v1/lineage";
/// How long one attempt to post may take, in seconds.
const TIMEOUT: f64 = 5.0;

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub(super) target: Target,
    /// The namespace of jobs: `OPENLINEAGE_NAMESPACE`.
    pub(super) namespace: String,
    /// The run that started this one: `OPENLINEAGE_PARENT_ID`, `namespace/job/run`.
    pub(super) parent: Option<Run>,
    /// The run that started it all: `OPENLINEAGE_ROOT_PARENT_ID`; the parent where it is not told.
    pub(super) root: Option<Run>,
}

/// Where events go.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// Into the log.
    Console,
    /// Into a file, a line each; or each into a file of its own, named by the moment.
    File { path: PathBuf, append: bool },
    /// To a server.
    Http(Http),
}

/// A server that takes events.
#[derive(Clone, PartialEq)]
pub(super) struct Http {
    pub(super) url: String,
    pub(super) key: Option<String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) timeout: Duration,
    pub(super) is_compressed: bool,
    /// Whether the server's certificate is checked.
    pub(super) is_verified: bool,
}

impl std::fmt::Debug for Http {
    /// Without address, key and headers, which may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

impl Settings {
    /// What the environment and the file say; `None` where nothing asks for events.
    ///
    /// # Errors
    /// What is wrong in them, in a sentence.
    pub fn read(world: &dyn World, project: &Path) -> Result<Option<Self>, String> {
        let env = |name: &str| world.env(name).filter(|value| !value.trim().is_empty());
        if env("OPENLINEAGE_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let target = match transport(world, project)? {
            Some(keys) => match Target::of(&keys, project)? {
                Some(target) => target,
                None => return Ok(None),
            },
            None => match env("OPENLINEAGE_URL") {
                Some(url) => {
                    let endpoint = env("OPENLINEAGE_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
                    Target::Http(Http { key: env("OPENLINEAGE_API_KEY"), ..Http::new(&url, &endpoint)? })
                }
                None => return Ok(None),
            },
        };
        let run = |name: &str| env(name).map(|text| run(name, &text)).transpose();
        let parent = run("OPENLINEAGE_PARENT_ID")?;
        Ok(Some(Settings {
            target,
            namespace: env("OPENLINEAGE_NAMESPACE").unwrap_or_else(|| NAMESPACE.to_owned()),
            root: run("OPENLINEAGE_ROOT_PARENT_ID")?.or_else(|| parent.clone()),
            parent,
        }))
    }
}

/// `namespace/job/run`: the run is behind the last slash, and the namespace before the first that is none of a URL.
fn run(name: &str, text: &str) -> Result<Run, String> {
    let parts = || {
        let (job, id) = text.rsplit_once('/')?;
        let id = uuid::Uuid::try_parse(id).ok()?;
        let address = job.find("://").map_or(0, |at| at + 3);
        let slash = address + job[address..].find('/')?;
        Some(Run { id: id.to_string(), namespace: job[..slash].to_owned(), job: job[slash + 1..].to_owned() })
    };
    parts().ok_or_else(|| format!("`{name}` is not `namespace/job/run` with the UUID of a run"))
}

/// The keys of the transport, as the file and the variables say; the file goes before.
fn transport(world: &dyn World, project: &Path) -> Result<Option<Map<String, Json>>, String> {
    let mut keys = variables(world);
    if let Some((path, bytes)) = file(world, project)? {
        let read: Json =
            serde_yaml::from_slice(&bytes).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
        match read {
            Json::Null => {}
            Json::Object(_) => merge(&mut keys, read),
            _ => return Err(format!("`{}` is no mapping", path.display())),
        }
    }
    match keys.get("transport") {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Object(transport)) if transport.contains_key("type") => Ok(Some(transport.clone())),
        Some(Json::Object(_)) => Err("`transport` has no `type`".to_owned()),
        Some(_) => Err("`transport` is no mapping".to_owned()),
    }
}

/// The file, if there is one.
fn file(world: &dyn World, project: &Path) -> Result<Option<(PathBuf, Vec<u8>)>, String> {
    if let Some(named) = world.env("OPENLINEAGE_CONFIG").filter(|path| !path.trim().is_empty()) {
        let path = project.join(named);
        let bytes = world.read(&path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
        return Ok(Some((path, bytes)));
    }
    let home = || Some(PathBuf::from(world.env("HOME")?).join(".openlineage/openlineage.yml"));
    let files = [Some(project.join("openlineage.yml")), home()];
    Ok(files.into_iter().flatten().find_map(|path| {
        let bytes = world.read(&path).ok()?;
        Some((path, bytes))
    }))
}

/// What variables say: `OPENLINEAGE__TRANSPORT__TYPE=http` is `transport: {type: http}`.
fn variables(world: &dyn World) -> Json {
    let mut names: Vec<String> = world.env_names().into_iter().filter(|name| name.starts_with(KEYS)).collect();
    // Those of more parts first, so that one that says a whole mapping replaces what its parts say.
    names.sort_by_key(|name| (std::cmp::Reverse(name.matches("__").count()), name.clone()));
    let mut all = Json::Object(Map::new());
    for name in names {
        let Some(text) = world.env(&name) else { continue };
        let value = serde_json::from_str(&text).unwrap_or(Json::String(text));
        let path = name[KEYS.len()..].to_lowercase();
        let nested =
            path.rsplit("__").fold(value, |value, key| Json::Object(Map::from_iter([(key.to_owned(), value)])));
        merge(&mut all, nested);
    }
    all
}

/// Puts what is said later over what was said.
fn merge(known: &mut Json, said: Json) {
    match (known, said) {
        (Json::Object(known), Json::Object(said)) => {
            for (key, value) in said {
                merge(known.entry(key).or_insert(Json::Null), value);
            }
        }
        (known, said) => *known = said,
    }
}

/// The value of a key as a text: variables make numbers of what looks like one.
fn text(keys: &Map<String, Json>, key: &str) -> Option<String> {
    keys.get(key).filter(|value| value.is_string() || value.is_number() || value.is_boolean()).map(plain_text)
}

/// The value of a key that says yes or no, in one of YAML's words.
fn flag(keys: &Map<String, Json>, key: &str, default: bool) -> Result<bool, String> {
    let said = match keys.get(key) {
        None => return Ok(default),
        Some(_) => text(keys, key).map(|text| text.to_lowercase()),
    };
    match said.as_deref() {
        Some("true" | "yes" | "on") => Ok(true),
        Some("false" | "no" | "off") => Ok(false),
        _ => Err(format!("`{key}` is `true` or `false`")),
    }
}

impl Target {
    /// What the keys of a transport say; `None` for one that sends nothing.
    fn of(keys: &Map<String, Json>, project: &Path) -> Result<Option<Self>, String> {
        let kind = text(keys, "type").unwrap_or_default();
        Ok(Some(match kind.to_lowercase().as_str() {
            "noop" => return Ok(None),
            "console" => Target::Console,
            "file" => {
                let path = text(keys, "log_file_path").ok_or("the transport `file` needs a `log_file_path`")?;
                Target::File { path: project.join(path), append: flag(keys, "append", false)? }
            }
            "http" => {
                let url = text(keys, "url").ok_or("the transport `http` needs a `url`")?;
                let endpoint = text(keys, "endpoint").unwrap_or_else(|| ENDPOINT.to_owned());
                Target::Http(Http::new(&url, &endpoint)?.with(keys)?)
            }
            _ => {
                let known = "there are `http`, `file`, `console` and `noop`";
                return Err(format!("the transport `{kind}` is not known: {known}"));
            }
        }))
    }
}

impl Http {
    /// A server at an address; the endpoint behind it as links are resolved.
    fn new(url: &str, endpoint: &str) -> Result<Self, String> {
        let joined = reqwest::Url::parse(url).and_then(|url| url.join(endpoint));
        let url = joined.ok().filter(|url| url.scheme().starts_with("http") && url.has_host());
        Ok(Http {
            url: url.ok_or("the address for lineage is no URL of `http` or `https`")?.to_string(),
            key: None,
            headers: BTreeMap::new(),
            timeout: Duration::from_secs_f64(TIMEOUT),
            is_compressed: false,
            is_verified: true,
        })
    }

    fn with(mut self, keys: &Map<String, Json>) -> Result<Self, String> {
        if let Some(auth) = keys.get("auth").and_then(Json::as_object) {
            let key = ["apiKey", "apikey", "api_key"].iter().find_map(|name| text(auth, name));
            let kind = text(auth, "type").unwrap_or_default();
            if kind != "api_key" {
                return Err(format!("`auth` of type `{kind}` is not known: there is `api_key`"));
            }
            self.key = Some(key.ok_or("`auth: {type: api_key}` needs an `apiKey`")?);
        }
        if let Some(seconds) = text(keys, "timeout") {
            let seconds = seconds.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            self.timeout = seconds.ok_or("`timeout` is a number of seconds")?;
        }
        if let Some(headers) = keys.get("custom_headers").and_then(Json::as_object) {
            let header = |name: &String| {
                let value = text(headers, name).ok_or_else(|| format!("the header `{name}` has no text"))?;
                Ok((name.clone(), value))
            };
            self.headers = headers.keys().map(header).collect::<Result<_, String>>()?;
        }
        self.is_compressed = match text(keys, "compression").as_deref() {
            None => false,
            Some("gzip") => true,
            Some(other) => return Err(format!("the compression `{other}` is not known: there is `gzip`")),
        };
        self.is_verified = flag(keys, "verify", true)?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryWorld;

    fn read(files: &[(&str, &str)], env: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        let mut world = MemoryWorld::with_files(files.iter().copied());
        for (name, value) in env {
            world = world.with_env(name, value);
        }
        Settings::read(&world, Path::new("/project"))
    }

    fn http(found: Result<Option<Settings>, String>) -> Http {
        match found.unwrap().unwrap().target {
            Target::Http(http) => http,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_told_unless_it_is_asked_for() {
        assert_eq!(read(&[], &[]), Ok(None));
        assert_eq!(read(&[], &[("OPENLINEAGE_API_KEY", "k"), ("OPENLINEAGE_NAMESPACE", "n")]), Ok(None));
        let disabled = [("OPENLINEAGE_URL", "http://h"), ("OPENLINEAGE_DISABLED", "True")];
        assert_eq!(read(&[], &disabled), Ok(None));
    }

    #[test]
    fn the_environment_is_enough() {
        let env = [("OPENLINEAGE_URL", "http://h:5000"), ("OPENLINEAGE_API_KEY", "k")];
        let found = http(read(&[], &env));
        assert_eq!((found.url.as_str(), found.key.as_deref()), ("http://h:5000/api/v1/lineage", Some("k")));
        let env = [("OPENLINEAGE_URL", "https://h/base/"), ("OPENLINEAGE_ENDPOINT", "events")];
        assert_eq!(http(read(&[], &env)).url, "https://h/base/events");
        let env = [("OPENLINEAGE__TRANSPORT__TYPE", "http"), ("OPENLINEAGE__TRANSPORT__URL", "http://h")];
        assert_eq!(http(read(&[], &env)).url, "http://h/api/v1/lineage");
        let whole = [("OPENLINEAGE__TRANSPORT", r#"{"type": "console"}"#), ("OPENLINEAGE__TRANSPORT__URL", "http://h")];
        assert_eq!(read(&[], &whole).unwrap().unwrap().target, Target::Console);
    }

    #[test]
    fn what_looks_like_a_number_is_a_text_where_one_is_asked_for() {
        let env = [
            ("OPENLINEAGE__TRANSPORT__TYPE", "HTTP"),
            ("OPENLINEAGE__TRANSPORT__URL", "http://h"),
            ("OPENLINEAGE__TRANSPORT__AUTH__TYPE", "api_key"),
            ("OPENLINEAGE__TRANSPORT__AUTH__APIKEY", "12345"),
        ];
        assert_eq!(http(read(&[], &env)).key.as_deref(), Some("12345"));
        let file = "transport: {type: file, log_file_path: a, append: 'yes'}";
        let found = read(&[("/project/openlineage.yml", file)], &[]).unwrap().unwrap();
        assert_eq!(found.target, Target::File { path: "/project/a".into(), append: true });
        assert_eq!(read(&[("/project/openlineage.yml", "transport: {type: noop}")], &[]), Ok(None));
        assert_eq!(read(&[("/project/openlineage.yml", "")], &[]), Ok(None));
    }

    #[test]
    fn the_file_goes_before_the_environment() {
        let file = "transport: {type: http, url: 'http://f', timeout: 2, compression: gzip, verify: false, \
                    auth: {type: api_key, apiKey: k}, custom_headers: {X-A: b}}";
        let env = [("OPENLINEAGE_URL", "http://h"), ("OPENLINEAGE__TRANSPORT__URL", "http://v")];
        let found = http(read(&[("/project/openlineage.yml", file)], &env));
        assert_eq!(
            found,
            Http {
                url: "http://f/api/v1/lineage".to_owned(),
                key: Some("k".to_owned()),
                headers: BTreeMap::from([("X-A".to_owned(), "b".to_owned())]),
                timeout: Duration::from_secs(2),
                is_compressed: true,
                is_verified: false,
            }
        );
        let file = "transport: {type: file, log_file_path: logs/lineage.ndjson, append: true}";
        let found = read(&[("/elsewhere.yml", file)], &[("OPENLINEAGE_CONFIG", "/elsewhere.yml")]).unwrap().unwrap();
        assert_eq!(found.target, Target::File { path: "/project/logs/lineage.ndjson".into(), append: true });
    }

    #[test]
    fn the_run_that_started_this_one_is_read() {
        let id = "0199a1b2-c3d4-7e5f-8a6b-0123456789ab";
        let parent = format!("airflow/daily.build/{id}");
        let env = [("OPENLINEAGE_URL", "http://h"), ("OPENLINEAGE_PARENT_ID", parent.as_str())];
        let found = read(&[], &env).unwrap().unwrap();
        let run = |namespace: &str, job: &str| {
            Some(Run { id: id.to_owned(), namespace: namespace.to_owned(), job: job.to_owned() })
        };
        assert_eq!((found.parent, found.root), (run("airflow", "daily.build"), run("airflow", "daily.build")));
        let parent = format!("http://airflow:80/daily/build/{id}");
        let found = read(&[], &[("OPENLINEAGE_URL", "http://h"), ("OPENLINEAGE_ROOT_PARENT_ID", parent.as_str())]);
        assert_eq!(found.unwrap().unwrap().root, run("http://airflow:80", "daily/build"));
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (file, env) in [
            ("transport: {type: kafka}", ("A", "b")),
            ("transport: {type: http}", ("A", "b")),
            ("transport: {type: http, url: nowhere}", ("A", "b")),
            ("transport: {type: http, url: 'http://h', auth: {type: jwt}}", ("A", "b")),
            ("transport: {type: file}", ("A", "b")),
            ("transport: [", ("A", "b")),
            ("transport: http", ("A", "b")),
            ("transport: {url: 'http://h'}", ("A", "b")),
            ("- transport", ("A", "b")),
            ("transport: {type: file, log_file_path: a, append: perhaps}", ("A", "b")),
            ("transport: {type: http, url: 'http://h', compression: zip}", ("A", "b")),
            ("", ("OPENLINEAGE_CONFIG", "/nowhere.yml")),
            ("transport: {type: console}", ("OPENLINEAGE_PARENT_ID", "a/b")),
        ] {
            assert!(read(&[("/project/openlineage.yml", file)], &[env]).is_err(), "{file}");
        }
    }
}
