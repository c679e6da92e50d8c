//! The digest by which a changed unit test is told.

use serde_json::Value as Json;

use crate::base::{python_repr, python_str, sha256_hex};
use crate::config::UnitTestProperties;
use crate::manifest::{Fixture, FixtureRows};

/// A digest of what is tested, made of the text that dbt makes it of.
pub(super) fn checksum(properties: &UnitTestProperties, given: &[Fixture], expect: &Fixture) -> String {
    let versions = properties.versions.as_ref().map_or_else(
        || "None".to_owned(),
        |versions| {
            format!(
                "UnitTestNodeVersions(include={}, exclude={})",
                python_str(&versions["include"]),
                python_str(&versions["exclude"])
            )
        },
    );
    let overrides = properties.overrides.as_ref().map_or_else(
        || "None".to_owned(),
        |overrides| {
            let part = |key: &str| overrides.get(key).map_or_else(|| "{}".to_owned(), python_str);
            format!(
                "UnitTestOverrides(macros={}, vars={}, env_vars={})",
                part("macros"),
                part("vars"),
                part("env_vars")
            )
        },
    );
    let inputs: Vec<String> = given.iter().map(|fixture| shown(fixture, true)).collect();
    let mut data =
        format!("{}-{versions}-[{}]-{}-{overrides}", properties.model.0, inputs.join(", "), shown(expect, false));
    for fixture in given.iter().filter(|fixture| fixture.fixture.is_some()) {
        data.push_str(&format!("-{}", rows_str(fixture, python_str)));
    }
    sha256_hex(data.as_bytes())
}

fn rows_str(fixture: &Fixture, text: fn(&Json) -> String) -> String {
    match &fixture.rows {
        FixtureRows::Sql(sql) => text(&Json::from(sql.as_str())),
        FixtureRows::Rows(rows) => python_str(&rows.iter().cloned().map(Json::Object).collect()),
    }
}

/// A fixture as Python shows it.
fn shown(fixture: &Fixture, is_input: bool) -> String {
    let name = match fixture.format {
        "csv" => "CSV",
        "sql" => "SQL",
        _ => "Dict",
    };
    let input = if is_input { format!("input={}, ", python_repr(&fixture.input)) } else { String::new() };
    format!(
        "UnitTest{}Fixture({input}rows={}, format=<UnitTestFormat.{name}: '{}'>, fixture={})",
        if is_input { "Input" } else { "Output" },
        rows_str(fixture, crate::base::python_value),
        fixture.format,
        fixture.fixture.as_deref().map_or_else(|| "None".to_owned(), python_repr),
    )
}
