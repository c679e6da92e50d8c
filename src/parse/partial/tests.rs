//! Whatever is edited between two commands, the manifest and the diagnostics are those of a command that knows nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;

use super::PARTIAL_PARSE;
use super::stored::Stored;
use crate::artifact;
use crate::base::Fingerprint;
use crate::diagnostic::render;
use crate::load::{self, Options};
use crate::session::Flags;
use crate::source::{MemoryWorld, SourceMap, World};

/// The files of a project, each with the texts that it can have; an empty one stands for no file.
const FILES: &[(&str, &[&str])] = &[
    (
        "dbt_project.yml",
        &[
            "name: shop\nmodels: {shop: {+tags: [daily]}}\nvars: {country: FR}\n",
            "name: shop\nmodels: {shop: {+materialized: table}}\nvars: {country: '{{ this.name }}'}\n",
            "name: shop\ndispatch: [{macro_namespace: other, search_order: [other, shop]}]\nflags: {loud: true}\n",
        ],
    ),
    (
        "models/a.sql",
        &[
            "select '{{ var('country', 'none') }}' as c",
            "{{ config(tags=[env_var('COUNTRY', 'none')], ratio=0.1, big=9223372036854775807) }}\nselect 1",
            "\n  select {{ pick() }}",
            "{{ config(meta={'at': run_started_at | string, 'who': flags.which}) }} select {{ nope }}",
            "select {% if %}",
            "",
        ],
    ),
    (
        "models/b.sql",
        &[
            "select * from {{ ref('a') }}",
            "select * from {{ ref('shop', 'a') }} {{ other.pick() }} -- {{ ref('a') }}",
            "{{ config(x=target.schema, y=this | string, z=model.fqn) }} {% for i in range(2) %}{{ source('raw', 't') }}{% endfor %}",
            "{{ config(materialized='incremental', unique_key=['a', 'b']) }} {{ adapter.dispatch('pick', 'other')() }}",
            "{{ log('read', info=true) }} {{ context['pick']() }} {{ builtins.ref('a') }} {{ undefined_macro(1) }}",
        ],
    ),
    (
        "models/schema.yml",
        &[
            "models:\n  - name: b\n    columns: [{name: c, data_tests: [unique, {positive: {arguments: {least: 0.5}}}]}]\n",
            "models:\n  - name: b\n    description: \"{{ doc('b') }}\"\n    data_tests: [{positive: {config: {tags: [\"{{ var('country', 'x') }}\"]}}}]\n",
            "# one line more\nmodels:\n  - name: b\n    config: {enabled: no, meta: {x: 1e3, y: 1.5}}\n    columns: [{name: c, data_tests: [unique]}]\n",
            "models:\n  - name: b\n    columns: [{name: c, data_tests: [nothing]}]\n  - name: b\n",
            "models: [",
            "",
        ],
    ),
    ("models/sources.yml", &["sources: [{name: raw, tables: [{name: t, data_tests: [positive]}]}]\n", ""]),
    ("models/docs.md", &["{% docs b %}The bees.{% enddocs %}", "{% docs b %}Other bees.{% enddocs %}", ""]),
    (
        "macros/pick.sql",
        &[
            "{% macro pick() %}{{ ref('b') if false else 1 }}{% endmacro %}",
            "{% macro pick() %}{% do config(tags=['picked']) %}{{ deeper() }}{% endmacro %}",
            "{% macro pick() %}{{ env_var('COUNTRY') }}{{ config(at=modules.datetime.datetime.now() | string) }}{% endmacro %}",
            "",
        ],
    ),
    (
        "macros/deeper.sql",
        &[
            "{% macro deeper() %}{% do config(depth=1) %}{% endmacro %}",
            "{% macro deeper() %}{% do config(depth=2) %}{{ return(var('country', 3)) }}{% endmacro %}",
            "{% macro range(n) %}{{ return([]) }}{% endmacro %}",
            "{% macro ref(name) %}{% do config(own_ref=name) %}{{ return(builtins.ref(name)) }}{% endmacro %}",
            "{% macro shop__pick() %}{% do config(dispatched=true) %}{% endmacro %}{% macro default__pick() %}{% do config(by_default=true) %}{% endmacro %}",
            "",
        ],
    ),
    (
        "macros/tests.sql",
        &[
            "{% test positive(model, column_name=none, least=0) %}select * from {{ model }} where {{ column_name }} < {{ least }}{% endtest %}",
            "{% test positive(model) %}{{ config(severity='warn') }}select * from {{ model }}, {{ ref('a') }}{{ kwargs }}{% endtest %}",
            "",
        ],
    ),
    (
        "dbt_packages/other/dbt_project.yml",
        &["name: other\nvars: {country: DE}\n", "name: other\nvars: {country: AT, other: {country: CH}}\n", ""],
    ),
    (
        "dbt_packages/other/macros/pick.sql",
        &[
            "{% macro pick() %}{{ var('country', 'none') }}{% endmacro %}{% macro default__pick() %}{% endmacro %}",
            "{% macro pick() %}{% do config(tags=['from ' ~ var('country', 'none')]) %}{% endmacro %}",
            "",
        ],
    ),
];

const COUNTRIES: [Option<&str>; 3] = [None, Some("FR"), Some("IT")];
const COMMANDS: [&str; 2] = ["parse", "build"];

/// What there is between two commands: which text each file has, the environment, the command line.
#[derive(Clone, Debug, Default)]
struct State {
    texts: BTreeMap<usize, usize>,
    country: usize,
    command: usize,
    vars: bool,
}

/// One change of it.
#[derive(Clone, Debug)]
enum Edit {
    Text(usize, usize),
    Country(usize),
    Command(usize),
    Vars(bool),
}

fn edits() -> impl Strategy<Value = Edit> {
    let text = (0..FILES.len(), 0..6_usize).prop_map(|(file, text)| Edit::Text(file, text % FILES[file].1.len()));
    prop_oneof![
        8 => text,
        1 => (0..COUNTRIES.len()).prop_map(Edit::Country),
        1 => (0..COMMANDS.len()).prop_map(Edit::Command),
        1 => any::<bool>().prop_map(Edit::Vars),
    ]
}

impl State {
    fn apply(&mut self, edit: &Edit) {
        match *edit {
            Edit::Text(file, text) => _ = self.texts.insert(file, text),
            Edit::Country(country) => self.country = country,
            Edit::Command(command) => self.command = command,
            Edit::Vars(vars) => self.vars = vars,
        }
    }

    fn with(mut self, path: &str, text: usize) -> Self {
        let file = FILES.iter().position(|(known, _)| *known == path).unwrap();
        self.texts.insert(file, text);
        self
    }

    /// The manifest and what was said, and what is kept then.
    fn parse(&self, kept: Option<&[u8]>) -> (String, Option<Vec<u8>>) {
        let place = Path::new("p/target").join(PARTIAL_PARSE);
        let text = |(index, (path, texts)): (usize, &(&str, &'static [&str]))| {
            let text = texts[self.texts.get(&index).copied().unwrap_or_default()];
            (!text.is_empty()).then(|| (format!("p/{path}"), text.as_bytes().to_vec()))
        };
        let files = FILES.iter().enumerate().filter_map(text);
        let kept_file = kept.map(|bytes| (place.to_string_lossy().into_owned(), bytes.to_vec()));
        let world = MemoryWorld::with_files(files.chain(kept_file));
        let world = match COUNTRIES[self.country] {
            Some(country) => world.with_env("COUNTRY", country),
            None => world,
        };
        let world: Arc<dyn World> = Arc::new(world);
        let sources: Arc<SourceMap> = Arc::default();
        let given = [("partial_parse".to_owned(), kept.is_some().into())].into_iter().collect();
        let vars = [("country".to_owned(), "XX".into())].into_iter().filter(|_| self.vars).collect();
        let options = Options {
            project_dir: Some(PathBuf::from("p")),
            flags: Flags::new(COMMANDS[self.command], given),
            vars,
            ..Options::default()
        };
        let (project, mut diagnostics) = load::load(&world, &sources, &options);
        let project = project.unwrap();
        let (parsed, found) = crate::parse::parse(&project);
        diagnostics.extend(found);
        let (selectors, outputs) = (serde_json::Map::new(), artifact::NodeOutputs::default());
        let manifest = artifact::manifest(&parsed.manifest, &project.session, &selectors, &outputs);
        let manifest = serde_json::to_string(&manifest).unwrap();
        let said: Vec<String> = diagnostics.iter().map(|diagnostic| render::concise(diagnostic, &sources)).collect();
        (format!("{}\n{manifest}", said.join("\n")), world.read(&place).ok())
    }
}

/// What is kept: keys with value and facts.
fn entries(kept: &[u8]) -> BTreeSet<(Fingerprint, Vec<u8>, Option<Fingerprint>)> {
    let build = Fingerprint::of([env!("CARGO_PKG_VERSION"), ""]);
    Stored::read(kept.to_vec(), build).unwrap().all().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_edit_makes_a_difference(edits in proptest::collection::vec(edits(), 1..6)) {
        let mut state = State::default();
        let mut kept = state.parse(Some(&[])).1.unwrap();
        for edit in &edits {
            state.apply(edit);
            let (warm, now) = state.parse(Some(&kept));
            prop_assert_eq!(warm, state.parse(None).0, "after {:?}", edit);
            kept = now.unwrap();
        }
    }

    #[test]
    fn damage_does_no_harm(at in 0_usize..4096, flipped in 1_u8..=255, cut in any::<bool>()) {
        let state = State::default();
        let mut kept = state.parse(Some(&[])).1.unwrap();
        let at = at % kept.len();
        if cut { kept.truncate(at) } else { kept[at] ^= flipped }
        let (warm, now) = state.parse(Some(&kept));
        prop_assert_eq!(warm, state.parse(None).0);
        prop_assert_eq!(now, state.parse(Some(&[])).1);
    }
}

/// How many values a command makes that are not kept from one in `before`, and how many of those it does not keep.
fn remade(before: &State, after: &State) -> (usize, usize) {
    let kept = before.parse(Some(&[])).1.unwrap();
    let now = after.parse(Some(&kept)).1.unwrap();
    let (before, after) = (entries(&kept), entries(&now));
    (after.difference(&before).count(), before.difference(&after).count())
}

#[test]
fn what_has_not_changed_is_not_read_again() {
    let state = State::default();
    let kept = state.parse(Some(&[])).1.unwrap();
    // Two property files, two models, two tests; of `unique` all is known that there is to read.
    assert_eq!(entries(&kept).len(), 6);
    assert_eq!(state.parse(Some(&kept)).1.unwrap(), kept);
    let edited = |path: &str, text: usize| remade(&state, &state.clone().with(path, text));
    assert_eq!(edited("models/b.sql", 1), (1, 1), "the model");
    assert_eq!(edited("models/b.sql", 4), (0, 1), "a model that prints when it is read is not kept");
    assert_eq!(edited("models/sources.yml", 1), (0, 2), "the file, and the test in it");
    assert_eq!(edited("models/docs.md", 1), (0, 0), "descriptions are put in anew each time");
    assert_eq!(edited("dbt_packages/other/macros/pick.sql", 1), (0, 0), "nothing calls it");
}

#[test]
fn what_is_asked_for_tells_what_is_read_again() {
    // `a` calls a macro, `b` does not.
    let state = State::default().with("models/a.sql", 2);
    let edited = |path: &str, text: usize| remade(&state, &state.clone().with(path, text));
    assert_eq!(edited("macros/pick.sql", 1), (1, 1), "the model that calls it");
    assert_eq!(edited("macros/deeper.sql", 1), (0, 0), "nothing calls it");
    assert_eq!(edited("macros/tests.sql", 1), (2, 2), "the tests that it defines");
    assert_eq!(remade(&state, &State { vars: true, ..state.clone() }), (0, 0), "nothing asks for variables");
    let state = State::default();
    assert_eq!(remade(&state, &State { vars: true, ..state.clone() }), (1, 1), "the model that asks for one");
    assert_eq!(remade(&state, &State { country: 1, ..state.clone() }), (0, 0), "nothing asks for the environment");
    let state = state.with("models/a.sql", 1);
    assert_eq!(remade(&state, &State { country: 1, ..state.clone() }), (1, 1), "the model that asks for it");
}

#[test]
fn what_is_switched_off_is_not_there() {
    assert_eq!(State::default().parse(None).1, None);
}
