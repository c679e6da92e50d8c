//! `strftime`: a moment written by a format.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::date_time::DateTime;
use super::time::micros;
use super::zone::Zone;
use crate::jinja::Error;

/// Writes a moment. A directive that does not exist stays as it is, as in C.
pub(super) fn strftime(moment: &DateTime, format: &str) -> Result<String, Error> {
    let mut result = String::with_capacity(format.len() + 8);
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            result.push(c);
            continue;
        }
        let mut flag = None;
        let mut directive = rest.next();
        if let Some(sign @ ('-' | '_' | '0' | '^' | '#')) = directive {
            flag = Some(sign);
            directive = rest.next();
        }
        match directive.map(|directive| (directive, written(moment, directive))) {
            Some((_, Some(text))) => result.push_str(&flagged(&text, flag)),
            Some((directive, None)) => {
                result.push('%');
                result.extend(flag);
                result.push(directive);
            }
            None => {
                result.push('%');
                result.extend(flag);
            }
        }
    }
    Ok(result)
}

/// `-` takes padding away, `_` pads with spaces, `^` makes capitals.
fn flagged(text: &str, flag: Option<char>) -> String {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let bare = || {
        let bare = text.trim_start_matches(['0', ' ']);
        if bare.is_empty() { "0" } else { bare }
    };
    match flag {
        Some('-') if is_number || text.starts_with(' ') => bare().to_owned(),
        Some('_') if is_number => format!("{:>width$}", bare(), width = text.len()),
        Some('0') if text.starts_with(' ') => text.replace(' ', "0"),
        Some('^') => text.to_uppercase(),
        Some('#') if text.chars().all(char::is_uppercase) => text.to_lowercase(),
        Some('#') => text.to_uppercase(),
        _ => text.to_owned(),
    }
}

/// What a directive writes.
fn written(moment: &DateTime, directive: char) -> Option<String> {
    let at = moment.naive;
    let compound = |format: &str| strftime(moment, format).ok();
    match directive {
        'c' => return compound("%a %b %e %H:%M:%S %Y"),
        'x' | 'D' => return compound("%m/%d/%y"),
        'X' | 'T' => return compound("%H:%M:%S"),
        'F' => return compound("%Y-%m-%d"),
        'R' => return compound("%H:%M"),
        'r' => return compound("%I:%M:%S %p"),
        '%' => return Some("%".to_owned()),
        'n' => return Some("\n".to_owned()),
        't' => return Some("\t".to_owned()),
        _ => {}
    }
    of_date(at, directive).or_else(|| of_time(at, directive)).or_else(|| of_zone(moment, directive))
}

fn of_date(at: NaiveDateTime, directive: char) -> Option<String> {
    let names = |format: &str| at.format(format).to_string();
    let day_of_year = at.ordinal0();
    Some(match directive {
        'a' | 'A' | 'b' | 'B' => names(&format!("%{directive}")),
        'h' => names("%b"),
        'd' => format!("{:02}", at.day()),
        'e' => format!("{:>2}", at.day()),
        'm' => format!("{:02}", at.month()),
        'y' => format!("{:02}", at.year().rem_euclid(100)),
        'Y' => format!("{}", at.year()),
        'C' => format!("{:02}", at.year().div_euclid(100)),
        'j' => format!("{:03}", day_of_year + 1),
        'u' => at.weekday().number_from_monday().to_string(),
        'w' => at.weekday().num_days_from_sunday().to_string(),
        'U' => format!("{:02}", (day_of_year + 7 - at.weekday().num_days_from_sunday()) / 7),
        'W' => format!("{:02}", (day_of_year + 7 - at.weekday().num_days_from_monday()) / 7),
        'G' => at.iso_week().year().to_string(),
        'g' => format!("{:02}", at.iso_week().year().rem_euclid(100)),
        'V' => format!("{:02}", at.iso_week().week()),
        _ => return None,
    })
}

fn of_time(at: NaiveDateTime, directive: char) -> Option<String> {
    let (afternoon, hour) = at.hour12();
    let half = if afternoon { "PM" } else { "AM" };
    Some(match directive {
        'H' => format!("{:02}", at.hour()),
        'k' => format!("{:>2}", at.hour()),
        'I' => format!("{hour:02}"),
        'l' => format!("{hour:>2}"),
        'p' => half.to_owned(),
        'P' => half.to_lowercase(),
        'M' => format!("{:02}", at.minute()),
        'S' => format!("{:02}", at.second()),
        'f' => format!("{:06}", micros(at.time())),
        's' => at.and_utc().timestamp().to_string(),
        _ => return None,
    })
}

/// Nothing, for a clock without a zone.
fn of_zone(moment: &DateTime, directive: char) -> Option<String> {
    let zone = moment.zone.as_ref();
    match directive {
        'Z' => Some(zone.map(Zone::name).unwrap_or_default()),
        'z' => Some(zone.map(|zone| offset(zone.seconds())).unwrap_or_default()),
        _ => None,
    }
}

fn offset(seconds: i32) -> String {
    let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let mut text = format!("{sign}{:02}{:02}", all / 3600, all / 60 % 60);
    if all % 60 != 0 {
        let _ = write!(text, "{:02}", all % 60);
    }
    text
}
