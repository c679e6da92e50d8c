//! From the arguments of a command to the nodes that it is about.

use std::path::Path;
use std::sync::Arc;

use super::analysis::Columns;
use super::arguments::SelectArgs;
use super::exit::Failure;
use super::printer::Printer;
use super::workspace::Workspace;
use crate::artifact::state::{PreviousState, StateSources};
use crate::base::IndexSet;
use crate::context::Deferral;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::graph::select::{Choice, ColumnGraph, IndirectSelection, Method, RESOURCE_TYPES, Selection, Selectors};
use crate::graph::state::Comparison;
use crate::manifest::{Node, UniqueId};
use crate::source::FileKind;
use crate::sql::Relation;

impl Workspace {
    /// The ids that the arguments choose, sorted. Hooks of runs are left out: they are run with whatever else is.
    pub(super) fn choose(&self, args: &SelectArgs, printer: &Printer) -> Result<IndexSet<UniqueId>, Failure> {
        let mut chosen = self.choose_with_hooks(args, printer)?;
        chosen.retain(|id| !id.as_str().starts_with("operation."));
        Ok(chosen)
    }

    /// The one node of a name, or of another selection, that makes a relation; tests are none.
    pub(super) fn the_one(&self, selected: &str, printer: &Printer) -> Result<(Arc<Node>, Relation), Failure> {
        self.only(selected, ("makes a relation", "relations"), printer, |id| {
            let node = self.manifest().node(id).filter(|node| node.test.is_none())?;
            Some((Arc::clone(node), node.relation.clone()?))
        })
    }

    /// What there is of the one thing that a selection chooses, of those of which there is any. The words say what that is: one that
    /// `makes a relation`, several `relations`.
    pub(super) fn only<T>(
        &self,
        selected: &str,
        (wanted, several): (&str, &str),
        printer: &Printer,
        of: impl Fn(&UniqueId) -> Option<T>,
    ) -> Result<T, Failure> {
        let args = SelectArgs { select: vec![selected.to_owned()], ..SelectArgs::default() };
        let chosen = self.choose(&args, printer)?;
        <[T; 1]>::try_from(chosen.iter().filter_map(of).collect::<Vec<_>>()).map(|[one]| one).map_err(|found| {
            let message = match found.len() {
                0 => format!("`{selected}` selects nothing that {wanted}"),
                count => format!("`{selected}` selects {count} {several}, and this is about one"),
            };
            Failure::usage(Diagnostic::error(codes::ARGUMENT, message), &self.sources)
        })
    }

    /// The same with the hooks of runs.
    pub(super) fn choose_with_hooks(
        &self,
        args: &SelectArgs,
        printer: &Printer,
    ) -> Result<IndexSet<UniqueId>, Failure> {
        let kinds = Kinds::of(self, args)?;
        let indirect = self.indirect_selection();
        let mut diagnostics = Diagnostics::new();
        let selectors = Selectors::new(&self.project.selectors, indirect, &mut diagnostics);
        let selection = selection(args, &selectors, indirect, &mut diagnostics)?;
        let earlier = self.earlier_state()?;
        let sources_now = earlier.as_ref().and_then(|_| self.sources_now(&mut diagnostics));
        let columns = if Self::is_about_columns(&selection, &selectors) { Some(Columns::of(self)?) } else { None };
        let comparison = earlier.as_ref().map(|earlier| Comparison::new(earlier, sources_now, &self.parsed));
        let choice = Choice::new(self.manifest(), &self.dag, &selectors)
            .with_state(comparison.as_ref())
            .with_columns(columns.as_ref().map(|columns| columns as &dyn ColumnGraph));
        let (mut chosen, found) = choice.of(&selection);
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(Failure::usage(diagnostics, &self.sources));
        }
        printer.diagnostics(&diagnostics, &self.sources);
        chosen.retain(|id| kinds.take(id));
        Ok(chosen)
    }

    /// Whether a selection names a column, itself or by a selector.
    fn is_about_columns(selection: &Selection, selectors: &Selectors) -> bool {
        selection.any_term(&|term| match &term.method {
            Method::Column(..) => true,
            Method::Selector(name) => {
                selectors.get(name).is_some_and(|selection| Self::is_about_columns(selection, selectors))
            }
            _ => false,
        })
    }

    /// The artifacts that `--state` names.
    pub(super) fn earlier_state(&self) -> Result<Option<PreviousState>, Failure> {
        let folder = self.project.session.flags.text("state");
        folder.map(|folder| self.read_state(Path::new(&folder))).transpose()
    }

    /// What `--defer` reads from the state of `--defer-state` or `--state`, for a command that is about `selected`.
    pub(super) fn deferral(&self, selected: &IndexSet<UniqueId>) -> Result<Option<Deferral>, Failure> {
        let flags = &self.project.session.flags;
        if !flags.is("defer") {
            return Ok(None);
        }
        let Some(folder) = flags.text("defer_state").or_else(|| flags.text("state")) else {
            return Err(Diagnostic::error(
                codes::STATE_MISSING,
                "`--defer` reads from an earlier state, and none is named",
            )
            .help("`--state` or `--defer-state` names a folder with the `manifest.json` of an earlier invocation")
            .into());
        };
        let state = self.read_state(Path::new(&folder))?;
        let Some(earlier) = state.manifest else {
            let message = format!("the state in `{folder}` has no `manifest.json`");
            return Err(Diagnostic::error(codes::STATE_MISSING, message).into());
        };
        let nodes = self.manifest().nodes.values().filter(|node| Deferral::is_deferred(node.resource));
        let relations = nodes.filter_map(|node| {
            let relation = earlier.resources.get(node.id.as_str())?.relation()?;
            Some((node.id.clone(), relation))
        });
        Ok(Some(Deferral {
            relations: relations.collect(),
            selected: selected.iter().cloned().collect(),
            favor_state: flags.is("favor_state"),
        }))
    }

    /// The artifacts of a folder.
    pub(super) fn read_state(&self, folder: &Path) -> Result<PreviousState, Failure> {
        let world = self.project.session.world.as_ref();
        if world.kind(folder) != Some(FileKind::Directory) {
            let message = format!("there is no folder `{}` with an earlier state", folder.display());
            return Err(Diagnostic::error(codes::STATE_MISSING, message).into());
        }
        let mut diagnostics = Diagnostics::new();
        let state = PreviousState::read(world, folder, &mut diagnostics);
        match diagnostics.has_errors() {
            true => Err(Failure::usage(diagnostics, &self.sources)),
            false => Ok(state),
        }
    }

    /// How fresh the sources were when that was measured last.
    fn sources_now(&self, diagnostics: &mut Diagnostics) -> Option<StateSources> {
        let path = self.project.target_dir.join("sources.json");
        diagnostics.take(StateSources::read(self.project.session.world.as_ref(), &path)).flatten()
    }

    fn indirect_selection(&self) -> IndirectSelection {
        let word = self.project.session.flags.text("indirect_selection");
        word.and_then(|word| IndirectSelection::parse(&word)).unwrap_or_default()
    }

    /// An argument from the environment, `DBT_…` or `DBT_ENGINE_…`.
    fn env(&self, name: &str) -> Option<String> {
        let world = &self.project.session.world;
        ["DBT_", "DBT_ENGINE_"]
            .iter()
            .find_map(|prefix| world.env(&format!("{prefix}{name}")))
            .filter(|text| !text.is_empty())
    }
}

/// What the arguments select: a selector by its name, else `--select` less `--exclude`, else the default selector, else everything.
fn selection(
    args: &SelectArgs,
    selectors: &Selectors,
    indirect: IndirectSelection,
    diagnostics: &mut Diagnostics,
) -> Result<Selection, Diagnostic> {
    let is_given = !(args.select.is_empty() && args.exclude.is_empty());
    if let Some(name) = &args.selector {
        if is_given {
            let message = format!("`--select` and `--exclude` are not used beside `--selector {name}`");
            diagnostics.push(
                Diagnostic::warning(codes::ARGUMENT, message)
                    .help(format!("`--select selector:{name}` can be put together with other selections")),
            );
        }
        return selectors.get(name).cloned().ok_or_else(|| selectors.unknown(name));
    }
    if let Some(default) = selectors.default_selection().filter(|_| !is_given) {
        return Ok(default.clone());
    }
    let exclude = Selection::parse(&args.exclude, indirect)?;
    if args.select.is_empty() {
        return Ok(Selection::everything().without(exclude));
    }
    // `--select "$CHANGED"` with nothing in it is about nothing.
    let select = Selection::parse(&args.select, indirect)?;
    if select.is_empty() {
        diagnostics.push(Diagnostic::warning(
            codes::SELECTOR_PART_EMPTY,
            "what `--select` is given is empty: it matches no node",
        ));
    }
    Ok(select.without(exclude))
}

/// The kinds of resource that a command is about.
struct Kinds {
    taken: Vec<String>,
    left_out: Vec<String>,
}

impl Kinds {
    fn of(workspace: &Workspace, args: &SelectArgs) -> Result<Self, Diagnostic> {
        let from_env = |given: &[String], name| match given {
            [] => workspace
                .env(name)
                .map(|words| words.split_whitespace().map(str::to_owned).collect())
                .unwrap_or_default(),
            given => given.to_vec(),
        };
        let kinds = Kinds {
            taken: from_env(&args.resource_type, "RESOURCE_TYPES"),
            left_out: from_env(&args.exclude_resource_type, "EXCLUDE_RESOURCE_TYPES"),
        };
        let known: Vec<&str> = RESOURCE_TYPES.iter().copied().chain(["all", "default"]).collect();
        let unknown = kinds.taken.iter().chain(&kinds.left_out).find(|kind| !known.contains(&kind.as_str()));
        match unknown {
            Some(unknown) => Err(Diagnostic::error(codes::ARGUMENT, format!("there is no resource type `{unknown}`"))
                .suggest(unknown, known)),
            None => Ok(kinds),
        }
    }

    fn take(&self, id: &UniqueId) -> bool {
        let kind = id.as_str().split('.').next().unwrap_or_default();
        let taken = |wanted: &String| match wanted.as_str() {
            "all" => true,
            "default" => kind != "analysis",
            wanted => wanted == kind,
        };
        (self.taken.is_empty() || self.taken.iter().any(taken))
            && !self.left_out.iter().any(|left_out| left_out == kind)
    }
}
