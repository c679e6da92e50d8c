//! The DataFusion session of a lake: its limits, its options, and how SQL becomes a plan in it.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::CatalogProviderList;
use datafusion::common::{DFSchema, DataFusionError, TableReference, plan_err};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{ExprSchemable, LogicalPlan};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::planner::object_name_to_table_reference;
use datafusion::sql::sqlparser::ast::ObjectName;
use datafusion::sql::sqlparser::tokenizer::TokenWithSpan;
use deltalake::delta_datafusion::planner::DeltaPlanner;

use super::as_of;
use super::casts::Casts;
use super::catalog::Catalogs;
use super::chains;
use super::dynamic_filters::DynamicFilters;
use super::functions;
use super::guard;
use super::lake::Lake;
use super::laterals::Laterals;
use super::marks::Marks;
use super::memory::HeadroomPool;
use super::microseconds::Microseconds;
use super::offsets::Offsets;
use super::overflow::Overflow;
use super::place::placed;
use super::settings::Settings;
use super::spill_dir::SpillDir;
use super::sql_types::SqlTypes;
use super::user_functions::{self, Functions, Library};
use super::yielding::YieldingJoins;
use crate::base::{nearest, quoted_list};
use crate::engine::{EngineError, ErrorKind};

/// What a sort keeps aside for merging what it spilled. The default of 10 MB for each partition makes sorts fail under limits
/// that they would otherwise respect.
const SORT_SPILL_RESERVATION: usize = 2 << 20;

/// A DataFusion session over a lake.
#[derive(Clone)]
pub(super) struct Session {
    context: SessionContext,
    catalogs: Arc<Catalogs>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl Session {
    /// Opens a session; the catalogs can plan views from then on.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when an option does not exist or has a wrong value, or the folder to spill to cannot be used.
    pub(super) fn open(
        settings: &Settings,
        spill_dir: Option<&SpillDir>,
        catalogs: Arc<Catalogs>,
        lake: Arc<Lake>,
    ) -> Result<Self, EngineError> {
        let config = config(settings)?.with_extension(Arc::new(Library(lake)));
        let state = rules(config, Arc::clone(&catalogs) as Arc<dyn CatalogProviderList>)
            .with_runtime_env(runtime(settings, spill_dir)?)
            .with_query_planner(DeltaPlanner::new())
            .with_physical_optimizer_rule(Arc::new(DynamicFilters))
            .with_physical_optimizer_rule(Arc::new(YieldingJoins))
            .build();
        let mut context = SessionContext::new_with_state(state);
        functions::register(&mut context)?;
        let weak = context.state_weak_ref();
        catalogs.attach(Box::new(move || weak.upgrade().map(|state| state.read().clone())));
        Ok(Session { context, catalogs })
    }

    /// The same session for what needs more memory than there is: joins sort what they read, which can spill, and little runs at once.
    pub(super) fn frugal(&self) -> Self {
        let state = self.state();
        let config = state.config().clone();
        // With one partition DataFusion would not think of sorting.
        let config = config.with_target_partitions(2).set_bool("datafusion.optimizer.prefer_hash_join", false);
        let state = SessionStateBuilder::new_from_existing(state).with_config(config).build();
        Session { context: SessionContext::new_with_state(state), catalogs: Arc::clone(&self.catalogs) }
    }

    /// The state for one statement: `now()` is the moment of this call.
    pub(super) fn state(&self) -> SessionState {
        self.context.state()
    }

    /// DataFusion's own handle.
    pub(super) fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Parses one statement.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`], or what [`guard`] refuses.
    pub(super) fn parse(&self, sql: &str) -> Result<Statement, EngineError> {
        parse(&self.state(), sql)
    }

    /// Plans one query.
    ///
    /// # Errors
    /// When it cannot be parsed or planned, or is not a query.
    pub(super) async fn plan(&self, sql: &str) -> Result<LogicalPlan, EngineError> {
        let planned = plan_query(&self.state(), sql).await;
        planned.map_err(|error| {
            let suggested = suggest_table(error, |database, schema| self.catalogs.relation_names(database, schema));
            placed(suggested, sql)
        })
    }

    /// The Arrow type of a SQL type that a project declares for a column.
    ///
    /// # Errors
    /// [`ErrorKind::Plan`] when there is no such type.
    pub(super) fn data_type(&self, sql_type: &str, column: &str) -> Result<DataType, EngineError> {
        data_type(&self.state(), sql_type, column)
    }

    /// A name in a statement: unquoted parts in lower case.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when it has more than three parts.
    pub(super) fn table_reference(&self, name: &ObjectName) -> Result<TableReference, EngineError> {
        Ok(object_name_to_table_reference(name.clone(), true)?)
    }
}

/// Names a relation that is spelt nearly like the one that does not exist; `names` tells those of a database and schema.
pub(super) fn suggest_table(mut error: EngineError, names: impl FnOnce(&str, &str) -> Vec<String>) -> EngineError {
    let Some(rest) = error.message.strip_prefix("table '") else { return error };
    let Some(missing) = rest.strip_suffix("' not found").map(str::to_owned) else { return error };
    error.message = format!("there is no table or view `{missing}`");
    let parts: Vec<&str> = missing.split('.').collect();
    let [database, schema, name] = parts[..] else { return error };
    let known = names(database, schema);
    error.help = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if known.is_empty() => Some(format!("schema `{schema}` has no tables or views yet")),
        None if known.len() <= 12 => Some(format!("relations in `{schema}`: {}", quoted_list(&known))),
        None => None,
    };
    error
}

/// What decides how SQL becomes a plan.
fn rules(config: SessionConfig, catalogs: Arc<dyn CatalogProviderList>) -> SessionStateBuilder {
    SessionStateBuilder::new_with_default_features()
        .with_config(config)
        .with_catalog_list(catalogs)
        .with_type_planner(Arc::new(SqlTypes))
        .with_analyzer_rule(Arc::new(Laterals))
        .with_analyzer_rule(Arc::new(Marks))
        .with_analyzer_rule(Arc::new(Offsets))
        .with_analyzer_rule(Arc::new(Microseconds))
        .with_analyzer_rule(Arc::new(Overflow))
        .with_analyzer_rule(Arc::new(Casts))
}

/// A state that plans over other catalogs and functions than a lake's, and runs nothing.
///
/// # Errors
/// [`ErrorKind::Settings`] when an option does not exist or has a wrong value.
pub(super) fn planning_state(
    settings: &Settings,
    catalogs: Arc<dyn CatalogProviderList>,
    library: Arc<dyn Functions>,
) -> Result<SessionState, EngineError> {
    let config = config(settings)?.with_extension(Arc::new(Library(library)));
    let mut context = SessionContext::new_with_state(rules(config, catalogs).build());
    functions::register(&mut context)?;
    Ok(context.state())
}

/// Plans one query in a given state.
///
/// # Errors
/// As [`Session::plan`].
pub(super) async fn plan_query(state: &SessionState, sql: &str) -> Result<LogicalPlan, EngineError> {
    let plan = plan_statement(state, parse(state, sql)?).await?;
    // Before types are coerced a union has those of its first query, and whoever stores its rows would cast the others to them.
    let analyzed = state.analyzer().execute_and_check(plan.clone(), state.config_options(), |_, _| {})?;
    let types = |plan: &LogicalPlan| -> Vec<DataType> {
        plan.schema().fields().iter().map(|field| field.data_type().clone()).collect()
    };
    if types(&analyzed) == types(&plan) { Ok(plan) } else { Ok(analyzed) }
}

/// Plans one query that is parsed.
///
/// # Errors
/// As [`Session::plan`].
pub(super) async fn plan_statement(state: &SessionState, statement: Statement) -> Result<LogicalPlan, EngineError> {
    let plan = user_functions::plan(state, statement).await?;
    let only_queries = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    only_queries.verify_plan(&plan).map_err(|_| {
        EngineError::new(ErrorKind::Unsupported, "this statement is not a query")
            .help("a model is one `select`; statements that change data belong in a hook or an operation")
    })?;
    Ok(plan)
}

/// The Arrow type of a SQL type that a project declares for a column.
///
/// # Errors
/// [`ErrorKind::Plan`] when there is no such type.
pub(super) fn data_type(state: &SessionState, sql_type: &str, column: &str) -> Result<DataType, EngineError> {
    let empty = DFSchema::empty();
    let cast = state.create_logical_expr(&format!("cast(null as {sql_type})"), &empty);
    cast.and_then(|cast| cast.get_type(&empty)).map_err(|error| {
        let reason = EngineError::from(error).message;
        EngineError::new(ErrorKind::Plan, format!("column `{column}` has the unknown type `{sql_type}`: {reason}"))
    })
}

/// Parses one statement.
///
/// # Errors
/// [`ErrorKind::Syntax`], or what [`guard`] refuses.
pub(super) fn parse(state: &SessionState, sql: &str) -> Result<Statement, EngineError> {
    chains::check(sql)?;
    let statement = match as_of::tokens(sql)? {
        None => state.sql_to_statement(sql, &state.config_options().sql_parser.dialect),
        Some(tokens) => read_tokens(state, tokens),
    };
    let statement = statement.map_err(|error| {
        let mut error = EngineError::from(error);
        if error.message.contains("only supports a single SQL statement") {
            error.message = "more than one statement where one is expected".to_owned();
            error.help = Some("remove what follows the first `;`".to_owned());
        } else if error.message.contains("no SQL statements were provided") {
            error.message = "there is no SQL statement".to_owned();
        }
        error
    })?;
    guard::check(&statement)?;
    Ok(statement)
}

/// Parses a statement that is read already; the errors are those of DataFusion's own way.
fn read_tokens(state: &SessionState, tokens: Vec<TokenWithSpan>) -> Result<Statement, DataFusionError> {
    let limit = state.config_options().sql_parser.recursion_limit.get();
    let mut statements = DFParserBuilder::new(tokens).with_recursion_limit(limit).build()?.parse_statements()?;
    match (statements.pop_front(), statements.is_empty()) {
        (Some(mut statement), true) => {
            as_of::alias(&mut statement);
            Ok(statement)
        }
        (None, _) => plan_err!("no SQL statements were provided"),
        (Some(_), false) => plan_err!("this only supports a single SQL statement"),
    }
}

fn config(settings: &Settings) -> Result<SessionConfig, EngineError> {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema(&settings.database, &settings.schema)
        .with_create_default_catalog_and_schema(false)
        // The catalogs have one of their own.
        .with_information_schema(false)
        .with_sort_spill_reservation_bytes(SORT_SPILL_RESERVATION)
        .set_bool("datafusion.sql_parser.collect_spans", true)
        // A file for each batch that a repartition spills: with more in a file, what reads may wait for ever for a file that no one
        // writes to while its batch lies in the next (apache/datafusion#24883, mended after 55.2).
        .set_usize("datafusion.execution.max_spill_file_size_bytes", 1)
        // Joins on the dictionary columns that merges add can panic with pushed-down lists; deltalake sets the same.
        .set_usize("datafusion.optimizer.hash_join_inlist_pushdown_max_size", 0)
        .set_usize("datafusion.optimizer.hash_join_inlist_pushdown_max_distinct_values", 0);
    if let Some(partitions) = settings.partitions {
        config = config.with_target_partitions(partitions);
    }
    let known: HashSet<String> = config.options().entries().into_iter().map(|entry| entry.key).collect();
    for (name, value) in &settings.options {
        let option = if name.starts_with("datafusion.") { name.clone() } else { format!("datafusion.{name}") };
        if !known.contains(&option) {
            return Err(unknown_option(name, &known));
        }
        config.options_mut().set(&option, value).map_err(|error| {
            let reason = EngineError::from(error).message;
            EngineError::new(ErrorKind::Settings, format!("`settings.{name}: {value}` cannot be used: {reason}"))
        })?;
    }
    Ok(config)
}

fn unknown_option(name: &str, known: &HashSet<String>) -> EngineError {
    let error = EngineError::new(ErrorKind::Settings, format!("DataFusion has no option `{name}` (key `settings`)"));
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// Memory and disk for the work of all queries together.
fn runtime(settings: &Settings, spill_dir: Option<&SpillDir>) -> Result<Arc<RuntimeEnv>, EngineError> {
    let spill = match spill_dir {
        Some(folder) => DiskManagerMode::Directories(vec![folder.path().to_owned()]),
        None => DiskManagerMode::OsTmpDirectory,
    };
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(HeadroomPool::new(settings.memory.bytes())))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(spill))
        .build_arc()?;
    Ok(runtime)
}
