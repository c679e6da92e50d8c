//! `modules.re`: regular expressions, on fancy-regex, which knows Python's look-around and references back.

use std::fmt;
use std::sync::Arc;

use fancy_regex::{Captures, Regex, RegexBuilder};

use super::unknown_method;
use crate::context::function::function;
use crate::jinja::{
    Arguments, Dict, Error, Object, ObjectRepr, State, Tuple, Value, fail, mutable, repr as python_repr,
    text as python_text,
};

/// How often a search may go back before it is given up.
const BACKTRACKS: usize = 10_000_000;

const IGNORECASE: i64 = 2;
const MULTILINE: i64 = 8;
const DOTALL: i64 = 16;
const VERBOSE: i64 = 64;

/// The module.
pub(super) fn module() -> Value {
    let methods = METHODS.iter().map(|method| {
        let call = function(method, move |state, args| {
            let flags = flags_position(method).map_or(Ok(None), |position| args.int(position, "flags"))?;
            let pattern = Pattern::of(&args.required(0, "pattern")?, flags.unwrap_or(0))?;
            pattern.run(state, method, &args, 1)
        });
        (*method, call)
    });
    let flags = [
        ("I", IGNORECASE),
        ("IGNORECASE", IGNORECASE),
        ("M", MULTILINE),
        ("MULTILINE", MULTILINE),
        ("S", DOTALL),
        ("DOTALL", DOTALL),
        ("X", VERBOSE),
        ("VERBOSE", VERBOSE),
        ("U", 32),
        ("UNICODE", 32),
        ("A", 256),
        ("ASCII", 256),
        ("NOFLAG", 0),
    ];
    let compile = function("compile", |_, args| {
        let flags = args.int(1, "flags")?.unwrap_or(0);
        Pattern::of(&args.required(0, "pattern")?, flags).map(Value::from_object)
    });
    let escape = function("escape", |_, args| Ok(Value::from(escape(&args.required_text(0, "pattern")?))));
    let rest = [("compile", compile), ("escape", escape), ("purge", function("purge", |_, _| Ok(Value::from(()))))];
    Value::from_pairs(methods.chain(flags.map(|(name, flag)| (name, Value::from(flag)))).chain(rest))
}

/// What both the module and a compiled pattern can do.
const METHODS: [&str; 8] = ["findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"];

/// Where the flags of a function of the module stand.
fn flags_position(method: &str) -> Option<usize> {
    Some(match method {
        "sub" | "subn" => 4,
        "split" => 3,
        _ => 2,
    })
}

/// Characters that mean something in a pattern.
fn escape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
            result.push('\\');
        }
        result.push(c);
    }
    result
}

/// A compiled pattern.
#[derive(Clone)]
struct Pattern {
    source: String,
    flags: i64,
    regex: Regex,
}

impl Pattern {
    fn of(value: &Value, flags: i64) -> Result<Self, Error> {
        if let Some(pattern) = value.downcast_object_ref::<Pattern>() {
            return Ok(pattern.clone());
        }
        let source = value.as_str().ok_or_else(|| fail(format!("a pattern is a text, not a {}", value.kind())))?;
        let regex = RegexBuilder::new(&translated(source))
            .case_insensitive(flags & IGNORECASE != 0)
            .multi_line(flags & MULTILINE != 0)
            .dot_matches_new_line(flags & DOTALL != 0)
            .ignore_whitespace(flags & VERBOSE != 0)
            .backtrack_limit(BACKTRACKS)
            .build()
            .map_err(|error| fail(format!("`{source}` is not a regular expression: {error}")))?;
        Ok(Pattern { source: source.to_owned(), flags, regex })
    }

    /// Runs a method; its own arguments start at `first`.
    fn run(&self, state: &mut State<'_, '_>, method: &str, args: &Arguments, first: usize) -> Result<Value, Error> {
        match method {
            "sub" | "subn" => {
                let replacement = args.required(first, "repl")?;
                let text = subject(args, first + 1)?;
                let count = args.int(first + 2, "count")?.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
                let (text, count) = self.substituted(state, &replacement, &text, count)?;
                Ok(match method {
                    "sub" => Value::from(text),
                    _ => Value::from(Tuple::from([Value::from(text), Value::from(count)])),
                })
            }
            "split" => {
                let most = args.int(first + 1, "maxsplit")?.and_then(|most| usize::try_from(most).ok()).unwrap_or(0);
                self.split(&subject(args, first)?, most)
            }
            "findall" => self.findall(&subject(args, first)?),
            "finditer" => {
                let text = subject(args, first)?;
                let found = self.all(&text)?;
                Ok(mutable(Value::from(found.into_iter().map(Value::from_object).collect::<Vec<_>>())))
            }
            _ => {
                let text = subject(args, first)?;
                let found = self.regex.captures(text.as_str()).map_err(|error| given_up(&error))?;
                let found = found.map(|captures| Match::of(self, &captures, &text));
                let found = match method {
                    // The engine looks for a match anywhere; one that must start or end at an edge is looked for by itself.
                    "match" => self.anchored(r"\A(?:", ")", &text)?,
                    "fullmatch" => self.anchored(r"\A(?:", r")\z", &text)?,
                    _ => found,
                };
                Ok(found.map_or(Value::from(()), Value::from_object))
            }
        }
    }

    fn anchored(&self, before: &str, after: &str, text: &str) -> Result<Option<Match>, Error> {
        // A comment at the end of a verbose pattern would swallow what comes after.
        let line = if self.flags & VERBOSE != 0 { "\n" } else { "" };
        let (flags, source) = leading_flags(&self.source);
        let wrapped = Pattern::of(&Value::from(format!("{flags}{before}{source}{line}{after}")), self.flags)?;
        let found = wrapped.regex.captures(text).map_err(|error| given_up(&error))?;
        Ok(found.map(|captures| Match::of(self, &captures, text)))
    }

    /// All matches. As in Python, an empty one may follow a longer one at once, but not another empty one.
    fn all(&self, text: &str) -> Result<Vec<Match>, Error> {
        let mut found = Vec::new();
        let (mut from, mut empty_at) = (0, None);
        while from <= text.len() {
            let captures = self.regex.captures_from_pos(text, from).map_err(|error| given_up(&error))?;
            let Some(captures) = captures else { break };
            let Some((start, end)) = captures.get(0).map(|whole| (whole.start(), whole.end())) else { break };
            if start == end && empty_at == Some(end) {
                from = end + text[end..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            found.push(Match::of(self, &captures, text));
            empty_at = (start == end).then_some(end);
            from = end;
        }
        Ok(found)
    }

    /// What matched; with groups what they hold, several as tuples.
    fn findall(&self, text: &str) -> Result<Value, Error> {
        let found = self.all(text)?.into_iter().map(|found| {
            let group = |at: usize| Value::from(found.text_of(at).unwrap_or_default());
            match found.groups.len() {
                1 => group(0),
                2 => group(1),
                count => Value::from(Tuple::from((1..count).map(group).collect::<Vec<_>>())),
            }
        });
        Ok(mutable(Value::from(found.collect::<Vec<_>>())))
    }

    fn split(&self, text: &str, most: usize) -> Result<Value, Error> {
        let mut parts = Vec::new();
        let mut from = 0;
        for (at, found) in self.all(text)?.into_iter().enumerate() {
            if most > 0 && at >= most {
                break;
            }
            let Some((start, end)) = found.groups.first().copied().flatten() else { continue };
            parts.push(Value::from(&text[from..start]));
            let groups = (1..found.groups.len()).map(|group| found.text_of(group).map_or(Value::from(()), Value::from));
            parts.extend(groups);
            from = end;
        }
        parts.push(Value::from(&text[from..]));
        Ok(mutable(Value::from(parts)))
    }

    fn substituted(
        &self,
        state: &mut State<'_, '_>,
        replacement: &Value,
        text: &str,
        most: usize,
    ) -> Result<(String, usize), Error> {
        let mut result = String::with_capacity(text.len());
        let (mut from, mut count) = (0, 0);
        for found in self.all(text)? {
            if most > 0 && count >= most {
                break;
            }
            let Some((start, end)) = found.groups.first().copied().flatten() else { continue };
            result.push_str(&text[from..start]);
            match replacement.as_str() {
                Some(template) => result.push_str(&found.expanded(template)?),
                None => result.push_str(&python_text(&replacement.call(state, &[Value::from_object(found)])?)),
            }
            from = end;
            count += 1;
        }
        result.push_str(&text[from..]);
        Ok((result, count))
    }
}

fn subject(args: &Arguments, position: usize) -> Result<String, Error> {
    let value = args.required(position, "string")?;
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| fail(format!("expected a text to search in, not a {}", value.kind())))
}

fn given_up(error: &fancy_regex::Error) -> Error {
    fail(format!("the search was given up: {error}"))
}

/// What Python spells otherwise: the end of the text is `\Z` there.
fn translated(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match characters.next() {
            Some('Z') => result.push_str(r"\z"),
            Some(other) => result.extend(['\\', other]),
            None => result.push('\\'),
        }
    }
    result
}

/// `(?i)` and the like at the start, which must stay there.
fn leading_flags(pattern: &str) -> (&str, &str) {
    let end = pattern.strip_prefix("(?").and_then(|rest| {
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic())?;
        rest[letters..].starts_with(')').then_some(2 + letters + 1)
    });
    end.map_or(("", pattern), |end| pattern.split_at(end))
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "re.compile({})", python_repr(&Value::from(&self.source)))
    }
}

impl Object for Pattern {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "pattern" => Some(Value::from(&self.source)),
            "flags" => Some(Value::from(self.flags | 32)),
            "groups" => Some(Value::from(self.regex.captures_len() - 1)),
            "groupindex" => {
                let names = self.regex.capture_names().enumerate();
                Some(
                    names.filter_map(|(at, name)| Some((Value::from(name?), Value::from(at)))).collect::<Dict>().into(),
                )
            }
            _ => None,
        }
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        if !METHODS.contains(&method) {
            return Err(unknown_method());
        }
        self.run(state, method, &Arguments::of("pattern", args)?, 0)
    }
}

/// A match.
#[derive(Clone)]
struct Match {
    text: Arc<str>,
    /// Where each group begins and ends, in bytes; the first is all of it.
    groups: Vec<Option<(usize, usize)>>,
    names: Vec<Option<String>>,
}

impl Match {
    fn of(pattern: &Pattern, captures: &Captures<'_, str>, text: &str) -> Self {
        let groups = captures.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect();
        let names = pattern.regex.capture_names().map(|name| name.map(str::to_owned)).collect();
        Match { text: Arc::from(text), groups, names }
    }

    fn text_of(&self, group: usize) -> Option<&str> {
        let (start, end) = self.groups.get(group).copied().flatten()?;
        self.text.get(start..end)
    }

    /// The number of a group that is given by number or name.
    fn index(&self, group: &Value) -> Result<usize, Error> {
        let found = match group.as_str() {
            Some(name) => self.names.iter().position(|own| own.as_deref() == Some(name)),
            None => group.as_usize().filter(|at| *at < self.groups.len()),
        };
        found.ok_or_else(|| fail(format!("there is no group {}", python_repr(group))))
    }

    fn group(&self, group: &Value) -> Result<Value, Error> {
        let at = self.index(group)?;
        Ok(self.text_of(at).map_or(Value::from(()), Value::from))
    }

    /// Where a group begins or ends, in characters; -1 when it did not match.
    fn place(&self, args: &[Value]) -> Result<(i64, i64), Error> {
        let at = args.first().map_or(Ok(0), |group| self.index(group))?;
        let Some((start, end)) = self.groups[at] else { return Ok((-1, -1)) };
        let characters = |end: usize| i64::try_from(self.text[..end].chars().count()).unwrap_or(i64::MAX);
        Ok((characters(start), characters(end)))
    }

    /// A replacement with `\1`, `\g<1>` and `\g<name>` filled in.
    fn expanded(&self, template: &str) -> Result<String, Error> {
        let mut result = String::new();
        let mut rest = template;
        while let Some(at) = rest.find('\\') {
            result.push_str(&rest[..at]);
            let behind = &rest[at + 1..];
            let digits = behind.bytes().take(2).take_while(u8::is_ascii_digit).count();
            if digits > 0 {
                let group = behind[..digits].parse::<usize>().unwrap_or(0);
                if group >= self.groups.len() {
                    return Err(fail(format!("there is no group {group}")));
                }
                result.push_str(self.text_of(group).unwrap_or_default());
                rest = &behind[digits..];
            } else if let Some((name, behind)) = behind.strip_prefix("g<").and_then(|name| name.split_once('>')) {
                let group = name.parse::<usize>().map_or_else(|_| Value::from(name), Value::from);
                result.push_str(self.text_of(self.index(&group)?).unwrap_or_default());
                rest = behind;
            } else {
                let mut characters = behind.chars();
                match characters.next() {
                    Some('n') => result.push('\n'),
                    Some('t') => result.push('\t'),
                    Some('r') => result.push('\r'),
                    Some('\\') => result.push('\\'),
                    Some(other) => result.extend(['\\', other]),
                    None => return Err(fail("the replacement ends with a single backslash")),
                }
                rest = characters.as_str();
            }
        }
        result.push_str(rest);
        Ok(result)
    }
}

impl fmt::Debug for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = self.place(&[]).unwrap_or_default();
        let text = python_repr(&Value::from(self.text_of(0).unwrap_or_default()));
        write!(f, "<re.Match object; span=({start}, {end}), match={text}>")
    }
}

impl Object for Match {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("string") => Some(Value::from(&*self.text)),
            Some("lastindex") => {
                let last = (1..self.groups.len()).rev().find(|at| self.groups[*at].is_some());
                Some(last.map_or(Value::from(()), Value::from))
            }
            _ => self.group(key).ok(),
        }
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let default = || args.first().cloned().unwrap_or_else(|| Value::from(()));
        let or_default = |at: usize| self.text_of(at).map_or_else(default, Value::from);
        match method {
            "group" => match args {
                [] => self.group(&Value::from(0)),
                [one] => self.group(one),
                several => {
                    let groups = several.iter().map(|group| self.group(group)).collect::<Result<Vec<_>, _>>()?;
                    Ok(Value::from(Tuple::from(groups)))
                }
            },
            "groups" => Ok(Value::from(Tuple::from((1..self.groups.len()).map(or_default).collect::<Vec<_>>()))),
            "groupdict" => {
                let names = self.names.iter().enumerate();
                let named = names.filter_map(|(at, name)| Some((Value::from(name.as_deref()?), or_default(at))));
                Ok(named.collect::<Dict>().into())
            }
            "start" => self.place(args).map(|(start, _)| Value::from(start)),
            "end" => self.place(args).map(|(_, end)| Value::from(end)),
            "span" => {
                self.place(args).map(|(start, end)| Value::from(Tuple::from([Value::from(start), Value::from(end)])))
            }
            "expand" => {
                let template = args.first().and_then(|value| value.as_str()).unwrap_or_default();
                self.expanded(template).map(Value::from)
            }
            _ => Err(unknown_method()),
        }
    }
}
