//! Lineage of columns as an independent implementation has it: sqlglot's, on the queries of TPC-H and TPC-DS.
//!
//! `tests/oracle.txt` has each column of which the two say something else, with both answers, and above them why. `BLESS=1` writes them
//! anew; a reviewer reads the difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema};
use serde_json::{Value as Json, json};
use transform::engine::analysis::{Analyst, Declared, NotAnalyzed, Query};
use transform::engine::registry;
use transform::sql::Relation;

use super::project::repository;
use super::python::Reader;

const SQLGLOT: Reader = Reader {
    script: "lineage_oracle.py",
    variable: "TRANSFORM_SQLGLOT_PYTHON",
    folder: "sqlglot",
    packages: &["sqlglot==30.30.0"],
    at_least: None,
};

/// What stands between the reasons and the differences.
const REASONS_END: &str = "\n---\n";

#[test]
fn lineage_is_what_sqlglot_says_or_the_difference_is_explained() {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sqlglot-source");
    fs::create_dir_all(&kept).expect("a folder");
    let said = SQLGLOT.read(&kept);
    let queries = said["queries"].as_array().expect("queries");
    assert_eq!(queries.len(), 121, "22 of TPC-H, 99 of TPC-DS");
    let mut differences = String::new();
    let mut columns = 0;
    for query in queries {
        let benchmark = query["benchmark"].as_str().expect("a benchmark");
        let analyst = analyst(&said["schemas"][benchmark]);
        let expected = query["columns"].as_array().expect("columns");
        columns += expected.len();
        let name = format!("{benchmark} {}", query["number"]);
        differences.push_str(&differences_of(&name, analyst.as_ref(), query["sql"].as_str().expect("SQL"), expected));
    }
    assert!(columns > 600, "{columns} columns are compared");
    let file = repository().join("tests/oracle.txt");
    let known = fs::read_to_string(&file).unwrap_or_default();
    let (reasons, expected) = known.split_once(REASONS_END).unwrap_or((&known, ""));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&file, format!("{reasons}{REASONS_END}{differences}")).expect("the file is written");
    } else {
        assert_eq!(differences, expected, "BLESS=1 accepts what was found");
    }
}

/// The columns of a query of which the two say something else, a line each.
fn differences_of(name: &str, analyst: &dyn Analyst, sql: &str, expected: &[Json]) -> String {
    let analysis = match analyst.analyze(Query::of(sql)) {
        Ok(analysis) => analysis,
        Err(NotAnalyzed::Wrong(error) | NotAnalyzed::Unknown(error)) => {
            return format!("{name}: not analyzed: {}\n", error.message);
        }
        Err(NotAnalyzed::Unread(relation)) => return format!("{name}: not analyzed: {relation} is not known\n"),
    };
    let mut differences = String::new();
    assert_eq!(analysis.columns.len(), expected.len(), "{name}");
    for ((field, origins), theirs) in analysis.schema.fields().iter().zip(&analysis.columns).zip(expected) {
        let ours: BTreeSet<String> =
            origins.values.keys().map(|column| format!("{}.{}", column.relation.identifier, column.column)).collect();
        let theirs: BTreeSet<String> =
            theirs.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_lowercase).collect();
        if ours != theirs {
            let list = |of: &BTreeSet<String>| of.iter().cloned().collect::<Vec<_>>().join(", ");
            let (more, less): (BTreeSet<_>, BTreeSet<_>) =
                (ours.difference(&theirs).cloned().collect(), theirs.difference(&ours).cloned().collect());
            differences.push_str(&format!(
                "{name} {}: ours alone [{}], sqlglot's alone [{}]\n",
                field.name(),
                list(&more),
                list(&less)
            ));
        }
    }
    differences
}

/// An analyst that knows the tables of a benchmark.
fn analyst(schema: &Json) -> Arc<dyn Analyst> {
    let folder = std::env::temp_dir();
    let values = json!({"path": folder.join("no-lake"), "database": "lake", "schema": "main"});
    let settings = registry::Settings {
        kind: registry::EMBEDDED.to_owned(),
        values: values.as_object().expect("a mapping").clone(),
        project_dir: folder.clone(),
        target_dir: folder.join("target"),
    };
    let analyst = registry::connect(&settings).and_then(|engine| engine.analyst()).expect("an analyst");
    for (table, columns) in schema.as_object().expect("tables") {
        let field = |(name, sql_type): (&String, &Json)| {
            let sql_type = sql_type.as_str().expect("a type").replace("string", "varchar");
            Field::new(name, analyst.data_type(&sql_type).unwrap_or_else(|| panic!("the type {sql_type}")), true)
        };
        let fields: Vec<Field> = columns.as_object().expect("columns").iter().map(field).collect();
        analyst.declare(Relation::new("lake", "main", table), Declared::Columns(Arc::new(Schema::new(fields))));
    }
    analyst
}
