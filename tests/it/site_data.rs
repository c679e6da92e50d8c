//! What the data files of a documentation site say, where what a reader may know and what is true meet.

use std::fs;

use serde_json::{Value as Json, json};

use super::project::TestProject;

/// The JSON of a data file of `target/docs`.
fn data(project: &TestProject, key: &str) -> Json {
    let text = fs::read_to_string(project.root().join(format!("target/docs/data/{key}.js"))).expect("a data file");
    let json = text.strip_prefix(&format!("T.put('{key}','")).and_then(|rest| rest.strip_suffix("')\n"));
    // The escapes of `data_file.rs`, undone: those of letters are all `<` here.
    let escape = regex::Regex::new(r"\\(x3c|.)").expect("a pattern");
    let json = escape.replace_all(json.expect("a call"), |found: &regex::Captures<'_>| match &found[1] {
        "x3c" => "<".to_owned(),
        "n" => "\n".to_owned(),
        letter => letter.to_owned(),
    });
    serde_json::from_str(&json).expect("JSON")
}

/// The place of the node with a name.
fn place(core: &Json, name: &str) -> usize {
    let names = core["nodes"]["name"].as_array().expect("names");
    names.iter().position(|known| known == name).expect("a node of that name")
}

fn of(shard: &Json, place: usize) -> &Json {
    &shard[place]
}

#[test]
fn a_hidden_model_is_not_told_of_and_the_way_through_it_is() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("models/orders.sql", "{{ config(materialized='table') }}\nselect 1 as order_id, 2 as amount"),
        ("models/secret.sql", "select order_id as kept, sum(amount) as total from {{ ref('orders') }} group by 1"),
        ("models/after.sql", "select kept, total from {{ ref('secret') }} where kept > 0"),
        (
            "models/_models.yml",
            "models:\n  - {name: secret, docs: {show: false}, columns: [{name: kept, data_tests: [unique]}]}\n",
        ),
    ]);
    assert_eq!(project.run(&["build", "--quiet"]).code, Some(0));
    assert_eq!(project.run(&["docs", "generate", "--quiet"]).code, Some(0));
    let core = data(&project, "core");
    assert!(!core.to_string().contains("secret"), "{core}");
    let (after, orders) = (place(&core, "after"), place(&core, "orders"));
    assert_eq!(core["edges"], json!({"src": [orders], "dst": [after]}));
    let lineage = data(&project, "cll/000");
    let names = data(&project, "cols")["names"].clone();
    let name = |column: &Json| names[usize::try_from(column.as_u64().expect("a place")).expect("small")].clone();
    let edges = lineage["edges"].as_array().expect("edges");
    let told: Vec<Json> = edges.chunks(5).map(|edge| json!([name(&edge[1]), name(&edge[3]), edge[4]])).collect();
    let kind = |word: &str| lineage["kinds"].as_array().expect("kinds").iter().position(|kind| kind == word);
    let expected = json!([["kept", "order_id", kind("identity")], ["total", "amount", kind("aggregate")]]);
    assert_eq!(json!(told), expected);
    // One model is told of in the list of runs as on the page of the run.
    let (runs, run) = (data(&project, "runs"), data(&project, "run/0"));
    assert_eq!(runs["runs"][0]["counts"], json!({"success": 2}));
    assert_eq!(run["results"].as_array().map(Vec::len), Some(2));
}

#[test]
fn what_did_not_run_and_what_is_not_known_is_told_as_that() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("models/wrong.sql", "{{ config(materialized='table') }}\nselect cast('x' as integer) as id"),
        ("models/after.sql", "select * from {{ ref('wrong') }}"),
        ("models/opaque.sql", "select nope from {{ ref('wrong') }}"),
        ("models/dim.sql", "select 1 as id"),
        ("models/dim_v2.sql", "select 2 as id"),
        (
            "models/_models.yml",
            "models:\n  - name: dim\n    latest_version: 2\n    description: \"![logo](a.png)\"\n    versions: [{v: 1, defined_in: dim}, {v: 2, defined_in: dim_v2}]\n",
        ),
        (
            "tests/both.sql",
            "{{ config(store_failures=true) }}\nselect * from {{ ref('dim', v=1) }} join {{ ref('dim', v=2) }} using (id)",
        ),
    ]);
    project.run(&["build", "--quiet", "--static-analysis", "off"]);
    project.run(&["docs", "generate", "--quiet"]);
    let core = data(&project, "core");
    let pages = data(&project, "n/000");
    let after = place(&core, "after");
    let run = &of(&pages, after)["runs"][0];
    assert_eq!((&run["status"], &run["at"], &run["took"]), (&json!("skipped"), &Json::Null, &Json::Null));
    let status = usize::try_from(core["nodes"]["status"][after].as_u64().expect("a status")).expect("small");
    assert_eq!(core["words"]["status"][status], "skipped");
    let failed = &of(&pages, place(&core, "wrong"))["runs"][0];
    assert!(failed["message"].as_str().is_some_and(|message| message.contains("x")), "{failed}");
    let unread = &of(&pages, place(&core, "opaque"))["unread"];
    assert!(unread.as_str().is_some_and(|why| why.contains("nope")), "{unread}");
    assert_eq!(of(&pages, place(&core, "dim.v1"))["html"], "<p>logo</p>");
    let names: Vec<Json> = data(&project, "run/0")["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| result["name"].clone())
        .collect();
    assert!(names.contains(&json!("dim.v1")) && names.contains(&json!("dim.v2")), "{names:?}");
    // A query of its own is a test of all that it reads.
    let test = data(&project, "quality")["tests"][0].clone();
    let mut read = vec![test["node"].clone(), test["also"][0].clone()];
    read.sort_by_key(Json::as_u64);
    assert_eq!(read, [json!(place(&core, "dim.v1")), json!(place(&core, "dim.v2"))]);
    let page = &data(&project, "t/000")[0];
    assert!(page["sql"].as_str().is_some_and(|sql| sql.contains("using (id)")), "{page}");
    assert!(page["stored"].as_str().is_some_and(|stored| stored.contains("both")), "{page}");
    // Of an earlier state without a catalog nothing is known of columns.
    fs::create_dir(project.root().join("before")).expect("a folder");
    fs::copy(project.root().join("target/manifest.json"), project.root().join("before/manifest.json")).expect("a copy");
    project.write("models/dim.sql", b"select 1 as key");
    project.run(&["docs", "generate", "--quiet", "--state", "before"]);
    let diff = data(&project, "diff");
    assert_eq!(diff["modified"][0], json!({"node": place(&core, "dim.v1"), "reasons": ["body"], "columns": null}));
}

#[test]
fn metrics_say_how_they_are_computed() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("models/orders.sql", "select 1 as order_id, date '2026-01-01' as day, 2 as amount"),
        (
            "models/_models.yml",
            "semantic_models:
  - name: orders
    model: ref('orders')
    defaults: {agg_time_dimension: day}
    entities: [{name: order, type: primary, expr: order_id}]
    dimensions: [{name: day, type: time, type_params: {time_granularity: day}}]
    measures: [{name: revenue, agg: sum, expr: amount}, {name: orders_made, agg: count, expr: order_id}]
metrics:
  - {name: sales, label: Sales, type: simple, type_params: {measure: revenue}}
  - {name: made, label: Made, type: simple, type_params: {measure: orders_made}}
  - {name: basket, label: Basket, type: ratio, type_params: {numerator: sales, denominator: made}}
",
        ),
    ]);
    let output = project.run(&["docs", "generate", "--quiet"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let (core, pages) = (data(&project, "core"), data(&project, "n/000"));
    let facts = |name: &str, key: &str| -> Option<String> {
        let kinds = core["words"]["kind"].as_array().expect("kinds");
        let names = core["nodes"]["name"].as_array().expect("names");
        let mut found = names.iter().enumerate().filter(|(_, known)| *known == name).map(|(at, _)| at);
        let place = found.find(|at| {
            let kind = core["nodes"]["kind"][*at].as_u64().and_then(|kind| usize::try_from(kind).ok());
            kind.is_some_and(|kind| kinds[kind] != "model")
        })?;
        let facts = pages[place]["facts"].as_array()?.iter();
        facts.filter(|fact| fact[0] == key).find_map(|fact| fact[1].as_str().map(str::to_owned))
    };
    assert_eq!(facts("basket", "formula").as_deref(), Some("sales / made"));
    assert_eq!(facts("sales", "formula").as_deref(), Some("revenue"));
    assert_eq!(facts("orders", "entities").as_deref(), Some("order (primary)"));
    assert_eq!(facts("orders", "dimensions").as_deref(), Some("day (time)"));
    assert_eq!(facts("orders", "measures").as_deref(), Some("revenue = sum(amount), orders_made = count(order_id)"));
}
