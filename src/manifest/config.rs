//! The resolved configs of a node: all of them as values, and those that we act on, typed.

use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

use super::{ConfigValues, Microbatch};
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::{Export, Layout};
use crate::source::Span;

/// The configs of a node after all files have had their say.
#[derive(Clone, Debug, Default)]
pub struct NodeConfig {
    /// Whether the node takes part at all.
    pub enabled: bool,
    /// How a model becomes a relation.
    pub materialized: Materialized,
    /// The custom database.
    pub database: Option<String>,
    /// The custom schema.
    pub schema: Option<String>,
    /// The name in the database.
    pub alias: Option<String>,
    /// The layer, where it is not told by the folder.
    pub layer: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The key of an incremental model.
    pub unique_key: Vec<String>,
    /// `append` or `merge`.
    pub incremental_strategy: Option<String>,
    /// The files that it is written to, if it is.
    pub export: Option<Box<Export>>,
    /// How the rows of its table lie in files, where that is said.
    pub layout: Option<Box<Layout>>,
    /// The batches of an incremental model that is built in such.
    pub microbatch: Option<Box<Microbatch>>,
    /// The only columns that a merge updates.
    pub merge_update_columns: Vec<String>,
    /// Columns that a merge leaves alone.
    pub merge_exclude_columns: Vec<String>,
    /// Overrides `--full-refresh`.
    pub full_refresh: Option<bool>,
    /// SQL types of a seed's columns.
    pub column_types: Vec<(String, String)>,
    /// The separator of a seed's file.
    pub delimiter: Option<String>,
    /// How it is judged, if it is a test.
    pub test: Option<Box<TestConfig>>,
    /// All configs, as `config.get` and the artifacts see them.
    pub values: ConfigValues,
}

/// How a model becomes a relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Materialized {
    /// A stored query.
    #[default]
    View,
    /// Rows, made anew each time.
    Table,
    /// Rows, added to.
    Incremental,
    /// A common table expression in its readers.
    Ephemeral,
    /// Rows, made anew when what they are made of has changed.
    MaterializedView,
    /// Rows that are written to files.
    External,
    /// The rows of a CSV file.
    Seed,
    /// The versions of the rows of a query.
    Snapshot,
    /// The judgement of a test.
    Test,
    /// A materialization that this version does not have; running the node says so.
    Other(String),
}

impl Materialized {
    /// The word of the config.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Materialized::View => "view",
            Materialized::Table => "table",
            Materialized::Incremental => "incremental",
            Materialized::Ephemeral => "ephemeral",
            Materialized::MaterializedView => "materialized_view",
            Materialized::External => "external",
            Materialized::Seed => "seed",
            Materialized::Snapshot => "snapshot",
            Materialized::Test => "test",
            Materialized::Other(name) => name,
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "view" => Materialized::View,
            "table" => Materialized::Table,
            "incremental" => Materialized::Incremental,
            "ephemeral" => Materialized::Ephemeral,
            "materialized_view" => Materialized::MaterializedView,
            "external" => Materialized::External,
            "seed" => Materialized::Seed,
            "snapshot" => Materialized::Snapshot,
            "test" => Materialized::Test,
            other => Materialized::Other(other.to_owned()),
        }
    }
}

/// How a test is judged.
#[derive(Clone, Debug, Default)]
pub struct TestConfig {
    /// What failing rows mean.
    pub severity: TestSeverity,
    /// The condition on the number of failures that warns, e.g. `> 10`.
    pub warn_if: String,
    /// The condition that fails.
    pub error_if: String,
    /// The aggregate that counts failures.
    pub fail_calc: String,
    /// The most failing rows to look at.
    pub limit: Option<u64>,
    /// The rows of the relation to look at.
    pub filter: Option<String>,
    /// Whether failing rows are kept as a relation.
    pub store_failures: Option<StoreFailures>,
}

/// What failing rows of a test mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TestSeverity {
    /// The test fails.
    #[default]
    Error,
    /// The test warns.
    Warn,
}

/// How failing rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailures {
    /// As rows.
    Table,
    /// As a query.
    View,
}

impl NodeConfig {
    /// Types the merged `values`; `at` is where wrong values are reported, `node` the node's name.
    pub fn read(values: ConfigValues, node: &str, at: Span, diagnostics: &mut Diagnostics) -> Self {
        let mut reader = Reader { values: &values, node, at, diagnostics };
        NodeConfig {
            enabled: reader.flag("enabled").unwrap_or(true),
            materialized: Materialized::named(&reader.text("materialized").unwrap_or_else(|| "view".to_owned())),
            database: reader.text("database"),
            schema: reader.text("schema"),
            alias: reader.text("alias"),
            layer: reader.text("layer"),
            tags: reader.texts("tags"),
            // An empty text is no key.
            unique_key: reader.texts("unique_key").into_iter().filter(|key| !key.is_empty()).collect(),
            incremental_strategy: reader.text("incremental_strategy"),
            export: None,
            layout: None,
            microbatch: None,
            merge_update_columns: reader.texts("merge_update_columns"),
            merge_exclude_columns: reader.texts("merge_exclude_columns"),
            full_refresh: reader.flag("full_refresh"),
            column_types: reader.pairs("column_types"),
            delimiter: reader.text("delimiter"),
            test: None,
            values,
        }
    }

    /// Configs of which only the values are known.
    #[must_use]
    pub fn unread(values: ConfigValues) -> Self {
        NodeConfig { enabled: true, values, ..NodeConfig::default() }
    }

    /// Free facts.
    #[must_use]
    pub fn meta(&self) -> &Map<String, Json> {
        static NONE: LazyLock<Map<String, Json>> = LazyLock::new(Map::new);
        self.values.get("meta").and_then(Json::as_object).unwrap_or(&NONE)
    }

    /// Whether rows are kept of the node, which lie in files.
    #[must_use]
    pub fn has_rows(&self) -> bool {
        use Materialized::{Incremental, MaterializedView, Seed, Snapshot, Table};
        matches!(self.materialized, Table | Incremental | MaterializedView | Seed | Snapshot)
    }

    /// Whether a model is to be built in batches of time.
    #[must_use]
    pub fn is_microbatch(&self) -> bool {
        self.materialized == Materialized::Incremental && self.incremental_strategy.as_deref() == Some("microbatch")
    }

    /// Whether nothing says if failing rows of a test are kept, so that the command line decides.
    #[must_use]
    pub fn leaves_storing_open(&self) -> bool {
        ["store_failures", "store_failures_as"].iter().all(|key| self.values.get(key).is_none_or(Json::is_null))
    }
}

impl TestConfig {
    /// Types what the merged configs of a test say of its judgement.
    pub fn read(values: &ConfigValues, node: &str, at: Span, diagnostics: &mut Diagnostics) -> Self {
        let mut reader = Reader { values, node, at, diagnostics };
        let not_zero = || "!= 0".to_owned();
        TestConfig {
            severity: reader.severity(),
            warn_if: reader.text("warn_if").unwrap_or_else(not_zero),
            error_if: reader.text("error_if").unwrap_or_else(not_zero),
            fail_calc: reader.text("fail_calc").unwrap_or_else(|| "count(*)".to_owned()),
            limit: reader.value("limit").and_then(Json::as_u64),
            filter: reader.text("where"),
            store_failures: reader.store_failures(),
        }
    }
}

/// Takes typed values out of the merged configs, reporting those of a wrong type.
struct Reader<'v, 'd> {
    values: &'v ConfigValues,
    node: &'v str,
    at: Span,
    diagnostics: &'d mut Diagnostics,
}

impl Reader<'_, '_> {
    fn value(&self, key: &str) -> Option<&Json> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    fn text(&mut self, key: &str) -> Option<String> {
        match self.value(key)? {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => self.wrong(key, "a text"),
        }
    }

    fn flag(&mut self, key: &str) -> Option<bool> {
        match self.value(key)? {
            Json::Bool(flag) => Some(*flag),
            Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => self.wrong(key, "true or false"),
        }
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        match self.value(key) {
            None => Vec::new(),
            Some(Json::String(text)) => vec![text.clone()],
            Some(Json::Array(items)) if items.iter().all(Json::is_string) => {
                items.iter().filter_map(Json::as_str).map(str::to_owned).collect()
            }
            Some(_) => self.wrong(key, "a text or a list of texts").unwrap_or_default(),
        }
    }

    fn pairs(&mut self, key: &str) -> Vec<(String, String)> {
        match self.value(key) {
            None => Vec::new(),
            Some(Json::Object(map)) => {
                map.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
            }
            Some(_) => self.wrong(key, "a mapping").unwrap_or_default(),
        }
    }

    fn severity(&mut self) -> TestSeverity {
        match self.text("severity") {
            None => TestSeverity::Error,
            Some(text) if text.eq_ignore_ascii_case("error") => TestSeverity::Error,
            Some(text) if text.eq_ignore_ascii_case("warn") => TestSeverity::Warn,
            Some(text) => {
                self.not_one_of("severity", &text, &["error", "warn"]);
                TestSeverity::Error
            }
        }
    }

    fn store_failures(&mut self) -> Option<StoreFailures> {
        match self.text("store_failures_as").as_deref() {
            Some("table") => Some(StoreFailures::Table),
            Some("view") => Some(StoreFailures::View),
            // Any other word is refused by the run of the test, as in dbt.
            Some(_) => None,
            None => self.flag("store_failures").unwrap_or(false).then_some(StoreFailures::Table),
        }
    }

    fn wrong<T>(&mut self, key: &str, wanted: &str) -> Option<T> {
        let message = format!("config `{key}` of `{}` must be {wanted}", self.node);
        self.diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(self.at));
        None
    }

    fn not_one_of(&mut self, key: &str, value: &str, allowed: &[&str]) {
        let message = format!("config `{key}` of `{}` is one of {}, not `{value}`", self.node, quoted_list(allowed));
        let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(self.at);
        self.diagnostics.push(diagnostic.suggest_near(value, allowed.iter().copied()));
    }
}
