//! `modules.itertools`: combinations of lists. What has no end in Python is cut where nobody would follow.

use crate::context::function::function;
use crate::jinja::{Arguments, Error, State, Tuple, Value, fail, mutable};

/// How many items a list may have that Python would make one by one.
const MOST: usize = 1_000_000;

/// How many items one of the results may have.
const LONGEST: usize = 1_000;

/// The module.
pub(super) fn module() -> Value {
    Value::from_pairs([
        ("accumulate", function("accumulate", accumulate)),
        ("chain", Value::from_object(Chain)),
        ("combinations", function("combinations", |_, args| choose(&args, Choice::Combinations))),
        (
            "combinations_with_replacement",
            function("combinations_with_replacement", |_, args| choose(&args, Choice::WithReplacement)),
        ),
        ("compress", function("compress", |_, args| compress(&args))),
        ("count", function("count", |_, args| count(&args))),
        ("cycle", function("cycle", |_, args| cycle(&args))),
        ("islice", function("islice", |_, args| islice(&args))),
        ("permutations", function("permutations", |_, args| choose(&args, Choice::Permutations))),
        ("product", function("product", |_, args| product(&args))),
        ("repeat", function("repeat", |_, args| repeat(&args))),
        ("starmap", function("starmap", starmap)),
        ("tee", function("tee", |_, args| tee(&args))),
        ("zip_longest", function("zip_longest", |_, args| zip_longest(&args))),
    ])
}

fn items(value: &Value) -> Result<Vec<Value>, Error> {
    value.try_iter()?.checked().collect()
}

fn list(items: Vec<Value>) -> Value {
    mutable(Value::from(items))
}

fn tuple(items: Vec<Value>) -> Value {
    Value::from(Tuple::from(items))
}

fn too_many() -> Error {
    fail(format!("this makes more than {MOST} items"))
}

/// `chain(…)` and `chain.from_iterable(…)`.
#[derive(Debug)]
struct Chain;

impl crate::jinja::Object for Chain {
    fn repr(self: &std::sync::Arc<Self>) -> crate::jinja::ObjectRepr {
        crate::jinja::ObjectRepr::Plain
    }

    fn call(self: &std::sync::Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let lists = args.iter().map(items).collect::<Result<Vec<_>, _>>()?;
        Ok(list(lists.concat()))
    }

    fn call_method(
        self: &std::sync::Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("from_iterable", [lists]) => self.call(state, &items(lists)?),
            _ => Err(super::unknown_method()),
        }
    }
}

/// Sums, or what a function of two values makes of them.
fn accumulate(state: &mut State<'_, '_>, args: Arguments) -> Result<Value, Error> {
    let (given, function) = (items(&args.required(0, "iterable")?)?, args.given(1, "func"));
    let mut results: Vec<Value> = args.given(2, "initial").into_iter().collect();
    for item in given {
        let next = match (results.last(), &function) {
            (None, _) => item,
            (Some(last), Some(function)) => function.call(state, &[last.clone(), item])?,
            (Some(last), None) => crate::jinja::add(state, last, &item)?,
        };
        results.push(next);
    }
    Ok(list(results))
}

enum Choice {
    Combinations,
    WithReplacement,
    Permutations,
}

/// Choices of `r` items, in the order of their positions.
fn choose(args: &Arguments, choice: Choice) -> Result<Value, Error> {
    let pool = items(&args.required(0, "iterable")?)?;
    let size = match (args.int(1, "r")?, &choice) {
        (Some(size), _) => usize::try_from(size).map_err(|_| fail("`r` cannot be negative"))?,
        (None, Choice::Permutations) => pool.len(),
        (None, _) => return Err(fail("an argument `r` is needed")),
    };
    if size > LONGEST {
        return Err(too_many());
    }
    let mut chosen: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let mut longer = Vec::new();
        for indexes in &chosen {
            let last = indexes.last().copied();
            let from = match choice {
                Choice::Combinations => last.map_or(0, |last| last + 1),
                Choice::WithReplacement => last.unwrap_or(0),
                Choice::Permutations => 0,
            };
            for next in from..pool.len() {
                if matches!(choice, Choice::Permutations) && indexes.contains(&next) {
                    continue;
                }
                longer.push(indexes.iter().copied().chain([next]).collect());
            }
            if longer.len() > MOST {
                return Err(too_many());
            }
        }
        chosen = longer;
    }
    let pick = |indexes: Vec<usize>| tuple(indexes.into_iter().map(|at| pool[at].clone()).collect());
    Ok(list(chosen.into_iter().map(pick).collect()))
}

fn compress(args: &Arguments) -> Result<Value, Error> {
    let (data, selectors) = (items(&args.required(0, "data")?)?, items(&args.required(1, "selectors")?)?);
    let kept = data.into_iter().zip(selectors).filter(|(_, keep)| keep.is_true()).map(|(item, _)| item);
    Ok(list(kept.collect()))
}

/// Numbers from `start` on; as many as a loop would ever take.
fn count(args: &Arguments) -> Result<Value, Error> {
    let (start, step) = (args.int(0, "start")?.unwrap_or(0), args.int(1, "step")?.unwrap_or(1));
    Ok(Value::make_iterable(move || {
        (0_i64..1_000_000).map(move |at| Value::from(start.saturating_add(at.saturating_mul(step))))
    }))
}

fn cycle(args: &Arguments) -> Result<Value, Error> {
    let items = items(&args.required(0, "iterable")?)?;
    let length = items.len().max(1);
    Ok(Value::make_iterable(move || {
        let items = items.clone();
        let rounds = if items.is_empty() { 0 } else { MOST / length };
        (0..rounds * length).map(move |at| items[at % length].clone())
    }))
}

/// `islice(iterable, stop)`, `islice(iterable, start, stop, step=1)`.
fn islice(args: &Arguments) -> Result<Value, Error> {
    let bound = |at| args.int(at, "stop").map(|bound| bound.and_then(|bound| usize::try_from(bound).ok()));
    let (start, stop) = if args.positional().len() > 2 { (bound(1)?, bound(2)?) } else { (None, bound(1)?) };
    let step = bound(3)?.unwrap_or(1).max(1);
    let start = start.unwrap_or(0);
    let taken = args.required(0, "iterable")?.try_iter()?.take(stop.unwrap_or(MOST)).skip(start).step_by(step);
    Ok(list(taken.collect()))
}

fn product(args: &Arguments) -> Result<Value, Error> {
    let pools = args.positional().iter().map(items).collect::<Result<Vec<_>, _>>()?;
    let named = args.named().iter().find(|(name, _)| name == "repeat").and_then(|(_, value)| value.as_usize());
    let rounds = named.unwrap_or(1);
    if rounds.saturating_mul(pools.len()) > LONGEST {
        return Err(too_many());
    }
    let mut results: Vec<Vec<Value>> = vec![Vec::new()];
    for _ in 0..rounds {
        for pool in &pools {
            if results.len().saturating_mul(pool.len()) > MOST {
                return Err(too_many());
            }
            let longer = |result: &Vec<Value>| {
                let result = result.clone();
                pool.iter().map(move |item| result.iter().cloned().chain([item.clone()]).collect()).collect::<Vec<_>>()
            };
            results = results.iter().flat_map(longer).collect();
        }
    }
    Ok(list(results.into_iter().map(tuple).collect()))
}

fn repeat(args: &Arguments) -> Result<Value, Error> {
    let (item, times) = (args.required(0, "object")?, args.int(1, "times")?);
    let times = times.map_or(MOST, |times| usize::try_from(times).unwrap_or(0).min(MOST));
    Ok(Value::make_iterable(move || std::iter::repeat_n(item.clone(), times)))
}

fn starmap(state: &mut State<'_, '_>, args: Arguments) -> Result<Value, Error> {
    let function = args.required(0, "function")?;
    let calls = items(&args.required(1, "iterable")?)?;
    calls.iter().map(|call| function.call(state, &items(call)?)).collect::<Result<Vec<_>, _>>().map(list)
}

fn tee(args: &Arguments) -> Result<Value, Error> {
    let items = items(&args.required(0, "iterable")?)?;
    let copies = usize::try_from(args.int(1, "n")?.unwrap_or(2)).unwrap_or(0).min(1000);
    Ok(tuple((0..copies).map(|_| list(items.clone())).collect()))
}

fn zip_longest(args: &Arguments) -> Result<Value, Error> {
    let lists = args.positional().iter().map(items).collect::<Result<Vec<_>, _>>()?;
    let fill = args.named().iter().find(|(name, _)| name == "fillvalue").map(|(_, value)| value.clone());
    let fill = fill.unwrap_or_else(|| Value::from(()));
    let length = lists.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| tuple(lists.iter().map(|list| list.get(at).unwrap_or(&fill).clone()).collect());
    Ok(list((0..length).map(row).collect()))
}
