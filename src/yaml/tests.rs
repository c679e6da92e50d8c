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

/// What PyYAML's safe loader reads; what 64 bits do not hold, and dates, are texts here.
const PYYAML: &str = "
01 int 1; 02 int 2; 08 text; 010 int 8; 00 int 0; 0 int 0; -0 int 0; +0 int 0; -05 int -5; +07 int 7;
0777 int 511; 0_7 int 7; 0o17 text; 0b101 int 5; 0b1_0 int 2; -0b11 int -3; 0x1F int 31; 0xff_ff int 65535;
-0x1f int -31; 0x text; 0b text; 1_000 int 1000; -1_000 int -1000; 1__0 int 10; 1_ int 1; _1 text; +5 int 5;
-5 int -5; 99999999999999999999 text; -99999999999999999999 text; 9223372036854775807 int 9223372036854775807;
9223372036854775808 text; 18446744073709551615 text; 1:30 int 90; 1:30:15 int 5415; -1:30 int -90; 1:60 text;
01:30 text; 0:30 text; 00:30 text; 1:30.5 float 90.5; -1:30:15.5 float -5415.5; 01:30.5 float 90.5;
.inf float inf; .Inf float inf; .INF float inf; -.inf float -inf; +.inf float inf; .nan float NaN;
.NaN float NaN; .NAN float NaN; -.nan text; .iNF text; inf text; nan text; 1. float 1.0; 1.5 float 1.5;
-1.5 float -1.5; +1.5 float 1.5; .5 float 0.5; -.5 text; +.5 text; . text; ._5 text; .5e3 text;
.5e+3 float 500.0; 1e3 text; 1.0e3 text; 1.0e+3 float 1000.0; 1.5E-3 float 0.0015; 1e+3 text; 1_0.5 float 10.5;
1.0_5 float 1.05; 01.5 float 1.5; 08.5 float 8.5; -08.5 float -8.5; .5_0 float 0.5; 1.e+3 float 1000.0;
yes bool true; Yes bool true; YES bool true; no bool false; off bool false; OFF bool false; On bool true;
on bool true; true bool true; True bool true; TRUE bool true; tRUE text; y text; n text; Y text; N text;
null null; ~ null; Null null; NULL null; nULL text; none text; None text; 2026-01-31 text; 2026-1-1 text;
2026-01-31T10:00:00Z text; 1.0.0 text; 1-2 text; 0x1G text; 0b12 text; 09 text; -09 text; 019 text; 1,000 text;
12e03 text; 0.0 float 0.0; -0.0 float -0.0; 007:30 text; 0_ int 0; 0__ int 0; -- text; + text; 1:5:9 int 3909;
190:20:30 int 685230; 1e400 text; 1.0e+400 float inf; 00.5 float 0.5; 0.1.2 text; 1_.5 float 1.5; 0_1:30 text;
+01 int 1; +.nan text; -0777 int -511
";

#[test]
fn plain_scalars_are_what_pyyaml_says() {
    for row in PYYAML.split(';') {
        let mut row = row.split_whitespace();
        let (written, kind, value) = (row.next().unwrap(), row.next().unwrap(), row.next());
        let (_, node) = read(&format!("a: {written}\n"));
        let found = match &node.unwrap().as_map().unwrap().get("a").unwrap().value {
            Value::Null => "null".to_owned(),
            Value::Bool(found) => format!("bool {found}"),
            Value::Int(found) => format!("int {found}"),
            Value::Float(found) => format!("float {found:?}"),
            Value::Text(found) => format!("text {found}"),
            other => format!("{other:?}"),
        };
        let value = value.or((kind == "text").then_some(written)).map(|value| format!(" {value}"));
        assert_eq!(found, format!("{kind}{}", value.unwrap_or_default()), "{written}");
    }
}

#[test]
fn quotes_tags_and_blocks_keep_a_scalar_from_being_resolved() {
    let typed = |text: &str| read(text).1.unwrap().to_json()["a"].clone();
    assert_eq!(typed("a: '01'\n"), "01");
    assert_eq!(typed("a: \"yes\"\n"), "yes");
    assert_eq!(typed("a: !!str 01\n"), "01");
    assert_eq!(typed("a: !!str &x yes\n"), "yes");
    assert_eq!(typed("a: !!float 1\n"), 1.0);
    assert_eq!(typed("a: |- # a text\n  01\n"), "01");
    assert_eq!(typed("a: >2-\n    yes\n").as_str().map(str::trim), Some("yes"));
    assert_eq!(typed("a: # |\n  01\n"), 1);
    assert_eq!(typed("a: &y 010\n"), 8);
    assert_eq!(typed("b: &y 010\na: *y\n"), 8);
    assert_eq!(typed("a: [01, \"wow !\", yes, {\"k >\": 010}]\n"), serde_json::json!([1, "wow !", true, {"k >": 8}]));
    assert_eq!(typed("a:\nb: yes\n"), serde_json::Value::Null);
    assert_eq!(typed("a: 01\n  02\n"), "01 02");
}

#[test]
fn a_mark_of_byte_order_moves_no_scalar() {
    let (_, node) = read("\u{feff}é: 010\r\nb: yes\r\n");
    assert_eq!(node.unwrap().to_json(), serde_json::json!({"é": 8, "b": true}));
}

#[test]
fn numbers_that_json_has_no_word_for_are_texts_there() {
    let (_, node) = read("[.inf, -.inf, .nan]");
    assert_eq!(node.unwrap().to_json(), serde_json::json!(["inf", "-inf", "nan"]));
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
