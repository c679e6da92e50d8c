use std::collections::HashSet;
use std::path::Path;

use super::replica::{Replica, later_text};
use super::{Retail, files};
use crate::source::{DiskWorld, World};

fn written(retail: Retail) -> (tempfile::TempDir, Vec<(String, Vec<u8>)>) {
    let folder = tempfile::tempdir().unwrap();
    retail.write(&DiskWorld, folder.path()).unwrap();
    let files = read_all(folder.path());
    (folder, files)
}

fn read_all(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = DiskWorld.files_below(folder).unwrap().into_iter().map(|path| {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        (name, DiskWorld.read(&path).unwrap())
    });
    files.collect()
}

fn text<'a>(files: &'a [(String, Vec<u8>)], name: &str) -> &'a str {
    std::str::from_utf8(&files.iter().find(|file| file.0 == name).unwrap().1).unwrap()
}

#[test]
fn the_first_scale_is_the_example() {
    let raw = Path::new(env!("CARGO_MANIFEST_DIR")).join("example_project/raw");
    let mut committed = read_all(&raw);
    committed.retain(|(name, _)| name != "README.md");
    for seed in [0, 1] {
        let (_folder, files) = written(Retail { scale: 1, seed });
        assert_eq!(files.len(), committed.len());
        for (ours, theirs) in files.iter().zip(&committed) {
            assert!(ours == theirs, "`{}` is not `{}`", ours.0, theirs.0);
        }
    }
}

#[test]
fn the_same_scale_and_seed_give_the_same_bytes() {
    let (_one, first) = written(Retail { scale: 2, seed: 7 });
    let (_other, second) = written(Retail { scale: 2, seed: 7 });
    let (_third, otherwise) = written(Retail { scale: 2, seed: 8 });
    assert!(first == second);
    assert!(first != otherwise);
}

#[test]
fn further_copies_have_the_rows_of_the_first_under_other_keys() {
    let (_folder, files) = written(Retail { scale: 12, seed: 0 });
    for file in files::all() {
        if let Ok(base) = std::str::from_utf8(file.bytes) {
            let rows: HashSet<&str> = text(&files, file.path).lines().collect();
            assert!(base.lines().all(|row| rows.contains(row)), "{}", file.path);
        }
    }
    let keys =
        |text: &str| text.lines().skip(1).map(|row| row.split(',').next().unwrap().to_owned()).collect::<HashSet<_>>();
    let base =
        DiskWorld.read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("example_project/raw/orders/orders_2025-01.csv"));
    let base = keys(&String::from_utf8(base.unwrap()).unwrap()).len();
    assert_eq!(keys(text(&files, "orders/orders_2025-01.csv")).len(), 12 * base);
}

#[test]
fn faults_that_are_counted_are_not_multiplied() {
    let (_folder, files) = written(Retail { scale: 5, seed: 0 });
    let impossible = text(&files, "orders/orders_2025-02.csv").matches("2025-02-30").count();
    assert_eq!(impossible, 3);
    assert_eq!(text(&files, "customers/customers_2025-01.csv").matches("not-an-email").count(), 1);
}

#[test]
fn keys_clocks_and_addresses_of_a_copy() {
    let replica = Replica::new(7, 0);
    let changed = |text: &str, change: &dyn Fn(&mut String)| {
        let mut text = text.to_owned();
        change(&mut text);
        text
    };
    let rekeyed = |key: &str| changed(key, &|key| replica.rekey(key));
    assert_eq!(["C00014", "C99999", ""].map(rekeyed), ["C700014", "C799999", ""]);
    let path = |path: &str| changed(path, &|path| replica.rekey_path(path));
    assert_eq!(
        ["/V1/orders/O000804/", "/v1/orders", "PO-1594"].map(path),
        ["/V1/orders/O7000804/", "/v1/orders", "PO-1594"]
    );
    let address = |email: &str| changed(email, &|email| replica.readdress(email, "C00014"));
    assert_eq!(
        [" LEA.WEBER3@EXAMPLE.ORG", "lea girard@example.com", "hugo@@example.com", ""].map(address),
        [" LEA.WEBER3.7@EXAMPLE.ORG", "c00014.7@example.org", "c00014.7@example.org", "c00014.7@example.org"]
    );
    let later = |time: &str| changed(time, &|time| later_text(time, 61));
    assert_eq!(
        ["2025-02-30 10:59:30", "2025-01-17T23:59:42.175Z", "soon"].map(later),
        ["2025-02-30 11:00:31", "2025-01-17T23:59:59.175Z", "soon"]
    );
}
