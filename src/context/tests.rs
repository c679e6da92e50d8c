//! Throws random templates at the functions and modules that every template sees: nothing panics, and everything ends.

use std::sync::Arc;

use proptest::prelude::*;

use super::globals;
use crate::jinja::{Environment, Scope, Value};
use crate::source::{MemoryWorld, SourceMap, Span, World};

/// Pieces of expressions; `{}` is where another expression goes.
const PIECES: [&str; 48] = [
    "modules.datetime.datetime({}, 2, 29)",
    "modules.datetime.datetime.strptime({}, {})",
    "modules.datetime.datetime.fromisoformat({})",
    "modules.datetime.datetime.fromtimestamp({})",
    "modules.datetime.date.fromordinal({})",
    "modules.datetime.date(2020, {}, {})",
    "modules.datetime.timedelta(days={}, weeks={})",
    "modules.datetime.time({}, {})",
    "({}).strftime({})",
    "({}).replace({}, {})",
    "({}).isoformat()",
    "modules.pytz.timezone({})",
    "modules.pytz.timezone('Europe/Berlin').localize({})",
    "({}).astimezone(modules.pytz.utc)",
    "modules.re.sub({}, {}, {})",
    "modules.re.findall({}, {})",
    "modules.re.split({}, {}, {})",
    "modules.re.match({}, {}).group({})",
    "modules.itertools.product({}, repeat={})",
    "modules.itertools.combinations({}, {})",
    "modules.itertools.islice({}, {})",
    "({} + {})",
    "({} - {})",
    "({} * {})",
    "({} / {})",
    "({} // {})",
    "({} % {})",
    "({} ** {})",
    "(-{})",
    "({} < {})",
    "({} == {})",
    "({}).format({}, {})",
    "({})[{}:{}:{}]",
    "({} | round({}))",
    "({} | int(base={}))",
    "({} | sort)",
    "({} | join({}))",
    "({} | indent({}))",
    "({} | truncate({}))",
    "({} | wordwrap({}))",
    "({} | batch({}) | list)",
    "set({})",
    "zip({}, {})",
    "tojson({})",
    "fromjson({})",
    "fromyaml({})",
    "toyaml({})",
    "render({})",
];

/// What expressions end in.
const LEAVES: [&str; 24] = [
    "1",
    "0",
    "-1",
    "7",
    "2020",
    "1.5",
    "1e300",
    "170141183460469231731687303715884105727",
    "none",
    "true",
    "nope",
    "''",
    "'abc'",
    "'é%s'",
    "'%d %5.2f %(x)s'",
    "'{} {:>5} {x!r}'",
    "'%Y-%m-%d %H:%M:%S.%f%z'",
    "'2020-01-31T12:30:00+01:00'",
    "'(a|b)*c'",
    "'\\\\1\\\\g<0>'",
    "[1, 'a']",
    "(1, 2)",
    "{'a': 1}",
    "range(5)",
];

/// An expression from a list of choices, each of which fills the next open place.
fn expression(choices: &[(bool, usize)]) -> String {
    let mut text = "{}".to_owned();
    for (deeper, at) in choices {
        let piece = if *deeper { PIECES[at % PIECES.len()] } else { LEAVES[at % LEAVES.len()] };
        text = text.replacen("{}", piece, 1);
    }
    text.replace("{}", "'x'")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(choices in prop::collection::vec((any::<bool>(), 0_usize..48), 1..12)) {
        let sources = Arc::new(SourceMap::default());
        let mut builder = Environment::builder(Arc::clone(&sources));
        let world: Arc<dyn World> = Arc::new(MemoryWorld::default());
        globals::add(&mut builder, &world);
        let (environment, _) = builder.build("shop");
        let text = format!("{{{{ {} }}}}", expression(&choices));
        let file = sources.add("model.sql", text.as_str());
        let scope = Scope::new("shop", Value::from_pairs(std::iter::empty::<(&str, Value)>()));
        let _ = environment.render(Span::new(file, 0..text.len()), &scope);
    }
}
