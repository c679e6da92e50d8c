//! Telling collectors of lineage about a run, for the commands that run nodes.

use std::sync::Arc;

use tokio::runtime::Runtime;

use super::analysis::{Analysis, StaticAnalysis};
use super::printer::Printer;
use super::workspace::Workspace;
use crate::analyze::{AllFacts, Analyses, Lineage, Others};
use crate::base::{HashMap, IndexSet};
use crate::compile::Compiler;
use crate::diagnostic::{Diagnostic, codes};
use crate::docs::openlineage::{Emitter, Project, Settings};
use crate::engine::Engine;
use crate::graph::Reach;
use crate::manifest::UniqueId;
use crate::run::Plan;
use crate::sql::Relation;

/// A run that is about to begin.
pub(super) struct Beginning<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) command: &'a str,
    pub(super) plan: &'a Plan,
    pub(super) compiler: &'a Compiler,
    pub(super) engine: &'a Arc<dyn Engine>,
    pub(super) runtime: &'a Runtime,
}

impl<'a> Beginning<'a> {
    /// Who tells others of the run, if that is asked for; `running` is what the SQL of its nodes means. That it cannot be told is said, and
    /// ends nothing.
    pub(super) fn emitter(&self, running: Analyses, printer: &Printer) -> Option<Emitter<'a>> {
        let session = &self.workspace.project.session;
        let settings = Settings::read(session.world.as_ref(), &self.workspace.project.root);
        let begun = settings.and_then(|settings| match settings {
            Some(settings) => Emitter::begin(self.project(running), settings, self.command).map(Some),
            None => Ok(None),
        });
        begun.unwrap_or_else(|problem| {
            untold(self.workspace, &problem, printer);
            None
        })
    }

    fn project(&self, running: Analyses) -> Project<'a> {
        let concerned = self.concerned();
        let behind = self.behind(&concerned);
        let facts = AllFacts::new(self.workspace.manifest(), &behind, &Lineage::new(&behind, false));
        Project {
            manifest: self.workspace.manifest(),
            session: &self.workspace.project.session,
            engine: self.engine.as_ref(),
            running,
            behind,
            deferred: self.deferred(&concerned),
            facts,
        }
    }

    /// The nodes and sources that the plan's nodes read, and those that make something.
    fn concerned(&self) -> IndexSet<UniqueId> {
        let planned: IndexSet<UniqueId> = self.plan.ids().cloned().collect();
        let all = self.workspace.dag.ancestors(&planned, Reach::All).into_iter().chain(planned);
        let manifest = self.workspace.manifest();
        let is_test = |id: &UniqueId| manifest.node(id).is_some_and(|node| node.test.is_some());
        all.filter(|id| manifest.relation(id).is_some() && !is_test(id)).collect()
    }

    /// What all that is behind the run means, whether it is a part of it or not: what is said of a column far up holds here, too.
    fn behind(&self, concerned: &IndexSet<UniqueId>) -> Analyses {
        if StaticAnalysis::of(self.workspace) == StaticAnalysis::Off {
            return Analyses::default();
        }
        // By the relations of this target, whatever is read in their place.
        let compiler = self.workspace.looking_compiler(self.engine, self.runtime);
        let analysis = Analysis::new(self.workspace, (&compiler, self.engine.as_ref()), self.runtime);
        // What is not known is not told.
        analysis.of(concerned, Others::Analyzed).unwrap_or_default()
    }

    /// The relations that are read in the place of a node's own.
    fn deferred(&self, concerned: &IndexSet<UniqueId>) -> HashMap<UniqueId, Relation> {
        let nodes = concerned.iter().filter_map(|id| self.workspace.manifest().node(id));
        nodes.filter_map(|node| Some((node.id.clone(), self.compiler.read_elsewhere(node)?))).collect()
    }
}

/// Says that not all was told to others.
pub(super) fn untold(workspace: &Workspace, problem: &str, printer: &Printer) {
    let warning = Diagnostic::warning(codes::LINEAGE_UNTOLD, format!("lineage is not told as it should be: {problem}"));
    printer.diagnostics(&warning.into(), &workspace.sources);
}
