//! The codes of diagnostics, each with the long text that `transform explain` prints.

use std::fmt;

/// A kind of problem. Codes are never reused; the hundreds group them by stage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `T` and four digits.
    pub id: &'static str,
    /// What went wrong, in a few words.
    pub title: &'static str,
    /// The long text, Markdown.
    pub explanation: &'static str,
}

impl Code {
    /// dbt's word for this kind of error, which its users look for in logs.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self.id.get(1..).and_then(|number| number.parse::<u16>().ok()) {
            Some(103) => "Usage Error",
            // What cannot be written was read well enough.
            Some(104 | 120..=139) => "Runtime Error",
            Some(101..=119 | 140..=159) => "Parsing Error",
            Some(210) => "Parsing Error: Env var required but not provided",
            Some(200..=399) => "Compilation Error",
            Some(400..=499) => "Usage Error",
            Some(500..=599) => "Database Error",
            Some(600..=699) => "Test Failure",
            _ => "Internal Error",
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// All codes as constants, and [`ALL`](codes::ALL).
macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $explanation:literal;)*) => {
        /// The codes, one constant each.
        pub mod codes {
            use super::Code;
            $(
                #[doc = $title]
                pub const $name: Code = Code { id: $id, title: $title, explanation: $explanation };
            )*
            /// Every code, in the order of their ids.
            pub const ALL: &[Code] = &[$($name),*];
        }
    };
}

codes! {
    FILE_UNREADABLE = "T0101", "a file or folder cannot be read", "\
The file exists in the project but could not be read: its permissions forbid it, it is a folder where a file was expected, \
or the disk failed. The operating system's own words are in the message.";
    FILE_NOT_UTF8 = "T0102", "a file is not UTF-8 text", "\
SQL, YAML and macro files are read as UTF-8. The message names the byte where the text stops being UTF-8. Convert the file, \
for instance with `iconv -f latin1 -t utf-8`.";
    NO_PROJECT = "T0103", "no project was found", "\
A project is a folder with a `dbt_project.yml` or a `transform.yml`. Without `--project-dir` it is looked for in the working \
folder and the folders above it. `transform init <name>` makes a new one.";
    FILE_UNWRITABLE = "T0104", "a file cannot be written", "\
An artifact or a table could not be written: the target folder is read-only, the disk is full, or a file stands where a \
folder is needed.";
    YAML_SYNTAX = "T0110", "a YAML file is malformed", "\
The file is not valid YAML. Frequent causes: a tab used for indentation, a value with `: ` inside that is not quoted, a Jinja \
expression `{{ … }}` at the start of a value that is not quoted.";
    YAML_TYPE = "T0111", "a YAML value has the wrong type", "\
A key holds another kind of value than it should: a list where a text is expected, for instance.";
    YAML_UNKNOWN_KEY = "T0112", "a YAML key is not known", "\
The key is not one that this file or resource has. Its value is kept in no place; nothing reads it. Usually a typing error; \
the hint names the nearest known key. Keys of your own belong under `meta`.";
    YAML_MISSING_KEY = "T0113", "a required YAML key is missing", "\
The resource cannot be read without this key.";
    YAML_DUPLICATE_KEY = "T0114", "a YAML mapping has a key twice", "\
The last value counts, the others are lost. Usually a block was copied and not changed.";
    CONFIG_VALUE = "T0120", "a config has a value that it cannot have", "\
A config such as `materialized` or `severity` was given a value outside the ones it accepts.";
    PROFILE_NOT_FOUND = "T0130", "a profile or target does not exist", "\
`profile:` in the project file names a profile of `profiles.yml`, and `--target` (or the profile's `target:`) one of its \
outputs. Remove `profile:` to run on the embedded engine over a lake in the project.";
    PROFILE_INVALID = "T0131", "a profile cannot be used", "\
An output of `profiles.yml` lacks a key or holds a value that its engine does not understand.";
    ENGINE_UNAVAILABLE = "T0132", "the target's engine is not part of this binary", "\
The profile's `type` names an engine that this binary does not have. The project can still be parsed, listed and compiled. \
To run it here, choose another `--target`, or remove the profile to use the embedded engine.";
    DUPLICATE_NAME = "T0140", "two resources have the same name", "\
`ref` finds a model, seed or snapshot by its name, so a name may stand only once in a package. Both places are shown.";
    DUPLICATE_RELATION = "T0141", "two resources make the same relation", "\
Two nodes would write the same table or view, and the last one would win. Give one of them another `alias` or `schema`.";
    NOT_DESCRIBED = "T0142", "properties describe a resource that does not exist", "\
A property file names a model, seed or macro that no file defines. The properties are ignored. Usually the file was renamed.";
    PACKAGES_MISSING = "T0143", "packages are not installed", "\
`packages.yml` or `dependencies.yml` lists packages, but the folder of installed packages holds none. Macros and models of \
those packages are missed where they are used.";
    PACKAGE_UNAVAILABLE = "T0144", "a package cannot be installed", "\
`deps` could not get a package: the hub or the repository does not answer or does not have it, no version satisfies everything that \
is required, or the archive is damaged. What was installed before is left as it was.";
    DBT_VERSION_REQUIRED = "T0145", "a project requires another version of dbt", "\
`require-dbt-version` of the project or of a package names versions of dbt whose language this is not. `--no-version-check` tries \
it all the same.";
    UNUSED_CONFIG_PATH = "T0146", "configs of the project file apply to nothing", "\
A folder below `models:`, `seeds:` and the like holds no resource of that kind, so that its configs apply to nothing. Usually the \
folder was renamed or its name is misspelt; the first name below the kind is that of the project or of a package.";
    NOT_SUPPORTED_YET = "T0150", "a feature of dbt is not supported yet", "\
The project uses a feature that this version reads over: nothing is built or checked for it. The rest of the project works. \
The message says what is left out.";
    JINJA_SYNTAX = "T0201", "a Jinja template is malformed", "\
The template cannot be read: an unclosed `{{`, `{%` or block, or an expression that is not Jinja.";
    JINJA_RUNTIME = "T0202", "a Jinja template failed", "\
An expression of the template failed when it was evaluated: an undefined value was used, a function got arguments that it does \
not take, or an operation does not fit its operands.";
    JINJA_UNDEFINED = "T0203", "a Jinja name is not defined", "\
The template uses a name that is neither a variable, nor a macro of the project or its packages, nor one of the built-in \
functions.";
    JINJA_RAISED = "T0204", "the project raised an error", "\
A macro called `exceptions.raise_compiler_error`. The message is the project's own.";
    ENV_VAR_MISSING = "T0210", "an environment variable is not set", "\
`env_var('NAME')` was used without a default and the variable is not set. Set it, or give a default: `env_var('NAME', '…')`.";
    VAR_MISSING = "T0211", "a variable is not defined", "\
`var('name')` was used without a default and neither `--vars` nor `vars:` of the project defines it.";
    ENV_VAR_SECRET = "T0212", "a secret is used where it would be written down", "\
Variables whose name starts with `DBT_ENV_SECRET` may be used in profiles and package files only: compiled SQL is written to \
disk, and the secret with it.";
    PYTHON_MODEL = "T0220", "a Python model cannot be read or run", "\
A model in a `.py` file is one function `def model(dbt, session)`. What it refers to and sets has to be written as literals, so that it \
is known before anything runs. No engine of this binary runs Python: such a model is part of the graph and of the artifacts, and is \
refused when it is built.";
    UNKNOWN_REF = "T0301", "`ref` names a node that does not exist", "\
`ref('x')` needs a model, seed or snapshot called `x` in this project or the package that is named.";
    UNKNOWN_SOURCE = "T0302", "`source` names a table that is not declared", "\
`source('a', 'b')` needs a source `a` with a table `b` in some property file.";
    DISABLED_DEPENDENCY = "T0303", "a dependency is disabled", "\
The node that is referred to exists, but its config says `enabled: false`.";
    CYCLE = "T0304", "the graph has a cycle", "\
The nodes depend on each other in a circle, so none can be built first. The message shows the whole circle.";
    LAYER_DIRECTION = "T0305", "an edge runs against the layers", "\
Data flows from sources to bronze, silver and gold. A bronze model that reads a gold one, or a gold model that reads a source, \
breaks this. `layers: {direction: error|warn|off}` in the project file sets how strict that is.";
    UNKNOWN_TEST = "T0306", "a generic test does not exist", "\
The test named in a property file is neither built in nor defined by a `{% test %}` block of the project or a package.";
    UNKNOWN_MACRO = "T0307", "a macro does not exist", "\
No macro of that name is defined in the project, its packages or the built-ins.";
    DEPENDENCY_NOT_INFERRED = "T0308", "a dependency was not seen when the project was read", "\
The order of a run is known before anything runs, from the references that are met while the project is read. A `ref` behind \
`execute`, `is_incremental()` or inside `statement` is not met then. Name it in a remark: `-- depends_on: {{ ref('x') }}`.";
    TEST_ARGUMENTS = "T0309", "a test is asked for with other arguments than it takes", "\
The arguments of a generic test in a property file are those of its `{% test %}` block: each is known, and those without a \
default are given. `model` and `column_name` come by themselves.";
    ACCESS = "T0310", "a model may not be referred to from here", "\
A model with `access: private` is for the nodes of its group; one with `access: protected` for its own package, when that package \
says `restrict-access: true`. Make the model `public`, put the reader into the group, or read another model.";
    UNKNOWN_GROUP = "T0311", "a group does not exist", "\
The config `group` names a group that no property file declares under `groups:`.";
    UNIT_TEST = "T0312", "a unit test cannot be understood", "\
A unit test names a model, and gives rows for what the model reads and rows to expect. The message says which part is missing \
or does not fit.";
    SELECTOR_SYNTAX = "T0401", "a selection cannot be read", "\
A selection is `[@][N+][method:]value[+N]`; a space between two of them is their union, a comma their intersection.";
    SELECTOR_EMPTY = "T0402", "a selection matches nothing", "\
No node of the project is selected. Nothing is run.";
    SELECTOR_PART_EMPTY = "T0403", "a part of a selection matches nothing", "\
This part of the selection names no node of the project. The other parts are used.";
    STATE_UNREADABLE = "T0404", "an artifact of an earlier invocation cannot be read", "\
`--state` names a folder with the artifacts of an earlier invocation, of ours or of dbt's (manifests from version 7 on). The \
file is damaged, is something else, or is too old.";
    STATE_MISSING = "T0405", "the artifacts of an earlier invocation are missing", "\
`state:`, `result:` and `source_status:` compare with an earlier invocation: `--state` names a folder with its `manifest.json`, \
`run_results.json` or `sources.json`.";
    CONTRACT_BROKEN = "T0406", "a model breaks the contract that it had", "\
Compared with the earlier state, the model no longer promises a column or a type that others may rely on, or is gone. Of a version \
of a model this is an error: make a new version instead.";
    ARGUMENT = "T0410", "an argument of the command is wrong", "\
A flag has a value that cannot be used, such as `--vars` that is not a YAML mapping.";
    SQL_SYNTAX = "T0501", "the SQL is malformed", "\
The compiled SQL cannot be parsed. The place is where that SQL comes from: in the model's file and, where a macro prints it, in the \
macro's; the place in the compiled file under `target/compiled` is named beside it.";
    SQL_PLAN = "T0502", "the SQL cannot be planned", "\
The compiled SQL names a table, column or function that does not exist, or uses types that do not fit.";
    SQL_UNSUPPORTED = "T0503", "the engine does not support this SQL", "\
The statement is valid SQL, but this engine cannot run it, or would silently do something else.";
    EXECUTION = "T0504", "the engine failed while running a statement", "\
The statement was accepted and failed while it ran: a value that cannot be cast, a division by zero, a file that vanished.";
    SOURCE_FILE = "T0505", "a source's files cannot be read", "\
The files that a source table names do not exist, are damaged, or do not have the declared columns.";
    MERGE_KEY = "T0506", "a merge found its key more than once", "\
An incremental model with `unique_key` produced two rows with the same key, so it is not decided which one wins. Make the \
query return one row a key.";
    LAKE_BUSY = "T0507", "another process is changing the relation, or the lake", "\
Commands may write to one lake at the same time, but a relation is changed by one after the other. Who comes second waits for \
`lock_timeout` seconds (`profiles.yml`); the message says which process it waited for. Other tools that write the same table \
wait for nobody: a new version that was made meanwhile is not published over theirs, unless it only adds rows.";
    OUT_OF_MEMORY = "T0508", "the memory limit was reached", "\
The query needs more memory than the profile's `memory_limit` allows and could not spill to disk. Raise the limit or lower \
`threads`.";
    ENGINE_INTERNAL = "T0509", "the engine failed in a way it should not", "\
A defect of the engine, not of the project. Please report it with the message.";
    CANCELLED = "T0510", "the command was cancelled", "\
An interrupt (Ctrl-C) or `--fail-fast` stopped the statement. Relations keep their earlier content.";
    SQL_UNCHECKED = "T0511", "SQL cannot be checked before it runs", "\
With `--static-analysis strict` nothing runs before all SQL is known to be right. Of this node that cannot be told: the columns of what \
it reads are not known, say, or its template asks the engine. Declare the columns with a `data_type` each, build what it reads, or take \
it out with the config `static_analysis: off`.";
    DESCRIBED_COLUMN = "T0512", "a described column does not exist", "\
The properties of a node describe a column that its query does not have. Nothing depends on it, but those who read the documentation \
look for it in vain.";
    UNUSED_CTE = "T0513", "nothing reads a common table expression", "\
A `with` names a query that the rest of the statement does not use.";
    UNREAD_COLUMN = "T0514", "no model reads a column", "\
Other models read this one, but none of them this column. Unless tests or somebody outside need it, it is made for nobody. Say that others \
read the model with an exposure, a contract or `access: public`.";
    STAR_CHANGED = "T0515", "a `select *` gives other columns than before", "\
What the query reads has other columns than when it was looked at last, and the star takes them as they are. It is told once. Name the \
columns where others rely on them, or promise them with a contract.";
    CONFIG_COLUMN = "T0516", "a config names a column that does not exist", "\
A key such as `unique_key`, `partition_by` or `check_cols` names a column that the query of the node does not have. Nothing can be merged, \
laid out or compared by it. The run that needs it fails, which for the key of an incremental model is the second one.";
    SCHEMA_CHANGED = "T0520", "an incremental model's query has other columns than its table", "\
`on_schema_change: fail` asks for this. The notes name the columns. Let the table follow with `append_new_columns` or \
`sync_all_columns`, or rebuild it with `--full-refresh`.";
    CONTRACT = "T0521", "a model does not keep its contract", "\
The model has `contract: {enforced: true}`: the columns of its query must have the names and types that its properties give. \
Nothing was built.";
    TEST_FAILED = "T0601", "a test found failing rows", "\
A data test returned more failing rows than its `error_if` (or, for a warning, its `warn_if`) allows. The query that the message \
names shows them; `store_failures: true` keeps them as a table.";
    SOURCE_STALE = "T0602", "a source has no new rows", "\
The newest row of a source table is older than its `freshness` allows: `warn_after` warns, `error_after` fails. The load time \
comes from `loaded_at_field` or `loaded_at_query`, or from the files of a table that is files.";
    NOT_PUBLISHED = "T0603", "a version is not published", "\
A build tests the new version of a table or view before anybody else can read it. A test of severity `error` has failed, so the relation \
stays what it was; `transform show --rejected` shows what it would have become. `audit: false` publishes a node without waiting for its \
tests.";
    LINEAGE_UNTOLD = "T0604", "lineage is not told as it should be", "\
The environment or `openlineage.yml` asks for OpenLineage events, and they could not be sent or written, or what is asked for cannot be \
understood. What was built is built.";
    HISTORY_UNWRITTEN = "T0605", "the history of commands is not kept or not read", "\
What became of the nodes of a command could not be added to the project's history, which `transform runs` and the documentation read, or \
the history could not be read. What was built is built. `history: {enabled: false}` in the project file remembers nothing.";
    INTERNAL = "T0901", "an internal error", "\
A defect of transform itself. Please report it with the message and, if possible, the project.";
}
