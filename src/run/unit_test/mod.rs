//! Unit tests: a model's query over given rows, compared with the rows that are expected.
//!
//! What the test gives becomes queries of constants, cast to the types of what they stand for (`columns`, `rows`), and the model is
//! compiled over those. What is expected is cast to the columns of that query. One statement gives both sides; they are compared
//! as sets of rows (`diff`), so their order does not matter. No relation has to exist.

mod columns;
mod diff;
mod rows;

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use self::columns::{Column, Shapes, of_schema};
use self::diff::{Difference, Row};
use super::materialize::Job;
use super::{NodeResult, Runner, Status};
use crate::base::quoted_list;
use crate::compile::{CompileError, Compiled};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::EngineError;
use crate::manifest::{Fixture, FixtureRows, Node, UniqueId, UnitTest};
use crate::sql::{Dialect, statement};

/// A query in the place of a node or source that the model reads.
type Input = (UniqueId, String);

/// Compiles the model over the rows that its unit test gives.
pub(super) async fn compile(runner: &Runner, node: &Arc<Node>) -> Result<Compiled, CompileError> {
    let inputs = inputs(runner, node, test_of(runner, node)?).await?;
    runner.compile_by(node, move |compiler, node| Ok(compiler.compile_given(node, &inputs)?)).await
}

/// Runs a unit test and judges it.
pub(super) async fn run(job: &Job<'_>) -> Result<NodeResult, Diagnostic> {
    let test = test_of(job.runner, job.node)?;
    let actual = match plan(job).await {
        Ok(schema) => schema,
        Err(error) => return Err(blamed(job, test, None, error, 0).await),
    };
    let expected = Expected::of(job, test, &actual).await?;
    let sql = expected.comparison(&job.query(), job.runner.engine.dialect());
    job.runner.write("run", job.node, &sql)?;
    let found = async { job.runner.engine.query(&sql, &job.runner.cancel).await?.collect().await };
    let (_, batches) = match found.await {
        Ok(found) => found,
        Err(error) => return Err(blamed(job, test, Some(&expected.query), error, 1).await),
    };
    let sides = sides(&batches, expected.columns.len()).map_err(|error| {
        let message = format!("unit test `{}`: its rows cannot be read: {error}", test.name);
        Diagnostic::error(codes::EXECUTION, message).at(test.span)
    })?;
    Ok(judged(job, test, &expected.columns, sides))
}

fn test_of<'r>(runner: &'r Runner, node: &Node) -> Result<&'r Arc<UnitTest>, Diagnostic> {
    let test = runner.compiler.parsed().manifest.unit_tests.get(&node.id);
    test.ok_or_else(|| Diagnostic::error(codes::INTERNAL, format!("`{}` is no unit test", node.id)).at(node.span))
}

/// The queries of what the test gives.
async fn inputs(runner: &Runner, node: &Arc<Node>, test: &UnitTest) -> Result<Vec<Input>, Diagnostic> {
    let mut shapes = Shapes::new(runner);
    let mut inputs = Vec::new();
    for fixture in &test.given {
        let Some(id) = &fixture.target else { continue };
        let query = match &fixture.rows {
            FixtureRows::Sql(text) => rendered(runner, node, text, fixture).await?,
            FixtureRows::Rows(given) => {
                let columns = shapes.of(id).await.columns_for(given, fixture.format);
                let name = columns::name(&runner.compiler.parsed().manifest, id);
                rows::check(given, &columns, &format!("'{name}'"))
                    .map_err(|error| error.label(fixture.span, format!("rows of unit test `{}`", test.name)))?;
                rows::query(given, &columns, runner.engine.dialect())
            }
        };
        inputs.push((id.clone(), query));
    }
    Ok(inputs)
}

/// Rows that are a query, which may be a template.
async fn rendered(runner: &Runner, node: &Arc<Node>, text: &str, fixture: &Fixture) -> Result<String, Diagnostic> {
    let (compiler, node, text, at) = (runner.compiler.clone(), Arc::clone(node), text.to_owned(), fixture.span);
    let sql = runner.blocking(move || compiler.render_text(&node, &text, at)).await?;
    Ok(statement(&sql).to_owned())
}

/// The columns of the model over the given rows.
async fn plan(job: &Job<'_>) -> Result<SchemaRef, EngineError> {
    job.runner.engine.columns(&job.query(), &job.runner.cancel).await
}

/// What the test expects.
struct Expected {
    /// The columns that are compared, as the model has them.
    columns: Vec<Column>,
    /// The query of the rows.
    query: String,
}

impl Expected {
    async fn of(job: &Job<'_>, test: &UnitTest, actual: &SchemaRef) -> Result<Self, Diagnostic> {
        let fixture = &test.expect;
        let all = of_schema(job.runner.engine.as_ref(), actual);
        match &fixture.rows {
            FixtureRows::Sql(text) => {
                let query = rendered(job.runner, job.node, text, fixture).await?;
                Self::check(job, test, &query, &all).await?;
                Ok(Expected { columns: all, query })
            }
            FixtureRows::Rows(expected) => {
                rows::check(expected, &all, "expected output")
                    .map_err(|error| error.label(fixture.span, format!("rows of unit test `{}`", test.name)))?;
                let is_named = |column: &Column| expected.is_empty() || rows::names(expected, column);
                let columns: Vec<Column> = all.into_iter().filter(is_named).collect();
                let query = rows::query(expected, &columns, job.runner.engine.dialect());
                Ok(Expected { columns, query })
            }
        }
    }

    /// A query of expected rows has all columns of the model.
    async fn check(job: &Job<'_>, test: &UnitTest, query: &str, columns: &[Column]) -> Result<(), Diagnostic> {
        let planned = job.runner.engine.columns(query, &job.runner.cancel).await;
        let schema = planned.map_err(|error| unusable(job, test, &test.expect, &error))?;
        let is_there = |column: &&Column| schema.fields().iter().any(|field| column.is_named(field.name()));
        let missing: Vec<&str> =
            columns.iter().filter(|column| !is_there(column)).map(|column| column.name.as_str()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!("unit test `{}`: its expected rows have no {}", test.name, quoted_list(&missing));
        Err(Diagnostic::error(codes::UNIT_TEST, message)
            .at(test.expect.span)
            .help("rows in SQL have every column of the model; rows in the other formats only those that matter"))
    }

    /// The statement that gives the rows of both sides, one line of ours before the model's.
    fn comparison(&self, actual: &str, dialect: Dialect) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| dialect.quote(&column.name)).collect();
        let names = names.join(", ");
        let side = dialect.quote("actual_or_expected");
        format!(
            "select {names}, 'actual' as {side} from (\n{actual}\n) as dbt_internal_unit_test_actual\n\
             union all\n\
             select {names}, 'expected' as {side} from (\n{}\n) as dbt_internal_unit_test_expected",
            self.query
        )
    }
}

/// A failure of the engine, told of the rows that cause it where some do; else of the model.
async fn blamed(
    job: &Job<'_>,
    test: &UnitTest,
    expected: Option<&str>,
    error: EngineError,
    lines_before: usize,
) -> Diagnostic {
    let given = inputs(job.runner, job.node, test).await.unwrap_or_default();
    let of_input = |fixture: &&Fixture| fixture.target.is_some();
    let given = test.given.iter().filter(of_input).zip(given.iter().map(|(_, query)| query.as_str()));
    for (fixture, query) in given.chain(expected.map(|query| (&test.expect, query))) {
        let alone = async { job.runner.engine.query(query, &job.runner.cancel).await?.collect().await };
        if let Err(error) = alone.await {
            return unusable(job, test, fixture, &error);
        }
    }
    job.failure(error, lines_before).label(test.span, "of this unit test")
}

/// Rows that the engine does not take.
fn unusable(job: &Job<'_>, test: &UnitTest, fixture: &Fixture, error: &EngineError) -> Diagnostic {
    let rows = match fixture.input.as_str() {
        "" => "expected rows".to_owned(),
        input => format!("rows of `{input}`"),
    };
    let message = format!("unit test `{}`: its {rows}: {}", test.name, error.message);
    error.diagnostic(job.runner.session().scrub(&message)).at(fixture.span)
}

/// The rows of both sides, actual and expected, as they are shown.
fn sides(batches: &[RecordBatch], width: usize) -> Result<(Vec<Row>, Vec<Row>), arrow::error::ArrowError> {
    let options = FormatOptions::default().with_display_error(true);
    let (mut actual, mut expected) = (Vec::new(), Vec::new());
    for batch in batches {
        let columns: &[ArrayRef] = &batch.columns()[..width];
        let formatters = columns.iter().map(|column| ArrayFormatter::try_new(column, &options));
        let formatters: Vec<ArrayFormatter<'_>> = formatters.collect::<Result<_, _>>()?;
        let side = cast(batch.column(width), &DataType::Utf8)?;
        for at in 0..batch.num_rows() {
            let cells = columns.iter().zip(&formatters);
            let row = cells.map(|(column, cell)| column.is_valid(at).then(|| cell.value(at).to_string())).collect();
            match side.as_string::<i32>().value(at) {
                "actual" => actual.push(row),
                _ => expected.push(row),
            }
        }
    }
    Ok((actual, expected))
}

fn judged(job: &Job<'_>, test: &UnitTest, columns: &[Column], (actual, expected): (Vec<Row>, Vec<Row>)) -> NodeResult {
    let Some(difference) = Difference::of(actual, expected) else {
        return NodeResult { failures: Some(0), ..NodeResult::new(job.node, Status::Pass, "") };
    };
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let table = difference.table(&names);
    let message = format!("unit test `{}` of `{}`: actual differs from expected", job.node.name, test.model);
    let diagnostic = Diagnostic::error(codes::TEST_FAILED, message).at(test.span).note(table.clone());
    let diagnostic = diagnostic.note(format!("its query is in `{}`", job.compiled_file().path().display()));
    NodeResult {
        failures: Some(1),
        diagnostic: Some(diagnostic),
        ..NodeResult::new(job.node, Status::Fail, format!("actual differs from expected:\n\n{table}"))
    }
}
