//! A project of any size, the same for the same size: bronze models over sources, silver joins, gold aggregates, with configs,
//! macros, documentation and tests in the shares that real projects have.

use std::fmt::Write as _;
use std::path::Path;

const SOURCES: usize = 50;

/// Writes a project of `models` models into `folder`.
pub(crate) fn project(folder: &Path, models: usize) -> std::io::Result<()> {
    let write = |path: String, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(path, text)
    };
    write("dbt_project.yml".to_owned(), PROJECT)?;
    write("macros/money.sql".to_owned(), MACROS)?;
    write("models/_sources.yml".to_owned(), &sources())?;
    let (bronze, gold) = (models / 4, models / 4);
    let silver = models - bronze - gold;
    for index in 0..models {
        let (layer, number) = match index {
            index if index < bronze => ("bronze", index),
            index if index < bronze + silver => ("silver", index - bronze),
            index => ("gold", index - bronze - silver),
        };
        let name = format!("{layer}_{number:05}");
        let folder = format!("models/{layer}/g{:03}", number / 20);
        write(format!("{folder}/{name}.sql"), &sql(layer, number, (bronze, silver)))?;
        if number.is_multiple_of(20) {
            write(format!("{folder}/_models.yml"), &properties(layer, number, models))?;
        }
    }
    Ok(())
}

fn sources() -> String {
    let mut text = String::from("sources:\n  - name: raw\n    tables:\n");
    for index in 0..SOURCES {
        let _ = writeln!(text, "      - {{name: feed_{index:02}, description: \"Feed {index}\"}}");
    }
    text
}

fn sql(layer: &str, number: usize, (bronze, silver): (usize, usize)) -> String {
    let config = match number % 20 {
        0 if layer != "bronze" => "{{ config(materialized='incremental', unique_key='id') }}\n",
        1..=10 => "{{ config(tags=['daily', 'core']) }}\n",
        _ => "",
    };
    let parent = |offset: usize| match layer {
        "silver" => format!("{{{{ ref('bronze_{:05}') }}}}", (number * 7 + offset * 13) % bronze.max(1)),
        _ => format!("{{{{ ref('silver_{:05}') }}}}", (number * 11 + offset * 17) % silver.max(1)),
    };
    let amount = if number.is_multiple_of(3) { "{{ cents_to_euros('a.amount') }}" } else { "a.amount" };
    let from = if layer == "bronze" {
        format!("from {{{{ source('raw', 'feed_{:02}') }}}} as a", number % SOURCES)
    } else {
        format!("from {} as a\nleft join {} as b on b.id = a.id", parent(0), parent(1))
    };
    let filter = if config.contains("incremental") {
        "{% if is_incremental() %}\nwhere a.updated_at > (select max(updated_at) from {{ this }})\n{% endif %}\n"
    } else {
        ""
    };
    format!("{config}select\n    a.id,\n    {amount} as amount,\n    a.status,\n    a.updated_at\n{from}\n{filter}")
}

/// Two of five models are documented and tested.
fn properties(layer: &str, first: usize, models: usize) -> String {
    let mut text = String::from("models:\n");
    let last = if layer == "silver" { models - 2 * (models / 4) } else { models / 4 };
    for number in (first..(first + 20).min(last)).step_by(5).flat_map(|number| [number, number + 1]) {
        if number >= last {
            continue;
        }
        let _ = write!(
            text,
            "  - name: {layer}_{number:05}\n    description: One row per event.\n    columns:\n      - name: id\n        description: Key.\n        data_tests: [unique, not_null]\n      - name: status\n        description: State of the event.\n        data_tests:\n          - accepted_values:\n              arguments: {{values: [new, paid, shipped]}}\n"
        );
    }
    text
}

const PROJECT: &str = "\
name: generated
version: '1.0.0'
models:
  generated:
    bronze: {+materialized: view, +schema: bronze}
    silver: {+materialized: table, +schema: silver}
    gold: {+materialized: table, +schema: gold}
";

const MACROS: &str = "\
{% macro cents_to_euros(column, scale=2) -%}
round(cast({{ column }} as double) / 100, {{ scale }})
{%- endmacro %}
";
