//! What a scalar without quotes is, by the resolvers of YAML 1.1 as PyYAML has them.
//!
//! Projects are written for that reader: `010` is eight to it, `08` and `1e3` are texts, `1:30` is ninety.

use super::Value;

/// What `text`, written without quotes, stands for; `None` if it is a text. A whole number that 64 bits do not hold becomes the text
/// of its decimal digits, so that none is lost. Dates are texts here.
pub(super) fn plain(text: &str) -> Option<Value> {
    match text.bytes().next()? {
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => word(text),
    }
}

/// `y` and `n`, which YAML 1.1 lists too, are texts to PyYAML.
fn word(text: &str) -> Option<Value> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if let Some(magnitude) = int(unsigned) {
        let value = if negative { -magnitude } else { magnitude };
        return Some(i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Int));
    }
    let is_signed = unsigned.len() < text.len();
    let magnitude = match unsigned {
        ".inf" | ".Inf" | ".INF" => f64::INFINITY,
        ".nan" | ".NaN" | ".NAN" if !is_signed => f64::NAN,
        // A number that starts with its point has no sign.
        _ if unsigned.starts_with('.') && is_signed => return None,
        _ => float(unsigned)?,
    };
    Some(Value::Float(if negative { -magnitude } else { magnitude }))
}

/// `0b11`, `0x1f`, `017` (octal), `1_000`, `1:30:15` (to the base of sixty).
fn int(text: &str) -> Option<i128> {
    if let Some(digits) = text.strip_prefix("0b") {
        return digits_of(digits, 2);
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return digits_of(digits, 16);
    }
    if text.starts_with('0') {
        return digits_of(text, 8);
    }
    let mut parts = text.split(':');
    let first = parts.next().filter(|first| first.starts_with(|digit: char| digit.is_ascii_digit()))?;
    parts.try_fold(digits_of(first, 10)?, |sum, part| sum.checked_mul(60)?.checked_add(sixtieth(part)?.into()))
}

/// A number in digits of `radix`, between which there may be underscores.
fn digits_of(text: &str, radix: u32) -> Option<i128> {
    let digits = text.replace('_', "");
    let all = digits.chars().all(|digit| digit.is_digit(radix));
    i128::from_str_radix(&digits, radix).ok().filter(|_| all)
}

/// `1.5`, `1.`, `.5`, `1.0e+3` (the sign is a must), `1:30.5`.
fn float(text: &str) -> Option<f64> {
    let (whole, rest) = text.split_once('.')?;
    let (fraction, exponent) =
        rest.split_once(['e', 'E']).map_or((rest, None), |(before, after)| (before, Some(after)));
    let is_exponent = |exponent: &str| {
        let digits = exponent.strip_prefix(['+', '-']);
        digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
    };
    if !is_digits(fraction) || !exponent.is_none_or(is_exponent) || rest.starts_with('_') && whole.is_empty() {
        return None;
    }
    let Some((hours, minutes)) = whole.split_once(':') else {
        let some = !whole.is_empty() || !fraction.is_empty();
        return (some && is_digits(whole) && !whole.starts_with('_')).then(|| text.replace('_', "").parse().ok())?;
    };
    if exponent.is_some() || hours.is_empty() || hours.starts_with('_') || !is_digits(hours) {
        return None;
    }
    let hours: f64 = hours.replace('_', "").parse().ok()?;
    let whole = minutes.split(':').try_fold(hours, |sum, part| Some(sum * 60.0 + f64::from(sixtieth(part)?)))?;
    Some(whole + format!("0.{}", fraction.replace('_', "")).parse::<f64>().ok()?)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// A place of a number to the base of sixty: one or two digits, below sixty.
fn sixtieth(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 2;
    text.parse().ok().filter(|value| digits && *value < 60)
}
