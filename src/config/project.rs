//! `dbt_project.yml` and `transform.yml`.

use std::sync::LazyLock;

use serde_json::{Map, Value as Json};

use super::{ConfigTree, TreeName};
use crate::base::{HashMap, quoted_list};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// A project file.
#[derive(Clone, Debug)]
pub struct ProjectConfig {
    /// The project's name, which is also the name of its package.
    pub name: String,
    /// The project's own version.
    pub version: Option<String>,
    /// The profile to use, and where that is said; the embedded engine over the project's own lake where absent.
    pub profile: Option<(String, Span)>,
    /// The folders of each kind of file.
    pub paths: Paths,
    /// The folder of generated files.
    pub target_path: String,
    /// What `clean` removes.
    pub clean_targets: Vec<String>,
    /// `vars:` as written: values by name, and by package and name.
    pub vars: Map<String, Json>,
    /// The layers, when they are in use.
    pub layers: Layers,
    /// What is remembered of commands that run nodes.
    pub history: History,
    /// `docs: {stylesheet: …}`: rules of style for the documentation site, in a file of the project, and where that is said.
    pub stylesheet: Option<(String, Span)>,
    /// `on-run-start`: templates with their places.
    pub on_run_start: Vec<(String, Span)>,
    /// `on-run-end`, likewise.
    pub on_run_end: Vec<(String, Span)>,
    /// `require-dbt-version`, and where it stands.
    pub require_dbt_version: Option<(Vec<String>, Span)>,
    /// `quoting:` as written.
    pub quoting: Map<String, Json>,
    /// `query-comment:`, unless there is none.
    pub query_comment: Option<QueryComment>,
    /// Macro search order: namespace → packages.
    pub dispatch: Vec<(String, Vec<String>)>,
    trees: HashMap<TreeName, ConfigTree>,
    /// Whether nodes of other packages may only read its public models.
    pub restrict_access: bool,
}

/// The folders of each kind of file, relative to the project.
#[derive(Clone, Debug)]
pub struct Paths {
    /// SQL models and their properties.
    pub models: Vec<String>,
    /// CSV files.
    pub seeds: Vec<String>,
    /// Singular tests, and generic ones under `generic/`.
    pub tests: Vec<String>,
    /// Macros.
    pub macros: Vec<String>,
    /// Analyses.
    pub analyses: Vec<String>,
    /// Snapshots.
    pub snapshots: Vec<String>,
    /// Functions.
    pub functions: Vec<String>,
    /// `{% docs %}` blocks; all the other folders where not given.
    pub docs: Vec<String>,
    /// Installed packages.
    pub packages: String,
}

/// How the layers are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The layers from the raw side to the served side.
    pub names: Vec<String>,
    /// What an edge against the direction is.
    pub direction: LayerDirection,
}

/// What is remembered of commands that run nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// Whether anything is.
    pub enabled: bool,
    /// For how many days.
    pub retention_days: u32,
}

impl Default for History {
    fn default() -> Self {
        History { enabled: true, retention_days: 90 }
    }
}

/// What an edge against the layers' direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerDirection {
    /// Reported.
    Reported(Severity),
    /// Not looked at.
    Off,
}

/// The comment on every statement.
#[derive(Clone, Debug)]
pub struct QueryComment {
    /// Its template.
    pub comment: String,
    /// Whether it stands behind the statement.
    pub append: bool,
    /// Where it is written.
    pub span: Span,
}

impl Default for Layers {
    fn default() -> Self {
        Layers {
            names: ["bronze", "silver", "gold"].map(str::to_owned).to_vec(),
            direction: LayerDirection::Reported(Severity::Warning),
        }
    }
}

/// Keys of dbt that are accepted here and read by later stages or not at all.
const ACCEPTED: &[&str] = &[
    "config-version",
    "require-transform-version",
    "flags",
    "dbt-cloud",
    "log-path",
    "asset-paths",
    "osi-paths",
    "check-paths",
    "packages",
    "anchors",
];

/// The only keys that `transform.yml` may have beside a `dbt_project.yml`: those that are not dbt's.
const OVERLAY: [&str; 3] = ["layers", "history", "docs"];

impl ProjectConfig {
    /// A project of this name that sets nothing.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let empty = Mapping::default();
        let mut ignored = Diagnostics::new();
        Self::read_fields(&mut Fields::new(&empty, &mut ignored), name.to_owned(), "tests")
    }

    /// Reads a rendered project file, and the overlay `transform.yml` where it stands beside a `dbt_project.yml`.
    pub fn read(root: &Node, overlay: Option<&Node>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(root, "the project file", diagnostics)?;
        let (name, name_span) = fields.required_text("name", root.span)?;
        if !is_package_name(&name) {
            let message = format!("project name `{name}` must be letters, digits and `_`, not starting with a digit");
            fields.diagnostics().push(Diagnostic::error(codes::CONFIG_VALUE, message).at(name_span));
        }
        let new_key = root.as_map().is_some_and(|map| map.get("data_tests").is_some());
        let mut config = Self::read_fields(&mut fields, name, if new_key { "data_tests" } else { "tests" });
        fields.accept(ACCEPTED);
        fields.accept(&["data_tests", "tests", "on-run-start", "on-run-end"]);
        let own = OVERLAY.map(|key| fields.node(key));
        fields.finish("the project file");
        let overlay = read_overlay(overlay, diagnostics);
        let [layers, history, docs] = std::array::from_fn(|at| own[at].or(overlay[at]));
        if let Some(node) = layers {
            config.layers = read_layers(node, diagnostics);
        }
        if let Some(node) = history {
            config.history = read_history(node, diagnostics);
        }
        if let Some(mut fields) = docs.and_then(|node| Fields::of(node, "`docs`", diagnostics)) {
            config.stylesheet = fields.placed_text("stylesheet");
            fields.finish("`docs`");
        }
        Some(config)
    }

    /// One of its resource trees.
    #[must_use]
    pub fn tree(&self, name: TreeName) -> &ConfigTree {
        static EMPTY: LazyLock<ConfigTree> = LazyLock::new(ConfigTree::default);
        self.trees.get(&name).unwrap_or(&EMPTY)
    }

    /// Remembers the resource trees as they were before their Jinja was rendered.
    pub fn set_unrendered(&mut self, root: &Node) {
        let Some(root) = root.as_map() else { return };
        for (name, tree) in &mut self.trees {
            let key = if *name == TreeName::Tests && root.get(name.key()).is_none() { "tests" } else { name.key() };
            if let Some(unrendered) = root.get(key).and_then(Node::as_map) {
                *tree = std::mem::take(tree).with_unrendered(unrendered.clone());
            }
        }
    }

    fn read_fields(fields: &mut Fields<'_, '_>, name: String, tests_key: &'static str) -> Self {
        let target_path = fields.text("target-path").unwrap_or_else(|| "target".to_owned());
        let tree = |fields: &mut Fields<'_, '_>, name: TreeName| {
            let key = if name == TreeName::Tests { tests_key } else { name.key() };
            ConfigTree::new(fields.mapping(key).cloned().unwrap_or_default())
        };
        ProjectConfig {
            version: fields.text("version"),
            profile: fields.placed_text("profile"),
            paths: paths(fields),
            clean_targets: fields.texts("clean-targets").unwrap_or_else(|| vec![target_path.clone()]),
            target_path,
            vars: fields.mapping("vars").map(Mapping::to_json).unwrap_or_default(),
            layers: Layers::default(),
            history: History::default(),
            stylesheet: None,
            on_run_start: fields.node("on-run-start").map(hooks).unwrap_or_default(),
            on_run_end: fields.node("on-run-end").map(hooks).unwrap_or_default(),
            require_dbt_version: fields
                .node("require-dbt-version")
                .map(|node| node.span)
                .and_then(|span| Some((fields.texts("require-dbt-version")?, span))),
            quoting: fields.mapping("quoting").map(Mapping::to_json).unwrap_or_default(),
            query_comment: query_comment(fields),
            dispatch: dispatch(fields),
            trees: TreeName::ALL.into_iter().map(|name| (name, tree(fields, name))).collect(),
            restrict_access: fields.flag("restrict-access").unwrap_or(false),
            name,
        }
    }
}

/// What the overlay says of each of its keys.
fn read_overlay<'n>(overlay: Option<&'n Node>, diagnostics: &mut Diagnostics) -> [Option<&'n Node>; OVERLAY.len()] {
    const NOTHING: [Option<&Node>; OVERLAY.len()] = [None; OVERLAY.len()];
    let Some(overlay) = overlay.filter(|node| !node.is_null()) else { return NOTHING };
    let Some(mut fields) = Fields::of(overlay, "`transform.yml`", diagnostics) else { return NOTHING };
    fields.accept(&OVERLAY);
    let found = OVERLAY.map(|key| fields.node(key));
    fields.finish("`transform.yml` beside a `dbt_project.yml`");
    found
}

fn paths(fields: &mut Fields<'_, '_>) -> Paths {
    // The names of dbt before 1.0, which old packages still use.
    let old = |key| match key {
        "model-paths" => Some("source-paths"),
        "seed-paths" => Some("data-paths"),
        _ => None,
    };
    let mut get = |key: &'static str, default: &str| {
        let given = fields.texts(key).or_else(|| fields.texts(old(key)?));
        given.unwrap_or_else(|| vec![default.to_owned()])
    };
    Paths {
        models: get("model-paths", "models"),
        seeds: get("seed-paths", "seeds"),
        tests: get("test-paths", "tests"),
        macros: get("macro-paths", "macros"),
        analyses: get("analysis-paths", "analyses"),
        snapshots: get("snapshot-paths", "snapshots"),
        functions: get("function-paths", "functions"),
        docs: fields.texts("docs-paths").unwrap_or_default(),
        packages: fields
            .text("packages-install-path")
            .or_else(|| fields.text("modules-path"))
            .unwrap_or_else(|| "dbt_packages".to_owned()),
    }
}

/// `query-comment: text` or `{comment: text, append: true}`; null and an empty text are no comment.
fn query_comment(fields: &mut Fields<'_, '_>) -> Option<QueryComment> {
    let node = fields.node("query-comment")?;
    let comment = match node.as_map() {
        None => QueryComment { comment: node.scalar()?, append: false, span: node.span },
        Some(_) => {
            let mut entry = Fields::of(node, "`query-comment`", fields.diagnostics())?;
            let comment = entry.placed_text("comment");
            let append = entry.node("append").and_then(Node::scalar).is_some_and(|text| text == "true");
            // Labels of jobs are BigQuery's.
            entry.accept(&["job-label", "job_label"]);
            entry.finish("`query-comment`");
            let (comment, span) = comment?;
            QueryComment { comment, append, span }
        }
    };
    (!comment.comment.trim().is_empty()).then_some(comment)
}

fn dispatch(fields: &mut Fields<'_, '_>) -> Vec<(String, Vec<String>)> {
    let items = fields.list("dispatch");
    let mut found = Vec::new();
    for item in items {
        let Some(mut entry) = Fields::of(item, "an entry of `dispatch`", fields.diagnostics()) else { continue };
        let namespace = entry.required_text("macro_namespace", item.span);
        let order = entry.texts("search_order").unwrap_or_default();
        entry.finish("an entry of `dispatch`");
        found.extend(namespace.map(|(namespace, _)| (namespace, order)));
    }
    found
}

fn read_layers(node: &Node, diagnostics: &mut Diagnostics) -> Layers {
    let mut layers = Layers::default();
    let Some(mut fields) = Fields::of(node, "`layers`", diagnostics) else { return layers };
    if let Some(names) = fields.texts("names") {
        layers.names = names;
    }
    // `off` without quotes is the boolean false to YAML.
    let direction = fields.node("direction").map(|node| (node.scalar().unwrap_or_default(), node.span));
    if let Some((text, span)) = direction {
        layers.direction = match text.as_str() {
            "error" => LayerDirection::Reported(Severity::Error),
            "warn" => LayerDirection::Reported(Severity::Warning),
            "off" | "false" => LayerDirection::Off,
            _ => {
                let message = format!("`direction` is one of {}, not `{text}`", quoted_list(&["error", "warn", "off"]));
                fields.diagnostics().push(Diagnostic::error(codes::CONFIG_VALUE, message).at(span));
                layers.direction
            }
        };
    }
    fields.finish("`layers`");
    layers
}

/// `history: {enabled: true, retention_days: 90}`.
fn read_history(node: &Node, diagnostics: &mut Diagnostics) -> History {
    let mut history = History::default();
    let Some(mut fields) = Fields::of(node, "`history`", diagnostics) else { return history };
    if let Some(enabled) = fields.flag("enabled") {
        history.enabled = enabled;
    }
    if let Some(node) = fields.node("retention_days") {
        match node.scalar().and_then(|text| text.parse().ok()).filter(|days| *days > 0) {
            Some(days) => history.retention_days = days,
            None => {
                let message = "`retention_days` is a whole number of days from 1 on";
                fields.diagnostics().push(Diagnostic::error(codes::CONFIG_VALUE, message).at(node.span));
            }
        }
    }
    fields.finish("`history`");
    history
}

fn is_package_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The texts of a hook or of a list of them; what is neither text nor mapping of `sql` is none.
fn hooks(node: &Node) -> Vec<(String, Span)> {
    if let Some(items) = node.as_list() {
        return items.iter().flat_map(hooks).collect();
    }
    let text = node.as_text().map(|text| (text.to_owned(), node.span));
    let sql = node.as_map().and_then(|map| map.get("sql")).and_then(|sql| Some((sql.as_text()?.to_owned(), sql.span)));
    text.or(sql).into_iter().collect()
}
