//! Links to folders: they are followed, in no circle.
#![cfg(unix)]

use std::os::unix::fs::symlink;

use super::project::TestProject;

#[test]
fn links_to_folders_are_followed_once() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop"),
        ("models/a.sql", "select 1 as n"),
        ("shared/b.sql", "select * from {{ ref('a') }}"),
    ]);
    let root = project.root();
    symlink(root.join("shared"), root.join("models/linked")).unwrap();
    symlink(root.join("models"), root.join("models/back")).unwrap();
    symlink(root.join("shared"), root.join("shared/own")).unwrap();
    symlink(root.join("nowhere"), root.join("models/broken")).unwrap();
    let shown = project.run(&["ls"]);
    assert_eq!(shown.stdout, "shop.a\nshop.linked.b\n", "{}", shown.stderr);
}
