use super::add::{Addition, PackageSource, with_entry};
use super::{lock, tarball};
use crate::config::PackageEntry;
use crate::diagnostic::Diagnostics;
use crate::source::SourceMap;
use crate::yaml;

fn entries(text: &str) -> Vec<PackageEntry> {
    let sources = SourceMap::default();
    let node = yaml::parse(sources.add("packages.yml", text), text, &mut Diagnostics::new()).unwrap();
    let list = node.as_map().unwrap().get("packages").unwrap();
    let mut diagnostics = Diagnostics::new();
    let entries = PackageEntry::read_all(list, list, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    entries
}

#[test]
fn the_digest_is_dbts() {
    let hub = "packages:\n- {package: dbt-labs/dbt_utils, version: 1.1.1}\n\
        - {package: a/b, version: ['>=1.0.0', '<2.0.0'], install_prerelease: true}\n";
    assert_eq!(lock::hash(&entries(hub)), "4547540d285c5cf1b1bcfff0fe06293b712168f6");
    let others = "packages:\n- {git: 'https://x/é.git', revision: v1, subdirectory: s, warn-unpinned: false}\n\
        - {local: ../x}\n- {tarball: 'https://x/t.tgz', name: t}\n";
    let first = "packages:\n- {local: ../x}\n";
    assert_ne!(lock::hash(&entries(others)), lock::hash(&entries(first)));
}

fn addition(text: &str, source: PackageSource) -> Addition {
    Addition::parse(text, source).unwrap()
}

#[test]
fn packages_to_add_are_named_with_their_version() {
    let parsed = addition("dbt-labs/dbt_utils@>=1.0.0,<2.0.0", PackageSource::Hub);
    assert_eq!((parsed.name.as_str(), parsed.version.as_deref()), ("dbt-labs/dbt_utils", Some(">=1.0.0,<2.0.0")));
    let parsed = addition("git@host.com:owner/name.git", PackageSource::Git);
    assert_eq!((parsed.name.as_str(), parsed.version), ("git@host.com:owner/name.git", None));
    let parsed = addition("git@host.com:owner/name.git@v1.2", PackageSource::Git);
    assert_eq!((parsed.name.as_str(), parsed.version.as_deref()), ("git@host.com:owner/name.git", Some("v1.2")));
    assert!(Addition::parse("dbt-labs/dbt_utils", PackageSource::Hub).is_err());
}

#[test]
fn what_else_is_in_the_file_stays() {
    let utils = addition("dbt-labs/dbt_utils@1.2.0", PackageSource::Hub);
    let added = |text| with_entry(text, &utils).unwrap();
    assert_eq!(added(""), "packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.2.0\n");
    assert_eq!(added("packages: []"), "packages:\n  - package: dbt-labs/dbt_utils\n    version: 1.2.0\n");
    assert_eq!(
        added("# ours\npackages:\n# one\n- package: a/b # why\n  version: 1.0.0\n\n# more\nprojects:\n  - name: x\n"),
        "# ours\npackages:\n# one\n- package: a/b # why\n  version: 1.0.0\n- package: dbt-labs/dbt_utils\n  version: 1.2.0\n\n\
         # more\nprojects:\n  - name: x\n"
    );
    assert_eq!(
        added("packages:\n    - git: https://host/dbt-labs/dbt-utils.git\n      revision: 0.9\n    - local: ../x\n"),
        "packages:\n    - local: ../x\n    - package: dbt-labs/dbt_utils\n      version: 1.2.0\n"
    );
    assert_eq!(with_entry("packages: [{local: x}]", &utils), None);
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        // The safe setter refuses what this test is about.
        let name = path.as_bytes();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn archives_stay_in_their_folder() {
    let files =
        tarball::files(&archive(&[("utils-1.0/dbt_project.yml", "name: utils"), ("utils-1.0/a/b.sql", "x")])).unwrap();
    assert_eq!(files[1].0.to_str(), Some("a/b.sql"));
    for (wrong, why) in
        [("../x", "leads out"), ("/etc/x", "leads out"), ("a/../../x", "leads out"), ("x", "is in no folder")]
    {
        assert!(tarball::files(&archive(&[(wrong, "")])).unwrap_err().contains(why), "{wrong}");
    }
    assert!(tarball::files(&archive(&[("a/x", ""), ("b/x", "")])).unwrap_err().contains("more than one folder"));
    assert!(tarball::files(b"nothing").is_err());
    assert!(tarball::files(&archive(&[])).unwrap_err().contains("no files"));
}
