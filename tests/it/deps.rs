//! `deps` over real bytes: a hub on a local port, repositories made with `git`, folders.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value as Json, json};

use super::project::{Output, TestProject};

/// A server that answers with these files until the process ends.
struct Hub {
    address: String,
}

impl Hub {
    /// Serves packages, given as name, version, project name, what they ask for, and files.
    fn of(packages: &[Package]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        let mut files: HashMap<String, Vec<u8>> = HashMap::new();
        let mut index: HashMap<&str, serde_json::Map<String, Json>> = HashMap::new();
        for package in packages {
            let path = format!("tarballs/{}/{}.tar.gz", package.name, package.version);
            let version = json!({
                "name": package.project,
                "version": package.version,
                "packages": package.asks,
                "require_dbt_version": package.dbt,
                "downloads": {"tarball": format!("{address}{path}")},
            });
            index.entry(package.name).or_default().insert(package.version.to_owned(), version);
            files.insert(path, archive(package));
        }
        for (name, versions) in &index {
            let (namespace, name) = name.split_once('/').expect("a namespace");
            let text = json!({"name": name, "namespace": namespace, "versions": versions}).to_string();
            files.insert(format!("api/v1/{namespace}/{name}.json"), text.into_bytes());
        }
        let names: Vec<&&str> = index.keys().collect();
        files.insert("api/v1/index.json".to_owned(), json!(names).to_string().into_bytes());
        let files = Arc::new(files);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let files = Arc::clone(&files);
                std::thread::spawn(move || answer(stream, &files));
            }
        });
        Hub { address }
    }
}

struct Package {
    name: &'static str,
    version: &'static str,
    project: &'static str,
    asks: Json,
    dbt: Json,
}

fn package(name: &'static str, version: &'static str, project: &'static str) -> Package {
    Package { name, version, project, asks: json!([]), dbt: json!([]) }
}

fn archive(package: &Package) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let model = format!("select '{}' as version", package.version);
    let files = [
        ("dbt_project.yml".to_owned(), format!("name: {}\nversion: {}\n", package.project, package.version)),
        (format!("models/{}_model.sql", package.project), model),
    ];
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, format!("{}-{}/{path}", package.project, package.version), text.as_bytes())
            .expect("a file");
    }
    builder.into_inner().and_then(GzEncoder::finish).expect("an archive")
}

fn answer(stream: std::net::TcpStream, files: &HashMap<String, Vec<u8>>) {
    let mut reader = BufReader::new(&stream);
    let mut line = String::new();
    if reader.read_line(&mut line).is_err() {
        return;
    }
    let path = line.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
    while reader.read_line(&mut line).is_ok() && !line.ends_with("\r\n\r\n") && line.len() < 10_000 {}
    let (status, body) = match files.get(&path) {
        Some(bytes) => ("200 OK", bytes.as_slice()),
        None => ("404 Not Found", b"".as_slice()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = (&stream).write_all(head.as_bytes()).and_then(|()| (&stream).write_all(body));
}

fn deps(project: &TestProject, hub: &Hub, arguments: &[&str]) -> Output {
    let mut command = project.command(&[&["deps"], arguments].concat());
    Output::of(command.env("DBT_PACKAGE_HUB_URL", &hub.address))
}

fn installed(project: &TestProject) -> Vec<String> {
    let folder = project.root().join("dbt_packages");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| {
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

#[test]
fn versions_are_resolved_across_packages_and_locked() {
    let asks = json!([{"package": "acme/base", "version": [">=1.0.0", "<1.2.0"]}]);
    let hub = Hub::of(&[
        Package { asks, ..package("acme/top", "2.0.0", "top") },
        package("acme/base", "1.0.0", "base"),
        package("acme/base", "1.1.0", "base"),
        package("acme/base", "1.2.0", "base"),
        package("acme/base", "1.1.9-rc.1", "base"),
    ]);
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop"),
        ("models/a.sql", "select * from {{ ref('base_model') }}"),
        (
            "packages.yml",
            "packages:\n  - package: acme/top\n    version: 2.0.0\n  - {package: acme/base, version: '>=1.0.0'}\n",
        ),
    ]);
    let output = deps(&project, &hub, &[]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("installed base 1.1.0 (acme/base); 1.2.0 is out"), "{}", output.stderr);
    assert_eq!(installed(&project), ["base", "top"]);
    assert_eq!(
        project.read("package-lock.yml"),
        "packages:\n  - name: top\n    package: acme/top\n    version: 2.0.0\n  - name: base\n    package: acme/base\n    version: 1.1.0\n\
         sha1_hash: 5166b94f0e5b5c8e7e8d9f0a1b2c3d4e5f607182\n"
            .replace("5166b94f0e5b5c8e7e8d9f0a1b2c3d4e5f607182", &hash_in(&project))
    );
    let shown = project.run(&["ls", "--select", "+a"]);
    assert_eq!(shown.stdout, "base.base_model\nshop.a\n", "{}", shown.stderr);

    // What the lock says is installed, though more could be had; `--upgrade` looks anew.
    project.write("package-lock.yml", project.read("package-lock.yml").replace("1.1.0", "1.0.0").as_bytes());
    assert!(deps(&project, &hub, &[]).stderr.contains("installed base 1.0.0"));
    let output = deps(&project, &hub, &["--upgrade", "--lock"]);
    assert!(
        output.stderr.contains("wrote package-lock.yml") && !output.stderr.contains("installed"),
        "{}",
        output.stderr
    );
    assert!(project.read("dbt_packages/base/models/base_model.sql").contains("1.0.0"));
    assert!(deps(&project, &hub, &[]).stderr.contains("installed base 1.1.0"));
}

fn hash_in(project: &TestProject) -> String {
    let text = project.read("package-lock.yml");
    text.lines().find_map(|line| line.strip_prefix("sha1_hash: ")).expect("a digest").to_owned()
}

#[test]
fn what_cannot_be_had_is_said_and_leaves_what_is_there() {
    let hub = Hub::of(&[
        package("acme/base", "1.0.0", "base"),
        Package { dbt: json!([">=99.0.0"]), ..package("acme/base", "2.0.0", "base") },
    ]);
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop"),
        ("packages.yml", "packages:\n  - {package: acme/base, version: 1.0.0}\n"),
    ]);
    assert_eq!(deps(&project, &hub, &[]).code, Some(0));
    let fails = |entry: &str, said: &[&str]| {
        project.write("packages.yml", format!("packages:\n  - {entry}\n").as_bytes());
        let output = deps(&project, &hub, &[]);
        assert_eq!(output.code, Some(2), "{entry}: {}", output.stderr);
        for said in said {
            assert!(output.stderr.contains(said), "{entry}: {}", output.stderr);
        }
        assert_eq!(installed(&project), ["base"]);
    };
    fails(
        "{package: acme/bsae, version: 1.0.0}",
        &["the hub has no package `acme/bsae`", "did you mean `acme/base`?", "packages.yml:2"],
    );
    fails(
        "{package: acme/base, version: '>=3.0.0'}",
        &["no version of package `acme/base` satisfies `>=3.0.0`", "the newest versions are 2.0.0, 1.0.0"],
    );
    fails(
        "{package: acme/base, version: '>1.0.0'}",
        &["2.0.0 would, but it does not say that it works with dbt", "--no-version-check"],
    );
    fails("{git: ./nowhere, revision: v1}", &["the repository ./nowhere at `v1` cannot be had"]);
    fails("{local: nowhere}", &["nowhere is no package"]);
    fails(
        "{tarball: 'http://127.0.0.1:1/x.tgz', name: x}",
        &["the archive http://127.0.0.1:1/x.tgz cannot be had: no answer"],
    );
    fails("{private: acme/base}", &["a private package needs a provider"]);
    fails("{package: base, version: 1.0.0}", &["`base` is not the name of a package on a hub"]);
    fails("{package: acme/base}", &["package `acme/base` needs a `version`"]);
    fails("{package: acme/base, version: latest}", &["`latest` is not a version"]);
    fails("{pakage: acme/base}", &["a package needs one of"]);
    let output = deps(&project, &hub, &["--no-version-check", "--add-package", "acme/base@>1.0.0"]);
    assert!(output.code == Some(2), "{}", output.stderr);
    project.write("packages.yml", b"packages:\n  - {package: acme/base, version: '>1.0.0'}\n");
    let output = deps(&project, &hub, &["--no-version-check"]);
    assert!(output.stderr.contains("installed base 2.0.0"), "{}", output.stderr);
}

#[test]
fn nobody_answers() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop"),
        ("packages.yml", "packages:\n  - {package: acme/base, version: 1.0.0}\n"),
    ]);
    let output = deps(&project, &Hub { address: "http://127.0.0.1:1".to_owned() }, &[]);
    assert_eq!(output.code, Some(2));
    assert!(
        output
            .stderr
            .contains("package `acme/base` cannot be had from http://127.0.0.1:1/api/v1/acme/base.json: no answer"),
        "{}",
        output.stderr
    );
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[test]
fn repositories_and_folders() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop\npackages-install-path: vendor"),
        ("models/a.sql", "select * from {{ ref('tools_model') }}, {{ ref('inner_model') }}, {{ ref('near_model') }}"),
        ("near/dbt_project.yml", "name: near"),
        ("near/models/near_model.sql", "select 1 as id"),
        ("near/packages.yml", "packages:\n  - {git: ./repository, subdirectory: inner, revision: v1}\n"),
        ("repository/dbt_project.yml", "name: tools"),
        ("repository/.dbtignore", "models/draft*\n"),
        ("repository/models/tools_model.sql", "select 1 as id"),
        ("repository/models/draft.sql", "{{ not a template"),
        ("repository/inner/dbt_project.yml", "name: inner"),
        ("repository/inner/models/inner_model.sql", "select 1 as id"),
        ("packages.yml", "packages:\n  - {git: \"{{ env_var('DBT_ENV_SECRET_REPOSITORY') }}\"}\n  - local: near\n"),
    ]);
    let repository = project.root().join("repository");
    git(&repository, &["init", "--quiet"]);
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "one"]);
    git(&repository, &["tag", "v1"]);
    let commit = git(&repository, &["rev-parse", "HEAD"]);
    let run = |arguments: &[&str]| {
        let mut command = project.command(&[&["deps"], arguments].concat());
        Output::of(command.env("DBT_ENV_SECRET_REPOSITORY", "./repository"))
    };
    let output = run(&[]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("package ***** is not pinned"), "{}", output.stderr);
    let lock = project.read("package-lock.yml");
    let expected = [
        "  - git: '{{ env_var(''DBT_ENV_SECRET_REPOSITORY'') }}'\n    name: tools\n",
        &format!("revision: {commit}\n"),
        "  - local: near\n    name: near\n",
        "  - git: ./repository\n    name: inner\n",
        "    subdirectory: inner\n",
    ];
    for expected in expected {
        assert!(lock.contains(expected), "{expected}\nis not in\n{lock}");
    }
    let shown = project.run(&["ls", "--select", "+a", "--resource-type", "model"]);
    assert_eq!(shown.stdout, "inner.inner_model\nnear.near_model\nshop.a\ntools.tools_model\n", "{}", shown.stderr);

    // A commit that is no branch and no tag, after the branch went on.
    project.write("repository/models/tools_model.sql", b"select 2 as id");
    git(&repository, &["commit", "--quiet", "-am", "two"]);
    let output = run(&[]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(project.read("vendor/tools/models/tools_model.sql").contains("select 1"));
    let output = run(&["--upgrade"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(project.read("vendor/tools/models/tools_model.sql").contains("select 2"));
}

#[test]
fn names_are_there_once() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop"),
        ("one/dbt_project.yml", "name: same"),
        ("two/dbt_project.yml", "name: same"),
        ("three/dbt_project.yml", "name: shop"),
        ("packages.yml", "packages:\n  - local: one\n  - local: two\n  - local: three\n"),
    ]);
    let output = project.run(&["deps"]);
    assert_eq!(output.code, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("two packages are called `same`"), "{}", output.stderr);
    assert!(output.stderr.contains("a package is called `shop` like the project itself"), "{}", output.stderr);
}
