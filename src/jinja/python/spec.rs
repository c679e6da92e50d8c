//! Format specifications: what stands behind the colon of `'{:>5.2f}'.format(x)`, and by other signs in `'%5.2f' % x`.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::number::Number;
use super::text::{text, write_float};

/// The widest field; wider ones are mistakes that would take all memory, and Rust prints no more digits than these.
const WIDEST: usize = 60_000;

/// How a value is to be written.
#[derive(Clone, Debug, Default)]
pub(super) struct Spec {
    /// What fills a field that is too wide.
    pub(super) fill: Option<char>,
    /// `<`, `>`, `^` or `=`.
    pub(super) align: Option<char>,
    /// `+`, `-` or a space.
    pub(super) sign: Option<char>,
    /// `#`: with the prefix of the base.
    pub(super) alternate: bool,
    /// Zeros between sign and digits.
    pub(super) zero: bool,
    /// At least so wide.
    pub(super) width: usize,
    /// `,` or `_` between thousands.
    pub(super) grouping: Option<char>,
    /// Digits, or characters of a text.
    pub(super) precision: Option<usize>,
    /// `d`, `f`, `s`…
    pub(super) kind: Option<char>,
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Error> {
    let message: String = message.into();
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

impl Spec {
    /// Reads a specification of `str.format`.
    pub(super) fn parse(spec: &str) -> Result<Self, Error> {
        let characters: Vec<char> = spec.chars().collect();
        let mut result = Spec::default();
        let mut at = 0;
        let is_align = |c: Option<&char>| c.is_some_and(|c| "<>=^".contains(*c));
        if is_align(characters.get(1)) {
            result.fill = characters.first().copied();
            result.align = characters.get(1).copied();
            at = 2;
        } else if is_align(characters.first()) {
            result.align = characters.first().copied();
            at = 1;
        }
        let take = |allowed: &str, at: &mut usize| {
            let found = characters.get(*at).copied().filter(|c| allowed.contains(*c));
            *at += usize::from(found.is_some());
            found
        };
        result.sign = take("+- ", &mut at);
        result.alternate = take("#", &mut at).is_some();
        result.zero = take("0", &mut at).is_some();
        result.width = digits(&characters, &mut at).unwrap_or(0);
        result.grouping = take(",_", &mut at);
        if take(".", &mut at).is_some() {
            match digits(&characters, &mut at) {
                Some(precision) => result.precision = Some(precision),
                None => return refuse("the format has no precision behind its point"),
            }
        }
        result.kind = take("bcdeEfFgGnosxX%", &mut at);
        if at < characters.len() {
            return refuse(format!("`{spec}` is not a format"));
        }
        result.check()
    }

    /// Refuses what is too wide.
    pub(super) fn check(self) -> Result<Self, Error> {
        match self.width.max(self.precision.unwrap_or(0)) {
            0..=WIDEST => Ok(self),
            _ => refuse("the format is too wide"),
        }
    }

    /// Writes a value.
    pub(super) fn apply(self, state: &mut State<'_, '_>, value: &Value, spec: &str) -> Result<String, Error> {
        let this = self.check()?;
        let object = value.as_object().filter(|_| value.kind() == ValueKind::Plain);
        if let Some(object) = object.filter(|_| Number::of(value).is_none() && !spec.is_empty()) {
            return match object.call_method(state, "__format__", &[Value::from(spec)]) {
                Ok(text) => Ok(text.to_string()),
                Err(error) if error.kind() == ErrorKind::UnknownMethod => this.text(&text(value)),
                Err(error) => Err(error),
            };
        }
        let is_number = Number::of(value).is_some();
        let plain_bool = value.kind() == ValueKind::Bool && this.kind.is_none();
        match Number::of(value) {
            Some(number) if this.kind != Some('s') && !plain_bool => this.number(number),
            _ if this.kind.is_some_and(|kind| kind != 's') => {
                let kind = this.kind.unwrap_or('s');
                refuse(format!("the format `{kind}` needs a number, not a {}", value.kind()))
            }
            _ if is_number && !plain_bool => refuse("the format `s` needs a text, not a number"),
            _ => this.text(&text(value)),
        }
    }

    /// Writes a text.
    pub(super) fn text(&self, text: &str) -> Result<String, Error> {
        let kept: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        Ok(self.pad("", &kept, '<'))
    }

    /// Writes a number.
    pub(super) fn number(&self, number: Number) -> Result<String, Error> {
        let kind = self.kind.unwrap_or(match number {
            Number::Int(_) => 'd',
            _ if self.precision.is_some() => 'g',
            _ => 'r',
        });
        let (negative, digits) = match kind {
            'd' | 'n' | 'b' | 'o' | 'x' | 'X' | 'c' => {
                let Number::Int(int) = number else { return refuse(format!("the format `{kind}` needs an integer")) };
                (int < 0, integer(int.unsigned_abs(), kind, self.alternate)?)
            }
            'r' => match number {
                Number::Decimal(decimal) => sign_of(&decimal.to_string()),
                other => {
                    let mut digits = String::new();
                    let _ = write_float(&mut digits, other.to_f64());
                    sign_of(&digits)
                }
            },
            'f' | 'F' | '%' => sign_of(&self.fixed(number, kind)),
            'e' | 'E' => sign_of(&exponential(number.to_f64(), self.precision.unwrap_or(6), kind)),
            'g' | 'G' => sign_of(&general(number.to_f64(), self.precision.unwrap_or(6), kind)),
            _ => return refuse(format!("`{kind}` is not a format")),
        };
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        };
        Ok(self.pad(sign, &self.grouped(digits), '>'))
    }

    fn fixed(&self, number: Number, kind: char) -> String {
        let places = self.precision.unwrap_or(6);
        if let (Number::Decimal(decimal), 'f' | 'F', Ok(places @ 0..=38)) = (number, kind, u32::try_from(places)) {
            let rounded = decimal.rounded(places).to_string();
            if !rounded.contains('E') {
                return rounded;
            }
        }
        let float = number.to_f64();
        if kind == '%' { format!("{:.places$}%", float * 100.0) } else { format!("{float:.places$}") }
    }

    fn grouped(&self, digits: String) -> String {
        let Some(separator) = self.grouping else { return digits };
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let mut whole = String::new();
        for (at, digit) in digits[..end].char_indices() {
            if at > 0 && (end - at) % 3 == 0 {
                whole.push(separator);
            }
            whole.push(digit);
        }
        whole + &digits[end..]
    }

    fn pad(&self, sign: &str, body: &str, by_default: char) -> String {
        let missing = self.width.saturating_sub(sign.chars().count() + body.chars().count());
        let fill = self.fill.unwrap_or(if self.zero { '0' } else { ' ' });
        let fill = |count: usize| std::iter::repeat_n(fill, count).collect::<String>();
        match self.align.unwrap_or(if self.zero { '=' } else { by_default }) {
            '<' => format!("{sign}{body}{}", fill(missing)),
            '^' => format!("{}{sign}{body}{}", fill(missing / 2), fill(missing - missing / 2)),
            '=' => format!("{sign}{}{body}", fill(missing)),
            _ => format!("{}{sign}{body}", fill(missing)),
        }
    }
}

fn digits(characters: &[char], at: &mut usize) -> Option<usize> {
    let number: String = characters[*at..].iter().take_while(|c| c.is_ascii_digit()).collect();
    *at += number.len();
    if number.is_empty() { None } else { Some(number.parse().unwrap_or(usize::MAX)) }
}

fn sign_of(digits: &str) -> (bool, String) {
    match digits.strip_prefix('-') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, digits.to_owned()),
    }
}

fn integer(number: u128, kind: char, alternate: bool) -> Result<String, Error> {
    let prefix = |prefix: &'static str| if alternate { prefix } else { "" };
    Ok(match kind {
        'b' => format!("{}{number:b}", prefix("0b")),
        'o' => format!("{}{number:o}", prefix("0o")),
        'x' => format!("{}{number:x}", prefix("0x")),
        'X' => format!("{}{number:X}", prefix("0X")),
        'c' => match u32::try_from(number).ok().and_then(char::from_u32) {
            Some(character) => character.to_string(),
            None => return refuse("the format `c` needs the number of a character"),
        },
        _ => number.to_string(),
    })
}

/// Python's exponents have a sign and at least two digits.
fn exponential(float: f64, precision: usize, kind: char) -> String {
    let written = format!("{float:.precision$e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    let e = if kind.is_uppercase() { 'E' } else { 'e' };
    format!("{digits}{e}{sign}{:02}", exponent.abs())
}

/// So many significant digits, without zeros at the end.
fn general(float: f64, precision: usize, kind: char) -> String {
    let precision = precision.max(1);
    let scientific = exponential(float, precision - 1, if kind == 'g' { 'e' } else { 'E' });
    let exponent: i64 = scientific.rsplit(['e', 'E']).next().and_then(|e| e.parse().ok()).unwrap_or(0);
    let trimmed = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    let significant = i64::try_from(precision).unwrap_or(i64::MAX);
    if float == 0.0 || (-4..significant).contains(&exponent) {
        let places = usize::try_from(significant - 1 - exponent).unwrap_or(0);
        return trimmed(&format!("{float:.places$}"));
    }
    let at = scientific.find(['e', 'E']).unwrap_or(scientific.len());
    format!("{}{}", trimmed(&scientific[..at]), &scientific[at..])
}
