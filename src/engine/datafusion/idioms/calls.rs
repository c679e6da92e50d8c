//! Functions that are expressions of others: `iff(c, a, b)` is a `case`.
//!
//! Each is written down as SQL, in the files below this one: a call, and what it stands for. A parameter stands for what is given in its
//! place; one that begins with `$` for a number, a text or the word of a part of a date, as it is written: `$part`, and `$unit` where weeks
//! begin on Sundays. What is said of a call of an aggregate (`over`, `filter`, `distinct`, `within group`) is said of the first function
//! of what it stands for, but for those that write down what an aggregate gives.

mod aggregates;
mod conditions;
mod dates;
mod documents;
mod lists;
mod texts;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList,
    FunctionArguments, Value, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::build;
use crate::engine::datafusion::functions::part_words;

/// A call with the names of its parameters, and the expression that it stands for.
type Definition = (&'static str, &'static str);

/// A family of definitions, and whether they are aggregates.
const FAMILIES: [(&[Definition], bool); 6] = [
    (dates::DEFINED, false),
    (conditions::DEFINED, false),
    (texts::DEFINED, false),
    (lists::DEFINED, false),
    (documents::DEFINED, false),
    (aggregates::DEFINED, true),
];

/// A definition that is looked up by its name and the number of its parameters.
struct Defined {
    parameters: Vec<&'static str>,
    body: &'static str,
    aggregates: bool,
}

static DEFINED: LazyLock<HashMap<(&'static str, usize), Vec<Defined>>> = LazyLock::new(|| {
    let mut known: HashMap<_, Vec<Defined>> = HashMap::new();
    for (definitions, aggregates) in FAMILIES {
        for (call, body) in definitions {
            let (name, parameters) = call.trim_end_matches(')').split_once('(').unwrap_or((call, ""));
            let parameters: Vec<_> = parameters.split(", ").filter(|name| !name.is_empty()).collect();
            known.entry((name, parameters.len())).or_default().push(Defined { parameters, body, aggregates });
        }
    }
    known
});

/// What a call stands for, or `None` when it is a function of its own.
pub(super) fn expression(call: &Function) -> Option<Expr> {
    let name = build::name(call)?;
    let list = match &call.args {
        FunctionArguments::List(list) => Some(list),
        FunctionArguments::None => None,
        FunctionArguments::Subquery(_) => return None,
    };
    let args = match list {
        Some(list) => build::arguments(list)?,
        None => Vec::new(),
    };
    let varying = conditions::varying(&name, &args)
        .or_else(|| documents::varying(&name, &args))
        .or_else(|| lists::varying(&name, &args))
        .or_else(|| aggregates::varying(&name, &args, call));
    if varying.is_some() {
        return varying;
    }
    let candidates = DEFINED.get(&(name.as_str(), args.len()))?;
    candidates.iter().find_map(|defined| defined.applied(&args, call, list))
}

impl Defined {
    fn applied(&self, args: &[Expr], call: &Function, list: Option<&FunctionArgumentList>) -> Option<Expr> {
        let is_plain = call.over.is_none()
            && call.filter.is_none()
            && call.within_group.is_empty()
            && list.is_none_or(|list| list.duplicate_treatment.is_none() && list.clauses.is_empty());
        if !is_plain && !self.aggregates {
            return None;
        }
        if self.parameters.last() == Some(&"$unit") && part_comes_first(args) {
            return None;
        }
        let mut body = self.body.to_owned();
        let mut given = HashMap::new();
        for (parameter, arg) in self.parameters.iter().zip(args) {
            if parameter.starts_with('$') {
                body = body.replace(parameter, &spelt(parameter, arg)?);
            } else {
                given.insert(*parameter, arg);
            }
        }
        // The definitions are all parsed by a test.
        let mut expr = Parser::new(&GenericDialect {}).try_with_sql(&body).ok()?.parse_expr().ok()?;
        let _ = expr.visit(&mut Given(given));
        if self.aggregates {
            let _ = expr.visit(&mut Said(Some((call, list))));
        }
        Some(Expr::Nested(Box::new(expr)))
    }
}

/// A number or a text as it is written, the word of a part of a date in quotes.
fn spelt(parameter: &str, arg: &Expr) -> Option<String> {
    if matches!(parameter, "$part" | "$unit") {
        let word = part_word(arg).filter(|word| part_words::is_part(word))?;
        let on_sunday = parameter == "$unit" && word.eq_ignore_ascii_case("week");
        return Some(if on_sunday { "'week(sunday)'".to_owned() } else { format!("'{word}'") });
    }
    match arg {
        Expr::Value(value) => match &value.value {
            Value::Number(..) | Value::SingleQuotedString(_) => Some(value.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the part of a date comes first, in functions of the same name: `date_trunc('month', d)`. A short word there is a column where
/// the last one is a longer part: `date_trunc(d, month)`.
fn part_comes_first(args: &[Expr]) -> bool {
    let (Some(first), Some(last)) = (args.first(), args.last()) else { return false };
    let is_long = |word: &str| word.len() > 2 && part_words::is_part(word);
    let is_column =
        matches!(first, Expr::Identifier(word) if word.value.len() < 3) && part_word(last).is_some_and(is_long);
    part_word(first).is_some_and(part_words::is_part) && !is_column
}

/// The word that may name a part of a date.
fn part_word(arg: &Expr) -> Option<&str> {
    match arg {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        Expr::Identifier(word) => word.quote_style.is_none().then_some(word.value.as_str()),
        _ => None,
    }
}

/// Puts BigQuery's weeks that begin on another day in quotes, before the day is taken for a column: `date_trunc(d, week(monday))`.
pub(super) fn name_weeks(expr: &mut Expr) {
    let Expr::Function(call) = expr else { return };
    let (Some(name), FunctionArguments::List(list)) = (build::name(call), &mut call.args) else { return };
    let takes_unit = |defined: &Defined| defined.parameters.last() == Some(&"$unit");
    let known = DEFINED.get(&(name.as_str(), list.args.len()));
    if !known.is_some_and(|known| known.iter().any(takes_unit)) {
        return;
    }
    let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(unit))) = list.args.last_mut() else { return };
    let word = unit.to_string();
    if matches!(unit, Expr::Function(_)) && part_words::is_part(&word) {
        *unit = build::text(word);
    }
}

/// Puts what is given in the place of the parameters.
struct Given<'a>(HashMap<&'static str, &'a Expr>);

impl VisitorMut for Given<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Identifier(name) = expr
            && let Some(given) = self.0.get(name.value.as_str())
        {
            *expr = match given {
                Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) | Expr::Function(_) => {
                    (*given).clone()
                }
                other => Expr::Nested(Box::new((*other).clone())),
            };
        }
        ControlFlow::Continue(())
    }
}

/// The functions that write down what an aggregate gives.
const WRITERS: [&str; 2] = ["json_object_of", "to_json"];

/// Says of the first function what is said of the call.
struct Said<'a>(Option<(&'a Function, Option<&'a FunctionArgumentList>)>);

impl VisitorMut for Said<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let Expr::Function(function) = expr else { return ControlFlow::Continue(()) };
        if build::name(function).is_some_and(|name| WRITERS.contains(&name.as_str())) {
            return ControlFlow::Continue(());
        }
        let Some((call, list)) = self.0.take() else { return ControlFlow::Break(()) };
        function.over.clone_from(&call.over);
        function.null_treatment = call.null_treatment.or(function.null_treatment);
        function.filter = match (function.filter.take(), call.filter.clone()) {
            (Some(own), Some(given)) => Some(Box::new(build::and(*own, *given))),
            (own, given) => own.or(given),
        };
        if let (FunctionArguments::List(own), Some(list)) = (&mut function.args, list) {
            own.duplicate_treatment = list.duplicate_treatment.or(own.duplicate_treatment);
            own.clauses.extend(list.clauses.iter().cloned());
            if !call.within_group.is_empty() {
                own.clauses.push(FunctionArgumentClause::OrderBy(call.within_group.clone()));
            }
            if own.duplicate_treatment == Some(DuplicateTreatment::Distinct) {
                order_by_argument(own, list);
            }
        }
        ControlFlow::Break(())
    }
}

/// Different values are ordered by themselves: by what became of the argument, where the order names the argument.
fn order_by_argument(own: &mut FunctionArgumentList, given: &FunctionArgumentList) {
    let (Some(given), Some(argument)) = (build::arguments(given), build::arguments(own)) else { return };
    let (Some(given), Some(argument)) = (given.first(), argument.first()) else { return };
    for clause in &mut own.clauses {
        let FunctionArgumentClause::OrderBy(order) = clause else { continue };
        order.iter_mut().filter(|one| one.expr == *given).for_each(|one| one.expr = argument.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFINED, GenericDialect, Parser};

    #[test]
    fn definitions_can_be_parsed() {
        for ((name, _), definitions) in DEFINED.iter() {
            for defined in definitions {
                let mut body = defined.body.to_owned();
                for parameter in defined.parameters.iter().filter(|parameter| parameter.starts_with('$')) {
                    assert!(body.contains(parameter), "{name}");
                    body = body.replace(parameter, "1");
                }
                let parsed = Parser::new(&GenericDialect {}).try_with_sql(&body).unwrap().parse_expr();
                assert!(parsed.is_ok(), "{name}: {parsed:?}");
            }
        }
    }
}
