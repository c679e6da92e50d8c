//! What a documentation site shows of a project: all that the stages before it know.

use std::sync::Arc;

use crate::analyze::{AllFacts, Analyses, Analyzed, Lineage, Others};
use crate::artifact::history::{History, Of};
use crate::artifact::state::StateSources;
use crate::base::HashMap;
use crate::cli::analysis::{Analysis, StaticAnalysis};
use crate::cli::arguments::SiteArgs;
use crate::cli::exit::Failure;
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::docs::site::{Past, Site};
use crate::engine::Engine;
use crate::graph::state::{Changes, Comparison};
use crate::manifest::UniqueId;
use crate::run::NodeResult;

/// What is known of a project.
pub(super) struct Content {
    engine: Arc<dyn Engine>,
    analyses: Analyses,
    facts: AllFacts,
    compiled: HashMap<UniqueId, Compiled>,
    past: Past,
    freshness: Option<StateSources>,
    changes: Option<Changes>,
    stylesheet: Option<String>,
}

impl Content {
    /// Looks at a project of which these nodes are compiled.
    ///
    /// # Errors
    /// When there is no engine for the target, or the earlier state that `--state` names cannot be read.
    pub(super) fn of(workspace: &Workspace, results: Vec<NodeResult>, printer: &Printer) -> Result<Self, Failure> {
        let (engine, runtime) = (workspace.engine()?, runtime()?);
        // The SQL of tests is shown nowhere, and there is much of it.
        let is_test = |id: &UniqueId| workspace.manifest().node(id).is_none_or(|node| node.test.is_some());
        let results = results.into_iter().filter(|result| !is_test(&result.id));
        let compiled = results.filter_map(|result| Some((result.id, result.compiled?))).collect();
        let analyses = analyses(workspace, &compiled, (&engine, &runtime))?;
        let facts = AllFacts::new(workspace.manifest(), &analyses, &Lineage::new(&analyses, false));
        let session = &workspace.project.session;
        let past = {
            let of = Of { project: &session.project, target: Some(&session.target.name) };
            runtime.block_on(Past::read(&History::of(session, &engine), of))
        }
        .unwrap_or_else(|error| {
            let message = format!("the history cannot be read: {}", session.scrub(&error.message));
            printer.diagnostics(&Diagnostic::warning(codes::HISTORY_UNWRITTEN, message).into(), &workspace.sources);
            Past::default()
        });
        let sources = workspace.project.target_dir.join("sources.json");
        // A file that is damaged says nothing of freshness; `source freshness` writes it anew.
        let freshness = StateSources::read(session.world.as_ref(), &sources).ok().flatten();
        let changes = changes(workspace, (engine.as_ref(), &analyses), printer)?;
        let stylesheet = stylesheet(workspace)?;
        Ok(Content { analyses, facts, compiled, past, freshness, changes, engine, stylesheet })
    }

    /// How a project differs from the state that `--state` names, if it names one.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(super) fn changes(workspace: &Workspace, printer: &Printer) -> Result<Option<Changes>, Failure> {
        let (engine, runtime) = (workspace.engine()?, runtime()?);
        let analyses = analyses(workspace, &HashMap::default(), (&engine, &runtime))?;
        changes(workspace, (engine.as_ref(), &analyses), printer)
    }

    /// The site that shows it.
    pub(super) fn site<'a>(&'a self, workspace: &'a Workspace, args: &SiteArgs) -> Site<'a> {
        Site {
            manifest: workspace.manifest(),
            session: &workspace.project.session,
            engine: self.engine.as_ref(),
            analyses: &self.analyses,
            facts: &self.facts,
            compiled: &self.compiled,
            past: &self.past,
            freshness: self.freshness.as_ref(),
            changes: self.changes.as_ref(),
            shows_sql: !args.no_sql,
            stylesheet: self.stylesheet.as_deref(),
        }
    }
}

/// The project's own rules of style.
fn stylesheet(workspace: &Workspace) -> Result<Option<String>, Failure> {
    let Some((path, span)) = &workspace.project.own().config.stylesheet else { return Ok(None) };
    let world = &workspace.project.session.world;
    let text = world.read(&workspace.project.root.join(path)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    text.map(Some).map_err(|error| {
        let message = format!("the stylesheet `{path}` cannot be read: {error}");
        Failure::usage(Diagnostic::error(codes::CONFIG_VALUE, message).at(*span), &workspace.sources)
    })
}

fn analyses(
    workspace: &Workspace,
    compiled: &HashMap<UniqueId, Compiled>,
    (engine, runtime): (&Arc<dyn Engine>, &tokio::runtime::Runtime),
) -> Result<Analyses, Failure> {
    if StaticAnalysis::of(workspace) == StaticAnalysis::Off {
        return Ok(Analyses::default());
    }
    let manifest = workspace.manifest();
    let compiler = workspace.looking_compiler(engine, runtime);
    let mut analysis = Analysis::new(workspace, (&compiler, engine.as_ref()), runtime);
    analysis.compiled = compiled.iter().collect();
    let nodes = manifest.nodes.values().filter(|node| node.test.is_none()).map(|node| &node.id);
    let all = nodes.chain(manifest.sources.keys()).cloned().collect();
    analysis.of(&all, Others::Analyzed)
}

/// How the project differs from the state that `--state` names, if it names one.
fn changes(
    workspace: &Workspace,
    (engine, analyses): (&dyn Engine, &Analyses),
    printer: &Printer,
) -> Result<Option<Changes>, Failure> {
    let Some(earlier) = workspace.earlier_state()? else { return Ok(None) };
    if earlier.catalog.is_none() {
        printer.message(
            "the earlier state has no `catalog.json`: columns are compared where all were declared with types",
        );
    }
    let comparison = Comparison::new(&earlier, None, &workspace.parsed);
    let columns = |id: &UniqueId| {
        let schema = analyses.get(id).and_then(Analyzed::columns)?;
        let column =
            |field: &arrow::datatypes::FieldRef| (field.name().clone(), Some(engine.type_name(field.data_type())));
        Some(schema.fields().iter().map(column).collect())
    };
    let mut diagnostics = Diagnostics::new();
    let changes = comparison.changes((workspace.manifest(), &workspace.dag), &columns, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure::usage(diagnostics, &workspace.sources));
    }
    printer.diagnostics(&diagnostics, &workspace.sources);
    Ok(Some(changes))
}
