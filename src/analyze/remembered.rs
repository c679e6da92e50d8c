//! What earlier commands found out about queries, so that only what changed is analyzed again.
//!
//! A query means what it meant as long as its text, the columns of what it reads and the way in which the engine plans are the same. So
//! what is kept is found by the text, and holds while each relation that the query reads has the columns that it had then. What could not
//! be understood, or is wrong, is looked at anew each time.

use std::cmp::Reverse;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arrow::datatypes::{DataType, Schema};
use arrow::ipc::convert::{IpcSchemaEncoder, fb_to_schema};
use arrow::ipc::root_as_schema;
use serde::{Deserialize, Serialize};

use crate::base::{Fingerprint, HashMap, IndexSet, Kept, ValueFile};
use crate::engine::analysis::{
    Analysis, Analyst, ColumnRef, Declared, DeclaredFunction, Flow, Influence, NotAnalyzed, Origins, Query,
};
use crate::sql::{Relation, UnusedCte};

/// The name of the file, below the target folder.
pub const ANALYSES: &str = "analyses.bin";

/// What a file of ours starts with; the number changes with the format.
const MAGIC: &[u8] = b"transform analyses 2\n";

/// How many files are written before what no command used meanwhile is left out: commands that are about a few models do not lose what is
/// known of the others.
const KEPT: u32 = 100;

/// The bytes of what a command does not use are no more than these, or than those of what it uses: queries whose text is another one each
/// time would fill the disk.
const SPARE: usize = 16 << 20;

/// What is known of queries, and what this command adds to it.
#[derive(Default)]
pub struct Memory {
    /// The head counts the files that were written; the remark on a value is the last one by whose command it was used.
    known: ValueFile<u32, u32>,
    added: Mutex<Vec<(Fingerprint, Vec<u8>)>>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl Memory {
    /// What the file of a build says. One that is foreign, damaged or older says nothing.
    #[must_use]
    pub fn read(bytes: Vec<u8>, build: Fingerprint) -> Self {
        Memory { known: ValueFile::read(bytes, MAGIC, build).unwrap_or_default(), added: Mutex::default() }
    }

    /// The file of what is known and what was added; nothing where nothing was.
    #[must_use]
    pub fn written(self, build: Fingerprint) -> Option<Vec<u8>> {
        let mut added = self.added.into_inner().unwrap_or_else(PoisonError::into_inner);
        if added.is_empty() {
            return None;
        }
        added.sort_unstable();
        added.dedup_by_key(|(key, _)| *key);
        let now = self.known.head() + 1;
        let is_added = |key: &Fingerprint| added.binary_search_by_key(key, |(key, _)| *key).is_ok();
        let kept = self.known.all().filter(|kept| !is_added(&kept.key));
        let (used, mut spare): (Vec<_>, Vec<_>) = kept.partition(|kept| kept.is_used);
        let used = used.into_iter().map(|kept| (kept.key, now, kept.value));
        let mut values: Vec<_> = used.chain(added.iter().map(|(key, value)| (*key, now, value.as_slice()))).collect();
        let mut room = values.iter().map(|(_, _, value)| value.len()).sum::<usize>().max(SPARE);
        // Those first that were used last.
        spare.sort_by_key(|kept| Reverse(*kept.remark));
        for Kept { key, remark, value, .. } in spare {
            let Some(left) = room.checked_sub(value.len()).filter(|_| now - remark < KEPT) else { break };
            room = left;
            values.push((key, *remark, value));
        }
        ValueFile::written(MAGIC, build, now, values)
    }
}

/// An analyst that asks what is known before it asks another.
#[derive(Debug)]
pub(super) struct Remembering<'a> {
    analyst: Arc<dyn Analyst>,
    memory: &'a Memory,
    /// The columns of the relations that were declared.
    declared: RwLock<HashMap<Relation, Fingerprint>>,
    /// Of all functions that were declared.
    functions: RwLock<Fingerprint>,
    /// Whether it is told which queries give other columns than before; else it is kept for a command that tells it.
    tells: bool,
}

impl<'a> Remembering<'a> {
    pub(super) fn new(analyst: Arc<dyn Analyst>, memory: &'a Memory, tells: bool) -> Self {
        let functions = RwLock::new(Fingerprint::of([""; 0]));
        Remembering { analyst, memory, declared: RwLock::default(), functions, tells }
    }

    fn key(&self, query: Query<'_>) -> Fingerprint {
        let inlined = query.inlined.iter().flat_map(|(name, relation)| [name.clone(), relation.to_string()]);
        let inlined = Fingerprint::of(inlined);
        let functions = *self.functions.read().unwrap_or_else(PoisonError::into_inner);
        let analyst = self.analyst.fingerprint();
        Fingerprint::of([analyst.as_ref(), query.sql.as_bytes(), inlined.as_ref(), functions.as_ref()])
    }

    /// The columns of a relation, as they are compared.
    fn columns(&self, relation: &Relation) -> Option<Fingerprint> {
        self.declared.read().unwrap_or_else(PoisonError::into_inner).get(relation).copied()
    }

    fn remember(&self, key: Fingerprint, analysis: &Analysis) {
        let mut stored = Stored::of(analysis, |relation| self.columns(relation));
        if let Some(stored) = stored.as_mut().filter(|_| self.tells) {
            stored.before = None;
        }
        if let Some(bytes) = stored.and_then(|stored| postcard::to_extend(&stored, Vec::new()).ok()) {
            self.memory.added.lock().unwrap_or_else(PoisonError::into_inner).push((key, bytes));
        }
    }
}

impl Analyst for Remembering<'_> {
    fn fingerprint(&self) -> Fingerprint {
        self.analyst.fingerprint()
    }

    fn declare(&self, relation: Relation, known: Declared) {
        let mut declared = self.declared.write().unwrap_or_else(PoisonError::into_inner);
        match &known {
            Declared::Columns(columns) => declared.insert(relation.clone(), Fingerprint::of([encoded(columns)])),
            Declared::Unknown | Declared::Absent => declared.remove(&relation),
        };
        self.analyst.declare(relation, known);
    }

    fn declare_function(&self, name: Relation, function: DeclaredFunction) {
        let mut functions = self.functions.write().unwrap_or_else(PoisonError::into_inner);
        let told = format!("{name} {function:?}");
        *functions = Fingerprint::of([functions.as_ref(), told.as_bytes()]);
        self.analyst.declare_function(name, function);
    }

    fn data_type(&self, sql_type: &str) -> Option<DataType> {
        self.analyst.data_type(sql_type)
    }

    fn analyze(&self, query: Query<'_>) -> Result<Analysis, NotAnalyzed> {
        let key = self.key(query);
        let stored: Option<Stored> = self.memory.known.find(key, |_| true);
        let holds = stored.as_ref().is_some_and(|stored| stored.holds(|relation| self.columns(relation)));
        let known = stored.and_then(Stored::into_analysis);
        let mut before = None;
        match known {
            Some(known) if holds => {
                if known.before.is_some() && self.tells {
                    self.remember(key, &known);
                }
                return Ok(known);
            }
            Some(known) => before = Some(known.before.unwrap_or_else(|| names(&known.schema))),
            None => {}
        }
        let mut analysis = self.analyst.analyze(query)?;
        analysis.before = before.filter(|before| *before != names(&analysis.schema));
        self.remember(key, &analysis);
        Ok(analysis)
    }
}

fn names(columns: &Schema) -> Vec<String> {
    columns.fields().iter().map(|field| field.name().clone()).collect()
}

/// Columns as bytes, in Arrow's own format.
fn encoded(columns: &Schema) -> Vec<u8> {
    IpcSchemaEncoder::new().schema_to_fb(columns).finished_data().to_vec()
}

/// An analysis as it is stored: what it names often stands in it once, and is named by its place.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// The relations that it names: database, schema, identifier. First those that the query reads.
    relations: Vec<[String; 3]>,
    /// What columns these had.
    reads: Vec<Fingerprint>,
    /// The columns that are named: the place of the relation, and the name.
    named: Vec<(usize, String)>,
    schema: Vec<u8>,
    columns: Vec<StoredOrigins>,
    expressions: Vec<Vec<String>>,
    influences: Vec<(usize, Influence)>,
    /// Name, line and column.
    unused: Vec<(String, u64, u64)>,
    /// The names of earlier columns.
    before: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct StoredOrigins {
    values: Vec<(usize, Flow)>,
    influences: Vec<(usize, Influence)>,
}

impl Stored {
    /// `None` where the columns of what it reads are not known.
    fn of(analysis: &Analysis, columns: impl Fn(&Relation) -> Option<Fingerprint>) -> Option<Self> {
        let reads = analysis.reads.iter().map(columns).collect::<Option<_>>()?;
        let mut relations: IndexSet<&Relation> = analysis.reads.iter().collect();
        let mut named: IndexSet<&Arc<ColumnRef>> = IndexSet::default();
        let mut origins = Vec::with_capacity(analysis.columns.len());
        for Origins { values, influences } in &analysis.columns {
            let values = values.iter().map(|(column, flow)| (named.insert_full(column).0, *flow)).collect();
            let influences = influences.iter().map(|(column, how)| (named.insert_full(column).0, *how)).collect();
            origins.push(StoredOrigins { values, influences });
        }
        let influences = analysis.influences.iter().map(|(column, how)| (named.insert_full(column).0, *how)).collect();
        let named = named.into_iter();
        let named = named.map(|column| (relations.insert_full(&column.relation).0, column.column.clone())).collect();
        let names = |relation: &Relation| {
            let Relation { database, schema, identifier } = relation.clone();
            [database, schema, identifier]
        };
        Some(Stored {
            relations: relations.into_iter().map(names).collect(),
            reads,
            named,
            schema: encoded(&analysis.schema),
            columns: origins,
            expressions: analysis.expressions.clone(),
            influences,
            unused: analysis.unused.iter().map(|cte| (cte.name.clone(), cte.line, cte.column)).collect(),
            before: analysis.before.clone(),
        })
    }

    /// Whether the relations that it reads have the columns that they had.
    fn holds(&self, columns: impl Fn(&Relation) -> Option<Fingerprint>) -> bool {
        let reads = self.relations.iter().zip(&self.reads);
        reads.into_iter().all(|(names, then)| columns(&relation(names)) == Some(*then))
    }

    fn into_analysis(self) -> Option<Analysis> {
        let mut relations: Vec<Relation> = self.relations.iter().map(relation).collect();
        let named = self
            .named
            .into_iter()
            .map(|(place, column)| Some(Arc::new(ColumnRef { relation: relations.get(place)?.clone(), column })));
        let named: Vec<Arc<ColumnRef>> = named.collect::<Option<_>>()?;
        let column = |place: usize| named.get(place).cloned();
        let influences = |stored: Vec<(usize, Influence)>| {
            stored.into_iter().map(|(place, how)| Some((column(place)?, how))).collect::<Option<_>>()
        };
        let columns = self.columns.into_iter().map(|origins| {
            let values = origins.values.into_iter().map(|(place, flow)| Some((column(place)?, flow)));
            Some(Origins { values: values.collect::<Option<_>>()?, influences: influences(origins.influences)? })
        });
        relations.truncate(self.reads.len());
        Some(Analysis {
            schema: Arc::new(fb_to_schema(root_as_schema(&self.schema).ok()?)),
            columns: columns.collect::<Option<_>>()?,
            expressions: self.expressions,
            influences: influences(self.influences)?,
            unused: self.unused.into_iter().map(|(name, line, column)| UnusedCte { name, line, column }).collect(),
            reads: relations,
            before: self.before,
        })
    }
}

fn relation([database, schema, identifier]: &[String; 3]) -> Relation {
    Relation::new(database, schema, identifier)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use arrow::datatypes::{Field, TimeUnit};

    use super::*;

    /// Says the same of every query, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct Counting {
        asked: AtomicUsize,
        settings: &'static str,
    }

    impl Analyst for Counting {
        fn fingerprint(&self) -> Fingerprint {
            Fingerprint::of([self.settings])
        }

        fn declare(&self, _: Relation, _: Declared) {}

        fn declare_function(&self, _: Relation, _: DeclaredFunction) {}

        fn data_type(&self, _: &str) -> Option<DataType> {
            None
        }

        fn analyze(&self, _: Query<'_>) -> Result<Analysis, NotAnalyzed> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            Ok(analysis())
        }
    }

    fn orders() -> Relation {
        Relation::new("lake", "raw", "orders")
    }

    fn columns(data_type: DataType) -> Declared {
        Declared::Columns(Arc::new(Schema::new(vec![Field::new("id", data_type, true)])))
    }

    fn analysis() -> Analysis {
        let named = |relation: Relation, name: &str| Arc::new(ColumnRef { relation, column: name.to_owned() });
        let column = |name: &str| named(orders(), name);
        let inlined = named(Relation::new("", "", "__dbt__cte__x"), "id");
        let moment = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let list = DataType::List(Arc::new(Field::new("item", DataType::Decimal128(38, 2), true)));
        let fields = vec![Field::new("a", moment, true), Field::new("b", list, false)];
        let origins = Origins {
            values: BTreeMap::from([(column("id"), Flow::Identity), (column("price"), Flow::Aggregate)]),
            influences: BTreeSet::from([(column("id"), Influence::Window)]),
        };
        Analysis {
            schema: Arc::new(Schema::new(fields)),
            columns: vec![origins, Origins::default()],
            expressions: vec![vec!["sum(price)".to_owned()], Vec::new()],
            influences: BTreeSet::from([(column("day"), Influence::Filter), (inlined, Influence::Join)]),
            unused: vec![UnusedCte { name: "x".to_owned(), line: 2, column: 7 }],
            reads: vec![orders()],
            before: None,
        }
    }

    /// Asks about a query as a command does that finds this file, and gives the file that it leaves and whether it had to look.
    fn ask(file: Option<Vec<u8>>, sql: &str, told: Declared, settings: &'static str) -> (Option<Vec<u8>>, bool) {
        let build = Fingerprint::of(["build"]);
        let memory = file.map(|bytes| Memory::read(bytes, build)).unwrap_or_default();
        let analyst = Arc::new(Counting { settings, ..Counting::default() });
        let remembering = Remembering::new(Arc::clone(&analyst) as Arc<dyn Analyst>, &memory, true);
        remembering.declare(orders(), told);
        let found = remembering.analyze(Query::of(sql)).unwrap();
        assert_eq!(format!("{found:?}"), format!("{:?}", analysis()));
        (memory.written(build), analyst.asked.load(Ordering::Relaxed) > 0)
    }

    #[test]
    fn a_query_is_looked_at_anew_when_something_changed() {
        let (kept, _) = ask(None, "select 1", columns(DataType::Int64), "");
        assert!(kept.is_some());
        assert_eq!(ask(kept.clone(), "select 1", columns(DataType::Int64), ""), (None, false));
        for (sql, told, settings) in [
            ("select 2", columns(DataType::Int64), ""),
            ("select 1", columns(DataType::Int32), ""),
            ("select 1", columns(DataType::Int64), "another dialect"),
        ] {
            let (_, has_looked) = ask(kept.clone(), sql, told, settings);
            assert!(has_looked, "{sql}");
        }
        let mut damaged = kept.unwrap();
        *damaged.last_mut().unwrap() ^= 1;
        assert!(ask(Some(damaged), "select 1", columns(DataType::Int64), "").1);
    }

    #[test]
    fn what_depends_on_unknown_columns_is_not_kept() {
        assert_eq!(ask(None, "select 1", Declared::Unknown, ""), (None, true));
    }

    #[test]
    fn what_no_command_uses_is_forgotten_in_the_end() {
        let knows = |file: &Option<Vec<u8>>| !ask(file.clone(), "old", columns(DataType::Int64), "").1;
        let (mut file, _) = ask(None, "old", columns(DataType::Int64), "");
        for round in 0..KEPT {
            assert!(knows(&file), "{round}");
            file = ask(file, &format!("select {round}"), columns(DataType::Int64), "").0;
        }
        assert!(!knows(&file));
    }
}
