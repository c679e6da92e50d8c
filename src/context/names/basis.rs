//! What the names of templates rest on: whether what one gives while a node is parsed can be kept for the next command.

/// What the value of a name depends on, besides the node, the target and the text of macros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Nothing: while a node is parsed it is always the same.
    Fixed,
    /// The variables.
    Vars,
    /// The flags of the command.
    Flags,
    /// What chooses among macros: `dispatch:` of the project file, the behaviours that flags ask for.
    Dispatch,
    /// The moment, the process, or what it does besides giving a value: only asking again tells.
    Moment,
}

impl Basis {
    /// The basis of a name that no macro has. Names that are not known here are taken to rest on the moment.
    #[must_use]
    pub fn of(name: &str) -> Self {
        match name {
            "var" => Basis::Vars,
            "flags" | "invocation_args_dict" => Basis::Flags,
            "adapter" => Basis::Dispatch,
            name if FIXED.contains(&name) => Basis::Fixed,
            _ => Basis::Moment,
        }
    }
}

/// The names of a node while it is parsed, and globals that only compute. `env_var` is among them: which variables it reads, the
/// rendering keeps account of itself.
const FIXED: &[&str] = &[
    "api",
    "config",
    "cycler",
    "database",
    "dbt_version",
    "defer_relation",
    "dict",
    "diff_of_two_dicts",
    "env",
    "env_var",
    "execute",
    "fromjson",
    "fromyaml",
    "function",
    "joiner",
    "load_result",
    "local_md5",
    "metric",
    "namespace",
    "project_name",
    "range",
    "ref",
    "render",
    "return",
    "schema",
    "set",
    "set_strict",
    "source",
    "store_raw_result",
    "store_result",
    "target",
    "this",
    "tojson",
    "toyaml",
    "write",
    "zip",
    "zip_strict",
];
