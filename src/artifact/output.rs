//! What commands made of nodes, as a manifest that is written behind them says it.

use crate::base::HashMap;
use crate::manifest::UniqueId;

/// What was made of each node that a command compiled or ran.
pub type NodeOutputs = HashMap<UniqueId, NodeOutput>;

/// What was made of a node.
#[derive(Clone, Debug, Default)]
pub struct NodeOutput {
    /// Its SQL and the ephemeral models in it, if it has any.
    pub compiled: Option<CompiledCode>,
    /// The file of its SQL.
    pub compiled_path: Option<String>,
    /// The file of the statement that was run.
    pub build_path: Option<String>,
    /// Whether the command was to run it, not only to compile it.
    pub was_to_run: bool,
}

/// The SQL of a node.
#[derive(Clone, Debug)]
pub struct CompiledCode {
    /// The SQL, complete.
    pub sql: String,
    /// The ephemeral models in it, each with the expression that it became: its name and its SQL.
    pub extra_ctes: Vec<(UniqueId, String)>,
    /// The macros that its template called itself.
    pub macros: Vec<UniqueId>,
}
