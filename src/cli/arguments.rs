//! The arguments of the commands, with dbt's names. What several commands share, the environment can set or templates can see is
//! no argument but a flag: see [`crate::session::Flags`].

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::PointInTime;

/// SQL-first data transformation: compile, test and run dbt projects.
#[derive(Debug, Parser)]
#[command(name = "transform", version, max_term_width = 120)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a new project
    Init(InitArgs),
    /// Check the project, the profile and the connection
    Debug(DebugArgs),
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
    /// Show where the columns of a node come from, or what is made of them
    Lineage(LineageArgs),
    /// List the versions of a node's table
    History(HistoryArgs),
    /// List the last commands that ran nodes, or what one of them did
    Runs(RunsArgs),
    /// Make a node's table what it was in an earlier version
    Rollback(RollbackArgs),
    /// Bring the selected snapshots up to date
    Snapshot(BuildArgs),
    /// Make views on the relations of an earlier state
    Clone(BuildArgs),
    /// Look at the sources
    #[command(subcommand)]
    Source(SourceCommand),
    /// Run a macro
    #[command(name = "run-operation")]
    RunOperation(RunOperationArgs),
    /// Install the packages of packages.yml
    Deps(DepsArgs),
    /// Run again what failed or was skipped in the last command, with its arguments
    Retry,
    /// Write the files of the documentation
    #[command(subcommand)]
    Docs(DocsCommand),
    /// Put the small files of tables together, remove old versions, and drop relations that no node has any more
    Maintain(MaintainArgs),
    /// Remove generated files
    Clean,
    /// Make data to try the tool on
    #[cfg(feature = "datafusion")]
    #[command(subcommand)]
    Generate(GenerateCommand),
    /// Explain a diagnostic code
    Explain(ExplainArgs),
}

/// Which nodes.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct SelectArgs {
    /// Nodes to take: [@][N+][method:]value[+N]; several are joined, commas intersect
    #[arg(long, short, num_args = 1.., value_name = "SELECTION")]
    pub(super) select: Vec<String>,
    /// The same as --select; of `ls`, models alone
    #[arg(long, short, alias = "model", num_args = 1.., value_name = "SELECTION")]
    pub(super) models: Vec<String>,
    /// Nodes to leave out
    #[arg(long, num_args = 1.., value_name = "SELECTION")]
    pub(super) exclude: Vec<String>,
    /// Kinds of resource to take
    #[arg(long, visible_alias = "resource-types", num_args = 1.., value_name = "TYPE")]
    pub(super) resource_type: Vec<String>,
    /// Kinds of resource to leave out
    #[arg(long, visible_alias = "exclude-resource-types", num_args = 1.., value_name = "TYPE")]
    pub(super) exclude_resource_type: Vec<String>,
    /// A selection of `selectors.yml`, instead of --select
    #[arg(long, value_name = "NAME")]
    pub(super) selector: Option<String>,
}

impl Command {
    /// The command with `--models` put to `--select`, where both mean the same.
    pub(super) fn settled(mut self) -> Self {
        if let Some(args) = self.select_args() {
            args.select.append(&mut args.models);
        }
        self
    }

    /// Which nodes, of commands other than `ls`.
    fn select_args(&mut self) -> Option<&mut SelectArgs> {
        Some(match self {
            Command::Compile(args) => &mut args.select,
            Command::Show(args) => &mut args.select,
            Command::Docs(DocsCommand::Generate(args)) => &mut args.select,
            Command::Source(SourceCommand::Freshness(args)) => &mut args.select,
            Command::Clone(args) => &mut args.select,
            Command::Maintain(args) => &mut args.select,
            Command::Run(args)
            | Command::Test(args)
            | Command::Build(args)
            | Command::Seed(args)
            | Command::Snapshot(args) => &mut args.select,
            _ => return None,
        })
    }
}

/// `run`, `test`, `build`, `seed`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct BuildArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
}

/// `compile`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct CompileArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// A query to compile instead of nodes
    #[arg(long, value_name = "SQL", conflicts_with_all = ["select", "models"])]
    pub(super) inline: Option<String>,
    /// How SQL is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: ShowOutput,
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
    #[arg(long, value_name = "SQL", conflicts_with_all = ["select", "models"])]
    pub(super) inline: Option<String>,
    /// A node whose new version its tests refused: shows that version
    #[arg(long, value_name = "NAME", conflicts_with_all = ["inline", "select", "models"])]
    pub(super) rejected: Option<String>,
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

/// `lineage`.
#[derive(Clone, Debug, Args)]
pub(super) struct LineageArgs {
    /// The nodes, or a column of one: `orders`, `orders.total`, `source:raw.orders.id`, `tag:gold`
    #[arg(value_name = "SELECTION[.COLUMN]")]
    pub(super) name: String,
    /// Follow what the columns are made of
    #[arg(long, conflicts_with = "downstream")]
    pub(super) upstream: bool,
    /// Follow what is made of the columns
    #[arg(long)]
    pub(super) downstream: bool,
    /// Follow so many steps; to the end where it is not given
    #[arg(long, value_name = "N")]
    pub(super) depth: Option<usize>,
    /// Show only where the ways end: at the columns that are made of no others, or of which none is made
    #[arg(long, conflicts_with = "depth")]
    pub(super) ends: bool,
    /// Follow also the columns that only decide about rows: filters, joins, groups, orders, windows
    #[arg(long)]
    pub(super) influences: bool,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: LineageFormat,
}

/// How lineage is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LineageFormat {
    /// A tree below each column
    #[default]
    Text,
    /// A JSON object of columns and edges
    Json,
    /// A flowchart of Mermaid
    Mermaid,
    /// A graph of Graphviz
    Dot,
    /// A line for each edge
    Csv,
    /// A picture
    Svg,
}

/// `history`.
#[derive(Clone, Debug, Args)]
pub(super) struct HistoryArgs {
    /// The node
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// The most versions to list; -1 for all
    #[arg(long, default_value_t = 10, allow_negative_numbers = true, value_name = "N")]
    pub(super) limit: i64,
    /// How versions are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: ShowOutput,
}

/// `runs`.
#[derive(Clone, Debug, Args)]
pub(super) struct RunsArgs {
    /// The command whose nodes are listed: its id or the beginning of it, or `last`
    #[arg(value_name = "INVOCATION")]
    pub(super) invocation: Option<String>,
    /// The most commands to list
    #[arg(long, default_value = "20", value_name = "N")]
    pub(super) limit: NonZeroUsize,
    /// How they are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) output: ShowOutput,
}

/// `rollback`.
#[derive(Clone, Debug, Args)]
pub(super) struct RollbackArgs {
    /// The node
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// The version: its number, or a time, which means the last one that was made by then
    #[arg(long, value_name = "VERSION")]
    pub(super) to: PointInTime,
}

/// `maintain`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct MaintainArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Drop the relations that were made for nodes of this project which it does not have any more
    #[arg(long)]
    pub(super) drop_unowned: bool,
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

impl ShowOutput {
    /// Its name on the command line.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            ShowOutput::Text => "text",
            ShowOutput::Json => "json",
        }
    }
}

/// `docs`.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum DocsCommand {
    /// Write the documentation site, and target/manifest.json and target/catalog.json, which other tools read
    Generate(DocsGenerateArgs),
    /// Serve the documentation site on this machine, anew whenever the project changes
    Serve(DocsServeArgs),
    /// Tell how the project differs from the earlier state that --state names
    Diff(DocsDiffArgs),
}

/// `docs serve`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct DocsServeArgs {
    #[command(flatten)]
    pub(super) site: SiteArgs,
    /// The port; 0 for any that is free
    #[arg(long, default_value_t = 8080, value_name = "N")]
    pub(super) port: u16,
    /// Do not look for changes of the project
    #[arg(long)]
    pub(super) no_watch: bool,
}

/// `docs diff`.
#[derive(Clone, Debug, Args)]
pub(super) struct DocsDiffArgs {
    /// How the differences are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: DiffFormat,
}

/// How differences are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For people
    Text,
    /// For a comment on a change, with a picture of what it reaches
    Markdown,
    /// For programs
    Json,
}

/// `docs generate`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct DocsGenerateArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Do not compile the nodes first
    #[arg(long, overrides_with = "_compile")]
    pub(super) no_compile: bool,
    #[arg(long = "compile", hide = true)]
    pub(super) _compile: bool,
    /// Look nothing up in the database: a catalog without relations
    #[arg(long)]
    pub(super) empty_catalog: bool,
    #[command(flatten)]
    pub(super) site: SiteArgs,
    /// Write the site as one file
    #[arg(long, alias = "static")]
    pub(super) single_file: bool,
    /// Where the site is written: a folder, or with --single-file a file
    #[arg(long, value_name = "PATH")]
    pub(super) output: Option<PathBuf>,
}

/// What a documentation site shows.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct SiteArgs {
    /// Leave out the SQL of the nodes
    #[arg(long)]
    pub(super) no_sql: bool,
}

/// `source`.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// Tell how old the newest rows of the sources are
    #[command(alias = "snapshot-freshness")]
    Freshness(FreshnessArgs),
}

/// `source freshness`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct FreshnessArgs {
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// The file to write, instead of target/sources.json
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<std::path::PathBuf>,
}

/// `debug`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct DebugArgs {
    /// Check the connection alone
    #[arg(long)]
    pub(super) connection: bool,
    /// Print the folder of `profiles.yml`, and nothing else
    #[arg(long)]
    pub(super) config_dir: bool,
}

/// `init`.
#[derive(Clone, Debug, Args)]
pub(super) struct InitArgs {
    /// The name of the project and of its folder
    pub(super) name: String,
}

/// `generate`.
#[cfg(feature = "datafusion")]
#[derive(Clone, Debug, Subcommand)]
pub(super) enum GenerateCommand {
    /// Write the raw files of the example project, at any scale
    Retail(RetailArgs),
}

/// `generate retail`.
#[cfg(feature = "datafusion")]
#[derive(Clone, Debug, Args)]
pub(super) struct RetailArgs {
    /// How many times the rows of the example; 1 gives its very files, 1000 two million order lines
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) scale: u32,
    /// The folder to write, which is new or empty
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: std::path::PathBuf,
    /// What the rows differ in that are not the example's own; the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
}

/// `explain`.
#[derive(Clone, Debug, Args)]
pub(super) struct ExplainArgs {
    /// The code, such as T0301; all of them where absent
    pub(super) code: Option<String>,
}

/// `deps`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct DepsArgs {
    /// Write package-lock.yml and install nothing
    #[arg(long)]
    pub(super) lock: bool,
    /// Choose versions anew, whatever package-lock.yml says
    #[arg(long)]
    pub(super) upgrade: bool,
    /// A package to add to packages.yml first: name@version
    #[arg(long, value_name = "PACKAGE")]
    pub(super) add_package: Option<String>,
    /// Where the package to add comes from
    #[arg(long, value_name = "SOURCE", default_value = "hub")]
    pub(super) source: DepsSource,
}

/// Where a package to add comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DepsSource {
    /// The hub of packages
    #[default]
    Hub,
    /// A git repository
    Git,
    /// A folder
    Local,
}
