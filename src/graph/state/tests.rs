use serde_json::json;

use super::{StateKind, contract, same};
use crate::artifact::state::StateResource;

fn resource(json: serde_json::Value) -> StateResource {
    serde_json::from_value(json).unwrap()
}

#[test]
fn every_kind_has_a_word() {
    assert!(StateKind::NAMES.iter().all(|name| StateKind::parse(name).is_some()));
    assert_eq!(StateKind::parse("modified.nothing"), None);
}

#[test]
fn configs_are_compared_as_they_are_written() {
    let node = |config: serde_json::Value| {
        resource(json!({"resource_type": "model", "name": "a", "raw_code": "select 1", "unrendered_config": config}))
    };
    let base = node(json!({"materialized": "{{ 'table' if target.name == 'prod' else 'view' }}", "pre_hook": "x"}));
    let spelt = node(json!({"+materialized": "{{ 'table' if target.name == 'prod' else 'view' }}", "pre-hook": "x"}));
    assert!(same::config(&base, &spelt) && same::content(&base, &spelt));
    let tagged = node(
        json!({"materialized": "{{ 'table' if target.name == 'prod' else 'view' }}", "pre_hook": "x", "tags": ["t"]}),
    );
    assert!(same::config(&base, &tagged));
    assert!(!same::config(&base, &node(json!({"materialized": "table", "pre_hook": "x"}))));
    let moved = node(json!({"schema": "other"}));
    assert!(same::config(&node(json!({})), &moved) && !same::relation(&node(json!({})), &moved));
}

#[test]
fn a_test_is_what_it_judges() {
    let test = |config: serde_json::Value, code: &str| {
        resource(json!({"resource_type": "test", "fqn": ["p", "t"], "raw_code": code, "unrendered_config": config}))
    };
    let generic = "{{ test_not_null(**_dbt_generic_test_kwargs) }}";
    assert!(same::content(
        &test(json!({"meta": {"a": 1}}), generic),
        &test(json!({}), "{{ x(**_dbt_generic_test_kwargs) }}")
    ));
    assert!(!same::content(&test(json!({"severity": "warn"}), generic), &test(json!({}), generic)));
}

#[test]
fn seeds_are_their_rows() {
    let seed = |name: &str, checksum: &str| {
        resource(json!({"resource_type": "seed", "raw_code": "", "checksum": {"name": name, "checksum": checksum}}))
    };
    assert!(same::body(&seed("sha256", "a"), &seed("sha256", "a")));
    assert!(
        !same::body(&seed("sha256", "a"), &seed("sha256", "b"))
            && !same::body(&seed("path", "a"), &seed("sha256", "a"))
    );
}

#[test]
fn sources_forget_what_is_not_set() {
    let source = |more: serde_json::Value| {
        let mut json = json!({"resource_type": "source", "identifier": "t", "schema": "s"});
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        resource(json)
    };
    let bare = source(json!({}));
    assert!(same::content(
        &bare,
        &source(json!({"quoting": {"database": null}, "freshness": {"warn_after": {"count": null}}}))
    ));
    assert!(same::content(&bare, &source(json!({"description": "other"}))));
    assert!(!same::content(&bare, &source(json!({"loaded_at_field": "at"}))));
}

#[test]
fn contracts_break_where_others_may_miss_something() {
    let model = |columns: serde_json::Value, enforced: bool, version: serde_json::Value| {
        resource(
            json!({"resource_type": "model", "name": "m", "columns": columns, "version": version, "contract": {"enforced": enforced}}),
        )
    };
    let two = json!({"a": {"name": "a", "data_type": "varchar(3)"}, "b": {"name": "b", "data_type": "int"}});
    let before = model(two.clone(), true, json!(null));
    assert!(!contract::changed(&before, &before).0);
    let wider = json!({"a": {"name": "a", "data_type": "VARCHAR(9)"}, "b": {"name": "b", "data_type": "int"}, "c": {"name": "c"}});
    assert!(matches!(contract::changed(&model(wider, true, json!(null)), &before), (true, None)));
    let fewer = json!({"a": {"name": "a", "data_type": "date"}});
    let (changed, broken) = contract::changed(&model(fewer.clone(), true, json!(null)), &before);
    assert!(changed);
    assert_eq!(broken.unwrap().notes, ["column `a` was varchar(3) and is date", "column `b` is gone"]);
    let (_, broken) = contract::changed(&model(fewer, true, json!(2)), &before);
    assert_eq!(broken.unwrap().severity, crate::diagnostic::Severity::Error);
    assert!(contract::changed(&model(two, false, json!(null)), &before).1.is_some());
}
