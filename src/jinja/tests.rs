//! Runs the cases in `tests/jinja`, and throws random templates at the module.
//!
//! A case is a title line `=== …` and sections, each opened by a line `--- kind name`:
//!
//! - `macros <package>`: a macro file; there may be several. The root project is `shop`, the built-in macros are `dbt`.
//! - `template`, `trace`, `read`, `native`, `names`, or `scan`: what is rendered, rendered with where each word comes from, read for what it
//!   refers to, rendered as a YAML value, searched for names, or scanned.
//! - `output`: what comes of it, or of an error its place, message, hint and trace.
//!
//! With the variable `UPDATE_CASES` set, the outputs are written anew; a reviewer reads the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::value::Rest;
use proptest::prelude::*;

use super::*;
use crate::diagnostic::render::concise;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileId, SourceMap, Span};

#[test]
#[expect(clippy::disallowed_methods, reason = "the cases are files beside the code")]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/jinja");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let update = std::env::var("UPDATE_CASES").is_ok();
    let mut failures = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let actual = run_cases(&text);
        if actual != text && update {
            std::fs::write(&file, &actual).unwrap();
        } else if actual != text {
            let name = file.file_name().unwrap().to_string_lossy();
            failures.push_str(&difference(&name, &text, &actual));
        }
    }
    assert!(failures.is_empty(), "{failures}\nset UPDATE_CASES=1 to accept");
}

/// A section: the words of its first line, and the lines below.
struct Section<'a> {
    kind: &'a str,
    name: &'a str,
    text: &'a str,
}

/// The text of a case file with its outputs made anew.
fn run_cases(text: &str) -> String {
    let mut result = String::new();
    for case in split(text, "=== ") {
        let sections: Vec<Section<'_>> = split(case, "--- ").skip(1).map(section).collect();
        let input = case.find("\n--- output").map_or(case, |at| &case[..=at]);
        result.push_str(input);
        let _ = write!(result, "--- output\n{}\n", run_case(&sections));
    }
    result
}

/// The parts of `text` that start with a line that starts with `mark`; before them what stands in front of the first.
fn split<'a>(text: &'a str, mark: &str) -> impl Iterator<Item = &'a str> {
    let mut starts: Vec<usize> = text.match_indices(mark).map(|(at, _)| at).collect();
    starts.retain(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n');
    if starts.first() != Some(&0) {
        starts.insert(0, 0);
    }
    starts.push(text.len());
    (0..starts.len() - 1).map(move |at| &text[starts[at]..starts[at + 1]]).collect::<Vec<_>>().into_iter()
}

fn section(text: &str) -> Section<'_> {
    let (head, body) = text.split_once('\n').unwrap_or((text, ""));
    let (kind, name) = head[4..].split_once(' ').unwrap_or((&head[4..], ""));
    Section { kind, name, text: body.strip_suffix('\n').unwrap_or(body) }
}

fn run_case(sections: &[Section<'_>]) -> String {
    let sources = Arc::new(SourceMap::default());
    let mut builder = Environment::builder(Arc::clone(&sources));
    let mut result = String::new();
    for section in sections.iter().filter(|section| section.kind == "macros") {
        let file = sources.add(format!("{}/macros.sql", section.name), section.text);
        let (blocks, diagnostics) = scan(file, section.text);
        report(&mut result, &diagnostics, &sources);
        builder.macros(section.name, file, &blocks);
    }
    builder.global("execute", Value::from(true));
    let (environment, diagnostics) = builder.build("shop");
    report(&mut result, &diagnostics, &sources);
    let Some(section) = sections.iter().find(|section| !matches!(section.kind, "macros" | "output")) else {
        return result;
    };
    let file = sources.add("model.sql", section.text);
    let whole = Span::new(file, 0..section.text.len());
    let rendered = match section.kind {
        "template" => environment.render(whole, &scope(section.name)).text,
        "trace" => environment.traced().render(whole, &scope(section.name)).text.map(|text| origins(&text, &sources)),
        "read" => {
            let reading = environment.read(whole, &scope(section.name));
            for note in &reading.notes {
                let _ = writeln!(result, "{}", describe(note, &sources));
            }
            reading.text
        }
        "native" => {
            environment.native(section.text, whole, &scope("")).map(|value| format!("{}: {value:?}", value.kind()))
        }
        "names" => Ok(environment.names_in(whole).join(" ")),
        "scan" => Ok(describe_blocks(file, section.text, &sources)),
        other => panic!("no such section: {other}"),
    };
    match rendered {
        Ok(text) => result.push_str(&text),
        Err(diagnostic) => result.push_str(&describe(&diagnostic, &sources)),
    }
    result
}

/// Each word of a traced rendering with the places that it comes from.
fn origins(marked: &str, sources: &SourceMap) -> String {
    let Some(trace) = Trace::read(marked) else { return "no trace".to_owned() };
    let place = |span: Span| {
        let file = sources.get(span.file);
        let at = file.location(span.start as usize);
        let name = file.path().to_string_lossy().replace("/macros.sql", "");
        format!("{name}:{}:{}", at.line, at.column)
    };
    let words = trace.text.split_whitespace().map(|word| {
        let offset = word.as_ptr().addr() - trace.text.as_ptr().addr();
        format!("{word} ← {}", trace.at(offset).into_iter().map(place).collect::<Vec<_>>().join(" → "))
    });
    words.collect::<Vec<_>>().join("\n")
}

/// What a node would see: functions and values as the floors above make them.
fn scope(package: &str) -> Scope {
    let names = [
        ("ref", Value::from_function(|name: &str| format!("\"main\".\"{name}\""))),
        ("this", Value::from("\"main\".\"this\"")),
        ("given", mutable(Value::from(Serde(serde_json::json!({"list": [1, [2]], "dict": {"a": {"b": 1}}}))))),
        ("fixed", Value::from(Serde(serde_json::json!({"list": [1, [2]], "dict": {"a": {"b": 1}}})))),
        ("fail", Value::from_function(|message: String| Err::<Value, _>(raise(raised(&message))))),
        ("call_site", Value::from_function(call_site)),
    ];
    let package = if package.is_empty() { "shop" } else { package };
    Scope::new(package, Value::from_pairs(names))
}

fn raised(message: &str) -> Diagnostic {
    Diagnostic::error(codes::JINJA_RAISED, message.to_owned())
}

fn call_site(state: &mut State<'_, '_>, args: Rest<Value>) -> Result<String, Error> {
    let site = CallSite::of(state).unwrap();
    let named = args.first().map_or(Ok(Value::UNDEFINED), |name| site.call(&name.to_string(), &args[1..], &[]));
    Ok(format!("{}: {}", site.package(), named.map_err(raise)?))
}

fn report(result: &mut String, diagnostics: &Diagnostics, sources: &SourceMap) {
    for diagnostic in diagnostics {
        let _ = writeln!(result, "{}", describe(diagnostic, sources));
    }
}

fn describe(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let mut text = concise(diagnostic, sources);
    let place = |span: Span| {
        let at = sources.get(span.file).location(span.start as usize);
        format!("{}:{} `{}`", at.line, at.column, sources.slice(span).escape_debug())
    };
    for label in &diagnostic.labels {
        let _ = write!(text, "\n  at {} {}", place(label.span), label.text);
    }
    for frame in &diagnostic.trace {
        let _ = write!(text, "\n  {} {}", frame.what, frame.span.map(place).unwrap_or_default());
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "\n  help: {help}");
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn describe_blocks(file: FileId, text: &str, sources: &SourceMap) -> String {
    let (blocks, diagnostics) = scan(file, text);
    let mut result = String::new();
    for block in blocks {
        let parameters: Vec<String> = block.parameters.iter().map(describe_parameter).collect();
        let _ = writeln!(result, "{:?} {}({})", block.kind, sources.slice(block.name_span), parameters.join(", "));
        let _ = writeln!(result, "  {:?}", sources.slice(block.body));
    }
    report(&mut result, &diagnostics, sources);
    result.trim_end().to_owned()
}

fn describe_parameter(parameter: &Parameter) -> String {
    let annotation = parameter.annotation.as_ref().map(|annotation| format!(": {annotation}")).unwrap_or_default();
    let default = parameter.default.as_ref().map(|default| format!(" = {default}")).unwrap_or_default();
    format!("{}{annotation}{default}", parameter.name)
}

fn difference(file: &str, expected: &str, actual: &str) -> String {
    let mut result = String::new();
    for (expected, actual) in split(expected, "=== ").zip(split(actual, "=== ")) {
        if expected != actual {
            let _ = writeln!(result, "{file}: expected\n{expected}\n…but it gave\n{actual}");
        }
    }
    result
}

/// Pieces of templates that random texts are made of.
const PIECES: [&str; 44] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "{{ ",
    " }}",
    "{%- ",
    " -%}",
    "macro ",
    "endmacro",
    "test t",
    "endtest",
    "call ",
    "endcall",
    "if ",
    "endif",
    "for x in ",
    "endfor",
    "set ",
    "do ",
    "raw",
    "endraw",
    "docs d",
    "x",
    "m",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ".append(x)",
    "'",
    "\"a\"",
    "1",
    " % ",
    "\n",
    "é",
    " ~ ",
    "\\",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30)) {
        try_everything(&pieces.concat());
    }

    #[test]
    fn nothing_panics_inside_tags(tags in prop::collection::vec(prop::collection::vec(prop::sample::select(&PIECES[10..]), 0..8), 0..6)) {
        let text: String = tags.iter().map(|tag| format!("{{% {} %}}a{{{{ {} }}}}", tag.concat(), tag.concat())).collect();
        try_everything(&text);
    }

    #[test]
    fn text_without_jinja_is_itself(text in "[^{\r\n]{0,40}") {
        prop_assert_eq!(try_everything(&text), Some(text));
    }
}

fn try_everything(text: &str) -> Option<String> {
    let sources = Arc::new(SourceMap::default());
    let file = sources.add("model.sql", text);
    let whole = Span::new(file, 0..text.len());
    let (blocks, _) = scan(file, text);
    let mut builder = Environment::builder(Arc::clone(&sources));
    builder.macros("shop", file, &blocks);
    let (environment, _) = builder.build("shop");
    let _ = environment.native(text, whole, &scope(""));
    let _ = environment.names_in(whole);
    let _ = literal(text);
    let rendered = environment.render(whole, &scope("")).text;
    if let Err(diagnostic) = &rendered {
        describe(diagnostic, &sources);
    }
    rendered.ok()
}

#[test]
fn expressions_have_a_longest() {
    let chain = |part: &str| format!("{{{{ {}x }}}}", part.repeat(50_000));
    let branches = format!("{{% if x %}}{}{{% endif %}}", "{% elif x %}".repeat(50_000));
    let default = format!("{{% macro m(a={}x) %}}{{% endmacro %}}", "not ".repeat(50_000));
    let texts = ["not ", "-", "1 ~ ", "x if x else ", "(", "x.", "[", "x|", "x(", "x<"].map(chain);
    for text in texts.into_iter().chain([branches, default]) {
        assert_eq!(try_everything(&text), None, "{}", &text[..20]);
    }
    let list = format!("{{{{ [{}] | length }}}}", "-1, ".repeat(5_000));
    assert_eq!(try_everything(&list).as_deref(), Some("5000"));
}

#[test]
fn calls_of_a_template_are_tracked() {
    let sources = Arc::new(SourceMap::default());
    let text = "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{% endmacro %}{% macro c() %}{% endmacro %}";
    let file = sources.add("macros.sql", text);
    let mut builder = Environment::builder(Arc::clone(&sources));
    builder.macros("shop", file, &scan(file, text).0);
    let (environment, _) = builder.build("shop");
    let model = "{{ c() }}{{ a() }}{{ c() }}{{ nope() }}";
    let span = Span::new(sources.add("model.sql", model), 0..model.len());
    let reading = environment.read(span, &scope(""));
    assert!(reading.text.is_ok());
    assert_eq!(reading.notes.len(), 1);
    assert_eq!(reading.calls.iter().map(|info| info.name.as_str()).collect::<Vec<_>>(), ["c", "a"]);
}

#[test]
fn a_macro_is_called_from_rust() {
    let sources = Arc::new(SourceMap::default());
    let text = "{% macro m(a, b=2) %}{{ return([a, b, this]) }}{% endmacro %}{% macro bad() %}{{ x.y }}{% endmacro %}";
    let file = sources.add("macros.sql", text);
    let mut builder = Environment::builder(Arc::clone(&sources));
    builder.macros("tools", file, &scan(file, text).0);
    let (environment, _) = builder.build("shop");
    let scope = scope("");
    let called = environment.call("tools.m", &[Value::from(1)], &[("b", Value::from("x"))], &scope).unwrap();
    assert_eq!(called.to_string(), r#"[1, 'x', '"main"."this"']"#);
    let failed = environment.call("tools.bad", &[], &[], &scope).unwrap_err();
    assert_eq!(concise(&failed, &sources), "macros.sql:1:82: error[T0203]: `x` is not defined");
    let missing = environment.call("m", &[], &[], &scope).unwrap_err();
    assert_eq!(missing.to_string(), "error[T0307]: there is no macro `m`");
    assert_eq!(environment.macro_named("tools", "m").map(|info| info.parameters.len()), Some(2));
    assert!(environment.macro_named("shop", "m").is_none() && environment.macro_named("shop", "tools.m").is_some());
}

#[test]
fn literals_are_pythons() {
    let print = |text| literal(text).map(|value| format!("{value:?}"));
    assert_eq!(print(" -1 "), Some("-1".to_owned()));
    assert_eq!(print("{'a': [1.5, None, (True,)]}"), Some("{'a': [1.5, None, (True,)]}".to_owned()));
    assert_eq!(print("'x'"), Some("'x'".to_owned()));
    assert_eq!(print("x"), None);
    assert_eq!(print("1 + 1"), None);
    assert_eq!(print("2020-01-01"), None);
}

#[test]
fn nesting_has_an_end() {
    let text = "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns }}";
    assert_eq!(try_everything(text), None);
}
