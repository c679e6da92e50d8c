//! `strptime`: a moment read by a format.

use chrono::{NaiveDate, NaiveTime};

use super::date_time::DateTime;
use super::parse;
use super::zone::Zone;
use crate::jinja::{Error, fail};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads a moment.
pub(super) fn strptime(text: &str, format: &str) -> Result<DateTime, Error> {
    let mut reader = Reader { rest: text, found: Found::default() };
    let wrong = || fail(format!("`{text}` does not have the format `{format}`"));
    reader.read(format).filter(|()| reader.rest.is_empty()).ok_or_else(wrong)?;
    let Found { year, month, day, ordinal, hour, minute, second, micro, zone, .. } = reader.found;
    let date = match ordinal {
        Some(ordinal) => NaiveDate::from_yo_opt(year.unwrap_or(1900), ordinal),
        None => NaiveDate::from_ymd_opt(year.unwrap_or(1900), month.unwrap_or(1), day.unwrap_or(1)),
    };
    let hour = match reader.found.afternoon {
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        None => hour,
    };
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micro);
    match (date, time) {
        (Some(date), Some(time)) => Ok(DateTime::new(date.and_time(time), zone)),
        _ => Err(wrong()),
    }
}

/// What has been read.
#[derive(Default)]
struct Found {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    ordinal: Option<u32>,
    hour: u32,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    micro: u32,
    zone: Option<Zone>,
}

struct Reader<'t> {
    rest: &'t str,
    found: Found,
}

impl Reader<'_> {
    fn read(&mut self, format: &str) -> Option<()> {
        let mut format = format.chars();
        while let Some(c) = format.next() {
            match c {
                '%' => {
                    let directive = format.next()?;
                    self.directive(directive)?;
                }
                c if c.is_whitespace() => self.rest = self.rest.trim_start(),
                c => self.rest = self.rest.strip_prefix(c)?,
            }
        }
        Some(())
    }

    fn directive(&mut self, directive: char) -> Option<()> {
        match directive {
            'Y' => self.found.year = Some(i32::try_from(self.exactly(4)?).ok()?),
            'y' => {
                let year = i32::try_from(self.number(2)?).ok()?;
                self.found.year = Some(if year < 69 { 2000 + year } else { 1900 + year });
            }
            'm' => self.found.month = Some(self.number(2)?),
            'd' | 'e' => {
                self.rest = self.rest.trim_start();
                self.found.day = Some(self.number(2)?);
            }
            'j' => self.found.ordinal = Some(self.number(3)?),
            'H' => self.found.hour = self.number(2)?,
            'I' => self.found.hour = self.number(2)?,
            'M' => self.found.minute = self.number(2)?,
            'S' => self.found.second = self.number(2)?,
            'f' => {
                let before = self.rest;
                let number = self.number(6)?;
                let digits = u32::try_from(before.len() - self.rest.len()).ok()?;
                self.found.micro = number * 10_u32.pow(6 - digits);
            }
            'p' => {
                let lower = self.rest.get(..2)?.to_lowercase();
                self.found.afternoon = Some(match lower.as_str() {
                    "am" => false,
                    "pm" => true,
                    _ => return None,
                });
                self.rest = &self.rest[2..];
            }
            'b' | 'h' | 'B' => self.found.month = Some(self.name(&MONTHS, directive == 'B')? + 1),
            'a' | 'A' => drop(self.name(&DAYS, directive == 'A')?),
            'z' => self.offset()?,
            'Z' => {
                let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
                let name = &self.rest[..end];
                if !matches!(name, "UTC" | "GMT" | "utc" | "gmt") {
                    return None;
                }
                self.rest = &self.rest[end..];
            }
            'T' | 'X' => self.read("%H:%M:%S")?,
            'F' => self.read("%Y-%m-%d")?,
            'D' | 'x' => self.read("%m/%d/%y")?,
            'R' => self.read("%H:%M")?,
            'c' => self.read("%a %b %d %H:%M:%S %Y")?,
            '%' => self.rest = self.rest.strip_prefix('%')?,
            _ => return None,
        }
        Some(())
    }

    /// A number of at most so many digits.
    fn number(&mut self, most: usize) -> Option<u32> {
        let digits = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        number.parse().ok()
    }

    fn exactly(&mut self, digits: usize) -> Option<u32> {
        let before = self.rest.len();
        let number = self.number(digits)?;
        (before - self.rest.len() == digits).then_some(number)
    }

    /// One of the names, or of their first three letters.
    fn name(&mut self, names: &[&str], whole: bool) -> Option<u32> {
        let lower = self.rest.to_lowercase();
        let length = |name: &str| if whole { name.len() } else { 3 };
        let at = names.iter().position(|name| lower.starts_with(&name[..length(name)]))?;
        self.rest = self.rest.get(length(names[at])..)?;
        u32::try_from(at).ok()
    }

    fn offset(&mut self) -> Option<()> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            (self.rest, self.found.zone) = (rest, Some(Zone::Utc));
            return Some(());
        }
        let end = self.rest.char_indices().skip(1).find(|(_, c)| !c.is_ascii_digit() && *c != ':');
        let end = end.map_or(self.rest.len(), |(at, _)| at);
        self.found.zone = Some(parse::offset(&self.rest[..end])?);
        self.rest = &self.rest[end..];
        Some(())
    }
}
