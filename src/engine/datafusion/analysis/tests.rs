//! Runs the cases in `tests/lineage`.
//!
//! A file begins with its relations, a line `name: column type, …` each; one with `?` behind its name is there, but its columns are not
//! known. A case is a title line `=== …`, a query, and behind a line `---` what it comes to:
//!
//! - `column type: origin how, …; origin how` for each column: where its values come from, and what decides about them alone;
//! - `rows: origin how, …`: what decides about the rows;
//! - `wrong: …`, `unknown: …` or `unread: …` where that cannot be told.
//!
//! `BLESS=1` writes them anew; a reviewer reads the difference.

use std::path::{Path, PathBuf};

use datafusion::arrow::datatypes::{Field, Schema};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::engine::analysis::{Influences, Origins, Query};
use crate::engine::datafusion::type_names::sql_name;
use crate::engine::registry;

const MARK: &str = "=== ";

#[test]
#[expect(clippy::disallowed_methods, reason = "the cases are files beside the code")]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lineage");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in files {
        let expected = std::fs::read_to_string(&file).unwrap();
        let found = analyzed(&expected);
        if found != expected && std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, &found).unwrap();
        } else if found != expected {
            let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
            wrong.push(format!("{}: {differs:?}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n(BLESS=1 accepts what was found)");
}

/// The text of a file with what its cases come to.
fn analyzed(text: &str) -> String {
    let (relations, cases) = text.split_at(text.find(MARK).unwrap());
    let planner = planner(relations);
    let mut analyzed = relations.to_owned();
    for case in cases.split(MARK).skip(1) {
        let (title, rest) = case.split_once('\n').unwrap();
        let sql = rest.split("\n---").next().unwrap().trim_end();
        analyzed.push_str(&format!("{MARK}{title}\n{sql}\n---\n{}\n\n", described(&planner, sql)));
    }
    analyzed.truncate(analyzed.trim_end().len());
    analyzed + "\n"
}

fn planner(relations: &str) -> Planner {
    let profile = registry::Settings {
        kind: registry::EMBEDDED.to_owned(),
        values: json!({"schema": "main"}).as_object().unwrap().clone(),
        project_dir: PathBuf::new(),
        target_dir: PathBuf::from("target"),
    };
    let planner = Planner::new(&Settings::read(&profile).unwrap()).unwrap();
    for line in relations.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(unknown) = line.strip_suffix('?') {
            planner.declare(relation(unknown), Declared::Unknown);
            continue;
        }
        let (name, columns) = line.split_once(": ").unwrap();
        let columns: Vec<Field> = columns.split(", ").map(|column| field(&planner, column)).collect();
        planner.declare(relation(name), Declared::Columns(Arc::new(Schema::new(columns))));
    }
    planner
}

fn relation(name: &str) -> Relation {
    Relation::new("lake", "main", name)
}

fn field(planner: &Planner, column: &str) -> Field {
    let (name, data_type) = column.split_once(' ').unwrap();
    // A comma would be one between columns.
    let data_type = data_type.replace(';', ",");
    Field::new(name, session::data_type(&planner.state, &data_type, name).unwrap(), true)
}

fn described(planner: &Planner, sql: &str) -> String {
    let analysis = match planner.analyze(Query::of(sql)) {
        Ok(analysis) => analysis,
        Err(NotAnalyzed::Wrong(error)) => return format!("wrong: {}", error.message),
        Err(NotAnalyzed::Unknown(error)) => return format!("unknown: {}", error.message),
        Err(NotAnalyzed::Unread(relation)) => return format!("unread: {}", relation.identifier),
    };
    let mut lines = Vec::new();
    for (field, origins) in analysis.schema.fields().iter().zip(&analysis.columns) {
        lines.push(format!("{} {}:{}", field.name(), sql_name(field.data_type()), of_values(origins)));
    }
    assert_eq!(analysis.schema.fields().len(), analysis.columns.len(), "{sql}");
    if !analysis.influences.is_empty() {
        lines.push(format!("rows: {}", deciding(&analysis.influences)));
    }
    lines.join("\n")
}

fn of_values(origins: &Origins) -> String {
    let values = origins.values.iter().map(|(column, flow)| {
        let name = format!("{}.{}", column.relation.identifier, column.column);
        format!("{name} {}", flow.as_str())
    });
    let values = values.collect::<Vec<_>>().join(", ");
    match (values.is_empty(), origins.influences.is_empty()) {
        (true, true) => String::new(),
        (_, true) => format!(" {values}"),
        (true, false) => format!("; {}", deciding(&origins.influences)),
        (false, false) => format!(" {values}; {}", deciding(&origins.influences)),
    }
}

fn deciding(influences: &Influences) -> String {
    let one = influences
        .iter()
        .map(|(column, influence)| format!("{}.{} {}", column.relation.identifier, column.column, influence.as_str()));
    one.collect::<Vec<_>>().join(", ")
}

/// The queries of all cases, with the relations that they are about.
#[expect(clippy::disallowed_methods, reason = "the cases are files beside the code")]
fn queries() -> Vec<(String, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lineage");
    let files =
        std::fs::read_dir(&folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let of_file = |text: String| {
        let (relations, cases) = text.split_at(text.find(MARK).unwrap());
        let query = |case: &str| case.split_once('\n').unwrap().1.split("\n---").next().unwrap().trim_end().to_owned();
        (relations.to_owned(), cases.split(MARK).skip(1).map(query).collect())
    };
    files.map(of_file).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Queries whose words are left out, doubled and put elsewhere are understood or refused, and come from columns that there are.
    #[test]
    fn nothing_panics_and_origins_exist(file in any::<prop::sample::Index>(), one in any::<prop::sample::Index>(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_u8), 0..4)) {
        thread_local! {
            static CASES: Vec<(Planner, Vec<String>)> = queries().into_iter().map(|(relations, queries)| (planner(&relations), queries)).collect();
        }
        CASES.with(|cases| {
            let (planner, queries) = file.get(cases);
            let mut words: Vec<&str> = one.get(queries).split_inclusive([' ', ',', '(', ')', '.']).collect();
            for (from, to, change) in &changes {
                let (from, to) = (from.index(words.len()), to.index(words.len()));
                match change {
                    0 if words.len() > 1 => drop(words.remove(from)),
                    1 => words.insert(to, words[from]),
                    2 => words.swap(from, to),
                    _ => words[to] = words[from],
                }
            }
            let sql = words.concat();
            let Ok(analysis) = planner.analyze(Query::of(&sql)) else { return };
            assert_eq!(analysis.columns.len(), analysis.schema.fields().len(), "{sql}");
            let influences = |origins: &Influences| origins.iter().map(|(column, _)| column.clone()).collect::<Vec<_>>();
            let of_columns = analysis.columns.iter();
            let named = of_columns.flat_map(|origins| origins.values.keys().cloned().chain(influences(&origins.influences)));
            for column in named.chain(influences(&analysis.influences)) {
                let known = planner.declared.columns(&column.relation);
                let exists = known.is_some_and(|known| known.field_with_name(&column.column).is_ok());
                assert!(exists, "{sql}: {column:?}");
            }
        });
    }
}
