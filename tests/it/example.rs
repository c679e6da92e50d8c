//! The example project, as its readers meet it.

use super::project::{TestProject, copy, repository};

/// Every column of the gold layer, with the columns of the raw files that it is made of: before anything is built.
#[test]
fn the_gold_columns_come_from_the_raw_files() {
    let project = TestProject::new();
    copy(&repository().join("example_project"), &project.root());
    let output = project.run(&["lineage", "tag:gold", "--ends"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert_eq!(output.stderr, "");
    insta::assert_snapshot!(output.stdout);
}
