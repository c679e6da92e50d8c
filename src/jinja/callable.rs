//! Runs code: templates, macros of files, and macros and call blocks that stand inside a template.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::machinery::{Instructions, eval, make_string_output};
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Tuple, Value};
use minijinja::{AutoEscape, Error, ErrorKind, State};

use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::code::{Code, DefaultValue, Definition};
use crate::jinja::collection::{Dict, mutable};
use crate::jinja::environment::MacroInfo;
use crate::jinja::failure::{Failure, called};
use crate::jinja::frame::{Bindings, Frame};

/// How many macros may run one in the other. Deeper than any that ends; minijinja's machine gets the stack it needs.
const MAX_DEPTH: usize = 200;

/// A macro of a file.
#[derive(Debug)]
pub(super) struct Macro {
    /// What is known of it.
    pub(super) info: MacroInfo,
    /// Its position among all macros.
    index: usize,
    /// What it computes, once it was asked for.
    pub(super) definition: OnceLock<Result<Definition, Diagnostic>>,
}

impl Macro {
    /// A macro that is not compiled yet.
    pub(super) fn new(info: MacroInfo, index: usize) -> Self {
        Macro { info, index, definition: OnceLock::new() }
    }
}

/// A macro or call block inside a template, with what it sees of the template.
pub(super) struct Closure {
    definition: Arc<Definition>,
    frame: Arc<Frame>,
    seen: Bindings,
}

/// Runs code to its end and gives what it printed, and what is left of an expression.
pub(super) fn run(code: &Code, frame: &Arc<Frame>) -> Result<(String, Option<Value>), Failure> {
    static NO_BLOCKS: BTreeMap<&str, Instructions<'static>> = BTreeMap::new();
    if frame.depth > MAX_DEPTH {
        let message = format!("macros call each other more than {MAX_DEPTH} deep");
        return Err(Failure::Failed(Diagnostic::error(codes::JINJA_RUNTIME, message)));
    }
    let mut text = String::new();
    let root = Value::from_dyn_object(Arc::clone(frame));
    let mut output = make_string_output(&mut text);
    let engine = frame.engine();
    let result =
        eval(engine, &code.instructions, root, &NO_BLOCKS, &mut output, AutoEscape::None).map(|(value, _)| value);
    drop(output);
    frame.close();
    result.map(|value| (text, value)).map_err(|error| Failure::of(&error, code, frame))
}

/// Calls a macro of a file from the code that `caller` is the frame of.
pub(super) fn call_macro(target: &Macro, caller: &Arc<Frame>, args: &[Value]) -> Result<Value, Error> {
    caller.note_call(target.index);
    let definition = caller.shared.definition(target).map_err(|error| called(error, &target.info.name))?;
    let home = caller.shared.package(&target.info.package);
    invoke(definition, caller.of_macro(Some(home), Vec::with_capacity(definition.parameters.len())), args)
}

/// Fills the arguments into the frame and runs the body.
fn invoke(definition: &Definition, mut frame: Frame, args: &[Value]) -> Result<Value, Error> {
    let arguments = Arguments::read(definition, args)?;
    for (at, parameter) in definition.parameters.iter().enumerate() {
        let given = arguments.positional.get(at).or_else(|| arguments.named(parameter.name)).cloned();
        let value = match (given, &parameter.default) {
            (Some(value), _) => still(value),
            (None, DefaultValue::None) => Value::UNDEFINED,
            (None, DefaultValue::Constant(value)) => value.clone(),
            (None, DefaultValue::Computed(code)) => {
                let so_far = Arc::new(frame);
                let computed = run(code, &so_far).map_err(|failure| failure.into_error(definition.name))?;
                frame = Arc::into_inner(so_far).ok_or_else(|| Error::from(ErrorKind::InvalidOperation))?;
                mutable(computed.1.unwrap_or_default())
            }
        };
        frame.bind(parameter.name, value);
    }
    arguments.bind_rest(definition, &mut frame);
    match run(&definition.code, &Arc::new(frame)) {
        Ok((text, _)) => Ok(Value::from(text)),
        // A call block is no macro of dbt's: what returns in it ends the macro that called `caller`.
        Err(Failure::Returned(value, _)) if definition.name != "caller" => Ok(value),
        Err(failure) => Err(failure.into_error(definition.name)),
    }
}

/// The arguments of a call, checked against what the macro takes.
struct Arguments<'a> {
    positional: &'a [Value],
    rest: &'a [Value],
    named: Vec<(Arc<str>, Value)>,
}

impl<'a> Arguments<'a> {
    fn read(definition: &Definition, args: &'a [Value]) -> Result<Self, Error> {
        let (args, named) = match args.split_last() {
            Some((last, rest)) if last.is_kwargs() => (rest, keywords(last)),
            _ => (args, Vec::new()),
        };
        let (positional, rest) = args.split_at(args.len().min(definition.parameters.len()));
        let arguments = Arguments { positional, rest, named };
        arguments.check(definition)?;
        Ok(arguments)
    }

    fn check(&self, definition: &Definition) -> Result<(), Error> {
        let Definition { name, parameters, uses, .. } = definition;
        let refuse = |message: String| Err(Error::new(ErrorKind::TooManyArguments, message));
        if !self.rest.is_empty() && !uses.varargs {
            let (most, given) = (parameters.len(), parameters.len() + self.rest.len());
            let arguments = if most == 1 { "argument" } else { "arguments" };
            return refuse(format!("`{name}` takes at most {most} {arguments}, {given} were given"));
        }
        for (keyword, _) in &self.named {
            match parameters.iter().position(|parameter| parameter.name == &**keyword) {
                Some(at) if at < self.positional.len() => {
                    return refuse(format!("`{name}` was given its argument `{keyword}` twice"));
                }
                Some(_) => {}
                None if uses.kwargs || &**keyword == "caller" => {}
                None => return refuse(format!("`{name}` has no parameter `{keyword}`")),
            }
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Option<&Value> {
        self.named.iter().find(|(keyword, _)| &**keyword == name).map(|(_, value)| value)
    }

    /// Binds what is left over to `varargs`, `kwargs` and `caller`.
    fn bind_rest(&self, definition: &Definition, frame: &mut Frame) {
        let is_parameter = |name: &str| definition.parameters.iter().any(|parameter| parameter.name == name);
        if definition.uses.varargs && !is_parameter("varargs") {
            frame.bind("varargs", Value::from(Tuple::from(self.rest.to_vec())));
        }
        if definition.uses.kwargs && !is_parameter("kwargs") {
            let rest = self.named.iter().filter(|(name, _)| !is_parameter(name) && &**name != "caller");
            let rest: Dict = rest.map(|(name, value)| (Value::from(Arc::clone(name)), value.clone())).collect();
            frame.bind("kwargs", rest.into());
        }
        if let Some(caller) = self.named("caller").filter(|_| !is_parameter("caller")) {
            frame.bind("caller", caller.clone());
        }
    }
}

fn keywords(kwargs: &Value) -> Vec<(Arc<str>, Value)> {
    let pairs = kwargs.as_object().and_then(DynObject::try_iter_pairs).into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.to_str()?, value))).collect()
}

/// A loop variable as an argument: it can be read, but another run cannot make it recurse.
fn still(value: Value) -> Value {
    match value.as_object() {
        Some(object) if object.type_name().ends_with("loop_object::Loop") => Value::from_object(Still(object.clone())),
        _ => value,
    }
}

/// See [`still`].
#[derive(Debug)]
struct Still(DynObject);

impl Object for Still {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get_value(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.0.enumerate()
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        self.0.call_method(state, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.render(f)
    }
}

impl Object for Macro {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let frame = Frame::current(state)
            .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "a macro is called outside of a template"))?;
        call_macro(self, &frame, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}.{}>", self.info.package, self.info.name)
    }
}

impl Closure {
    /// A macro or call block that was made in `frame` and sees `seen` of the loops around it.
    pub(super) fn new(definition: Arc<Definition>, frame: Arc<Frame>, seen: Bindings) -> Self {
        let seen = seen.into_iter().map(|(name, value)| (name, still(value))).collect();
        Closure { definition, frame, seen }
    }
}

impl fmt::Debug for Closure {
    // The frame may hold this very macro.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}>", self.definition.name)
    }
}

impl Object for Closure {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let caller = Frame::current(state).unwrap_or_else(|| Arc::clone(&self.frame));
        invoke(&self.definition, caller.of_closure(&self.frame, self.seen.clone()), args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
