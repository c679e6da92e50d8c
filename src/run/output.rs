//! What commands made of nodes, for the manifest that is written behind them.

use std::path::Path;

use super::sql_file::{has_compiled_file, sql_path, write_sql};
use super::{NodeResult, Status};
use crate::artifact::{CompiledCode, NodeOutput, NodeOutputs};
use crate::base::HashMap;
use crate::compile::{Compiled, Compiler, Rendered};
use crate::diagnostic::Diagnostic;
use crate::manifest::{Node, UniqueId};
use crate::source::FileKind;

/// What was made of the nodes of `results`, and of the ephemeral models in them, whose SQL is written here: no node of a run is theirs.
///
/// # Errors
/// When a file cannot be written.
pub fn outputs(compiler: &Compiler, target_dir: &Path, results: &[NodeResult]) -> Result<NodeOutputs, Diagnostic> {
    let files = Files { compiler, target_dir };
    let mut outputs = NodeOutputs::default();
    let mut ephemerals = Ephemerals::default();
    for result in results {
        outputs.insert(result.id.clone(), files.output(result));
        let found = result.compiled.iter().flat_map(|compiled| &compiled.ephemerals);
        ephemerals.extend(found.map(|(id, own)| (id, own)));
    }
    for (id, own) in &ephemerals {
        if let Some(node) = compiler.parsed().manifest.node(id).filter(|_| !outputs.contains_key(*id)) {
            outputs.insert(UniqueId::clone(id), files.ephemeral(node, own, &ephemerals)?);
        }
    }
    Ok(outputs)
}

/// Ephemeral models, rendered.
type Ephemerals<'a> = HashMap<&'a UniqueId, &'a Rendered>;

/// Where the files of nodes are.
struct Files<'a> {
    compiler: &'a Compiler,
    target_dir: &'a Path,
}

impl Files<'_> {
    fn output(&self, result: &NodeResult) -> NodeOutput {
        let node = self.compiler.parsed().manifest.to_run(&result.id);
        let written = |folder: &str| node.as_deref().and_then(|node| self.written(folder, node));
        let ran = result.execute.is_some() && result.status != Status::Skipped;
        let has_file =
            |compiled: &&Compiled| node.as_deref().is_some_and(|node| has_compiled_file(node, &compiled.sql));
        NodeOutput {
            compiled: result.compiled.as_ref().map(|compiled| self.code(compiled)),
            compiled_path: result.compiled.as_ref().filter(has_file).and_then(|_| written("compiled")),
            build_path: written("run").filter(|_| ran),
            // What is only compiled always succeeds: where it does not, the command ends.
            was_to_run: result.execute.is_some() || result.status != Status::Success,
        }
    }

    /// What was made of an ephemeral model, of whose own SQL and that of the others its readers tell.
    fn ephemeral(&self, node: &Node, own: &Rendered, others: &Ephemerals<'_>) -> Result<NodeOutput, Diagnostic> {
        let compiled = self.compiler.assembled(own, others);
        let world = self.compiler.parsed().surroundings.session.world.as_ref();
        let has_file = has_compiled_file(node, &compiled.sql);
        if has_file {
            write_sql(world, &self.target_dir.join("compiled"), node, &compiled.sql)?;
        }
        let compiled_path = self.written("compiled", node).filter(|_| has_file);
        Ok(NodeOutput { compiled: Some(self.code(&compiled)), compiled_path, ..NodeOutput::default() })
    }

    fn code(&self, compiled: &Compiled) -> CompiledCode {
        let manifest = &self.compiler.parsed().manifest;
        let ctes = compiled.ephemerals.iter().filter_map(|(id, own)| {
            let name = manifest.node(id)?.cte_name();
            Some((id.clone(), format!(" {name} as (\n{}\n)", own.sql)))
        });
        CompiledCode { sql: compiled.sql.clone(), extra_ctes: ctes.collect(), macros: compiled.macros.clone() }
    }

    /// The file of a node below a folder of the target folder, as seen from the project, if it is there.
    fn written(&self, folder: &str, node: &Node) -> Option<String> {
        let session = &self.compiler.parsed().surroundings.session;
        let path = self.target_dir.join(folder).join(sql_path(node));
        let is_there = session.world.kind(&path) == Some(FileKind::File);
        is_there.then(|| path.strip_prefix(&session.root).unwrap_or(&path).display().to_string())
    }
}
