//! The example's lake, read by another reader of Delta tables: the `deltalake` package of Python.

use std::process::Command;

use serde_json::json;

use super::project::{Output, TestProject, repository};
use super::python::Reader;

const READER: Reader = Reader {
    script: "lake_reader.py",
    variable: "TRANSFORM_TEST_PYTHON",
    folder: "lake-reader",
    packages: &["deltalake==1.6.6", "pyarrow"],
    at_least: None,
};

/// What the gold layer of the example holds.
const GOLD: &[(&str, u64)] = &[
    ("agg_daily_metrics", 90),
    ("dim_customers", 421),
    ("dim_dates", 90),
    ("dim_products", 69),
    ("dim_projects", 13),
    ("dim_users", 25),
    ("fact_activities", 1358),
    ("fact_order_lines", 1899),
    ("fact_orders", 897),
    ("kpi_conversion_by_channel", 7),
    ("kpi_customer_lifetime_value", 273),
    ("kpi_customer_retention", 6),
    ("kpi_orders_by_status", 12),
    ("kpi_product_performance", 69),
    ("kpi_project_progress", 12),
    ("kpi_revenue_by_month", 3),
    ("kpi_stock_alerts", 204),
];

#[test]
fn the_example_builds_twice_and_another_reader_finds_its_rows() {
    let project = TestProject::new();
    let example = repository().join("example_project");
    let target = project.root().join("target");
    for time in ["first", "second"] {
        let build = |command: &mut Command| {
            Output::of(
                command
                    .arg("--project-dir")
                    .arg(&example)
                    .arg("--target-path")
                    .arg(&target)
                    .arg("--log-path")
                    .arg(&target),
            )
        };
        let output = build(&mut project.command(&["build"]));
        assert_eq!(output.code, Some(0), "the {time} build failed:\n{}", output.stderr);
        let summary = output.stdout.lines().last().expect("a summary");
        assert!(summary.ends_with("52 built, 181 passed, 2 warned"), "the {time} build: {summary}");
    }

    let gold = READER.read(&target.join("lake/gold"));
    let counts = gold["rows"].as_object().expect("counts");
    let found: Vec<(&str, u64)> =
        counts.iter().map(|(name, n)| (name.as_str(), n.as_u64().expect("a count"))).collect();
    assert_eq!(found, GOLD, "rows of the gold tables");
    assert_eq!(gold["net_revenue"], json!(["120504.55", "115236.04", "153212.36"]), "net revenue by month");
}
