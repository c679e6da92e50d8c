//! The functions of Jinja itself, which are in sight of every template.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use minijinja::value::{Kwargs, Object, ObjectRepr, Rest, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use crate::jinja::arguments::Arguments;
use crate::jinja::collection::{Dict, Namespace, Range, pairs};
use crate::jinja::failure::give_back;
use crate::jinja::method::capitalize;

/// The functions of Jinja itself, which are in sight of every template.
pub(super) fn globals() -> Vec<(&'static str, Value)> {
    vec![
        ("return", Value::from_function(return_)),
        ("range", Value::from_function(range)),
        ("cycler", Value::from_function(cycler)),
        ("lipsum", Value::from_function(lipsum)),
        ("joiner", Value::from_function(joiner)),
        ("dict", Value::from_function(dict)),
        ("namespace", Value::from_function(namespace)),
    ]
}

fn return_(value: Rest<Value>) -> Result<Value, Error> {
    match value.as_slice() {
        [] => Err(give_back(Value::from(()))),
        [value] => Err(give_back(value.clone())),
        _ => Err(Error::new(ErrorKind::TooManyArguments, "`return` takes one value")),
    }
}

/// `lipsum(n=5, html=true, min=20, max=100)`: paragraphs that mean nothing. In Jinja they are random; here the same project gives
/// the same SQL.
fn lipsum(args: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let args = Arguments::new("lipsum", args.to_vec(), &named)?;
    args.limit(4, &["n", "html", "min", "max"])?;
    let count =
        |at, name, otherwise| Ok::<_, Error>(usize::try_from(args.int(at, name)?.unwrap_or(otherwise)).unwrap_or(0));
    let (paragraphs, fewest) = (count(0, "n", 5)?, count(2, "min", 20)?);
    let is_html = args.get(1, "html").is_none_or(|html| html.is_true());
    let mut words = LIPSUM.split(' ').cycle();
    let paragraphs = (0..paragraphs).map(|_| {
        let text = words.by_ref().take(fewest.max(1)).collect::<Vec<_>>().join(" ");
        let text = format!("{}.", capitalize(&text));
        if is_html { format!("<p>{text}</p>") } else { text }
    });
    Ok(Value::from(paragraphs.collect::<Vec<_>>().join(if is_html { "\n" } else { "\n\n" })))
}

const LIPSUM: &str = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore \
                      magna aliqua";

fn dict(args: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    entries(&args, &named).map(|entries| entries.into_iter().collect::<Dict>().into())
}

fn namespace(args: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    entries(&args, &named).map(|entries| Value::from_object(entries.into_iter().collect::<Namespace>()))
}

/// The entries of maps and sequences of pairs, and then keyword arguments.
fn entries(args: &[Value], named: &Kwargs) -> Result<Vec<(Value, Value)>, Error> {
    let mut entries = Vec::new();
    for arg in args {
        entries.extend(pairs(arg)?);
    }
    for name in named.args() {
        entries.push((Value::from(name), named.peek(name)?));
    }
    Ok(entries)
}

/// `range(stop)`, `range(start, stop, step=1)`.
fn range(first: i64, stop: Option<i64>, step: Option<i64>) -> Result<Value, Error> {
    let (start, stop) = stop.map_or((0, first), |stop| (first, stop));
    Range::new(start, stop, step.unwrap_or(1)).map(Value::from_object)
}

fn cycler(items: Rest<Value>) -> Result<Value, Error> {
    if items.is_empty() {
        return Err(Error::new(ErrorKind::MissingArgument, "`cycler` needs at least one value"));
    }
    Ok(Value::from_object(Cycler { items: items.to_vec(), at: AtomicUsize::new(0) }))
}

/// Values that follow one another in a circle.
#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    at: AtomicUsize,
}

impl Cycler {
    fn current(&self) -> Value {
        self.items[self.at.load(Ordering::Relaxed) % self.items.len()].clone()
    }
}

impl Object for Cycler {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "current").then(|| self.current())
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let () = from_args(args)?;
        match method {
            "next" => {
                let value = self.current();
                self.at.fetch_add(1, Ordering::Relaxed);
                Ok(value)
            }
            "reset" => {
                self.at.store(0, Ordering::Relaxed);
                Ok(Value::from(()))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

fn joiner(separator: Option<String>) -> Value {
    Value::from_object(Joiner { separator: separator.unwrap_or_else(|| ", ".to_owned()), used: AtomicUsize::new(0) })
}

/// A text between things: nothing the first time.
#[derive(Debug)]
struct Joiner {
    separator: String,
    used: AtomicUsize,
}

impl Object for Joiner {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let () = from_args(args)?;
        let first = self.used.fetch_add(1, Ordering::Relaxed) == 0;
        Ok(Value::from(if first { "" } else { &self.separator }))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<joiner>")
    }
}
