//! What `profiles.yml` says of the embedded engine, checked.
//!
//! Keys that are not ours are ignored: profiles written for other adapters carry many.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};
use url::Url;

use super::storage::Place;
use crate::base::{Fingerprint, plain_text};
use crate::engine::keys::{Keys, wrong};
use crate::engine::registry::Settings as Profile;
use crate::engine::{EngineError, ErrorKind};

/// The seconds of a day.
const DAY: f64 = 86_400.0;

/// How the URLs of buckets begin.
const BUCKETS: [&str; 8] = ["s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl"];

/// How long the files of replaced versions stay where the profile does not say it: as long as Delta's property
/// `delta.deletedFileRetentionDuration` says by itself.
const RETENTION: Duration = Duration::from_secs(7 * 86_400);

/// How long to wait for another process that changes the same relation: a model may take its time, and a process that is gone holds
/// nothing.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10 * 60);

/// The settings of the embedded engine.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// Where the lake is.
    pub(super) lake: Place,
    /// The folder that relative locations of source files start from.
    pub(super) project_dir: PathBuf,
    /// The folder of files that models are written to where they do not say another.
    pub(super) external_root: PathBuf,
    /// The name of the lake in three-part names.
    pub(super) database: String,
    /// The schema of names without one.
    pub(super) schema: String,
    /// How many partitions a query works on at once; the number of cores where absent.
    pub(super) partitions: Option<usize>,
    /// How much memory queries may hold.
    pub(super) memory: MemoryLimit,
    /// Where queries spill; the system's folder for temporary files where absent.
    pub(super) spill_dir: Option<PathBuf>,
    /// How long to wait for another process that changes the same relation.
    pub(super) lock_timeout: Duration,
    /// How long the files of replaced versions stay.
    pub(super) retention: Duration,
    /// DataFusion's own options by their full names.
    pub(super) options: Vec<(String, String)>,
}

/// How much memory queries may hold together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum MemoryLimit {
    /// So many bytes.
    Bytes(usize),
    /// This share of the memory of the machine, or of the container.
    Share(f64),
}

impl Settings {
    /// Of the settings that decide how a statement is planned.
    pub(super) fn of_planning(&self) -> Fingerprint {
        let options = self.options.iter().flat_map(|(name, value)| [name, value]);
        Fingerprint::of([&self.database, &self.schema].into_iter().chain(options))
    }

    /// Reads the keys of one output.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] naming the key whose value cannot be used.
    pub(super) fn read(profile: &Profile) -> Result<Self, EngineError> {
        let keys = Keys(&profile.values);
        let project_dir = absolute(&profile.project_dir);
        let lake =
            lake(keys, &project_dir)?.unwrap_or_else(|| Place::Folder(absolute(&profile.target_dir.join("lake"))));
        if let Place::Folder(folder) = &lake {
            check_encodable(folder)?;
        }
        let folder = |path: String| project_dir.join(path);
        Ok(Settings {
            lake,
            external_root: keys
                .text("external_root")?
                .map_or_else(|| absolute(&profile.target_dir.join("external")), |path| project_dir.join(path)),
            database: keys.text("database")?.unwrap_or_else(|| "lake".to_owned()),
            schema: keys.text("schema")?.unwrap_or_else(|| "main".to_owned()),
            partitions: keys.count("partitions")?,
            memory: memory(keys)?.unwrap_or(MemoryLimit::Share(0.5)),
            spill_dir: keys.text("temp_dir")?.map(folder),
            lock_timeout: keys.duration("lock_timeout", 1.0, "a number of seconds")?.unwrap_or(LOCK_TIMEOUT),
            retention: keys.duration("retention_days", DAY, "a number of days")?.unwrap_or(RETENTION),
            options: options(keys)?,
            project_dir,
        })
    }
}

impl MemoryLimit {
    /// The limit in bytes on this machine.
    pub(super) fn bytes(self) -> usize {
        match self {
            MemoryLimit::Bytes(bytes) => bytes,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "a share of memory need not be exact"
            )]
            MemoryLimit::Share(share) => (available_memory() as f64 * share) as usize,
        }
    }

    /// Reads `4GB`, `512 MiB`, `50%` or a number of bytes; a kilobyte has 1,024 bytes.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let number: f64 = text[..digits].parse().ok().filter(|number| *number > 0.0)?;
        let scale: u64 = match text[digits..].trim().to_ascii_lowercase().as_str() {
            "%" => return (number <= 100.0).then_some(MemoryLimit::Share(number / 100.0)),
            "" | "b" => 1,
            "k" | "kb" | "kib" => 1 << 10,
            "m" | "mb" | "mib" => 1 << 20,
            "g" | "gb" | "gib" => 1 << 30,
            "t" | "tb" | "tib" => 1 << 40,
            _ => return None,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "a limit need not be exact to the byte"
        )]
        Some(MemoryLimit::Bytes((number * scale as f64) as usize))
    }
}

fn lake(keys: Keys<'_>, project_dir: &Path) -> Result<Option<Place>, EngineError> {
    let Some(path) = keys.text("path")? else { return Ok(None) };
    let wanted = "a folder of this machine or of a bucket (`s3://bucket/folder`, `gs://…`, `az://…`)";
    let place = match path.split_once("://") {
        None => Place::Folder(project_dir.join(&path)),
        Some(("file", path)) => Place::Folder(project_dir.join(path)),
        Some((scheme, _)) if BUCKETS.contains(&scheme) => match Url::parse(&path) {
            // Keys do not stand in profiles, and would be shown with the path.
            Ok(url) if url.password().is_some() || url.query().is_some() => {
                let message = "`path` holds keys, or something else that is no part of a path";
                let error = EngineError::new(ErrorKind::Settings, message);
                return Err(error.help("keys of buckets belong into the environment: `AWS_ACCESS_KEY_ID` and the like"));
            }
            Ok(url) if url.host_str().is_some() => Place::Bucket(url),
            _ => return Err(wrong("path", &Value::String(path), wanted)),
        },
        Some(_) => return Err(wrong("path", &Value::String(path), wanted)),
    };
    Ok(Some(place))
}

fn memory(keys: Keys<'_>) -> Result<Option<MemoryLimit>, EngineError> {
    let Some(text) = keys.text("memory_limit")? else { return Ok(None) };
    MemoryLimit::parse(&text)
        .map(Some)
        .ok_or_else(|| wrong("memory_limit", &Value::String(text), "a size such as `4GB`, `512MB` or `50%`"))
}

fn options(keys: Keys<'_>) -> Result<Vec<(String, String)>, EngineError> {
    let options = match keys.value("settings") {
        None => return Ok(Vec::new()),
        Some(Value::Object(options)) => options,
        Some(other) => return Err(wrong("settings", other, "a map of DataFusion's options")),
    };
    Ok(options.iter().map(|(name, value)| (name.clone(), plain_text(value))).collect())
}

/// Delta reaches a table by URL. On the way what looks percent-encoded in a path is decoded once too often, and some
/// characters make a URL that does not parse.
fn check_encodable(lake: &Path) -> Result<(), EngineError> {
    let path = lake.to_string_lossy();
    let encoded = |(at, _): (usize, &str)| {
        path.get(at + 1..at + 3).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let backslash = !cfg!(windows) && path.contains('\\');
    if path.match_indices('%').any(encoded) || path.contains(['[', ']', '^', '|']) || backslash {
        let message =
            format!("the path of the lake `{path}` holds one of `[`, `]`, `^`, `|`, `\\`, or `%` with two digits");
        return Err(
            EngineError::new(ErrorKind::Settings, message).help("set `path` in `profiles.yml` to another folder")
        );
    }
    Ok(())
}

/// Object stores know no working folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// The memory of the container where there is a limit, else of the machine.
fn available_memory() -> u64 {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory);
    let machine = system.total_memory();
    system.cgroup_limits().map_or(machine, |limits| limits.total_memory.min(machine))
}
