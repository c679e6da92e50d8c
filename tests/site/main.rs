//! The documentation site, in a browser: the binary makes sites of several projects, and the checks of `templates/site/test/acceptance` look
//! at them and compare them with what the command line says of the same projects.
//!
//! Node and npm are on the machine; Chromium is installed where it is missing. `CHROMIUM` names another one. This is a binary of its own, which
//! cargo runs when the other tests have ended: some of the checks measure times.
#![expect(clippy::disallowed_methods, reason = "tests look at the disk from the outside")]
#![expect(clippy::print_stdout, reason = "the figures are for who runs the tests")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../../benches/generate.rs"]
mod generate;
#[path = "../it/project.rs"]
#[expect(dead_code, reason = "the other integration tests use more of it")]
mod project;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value as Json, json};

use project::{TestProject, copy, repository};

/// What must be in no byte of a site: the value of a secret variable, and a part of the path of a project.
const SECRET: &str = "canary-of-a-secret";

/// The modules of the front end do what their tests say, and the script that is committed is what they give.
#[test]
fn the_front_end_is_sound() {
    let source = installed();
    must(npm(&source).args(["run", "check"]));
    must(npm(&source).arg("test"));
    let built = ["app.js", "app.css", "THIRD_PARTY.txt"].map(|name| source.join(name));
    let bytes = || built.clone().map(|path| fs::read(path).expect("a file that is built"));
    let committed = bytes();
    must(npm(&source).args(["run", "build"]));
    let same = bytes() == committed;
    for (path, bytes) in built.iter().zip(&committed) {
        fs::write(path, bytes).expect("the committed file");
    }
    assert!(same, "`npm run build` in `templates/site` gives other files than are committed");
}

/// The acceptance checks of the site.
#[test]
fn the_site_does_in_a_browser_what_it_is_for() {
    let source = installed();
    let chromium = chromium();
    let folder = tempfile::Builder::new().prefix("transform site ").tempdir().expect("a folder");
    let sites = folder.path().join("été à Paris");
    let (example, changed) = (example(), changed());
    let hostile = copied("tests/data/hostile_project");
    let empty = copied("example_project");
    let generated = [(1_000, "1k"), (10_000, "10k")].map(|(models, name)| (large(models), name));
    let site = |project: &TestProject, name: &str, more: &[&str]| {
        let output = sites.join(name).display().to_string();
        let arguments = [&["docs", "generate", "--quiet", "--output", output.as_str()], more].concat();
        let made = project.run(&arguments);
        assert!(made.code == Some(0) || name == "hostile", "{name}: {}", made.stderr);
        output
    };
    let state = example.root().join("target").display().to_string();
    let environment = [
        ("SITE_EXAMPLE", site(&example, "example", &[])),
        ("SITE_SINGLE", site(&example, "single/docs.html", &["--single-file"])),
        ("SITE_EMPTY", site(&empty, "empty", &[])),
        ("SITE_DIFF", site(&changed, "diff", &["--state", &state])),
        ("SITE_HOSTILE", {
            // What fails in it is meant to.
            hostile.run(&["build"]);
            site(&hostile, "hostile", &[])
        }),
        ("SITE_1K", site(&generated[0].0, generated[0].1, &[])),
        ("SITE_10K", site(&generated[1].0, generated[1].1, &[])),
        ("ORACLE", {
            let path = folder.path().join("oracle.json");
            let text = oracle(&source, (&example, &changed, &state), folder.path()).to_string();
            fs::write(&path, text).expect("the oracle");
            path.display().to_string()
        }),
        ("CHROMIUM", chromium.display().to_string()),
    ];
    must(npm(&source).args(["run", "acceptance"]).envs(environment.clone()));
    let pictures = folder.path().join("pictures");
    must(npm(&source).args(["run", "screenshots", "--"]).arg(&pictures).envs(environment.clone()));
    are_the_ones_of_the_readme(&pictures);
}

/// That the README shows the pictures, by their names: fonts and times are others on every machine. `BLESS=1` takes these for it.
fn are_the_ones_of_the_readme(pictures: &Path) {
    let readme = fs::read_to_string(repository().join("README.md")).expect("the README");
    let shown = repository().join("templates/site/screenshots");
    let names = |folder: &Path| -> BTreeSet<OsString> {
        let entries = fs::read_dir(folder).expect("a folder of pictures");
        entries.map(|entry| entry.expect("a picture").file_name()).collect()
    };
    for name in names(pictures) {
        let text = name.to_string_lossy();
        assert!(readme.contains(&format!("templates/site/screenshots/{text}")), "the README does not show {text}");
        if std::env::var_os("BLESS").is_some() {
            fs::copy(pictures.join(&name), shown.join(&name)).expect("a picture for the README");
        }
    }
    assert_eq!(names(pictures), names(&shown));
}

/// The example, built twice, so that it has runs and something to compare them with; its profile and its place are nobody's business.
fn example() -> TestProject {
    let project = copied("example_project");
    project.set("DBT_ENV_SECRET_TOKEN", SECRET);
    let profile = format!(
        "default:\n  target: local\n  outputs:\n    local: {{type: datafusion, threads: 4, password: \"{}\"}}\n",
        "{{ env_var('DBT_ENV_SECRET_TOKEN') }}"
    );
    project.write("profiles.yml", profile.as_bytes());
    let settings = project.read("transform.yml");
    project.write("transform.yml", format!("{settings}\ndocs: {{stylesheet: own.css}}\n").as_bytes());
    project.write("own.css", b":root { --of-the-project: yes } /* </style><script>window.pwned = 1</script> */");
    for _ in 0..2 {
        let output = project.run(&["build", "--quiet"]);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
    }
    project.run(&["docs", "generate", "--quiet"]);
    project
}

/// The example after a change: a column is gone, one is narrower, one is new, a model is gone and another one new.
fn changed() -> TestProject {
    let project = copied("example_project");
    for (path, from, to) in [
        ("models/gold/kpi_api_health.sql", "    services.owner,\n", ""),
        (
            "models/gold/kpi_stock_alerts.sql",
            "        stock.quantity_on_hand,\n",
            "        cast(stock.quantity_on_hand as smallint) as quantity_on_hand,\n",
        ),
        ("models/silver/silver_users.sql", "    joined_on\n", "    joined_on, upper(team) as team_code\n"),
    ] {
        let text = project.read(path);
        assert!(text.contains(from), "{path} has no `{from}`");
        project.write(path, text.replace(from, to).as_bytes());
    }
    fs::remove_file(project.root().join("models/gold/kpi_orders_by_status.sql")).expect("a model that goes");
    project.write("models/gold/kpi_new.sql", b"select date_key, month_start from {{ ref('dim_dates') }}\n");
    project
}

fn large(models: usize) -> TestProject {
    let project = TestProject::new();
    generate::project(&project.root(), models).expect("a project");
    project
}

fn copied(folder: &str) -> TestProject {
    let project = TestProject::new();
    copy(&repository().join(folder), &project.root());
    project
}

/// What the command line says, as `oracle.ts` describes it.
fn oracle(source: &Path, (example, changed, state): (&TestProject, &TestProject, &str), folder: &Path) -> Json {
    let questions = fs::read_to_string(source.join("test/acceptance/expressions.json")).expect("the questions");
    let questions: Json = serde_json::from_str(&questions).expect("JSON");
    let asked = |key: &str| -> Vec<String> { serde_json::from_value(questions[key].clone()).expect("texts") };
    let keyed = |key: &str, answer: &dyn Fn(&str) -> Json| -> Map<String, Json> {
        asked(key).into_iter().map(|question| (question.clone(), answer(&question))).collect()
    };
    let list = |select: &str, keys: &[&str]| -> Vec<Json> {
        let words: Vec<&str> = select.split(' ').collect();
        let output = [&["ls", "--quiet", "--output", "json", "--output-keys"], keys, &["--select"], &words].concat();
        example.run(&output).stdout.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    };
    let ls =
        |select: &str| json!(list(select, &["unique_id"]).iter().map(|line| &line["unique_id"]).collect::<Vec<_>>());
    let lineage = |column: &str| {
        let ask = |more: &[&str]| answer(example, &[&["lineage", column, "--format", "json"], more].concat());
        json!({
            "up": ask(&["--upstream"]),
            "down": ask(&["--downstream"]),
            "upInfluences": ask(&["--upstream", "--influences"]),
            "downInfluences": ask(&["--downstream", "--influences"]),
        })
    };
    const KEYS: [&str; 7] =
        ["unique_id", "resource_type", "config.layer", "config.meta", "owner", "attached_node", "depends_on"];
    let project = example.root();
    json!({
        "ls": keyed("select", &ls),
        "lineage": keyed("columns", &lineage),
        "impact": keyed("impact", &|node| json!(list(&format!("{node}+"), &KEYS))),
        "run": answer(example, &["runs", "last", "--output", "json"]),
        "diff": answer(changed, &["docs", "diff", "--state", state, "--format", "json"]),
        "secrets": [SECRET, project.display().to_string(), folder.display().to_string()],
    })
}

/// What a command prints, which is JSON.
fn answer(project: &TestProject, arguments: &[&str]) -> Json {
    let output = project.run(arguments);
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}", output.stderr))
}

/// The folder of the front end, with the packages that its lock file names.
fn installed() -> PathBuf {
    static ONCE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = ONCE.lock();
    let source = repository().join("templates/site");
    let lock = fs::read(source.join("package-lock.json")).expect("the lock file");
    let mark = source.join("node_modules/.installed");
    if fs::read(&mark).ok().as_ref() != Some(&lock) {
        must(npm(&source).args(["ci", "--no-audit", "--no-fund"]));
        fs::write(&mark, &lock).expect("the mark of an installation that came to its end");
    }
    source
}

fn npm(source: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(source);
    command
}

/// The browser: the one that `CHROMIUM` names, else Debian's.
fn chromium() -> PathBuf {
    if let Some(chromium) = std::env::var_os("CHROMIUM") {
        return chromium.into();
    }
    let chromium = PathBuf::from("/usr/bin/chromium");
    if !chromium.exists() {
        must(Command::new("apt-get").args(["install", "-yq", "chromium"]));
    }
    chromium
}

fn must(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let program = command.get_program().to_os_string();
    let arguments: Vec<&OsStr> = command.get_args().collect();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // Figures are read by who runs the tests with `--nocapture`, and failures by everybody.
    println!("{stdout}");
    assert!(output.status.success(), "{program:?} {arguments:?}:\n{stdout}\n{stderr}");
}
