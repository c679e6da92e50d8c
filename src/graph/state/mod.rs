//! `state:`, `result:` and `source_status:`: the project as it is now beside the artifacts of an earlier invocation.
//!
//! Both sides are compared in the manifest's own terms: what the project is now is turned into what its manifest would say, so that
//! an artifact of dbt compares like one of ours.

mod changes;
mod contract;
mod macros;
mod same;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use super::member::members;
use crate::artifact::{
    self,
    state::{PreviousState, StateManifest, StateResource, StateSources},
};
use crate::base::{HashMap, HashSet};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::Manifest;
use crate::parse::Parsed;

pub use changes::{Change, Changes, ColumnChange, Columns, Differing, Removed};
use macros::ChangedMacros;

/// How a resource compares with its earlier self.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateKind {
    /// It was not there.
    New,
    /// It was there.
    Old,
    /// Anything about it differs, or a macro that it calls.
    Modified,
    /// The opposite.
    Unmodified,
    /// Its template or its rows.
    ModifiedBody,
    /// Its configs.
    ModifiedConfigs,
    /// Its database, schema or alias, as they are configured.
    ModifiedRelation,
    /// Its descriptions, where they are written to the database.
    ModifiedPersistedDescriptions,
    /// A macro that it calls, directly or not.
    ModifiedMacros,
    /// The shape that it promises.
    ModifiedContract,
}

impl StateKind {
    /// dbt's words.
    pub const NAMES: &'static [&'static str] = &[
        "new",
        "old",
        "modified",
        "unmodified",
        "modified.body",
        "modified.configs",
        "modified.relation",
        "modified.persisted_descriptions",
        "modified.macros",
        "modified.contract",
    ];

    /// The kind of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "new" => StateKind::New,
            "old" => StateKind::Old,
            "modified" => StateKind::Modified,
            "unmodified" => StateKind::Unmodified,
            "modified.body" => StateKind::ModifiedBody,
            "modified.configs" => StateKind::ModifiedConfigs,
            "modified.relation" => StateKind::ModifiedRelation,
            "modified.persisted_descriptions" => StateKind::ModifiedPersistedDescriptions,
            "modified.macros" => StateKind::ModifiedMacros,
            "modified.contract" => StateKind::ModifiedContract,
            _ => return None,
        })
    }
}

/// The project beside an earlier state of it.
#[derive(Debug)]
pub struct Comparison<'a> {
    earlier: &'a PreviousState,
    /// The freshness that was measured last, in the project's own target folder.
    sources_now: Option<StateSources>,
    parsed: &'a Parsed,
    /// The resources as the manifest would say them now; made when they are first needed.
    now: std::sync::OnceLock<HashMap<String, StateResource>>,
}

impl<'a> Comparison<'a> {
    /// Puts a project beside an earlier state.
    #[must_use]
    pub fn new(earlier: &'a PreviousState, sources_now: Option<StateSources>, parsed: &'a Parsed) -> Self {
        Comparison { earlier, sources_now, parsed, now: std::sync::OnceLock::new() }
    }

    /// The ids of the resources that compare like this.
    pub(super) fn in_state(
        &self,
        kind: StateKind,
        manifest: &Manifest,
        diagnostics: &mut Diagnostics,
    ) -> HashSet<&str> {
        let Some(earlier) = &self.earlier.manifest else {
            diagnostics.push(self.missing("manifest.json"));
            return HashSet::default();
        };
        let macros = ChangedMacros::new(self.parsed, &earlier.macros);
        let now = self.now.get_or_init(|| now(self.parsed));
        if matches!(kind, StateKind::Modified | StateKind::Unmodified | StateKind::ModifiedContract) {
            diagnostics.extend(contract::removed(&earlier.resources, manifest));
        }
        let mut found: Vec<(&str, bool, Option<Diagnostic>)> = now
            .par_iter()
            .map(|(id, resource)| {
                let (is_in, broken) = is_in(kind, id, resource, earlier, &macros);
                (id.as_str(), is_in, broken)
            })
            .collect();
        found.sort_unstable_by_key(|(id, ..)| *id);
        let mut ids = HashSet::default();
        for (id, is_in, broken) in found {
            diagnostics.extend(broken);
            if is_in {
                ids.insert(id);
            }
        }
        ids
    }

    /// The ids of the nodes whose last run ended like this.
    pub(super) fn with_status(&self, status: &str, diagnostics: &mut Diagnostics) -> HashSet<&str> {
        let Some(results) = &self.earlier.run_results else {
            diagnostics.push(self.missing("run_results.json"));
            return HashSet::default();
        };
        let ended = results.results.iter().filter(|result| result.status == status);
        ended.map(|result| result.unique_id.as_str()).collect()
    }

    /// The ids of the sources that have newer rows now.
    pub(super) fn fresher_sources(&self, diagnostics: &mut Diagnostics) -> HashSet<&str> {
        match (&self.earlier.sources, &self.sources_now) {
            (Some(earlier), Some(now)) => now.fresher_than(earlier).into_iter().collect(),
            (None, _) => {
                diagnostics.push(self.missing("sources.json"));
                HashSet::default()
            }
            (_, None) => {
                diagnostics.push(
                    Diagnostic::error(codes::STATE_MISSING, "how fresh the sources are now is not known")
                        .help("`source freshness` measures it and writes `sources.json`"),
                );
                HashSet::default()
            }
        }
    }

    fn missing(&self, artifact: &str) -> Diagnostic {
        let message = format!("the state in `{}` has no `{artifact}`", self.earlier.folder.display());
        Diagnostic::error(codes::STATE_MISSING, message)
    }
}

/// The resources as the manifest would say them now.
fn now(parsed: &Parsed) -> HashMap<String, StateResource> {
    let session = &parsed.surroundings.session;
    let all = members(&parsed.manifest);
    all.par_iter()
        .filter_map(|member| {
            let json = artifact::resource(&parsed.manifest, session, member.id)?;
            Some((member.id.to_string(), serde_json::from_value(json).ok()?))
        })
        .collect()
}

/// Whether a resource compares like this, and what is wrong when it breaks its contract.
fn is_in(
    kind: StateKind,
    id: &str,
    now: &StateResource,
    earlier: &StateManifest,
    macros: &ChangedMacros<'_>,
) -> (bool, Option<Diagnostic>) {
    let before = earlier.resources.get(id);
    let differs = |same: fn(&StateResource, &StateResource) -> bool| before.is_none_or(|before| !same(now, before));
    let is_node = same::is_node(now);
    let plain = |answer: bool| (answer, None);
    match kind {
        StateKind::New => plain(before.is_none()),
        StateKind::Old => plain(before.is_some()),
        StateKind::ModifiedBody => plain(is_node && differs(same::body)),
        StateKind::ModifiedConfigs => plain(differs(same::config)),
        StateKind::ModifiedRelation => plain((is_node || now.resource_type == "source") && differs(same::relation)),
        StateKind::ModifiedPersistedDescriptions => plain(is_node && differs(same::persisted_descriptions)),
        StateKind::ModifiedMacros => plain(macros.changed_below(&now.depends_on.macros)),
        StateKind::ModifiedContract => match before {
            Some(before) => contract::changed(now, before),
            None => plain(is_node),
        },
        StateKind::Modified | StateKind::Unmodified => {
            let content = match before {
                Some(before) => !same::content(now, before),
                // As in dbt: what is described only is new, not modified.
                None => same::is_new_content(now),
            };
            let (contract, broken) = before.map_or((false, None), |before| contract::changed(now, before));
            let modified = content || contract || macros.changed_below(&now.depends_on.macros);
            (modified == (kind == StateKind::Modified), broken)
        }
    }
}
