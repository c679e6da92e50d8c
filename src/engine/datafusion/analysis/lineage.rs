//! Where the columns of a plan come from.
//!
//! The plan is the planner's own, before types are coerced and before the optimizer: what was written is still to be seen in it. It is
//! walked once from the tables up; each part gives the origins of its columns, and what decides about its rows.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DFSchemaRef, Result, not_impl_err};
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::expr::{AggregateFunction, Exists, InSubquery, SetComparison, WindowFunction};
use datafusion::logical_expr::{
    Aggregate, Cast, Distinct, Expr, ExprSchemable, Join, JoinType, LogicalPlan, RecursiveQuery, Subquery, TableScan,
    TryCast, Union, Unnest, WindowFunctionDefinition,
};

use super::catalog::Bare;
use crate::engine::analysis::{ColumnRef, Flow, Influence, Influences, Origins};
use crate::sql::Relation;

/// The origins of a plan's columns, in the order of its schema, and what decides about its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lineage {
    pub(super) columns: Vec<Origins>,
    pub(super) influences: Influences,
}

/// The lineage of a query; of what is `inlined` in it the values are those of the relations that it stands for.
///
/// # Errors
/// For a node that no query has.
pub(super) fn of(plan: &LogicalPlan, inlined: &[(String, Relation)]) -> Result<Lineage> {
    Walk { inlined, around: Vec::new(), recursive: HashMap::new() }.plan(plan)
}

/// A walk through a plan, with what its parts can name besides their inputs.
struct Walk<'a> {
    /// The common table expressions that stand for relations.
    inlined: &'a [(String, Relation)],
    /// The rows around the subquery that is walked through, outermost first.
    around: Vec<(DFSchemaRef, Vec<Origins>)>,
    /// What the open recursive queries have come to, by name.
    recursive: HashMap<String, Lineage>,
}

impl Walk<'_> {
    fn plan(&mut self, plan: &LogicalPlan) -> Result<Lineage> {
        match plan {
            LogicalPlan::TableScan(scan) => Ok(self.scan(scan)),
            LogicalPlan::Projection(projection) => {
                let input = self.plan(&projection.input)?;
                let columns = self.exprs(&projection.expr, projection.input.schema(), &input.columns)?;
                Ok(Lineage { columns, ..input })
            }
            LogicalPlan::Filter(filter) => {
                let mut input = self.plan(&filter.input)?;
                let decided = self.expr(&filter.predicate, filter.input.schema(), &input.columns)?;
                input.influences.extend(decided.deciding(Influence::Filter));
                Ok(input)
            }
            LogicalPlan::Sort(sort) => {
                let mut input = self.plan(&sort.input)?;
                for key in &sort.expr {
                    let decided = self.expr(&key.expr, sort.input.schema(), &input.columns)?;
                    input.influences.extend(decided.deciding(Influence::Sort));
                }
                Ok(input)
            }
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate),
            LogicalPlan::Window(window) => {
                let mut input = self.plan(&window.input)?;
                let computed = self.exprs(&window.window_expr, window.input.schema(), &input.columns)?;
                input.columns.extend(computed);
                Ok(input)
            }
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::Union(union) => self.union(union),
            LogicalPlan::Distinct(distinct) => self.distinct(distinct),
            LogicalPlan::Unnest(unnest) => self.unnest(unnest),
            LogicalPlan::RecursiveQuery(query) => self.recursive(query),
            LogicalPlan::Subquery(Subquery { subquery: input, .. }) => self.plan(input),
            LogicalPlan::SubqueryAlias(aliased) => {
                match self.inlined.iter().find(|(name, _)| name == aliased.alias.table()) {
                    Some((_, relation)) => Ok(of_relation(relation, &aliased.schema)),
                    None => self.plan(&aliased.input),
                }
            }
            LogicalPlan::Limit(limit) => self.plan(&limit.input),
            LogicalPlan::Repartition(repartition) => self.plan(&repartition.input),
            LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => Ok(constant(plan.schema())),
            other => not_impl_err!("the lineage of {} is not known", other.display()),
        }
    }

    /// A table that was declared; one that a function makes, or rows of the statement's own, come from nowhere.
    fn scan(&self, scan: &TableScan) -> Lineage {
        let Ok(provider) = source_as_provider(&scan.source) else { return constant(&scan.projected_schema) };
        if let Some(table) = provider.downcast_ref::<CteWorkTable>() {
            let known = self.recursive.get(table.name()).cloned();
            return known.unwrap_or_else(|| constant(&scan.projected_schema));
        }
        let Some(table) = provider.downcast_ref::<Bare>() else { return constant(&scan.projected_schema) };
        of_relation(table.relation(), &scan.projected_schema)
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Result<Lineage> {
        let Lineage { columns, mut influences } = self.plan(&aggregate.input)?;
        let schema = aggregate.input.schema();
        let mut made = Vec::new();
        for key in &aggregate.group_expr {
            let keys: Vec<&Expr> = match key {
                Expr::GroupingSet(set) => set.distinct_expr(),
                key => vec![key],
            };
            for key in keys {
                let origins = self.expr(key, schema, &columns)?;
                influences.extend(origins.deciding(Influence::Group));
                made.push(origins);
            }
        }
        let aggregated = self.exprs(&aggregate.aggr_expr, schema, &columns)?;
        // Between the two may be a column that tells the grouping sets apart.
        made.resize_with(aggregate.schema.fields().len().saturating_sub(aggregated.len()), Origins::default);
        made.extend(aggregated);
        Ok(Lineage { columns: made, influences })
    }

    fn join(&mut self, join: &Join) -> Result<Lineage> {
        let left = self.plan(&join.left)?;
        // A lateral side sees the columns of the other.
        self.around.push((Arc::clone(join.left.schema()), left.columns.clone()));
        let right = self.plan(&join.right);
        self.around.pop();
        let right = right?;
        let mut influences = left.influences;
        influences.extend(right.influences);
        for (one, other) in &join.on {
            influences.extend(self.expr(one, join.left.schema(), &left.columns)?.deciding(Influence::Join));
            influences.extend(self.expr(other, join.right.schema(), &right.columns)?.deciding(Influence::Join));
        }
        let both: Vec<Origins> = left.columns.iter().chain(&right.columns).cloned().collect();
        let decided = match &join.filter {
            Some(filter) => {
                let schema = Arc::new(join.left.schema().join(join.right.schema())?);
                self.expr(filter, &schema, &both)?
            }
            None => Origins::default(),
        };
        influences.extend(decided.deciding(Influence::Join));
        let columns = match join.join_type {
            JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => both,
            JoinType::LeftSemi | JoinType::LeftAnti => left.columns,
            JoinType::RightSemi | JoinType::RightAnti => right.columns,
            JoinType::LeftMark => left.columns.into_iter().chain([decided]).collect(),
            JoinType::RightMark => right.columns.into_iter().chain([decided]).collect(),
        };
        Ok(Lineage { columns, influences })
    }

    fn union(&mut self, union: &Union) -> Result<Lineage> {
        let mut all = constant(&union.schema);
        for input in &union.inputs {
            let input = self.plan(input)?;
            for (column, origins) in all.columns.iter_mut().zip(&input.columns) {
                column.add(origins, Flow::Identity);
            }
            all.influences.extend(input.influences);
        }
        Ok(all)
    }

    fn distinct(&mut self, distinct: &Distinct) -> Result<Lineage> {
        match distinct {
            Distinct::All(input) => {
                let mut input = self.plan(input)?;
                let keys: Vec<_> = input.columns.iter().flat_map(|column| column.deciding(Influence::Group)).collect();
                input.influences.extend(keys);
                Ok(input)
            }
            Distinct::On(on) => {
                let Lineage { columns, mut influences } = self.plan(&on.input)?;
                let schema = on.input.schema();
                for key in self.exprs(&on.on_expr, schema, &columns)? {
                    influences.extend(key.deciding(Influence::Group));
                }
                for key in on.sort_expr.iter().flatten() {
                    influences.extend(self.expr(&key.expr, schema, &columns)?.deciding(Influence::Sort));
                }
                Ok(Lineage { columns: self.exprs(&on.select_expr, schema, &columns)?, influences })
            }
        }
    }

    fn unnest(&mut self, unnest: &Unnest) -> Result<Lineage> {
        let input = self.plan(&unnest.input)?;
        let is_opened = |at: &usize| {
            unnest.struct_type_columns.contains(at) || unnest.list_type_columns.iter().any(|(list, _)| list == at)
        };
        let columns = unnest.dependency_indices.iter().map(|at| {
            let mut origins = Origins::default();
            if let Some(of) = input.columns.get(*at) {
                origins.add(of, if is_opened(at) { Flow::Transform } else { Flow::Identity });
            }
            origins
        });
        Ok(Lineage { columns: columns.collect(), influences: input.influences })
    }

    /// What a round gives is what the next one reads, until nothing new comes: there are only so many columns to come from.
    fn recursive(&mut self, query: &RecursiveQuery) -> Result<Lineage> {
        let mut all = self.plan(&query.static_term)?;
        loop {
            let hidden = self.recursive.insert(query.name.clone(), all.clone());
            let round = self.plan(&query.recursive_term);
            match hidden {
                Some(hidden) => self.recursive.insert(query.name.clone(), hidden),
                None => self.recursive.remove(&query.name),
            };
            let round = round?;
            let before = all.clone();
            for (column, origins) in all.columns.iter_mut().zip(&round.columns) {
                column.add(origins, Flow::Identity);
            }
            all.influences.extend(round.influences);
            if all == before {
                return Ok(all);
            }
        }
    }

    fn exprs(&mut self, exprs: &[Expr], schema: &DFSchemaRef, columns: &[Origins]) -> Result<Vec<Origins>> {
        exprs.iter().map(|expr| self.expr(expr, schema, columns)).collect()
    }

    /// The origins of an expression over rows with these columns.
    fn expr(&mut self, expr: &Expr, schema: &DFSchemaRef, columns: &[Origins]) -> Result<Origins> {
        let mut origins = Origins::default();
        match expr {
            Expr::Column(column) => origins = named(column, schema, columns),
            Expr::OuterReferenceColumn(_, column) => origins = self.outer(column),
            Expr::Alias(alias) => origins = self.expr(&alias.expr, schema, columns)?,
            // Models often say the type that a column has already.
            Expr::Cast(Cast { expr, field }) | Expr::TryCast(TryCast { expr, field })
                if expr.get_type(schema.as_ref()).is_ok_and(|own| is_same(&own, field.data_type())) =>
            {
                origins = self.expr(expr, schema, columns)?;
            }
            Expr::AggregateFunction(AggregateFunction { params, .. }) => {
                for argument in self.exprs(&params.args, schema, columns)? {
                    origins.add(&argument, Flow::Aggregate);
                }
                if let Some(filter) = &params.filter {
                    origins.influences.extend(self.expr(filter, schema, columns)?.deciding(Influence::Filter));
                }
                for key in &params.order_by {
                    origins.influences.extend(self.expr(&key.expr, schema, columns)?.deciding(Influence::Sort));
                }
            }
            Expr::WindowFunction(window) => {
                let WindowFunction { fun, params } = window.as_ref();
                let step = match fun {
                    WindowFunctionDefinition::AggregateUDF(_) => Flow::Aggregate,
                    WindowFunctionDefinition::WindowUDF(_) => Flow::Transform,
                };
                for argument in self.exprs(&params.args, schema, columns)? {
                    origins.add(&argument, step);
                }
                let keys = params.partition_by.iter().chain(params.order_by.iter().map(|key| &key.expr));
                for key in keys {
                    origins.influences.extend(self.expr(key, schema, columns)?.deciding(Influence::Window));
                }
                if let Some(filter) = &params.filter {
                    origins.influences.extend(self.expr(filter, schema, columns)?.deciding(Influence::Filter));
                }
            }
            Expr::ScalarSubquery(query) => origins = self.value(query, schema, columns)?,
            Expr::Exists(Exists { subquery, .. }) => {
                origins.influences.extend(self.subquery(subquery, schema, columns)?.influences);
            }
            Expr::InSubquery(InSubquery { expr, subquery, .. })
            | Expr::SetComparison(SetComparison { expr, subquery, .. }) => {
                origins = self.value(subquery, schema, columns)?;
                origins.add(&self.expr(expr, schema, columns)?, Flow::Transform);
            }
            other => {
                let mut parts = Vec::new();
                other.apply_children(|part| {
                    parts.push(part);
                    Ok(TreeNodeRecursion::Continue)
                })?;
                for part in parts {
                    origins.add(&self.expr(part, schema, columns)?, Flow::Transform);
                }
            }
        }
        Ok(origins)
    }

    /// The origins of what is made of a subquery's only column.
    fn value(&mut self, query: &Subquery, schema: &DFSchemaRef, columns: &[Origins]) -> Result<Origins> {
        let query = self.subquery(query, schema, columns)?;
        let mut origins = Origins { influences: query.influences, ..Origins::default() };
        if let Some(value) = query.columns.first() {
            origins.add(value, Flow::Transform);
        }
        Ok(origins)
    }

    fn subquery(&mut self, query: &Subquery, schema: &DFSchemaRef, columns: &[Origins]) -> Result<Lineage> {
        self.around.push((Arc::clone(schema), columns.to_vec()));
        let lineage = self.plan(&query.subquery);
        self.around.pop();
        lineage
    }

    /// A column of the rows around, the nearest first.
    fn outer(&self, column: &Column) -> Origins {
        let known = self.around.iter().rev().find(|(schema, _)| schema.maybe_index_of_column(column).is_some());
        known.map(|(schema, columns)| named(column, schema, columns)).unwrap_or_default()
    }
}

fn named(column: &Column, schema: &DFSchema, columns: &[Origins]) -> Origins {
    schema.maybe_index_of_column(column).and_then(|at| columns.get(at)).cloned().unwrap_or_default()
}

/// Whether values of one type are those of the other, for whoever reads them: texts are kept in several ways.
fn is_same(one: &DataType, other: &DataType) -> bool {
    one == other || one.is_string() && other.is_string()
}

/// The columns of a relation.
fn of_relation(relation: &Relation, schema: &DFSchema) -> Lineage {
    let column = |name: &String| Origins::of(ColumnRef { relation: relation.clone(), column: name.clone() });
    Lineage {
        columns: schema.fields().iter().map(|field| column(field.name())).collect(),
        influences: Influences::new(),
    }
}

/// Columns that come from nowhere.
fn constant(schema: &DFSchema) -> Lineage {
    Lineage { columns: vec![Origins::default(); schema.fields().len()], influences: Influences::new() }
}
