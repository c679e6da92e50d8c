//! How old the newest rows of a source are: by a query, or by the files that it stands for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use chrono::DateTime;
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use crate::artifact::{MeasuredFreshness, Timing};
use crate::base::{Timestamp, seconds_between};
use crate::cli::workspace::Workspace;
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::{Node, ResourceType, Source};
use crate::parse::inline::bare;
use crate::run::Runner;
use crate::source::{FileKind, World};
use crate::sql::statement;

/// What a source's rows must be like.
pub(super) struct Criteria {
    json: Json,
    warn_after: Option<f64>,
    error_after: Option<f64>,
    filter: Option<String>,
}

impl Criteria {
    /// The criteria of a source; none where no age is too old.
    pub(super) fn of(source: &Source) -> Option<Self> {
        let json = source.config.values.get("freshness")?.clone();
        let seconds = |key: &str| {
            let age = json.get(key)?;
            let count = age.get("count")?.as_f64()?;
            let period = match age.get("period")?.as_str()? {
                "minute" => 60.0,
                "hour" => 3600.0,
                _ => 86_400.0,
            };
            Some(count * period)
        };
        let (warn_after, error_after) = (seconds("warn_after"), seconds("error_after"));
        let filter = json.get("filter").and_then(Json::as_str).map(str::to_owned);
        (warn_after.is_some() || error_after.is_some()).then_some(Criteria { warn_after, error_after, filter, json })
    }

    fn status(&self, age: f64) -> &'static str {
        let is_over = |limit: Option<f64>| limit.is_some_and(|limit| age > limit);
        match (is_over(self.error_after), is_over(self.warn_after)) {
            (true, _) => "error",
            (false, true) => "warn",
            (false, false) => "pass",
        }
    }
}

/// Looks up the newest rows.
pub(super) struct Meter<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) runner: &'a Runner,
    pub(super) runtime: &'a tokio::runtime::Runtime,
}

impl Meter<'_> {
    pub(super) fn measure(
        &self,
        source: &Source,
        criteria: &Criteria,
        start: Timestamp,
    ) -> Result<MeasuredFreshness, Diagnostic> {
        let world = self.workspace.project.session.world.as_ref();
        let text = |key: &str| source.config.values.get(key).and_then(Json::as_str).map(str::to_owned);
        let newest = match (text("loaded_at_query"), text("loaded_at_field"), &source.external) {
            (Some(query), ..) => self.query(source, &self.rendered(source, &query)?)?,
            (None, Some(field), _) => {
                let relation = source.relation.render(self.runner.engine.dialect());
                let filter = criteria.filter.as_ref().map(|filter| format!("\nwhere {filter}")).unwrap_or_default();
                self.query(source, &format!("select max({field}) as max_loaded_at\nfrom {relation}{filter}"))?
            }
            (None, None, Some(external)) => {
                let root = &self.workspace.project.root;
                external.locations.iter().filter_map(|location| last_change(world, root, location)).max()
            }
            (None, None, None) => {
                let message = format!("source `{}.{}` has no `loaded_at_field`", source.source, source.name);
                return Err(Diagnostic::error(codes::CONFIG_VALUE, message)
                    .at(source.span)
                    .help("name the column of the load time, or give a `loaded_at_query`"));
            }
        };
        // Without rows nothing was ever loaded, which is older than any limit.
        let newest = newest.unwrap_or(Timestamp(DateTime::UNIX_EPOCH));
        let end = world.now();
        let age = seconds_between(newest, end);
        Ok(MeasuredFreshness {
            unique_id: source.id.clone(),
            max_loaded_at: newest,
            snapshotted_at: end,
            max_loaded_at_time_ago_in_s: age,
            status: criteria.status(age),
            criteria: criteria.json.clone(),
            adapter_response: serde_json::Map::new(),
            timing: vec![
                Timing { name: "compile", started_at: start, completed_at: start },
                Timing { name: "execute", started_at: start, completed_at: end },
            ],
            thread_id: "MainThread".to_owned(),
            execution_time: seconds_between(start, end),
        })
    }

    /// A `loaded_at_query`, in which `this` is the source.
    fn rendered(&self, source: &Source, query: &str) -> Result<String, Diagnostic> {
        let parsed = &self.workspace.parsed;
        let node = Node {
            relation: Some(source.relation.clone()),
            ..bare(parsed, source.id.clone(), ResourceType::Operation, source.span)
        };
        self.runner.compiler.render_text(&Arc::new(node), query, source.span)
    }

    /// The time that a query gives; none where it gives no row or a null.
    fn query(&self, source: &Source, sql: &str) -> Result<Option<Timestamp>, Diagnostic> {
        let cancel = CancellationToken::new();
        let query = async { self.runner.engine.query(statement(sql), &cancel).await?.collect().await };
        let (_, batches) = self.runtime.block_on(query).map_err(|error| {
            let message = format!("source `{}.{}`: {}", source.source, source.name, error.message);
            let message = self.workspace.project.session.scrub(&message);
            error.diagnostic(message).at(source.span).note(format!("the query: {sql}"))
        })?;
        let Some(row) = batches.iter().find(|batch| batch.num_rows() > 0) else { return Ok(None) };
        first_time(row).map_err(|given| {
            let message = format!("source `{}.{}`: the load time is {given}, not a time", source.source, source.name);
            Diagnostic::error(codes::EXECUTION, message).at(source.span)
        })
    }
}

/// The time in the first row and column.
fn first_time(row: &RecordBatch) -> Result<Option<Timestamp>, String> {
    let column = row.column(0);
    let wanted = match column.data_type() {
        // A time without a zone is meant in UTC.
        DataType::Timestamp(_, None) | DataType::Date32 | DataType::Date64 | DataType::Utf8 | DataType::Utf8View => {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        }
        DataType::Timestamp(_, Some(_)) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Null => return Ok(None),
        other => return Err(format!("of type `{other}`")),
    };
    if column.is_null(0) {
        return Ok(None);
    }
    let times = cast(column, &wanted).map_err(|error| error.to_string())?;
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let time = times.is_valid(0).then(|| DateTime::from_timestamp_micros(times.value(0))).flatten();
    time.map(|time| Some(Timestamp(time))).ok_or_else(|| "a text that is no time".to_owned())
}

/// When the newest file of a location was changed; nothing for locations that are not on this machine.
fn last_change(world: &dyn World, root: &Path, location: &str) -> Option<Timestamp> {
    let path = match location.split_once("://") {
        None => location,
        Some(("file", path)) => path,
        Some(_) => return None,
    };
    let path = root.join(path);
    let pattern = path.to_string_lossy().into_owned();
    if world.kind(&path) == Some(FileKind::File) {
        return world.modified(&path);
    }
    let is_glob = |part: &std::ffi::OsStr| part.to_string_lossy().contains(['*', '?', '[', '{']);
    let base: PathBuf = path.iter().take_while(|part| !is_glob(part)).collect();
    let matcher = globset::Glob::new(&pattern).ok()?.compile_matcher();
    let files = world.files_below(&base).ok()?;
    let is_folder = base == path;
    files.iter().filter(|file| is_folder || matcher.is_match(file)).filter_map(|file| world.modified(file)).max()
}
