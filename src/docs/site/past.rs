//! What earlier commands did, as a site needs it.

use crate::artifact::history::{Head, History, NodeRecord, Of, Record};
use crate::base::HashMap;
use crate::engine::EngineError;

/// How many commands a site lists.
const COMMANDS: usize = 90;

/// How many nodes of commands a site tells of in all: the newest commands as far as they go, and the last one in any case.
const NODES: u64 = 60_000;

/// The last commands, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The commands.
    pub heads: Vec<Head>,
    /// The records of the newest of them.
    pub records: Vec<Record>,
    /// The results of each node, the newest first: the place of the record, and the place in it.
    results: HashMap<String, Vec<(usize, usize)>>,
}

impl Past {
    /// Reads the part of a history that is asked for.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(history: &History, of: Of<'_>) -> Result<Self, EngineError> {
        let heads = history.heads(of, COMMANDS).await?;
        let mut nodes = 0;
        let told = heads.iter().enumerate().take_while(|(at, head)| {
            nodes += head.nodes();
            *at == 0 || nodes <= NODES
        });
        let told = told.count();
        let records = history.records(&heads[..told]).await?;
        Ok(Past::of(heads, records))
    }

    /// The past of these commands, of which the first ones have records.
    #[must_use]
    pub fn of(heads: Vec<Head>, records: Vec<Record>) -> Self {
        let mut results: HashMap<String, Vec<(usize, usize)>> = HashMap::default();
        for (run, record) in records.iter().enumerate() {
            for (at, result) in record.results.iter().enumerate() {
                results.entry(result.unique_id.clone()).or_default().push((run, at));
            }
        }
        Past { heads, records, results }
    }

    /// What became of a node, the newest first, each with the place of the run.
    pub(super) fn of_node(&self, id: &str) -> impl Iterator<Item = (usize, &NodeRecord)> {
        let places = self.results.get(id).into_iter().flatten();
        places.filter_map(|(run, at)| Some((*run, self.records.get(*run)?.results.get(*at)?)))
    }
}
