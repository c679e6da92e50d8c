//! A materialized view: a table of the rows of a query, made anew when they may be others: when the query reads something that has another
//! version than it had, or is another query itself.
//!
//! What the rows were made of is kept with the table, as a property, together with what tells its files: where others have come since, the
//! rows are not those that were made.

use std::any::Any;
use std::collections::BTreeMap;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, ResolvedTableReference};
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::{Expr, LogicalPlan, TableScan, Volatility};
use deltalake::kernel::transaction::CommitBuilder;
use deltalake::kernel::{Action, MetadataExt};
use deltalake::protocol::DeltaOperation;
use deltalake::{DeltaTable, DeltaTableError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::create_table::create_table;
use super::{in_lake, layout};
use crate::base::sha256_hex;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::external::FilesTable;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, ErrorKind, Layout, OnChange, Outcome, RelationKind, Rules};
use crate::sql::Relation;

/// The property that says what the rows were made of.
const MADE_OF: &str = "transform.materializedView";

/// What is asked for beside the rows.
pub(super) struct Asked<'a> {
    /// What they must be like.
    pub(super) rules: &'a Rules,
    /// How they lie in files.
    pub(super) layout: &'a Layout,
    /// What is done when the table has another layout; `None` makes it anew in any case.
    pub(super) on_change: Option<OnChange>,
}

/// Makes the table anew, unless its rows were made of what the query reads now. The outcome's response says whether it was `refreshed`.
///
/// # Errors
/// When the query fails, or the table has another layout and that is an error.
pub(super) async fn refresh(
    cx: &Context,
    relation: &Relation,
    query: &str,
    asked: &Asked<'_>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let plan = cx.session.plan(query).await?;
    let made_of = made_of(cx, &plan, (query, asked.rules)).await?;
    let mut layout = asked.layout.clone();
    if let (Some(on_change), Some(known)) = (asked.on_change, known(cx, relation).await?) {
        let wanted = layout::settled(relation, &layout, plan.schema().as_arrow())?;
        let is_changed = wanted != known.layout;
        match on_change {
            OnChange::Apply => {}
            OnChange::Continue if is_changed => {
                tracing::warn!(
                    "`{relation}` has another layout than its configs say, and keeps it: `on_configuration_change: continue`"
                );
                layout = known.layout;
            }
            OnChange::Fail if is_changed => {
                let message = format!("`{relation}` has another layout than its configs say");
                return Err(EngineError::new(ErrorKind::Plan, message)
                    .help("set `on_configuration_change` to `apply`, or rebuild it with `--full-refresh`"));
            }
            OnChange::Continue | OnChange::Fail => {}
        }
        let is_same = !is_changed || on_change == OnChange::Continue;
        if is_same && made_of.is_some() && made_of == known.made_of {
            let mut outcome = Outcome::default();
            outcome.response.insert("refreshed".to_owned(), json!(false));
            return Ok(outcome);
        }
    }
    let mut outcome = create_table(cx, relation, query, (asked.rules, &layout), gate).await?;
    keep(cx, relation, made_of, gate).await?;
    outcome.response.insert("refreshed".to_owned(), json!(true));
    Ok(outcome)
}

/// What [`MADE_OF`] holds.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    made_of: String,
    /// What tells the data files that the rows are in.
    files: String,
}

fn files(table: &DeltaTable) -> Result<String, EngineError> {
    let mut paths: Vec<_> = table.snapshot()?.log_data().iter().map(|file| file.path().into_owned()).collect();
    paths.sort_unstable();
    Ok(sha256_hex(paths.join("\n").as_bytes()))
}

/// What is known of the table that is there.
struct Known {
    layout: Layout,
    made_of: Option<String>,
}

async fn known(cx: &Context, relation: &Relation) -> Result<Option<Known>, EngineError> {
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    if cx.lake.kind(schema, name)? != Some(RelationKind::Table) {
        return Ok(None);
    }
    let Some(table) = cx.tables.open(schema, name).await? else { return Ok(None) };
    let kept = table.snapshot()?.metadata().configuration().get(MADE_OF).cloned();
    let kept = kept.and_then(|kept| serde_json::from_str::<Kept>(&kept).ok());
    let files = files(&table)?;
    let made_of = kept.filter(|kept| kept.files == files).map(|kept| kept.made_of);
    Ok(Some(Known { layout: layout::stored(&table)?, made_of }))
}

/// Keeps what the rows were made of.
async fn keep(cx: &Context, relation: &Relation, made_of: Option<String>, gate: &Gate) -> Result<(), EngineError> {
    let Some(table) = cx.tables.open(&relation.schema, &relation.identifier).await? else { return Ok(()) };
    let table = cx.tables.gated(relation, table, gate)?;
    let snapshot = table.snapshot()?.snapshot();
    let metadata = snapshot.metadata().clone();
    let kept = match made_of {
        Some(made_of) => Some(json!(Kept { made_of, files: files(&table)? }).to_string()),
        None => None,
    };
    let changed = match &kept {
        Some(kept) => metadata.add_config_key(MADE_OF.to_owned(), kept.clone()),
        None => metadata.remove_config_key(MADE_OF),
    };
    let actions = vec![Action::Metadata(changed.map_err(DeltaTableError::from)?)];
    let properties = [(MADE_OF.to_owned(), kept.unwrap_or_default())].into();
    let operation = DeltaOperation::SetTableProperties { properties };
    CommitBuilder::default().with_actions(actions).build(Some(snapshot), table.log_store(), operation).await?;
    Ok(())
}

/// The query, the views in it included, and the versions of all that it reads; `None` where that is not known, or where the rows are
/// others each time.
async fn made_of(
    cx: &Context,
    plan: &LogicalPlan,
    (query, rules): (&str, &Rules),
) -> Result<Option<String>, EngineError> {
    let Some(Read { scans, text }) = Read::by(plan)? else { return Ok(None) };
    let mut inputs = BTreeMap::new();
    for scan in &scans {
        let settings = &cx.settings;
        let name = scan.table_name.clone().resolve(&settings.database, &settings.schema);
        let Some(version) = version(cx, &name, scan).await? else { return Ok(None) };
        inputs.insert(name.to_string(), version);
    }
    let query = sha256_hex(format!("{query}\n{rules:?}\n{text}").as_bytes());
    Ok(Some(json!({ "query": query, "inputs": inputs }).to_string()))
}

/// The version of one thing that is read: of a table its identity and number, of files what they look like.
async fn version(cx: &Context, name: &ResolvedTableReference, scan: &TableScan) -> Result<Option<String>, EngineError> {
    let provider = source_as_provider(&scan.source)?;
    let any: &dyn Any = provider.as_ref();
    if let Some(files) = any.downcast_ref::<FilesTable>() {
        return Ok(Some(sha256_hex(files.look().as_bytes())));
    }
    let (schema, table) = (name.schema.as_ref(), name.table.as_ref());
    if name.catalog.as_ref() != cx.settings.database || cx.lake.kind(schema, table)? != Some(RelationKind::Table) {
        return Ok(None);
    }
    let Some(table) = cx.tables.open(schema, table).await? else { return Ok(None) };
    let (id, version) = (table.snapshot()?.metadata().id().to_owned(), table.version());
    Ok(version.map(|version| format!("{id} {version}")))
}

/// What a plan reads, and what it does with it.
#[derive(Default)]
struct Read {
    scans: Vec<TableScan>,
    /// Every node and every expression in full, those of the views in the query included: how a plan is shown leaves out what is long.
    text: String,
}

impl Read {
    /// `None` where a function of the plan is another one each time.
    fn by(plan: &LogicalPlan) -> Result<Option<Self>, EngineError> {
        let (mut read, mut is_stable) = (Read::default(), true);
        plan.apply_with_subqueries(|node| {
            read.text.push_str(&format!("{}\n", node.display()));
            if let LogicalPlan::TableScan(scan) = node {
                read.scans.push(scan.clone());
            }
            node.apply_expressions(|expression| {
                read.text.push_str(&format!("{expression:?}\n"));
                expression.apply(|part| {
                    is_stable &= !changes(part);
                    Ok::<_, DataFusionError>(TreeNodeRecursion::Continue)
                })
            })
        })?;
        read.text.push_str(&plan.schema().to_string());
        Ok(is_stable.then_some(read))
    }
}

fn changes(part: &Expr) -> bool {
    match part {
        Expr::ScalarFunction(call) => call.func.signature().volatility != Volatility::Immutable,
        _ => false,
    }
}
