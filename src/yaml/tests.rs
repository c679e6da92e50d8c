use proptest::prelude::*;

use super::{Fields, Value, parse};
use crate::diagnostic::{Diagnostics, render};
use crate::source::SourceMap;

fn read(text: &str) -> (SourceMap, Result<super::Node, crate::diagnostic::Diagnostic>) {
    let sources = SourceMap::default();
    let file = sources.add("models/schema.yml", text);
    let parsed = parse(file, text, &mut Diagnostics::new());
    (sources, parsed)
}

#[test]
fn scalars_are_typed_as_pyyaml_does() {
    let (_, node) =
        read("a: yes\nb: 1_000\nc: 1.5\nd: ~\ne: '1'\nf: 2026-01-31\ng: on\ny: n\nversion: 1.0.0\nh: 1e3\ni: 1.0e+3\n");
    let node = node.unwrap();
    let map = node.as_map().unwrap();
    assert_eq!(map.get("a").unwrap().value, Value::Bool(true));
    assert_eq!(map.get("b").unwrap().value, Value::Int(1000));
    assert_eq!(map.get("c").unwrap().value, Value::Float(1.5));
    assert_eq!(map.get("d").unwrap().value, Value::Null);
    assert_eq!(map.get("e").unwrap().value, Value::Text("1".into()));
    assert_eq!(map.get("f").unwrap().value, Value::Text("2026-01-31".into()));
    assert_eq!(map.get("g").unwrap().value, Value::Bool(true));
    assert_eq!(map.get("y").unwrap().value, Value::Text("n".into()));
    assert_eq!(map.get("h").unwrap().value, Value::Text("1e3".into()));
    assert_eq!(map.get("i").unwrap().value, Value::Float(1000.0));
    assert_eq!(map.get("version").unwrap().value, Value::Text("1.0.0".into()));
}

#[test]
fn every_node_knows_its_bytes() {
    let (sources, node) = read("é: x\nmodels:\n  - name: orders\n");
    let node = node.unwrap();
    let model = &node.as_map().unwrap().get("models").unwrap().as_list().unwrap()[0];
    let name = model.as_map().unwrap().get("name").unwrap();
    assert_eq!(sources.slice(name.span), "orders");
    assert_eq!(sources.slice(model.as_map().unwrap().entries[0].key_span), "name");
}

#[test]
fn merge_keys_and_anchors() {
    let (_, node) = read("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n");
    let json = node.unwrap().to_json();
    assert_eq!(json["use"], serde_json::json!({"x": 1, "y": 3}));
}

#[test]
fn the_last_value_of_a_key_counts() {
    let sources = SourceMap::default();
    let text = "a: 1\nb: 2\na: 3\n";
    let mut warnings = Diagnostics::new();
    let node = parse(sources.add("models/schema.yml", text), text, &mut warnings).unwrap();
    assert_eq!(node.to_json(), serde_json::json!({"a": 3, "b": 2}));
    assert_eq!(
        warnings.iter().map(|warning| warning.message.as_str()).collect::<Vec<_>>(),
        ["key `a` stands here twice"]
    );
}

fn rendered(text: &str) -> String {
    let (sources, node) = read(text);
    render::human(&node.unwrap_err(), &sources, false)
}

#[test]
fn malformed_yaml_has_a_place() {
    insta::assert_snapshot!(rendered("models:\n  - name: a\n   description: b\n"));
    insta::assert_snapshot!(rendered("models:\n\t- name: a\n"));
    insta::assert_snapshot!(rendered("a: {{ var('x') }}\n"));
    insta::assert_snapshot!(rendered("a: 'open\n"));
}

#[test]
fn fields_report_types_and_unknown_keys() {
    let (sources, node) = read("name: [a]\ntags: x\nenabeld: false\nenabled: maybe\n");
    let node = node.unwrap();
    let mut diagnostics = Diagnostics::new();
    let mut fields = Fields::of(&node, "a model", &mut diagnostics).unwrap();
    assert_eq!(fields.text("name"), None);
    assert_eq!(fields.texts("tags"), Some(vec!["x".to_owned()]));
    assert_eq!(fields.flag("enabled"), None);
    fields.finish("the model");
    let lines: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| format!("{} ({:?})", render::concise(diagnostic, &sources), diagnostic.help))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

proptest! {
    #[test]
    fn never_panics(text in r#"([a-z:\-\[\]{}&*!|>'"%@`#,?~\t\n é]|<<|: |- ){0,60}"#) {
        let _ = read(&text);
    }
}

#[test]
fn a_file_may_repeat_a_list_of_columns_by_aliases_as_often_as_it_likes() {
    let models: String = (0..300).map(|at| format!("  - {{name: m{at}, columns: *columns}}\n")).collect();
    let text = format!("columns: &columns [{{name: a}}, {{name: b}}]\nmodels:\n{models}");
    let tree = read(&text).1.unwrap().to_json();
    assert_eq!(tree["models"][299]["columns"][1]["name"], "b");
}
