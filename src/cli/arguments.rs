//! The arguments of the command line, with dbt's names.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// SQL-first data transformation: compile, test and run dbt projects.
#[derive(Debug, Parser)]
#[command(name = "transform", version, max_term_width = 120)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Arguments that every command takes, before or behind its name.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Global {
    /// The folder of the project [default: the working folder or the nearest one above with a project file]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) project_dir: Option<PathBuf>,
    /// The folder of `profiles.yml` [default: the project, the working folder, ~/.dbt]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) profiles_dir: Option<PathBuf>,
    /// The profile, instead of the project's
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// The target of the profile, instead of its default
    #[arg(long, short, global = true, value_name = "NAME", env = "DBT_TARGET")]
    pub(super) target: Option<String>,
    /// The folder of generated files, instead of the project's
    #[arg(long, global = true, value_name = "DIR", env = "DBT_TARGET_PATH")]
    pub(super) target_path: Option<String>,
    /// Variables as a YAML mapping: '{name: value}'
    #[arg(long, global = true, value_name = "YAML")]
    pub(super) vars: Option<String>,
    /// How many nodes run at once
    #[arg(long, global = true, value_name = "N", value_parser = at_least_one)]
    pub(super) threads: Option<usize>,
    /// How messages are written
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", env = "DBT_LOG_FORMAT")]
    pub(super) log_format: LogFormat,
    /// The least important messages to show
    #[arg(long, global = true, value_name = "LEVEL", default_value = "info", env = "DBT_LOG_LEVEL")]
    pub(super) log_level: LogLevel,
    /// Show everything that happens: `--log-level debug`
    #[arg(long, short, global = true)]
    pub(super) debug: bool,
    /// Print errors only
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) _ignored: IgnoredFlags,
    /// Print without colours (also NO_COLOR)
    #[arg(long, global = true)]
    pub(super) no_use_colors: bool,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| "a whole number from 1 on is needed".to_owned())
}

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// The least important messages to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogLevel {
    /// Everything
    Debug,
    /// What happens
    #[default]
    Info,
    /// What may be wrong
    Warn,
    /// What is wrong
    Error,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a new project
    Init(InitArgs),
    /// Check the project, the profile and the connection
    Debug,
    /// Read the project and write target/manifest.json
    Parse,
    /// Write the SQL of the selected nodes to target/compiled
    Compile(CompileArgs),
    /// List the selected nodes
    #[command(alias = "list")]
    Ls(LsArgs),
    /// Build the selected models
    Run(BuildArgs),
    /// Run the selected tests
    Test(BuildArgs),
    /// Build and test the selected models, seeds and tests in the order of the graph
    Build(BuildArgs),
    /// Load the selected seeds
    Seed(BuildArgs),
    /// Show the rows of a model or of a query
    Show(ShowArgs),
    /// Run a macro
    #[command(name = "run-operation")]
    RunOperation(RunOperationArgs),
    /// Remove generated files
    Clean,
    /// Explain a diagnostic code
    Explain(ExplainArgs),
    /// A command of dbt that is not there yet
    #[command(
        name = "snapshot",
        aliases = ["clone", "deps", "docs", "freshness", "retry", "source"],
        hide = true,
        disable_help_flag = true
    )]
    NotYet(NotYetArgs),
}

/// Which nodes.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct SelectArgs {
    /// Nodes to take: [@][N+][method:]value[+N]; several are joined, commas intersect
    #[arg(long, short, visible_alias = "models", short_alias = 'm', num_args = 1.., value_name = "SELECTION")]
    pub(super) select: Vec<String>,
    /// Nodes to leave out
    #[arg(long, num_args = 1.., value_name = "SELECTION")]
    pub(super) exclude: Vec<String>,
    /// Kinds of resource to take
    #[arg(long, visible_alias = "resource-types", num_args = 1.., value_name = "TYPE")]
    pub(super) resource_type: Vec<String>,
    /// Kinds of resource to leave out
    #[arg(long, visible_alias = "exclude-resource-types", num_args = 1.., value_name = "TYPE")]
    pub(super) exclude_resource_type: Vec<String>,
    /// Which tests come along with the nodes that they test
    #[arg(long, value_name = "MODE", default_value = "eager")]
    pub(super) indirect_selection: Indirect,
}

/// Which tests come along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Indirect {
    /// Tests with any selected parent
    #[default]
    Eager,
    /// Tests of which all parents are selected
    Cautious,
    /// Only tests that are named
    Empty,
}

/// `run`, `test`, `build`, `seed`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct BuildArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Make incremental models and seeds anew
    #[arg(long, short)]
    pub(super) full_refresh: bool,
    /// Stop at the first failure
    #[arg(long, short = 'x')]
    pub(super) fail_fast: bool,
    /// Keep the failing rows of every test as a table
    #[arg(long)]
    pub(super) store_failures: bool,
}

/// `compile`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct CompileArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// A query to compile instead of nodes
    #[arg(long, value_name = "SQL")]
    pub(super) inline: Option<String>,
    /// Compile incremental models as for their first run
    #[arg(long, short)]
    pub(super) full_refresh: bool,
}

/// `ls`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct LsArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// What to print of each node
    #[arg(long, short, value_name = "FORMAT", default_value = "selector")]
    pub(super) output: LsOutput,
    /// The keys of JSON output, dotted for nested ones
    #[arg(long, num_args = 1.., value_name = "KEY")]
    pub(super) output_keys: Vec<String>,
}

/// What `ls` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LsOutput {
    /// What `--select` takes
    #[default]
    Selector,
    /// The name
    Name,
    /// The file
    Path,
    /// A JSON object a line
    Json,
}

/// `show`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// A query to run instead of a model's
    #[arg(long, value_name = "SQL")]
    pub(super) inline: Option<String>,
    /// The most rows to show; -1 for all
    #[arg(long, default_value_t = 5, allow_negative_numbers = true, value_name = "N")]
    pub(super) limit: i64,
    /// How rows are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: ShowOutput,
}

/// How `show` writes rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowOutput {
    /// A table
    #[default]
    Text,
    /// A JSON object
    Json,
}

/// `run-operation`.
#[derive(Clone, Debug, Args)]
pub(super) struct RunOperationArgs {
    /// The macro, as `name` or `package.name`
    #[arg(value_name = "MACRO")]
    pub(super) name: String,
    /// Its arguments as a YAML mapping: '{name: value}'
    #[arg(long, value_name = "YAML", default_value = "{}")]
    pub(super) args: String,
}

/// `init`.
#[derive(Clone, Debug, Args)]
pub(super) struct InitArgs {
    /// The name of the project and of its folder
    pub(super) name: String,
}

/// The commands of dbt that are not there yet take any arguments.
#[derive(Clone, Debug, Args)]
pub(super) struct NotYetArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _rest: Vec<String>,
}

/// Flags of dbt that scripts pass and that change nothing here.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct IgnoredFlags {
    #[arg(long = "partial-parse", global = true, hide = true)]
    _partial_parse: bool,
    #[arg(long = "no-partial-parse", global = true, hide = true)]
    _no_partial_parse: bool,
    #[arg(long = "version-check", global = true, hide = true)]
    _version_check: bool,
    #[arg(long = "no-version-check", global = true, hide = true)]
    _no_version_check: bool,
    #[arg(long = "use-colors", global = true, hide = true)]
    _use_colors: bool,
    #[arg(long = "no-send-anonymous-usage-stats", global = true, hide = true)]
    _no_send_anonymous_usage_stats: bool,
    #[arg(long = "no-populate-cache", global = true, hide = true)]
    _no_populate_cache: bool,
    #[arg(long = "log-path", global = true, hide = true, value_name = "DIR")]
    _log_path: Option<String>,
}

/// `explain`.
#[derive(Clone, Debug, Args)]
pub(super) struct ExplainArgs {
    /// The code, such as T0301; all of them where absent
    pub(super) code: Option<String>,
}
