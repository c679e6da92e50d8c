//! The list of flags: dbt's names, defaults and commands. The command line, the environment, `flags:` of project files, `flags` of
//! templates and `args` of the run results are all made from it.

use super::Flag;

/// The prefix of environment variables that is reserved for flags.
pub(super) const ENGINE_PREFIX: &str = "DBT_ENGINE_";

/// The flag of a name.
#[must_use]
pub(super) fn flag_named(name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.name == name)
}

const LEVELS: &[&str] = &["debug", "info", "warn", "error", "none"];
const FORMATS: &[&str] = &["text", "debug", "json", "default"];
/// Commands that run nodes.
const RUNS: &[&str] = &["run", "test", "build", "seed", "snapshot"];
/// Commands that build models.
const BUILDS: &[&str] = &["run", "build"];
const REFRESHES: &[&str] = &["run", "build", "seed", "compile", "show", "clone", "retry", "test", "snapshot"];
const COMPILES: &[&str] = &["compile", "show"];

/// Commands that look at the SQL of nodes before they run them.
const CHECKS: &[&str] = &["run", "test", "build", "snapshot", "compile", "retry"];

/// Every flag.
pub static FLAGS: &[Flag] = &[
    // Where the project is and where it runs.
    Flag::text("project_dir", "DIR")
        .help("The folder of the project [default: the working folder or the nearest one above with a project file]"),
    Flag::text("profiles_dir", "DIR")
        .help("The folder of `profiles.yml` [default: the project, the working folder, ~/.dbt]"),
    Flag::text("profile", "NAME").help("The profile, instead of the project's"),
    Flag::text("target", "NAME").short('t').help("The target of the profile, instead of its default"),
    Flag::text("target_path", "DIR").help("The folder of generated files, instead of the project's"),
    Flag::text("vars", "YAML").without_variable().help("Variables as a YAML mapping: '{name: value}'"),
    Flag::number("threads", None).help("How many nodes run at once"),
    Flag::switch("single_threaded", false),
    // What is said, and where.
    Flag::choice("log_format", FORMATS, Some("default"))
        .named("FORMAT")
        .help("How messages are written: text, json, debug"),
    Flag::choice("log_level", LEVELS, Some("info"))
        .named("LEVEL")
        .help("The least important messages to show: debug, info, warn, error, none"),
    Flag::switch("debug", false).short('d').help("Show everything that happens: `--log-level debug`"),
    Flag::switch("quiet", false).short('q').help("Print errors only"),
    Flag::switch("print", true),
    Flag::switch("use_colors", true).help("Print without colours (also NO_COLOR)"),
    Flag::text("log_path", "DIR").help("The folder of the log file [default: logs]"),
    Flag::choice("log_format_file", FORMATS, Some("debug")).named("FORMAT").help("How the log file is written"),
    Flag::choice("log_level_file", LEVELS, Some("debug"))
        .named("LEVEL")
        .help("The least important messages of the log file"),
    Flag::number("log_file_max_bytes", Some(10 * 1024 * 1024)),
    Flag::switch("use_colors_file", true),
    Flag::number("printer_width", Some(80)),
    Flag::switch("write_json", true).help("Write no artifacts"),
    Flag::switch("log_cache_events", false),
    Flag::switch("macro_debugging", false),
    Flag::text("record_timing_info", "FILE").short('r').without_variable(),
    Flag::switch("show_resource_report", false),
    Flag::switch("show_all_deprecations", false).without_variable(),
    // What warnings are.
    Flag::switch("warn_error", false).help("Warnings are errors"),
    Flag::text("warn_error_options", "YAML")
        .help("Which warnings are errors and which are not said: '{error: [..], warn: [..], silence: [..]}'"),
    // What is compared with an earlier state.
    Flag::text("state", "DIR")
        .old_variable("DBT_ARTIFACT_STATE_PATH")
        .help("The folder of an earlier state's artifacts"),
    Flag::switch("defer", false)
        .old_variable("DBT_DEFER_TO_STATE")
        .help("Read what is not selected from the relations of `--state`"),
    Flag::text("defer_state", "DIR").help("The folder of artifacts for `--defer`, instead of `--state`"),
    Flag::switch("favor_state", false)
        .old_variable("DBT_FAVOR_STATE_MODE")
        .help("With `--defer`: read from there even what exists here"),
    Flag::choice("indirect_selection", &["eager", "cautious", "buildable", "empty"], Some("eager"))
        .named("MODE")
        .help("Which tests come along with the nodes that they test: eager, cautious, buildable, empty"),
    // How nodes run.
    Flag::switch("fail_fast", false).short('x').help("Stop at the first failure"),
    Flag::mark("full_refresh").short('f').on(REFRESHES).help("Make incremental models and seeds anew"),
    Flag::mark("store_failures").on(&["test", "build"]).help("Keep the failing rows of every test as a table"),
    Flag::switch("empty", false)
        .on(&["run", "build", "compile", "snapshot", "seed"])
        .help("Read no rows of anything: a run that only checks"),
    Flag::text("sample", "WINDOW")
        .on(BUILDS)
        .help("Read only this window of inputs with an `event_time`: '3 days', '{start: .., end: ..}'"),
    Flag::text("event_time_start", "TIME").on(BUILDS).help("The start of the event times that microbatch models build"),
    Flag::text("event_time_end", "TIME").on(BUILDS).help("The end of the event times that microbatch models build"),
    Flag::mark("show").on(&["seed", "build"]).without_variable().help("Show the first rows of each seed"),
    Flag::switch("export_saved_queries", false).on(&["build"]),
    Flag::switch("introspect", true).on(COMPILES).help("Do not let templates query the engine"),
    Flag::choice("static_analysis", &["off", "baseline", "strict"], Some("baseline"))
        .named("MODE")
        .on(CHECKS)
        .help("What is checked of the SQL before anything runs: off, baseline, strict"),
    Flag::switch("inject_ephemeral_ctes", true).on(&["compile"]).without_variable(),
    Flag::switch("cache_selected_only", false),
    Flag::switch("populate_cache", true),
    Flag::switch("use_fast_test_edges", false),
    Flag::switch("partial_parse", true).help("Read every file anew, whatever is kept of what was read before"),
    // What only dbt has: accepted.
    Flag::switch("partial_parse_file_diff", true),
    Flag::text("partial_parse_file_path", "FILE"),
    Flag::switch("static_parser", true),
    Flag::switch("use_experimental_parser", false),
    Flag::switch("use_v2_parser", false),
    Flag::switch("version_check", true),
    Flag::switch("send_anonymous_usage_stats", false),
    Flag::switch("upload_to_artifacts_ingest_api", false),
    Flag::text("sqlparse", "YAML").on(RUNS),
    Flag::number("maximum_seed_size_mib", None),
    Flag::switch("snowflake_projects_otel", false),
];
