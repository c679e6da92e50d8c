//! Dates and times in the format of ISO 8601.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::zone::Zone;

/// `2020-01-31`, `20200131`, `2020-W05-5`.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let formats = ["%Y-%m-%d", "%Y%m%d", "%G-W%V-%u", "%GW%V%u"];
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'W'));
    let length = text.len() - text.matches(['-', 'W']).count();
    let found = formats.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok());
    found.filter(|_| is_plain && (7..=8).contains(&length))
}

/// `12:30`, `12:30:05.25`, `123005+01:00`, `12:30Z`.
pub(super) fn time(text: &str) -> Option<(NaiveTime, Option<Zone>)> {
    let text = text.strip_prefix('T').unwrap_or(text);
    if let Some(utc) = text.strip_suffix(['Z', 'z']) {
        return Some((clock(utc)?, Some(Zone::Utc)));
    }
    match text.find(['+', '-']) {
        Some(at) => Some((clock(&text[..at])?, Some(offset(&text[at..])?))),
        None => Some((clock(text)?, None)),
    }
}

/// A date, one character, and a time; or a date alone.
pub(super) fn date_time(text: &str) -> Option<(NaiveDateTime, Option<Zone>)> {
    if let Some(date) = date(text) {
        return Some((date.and_time(NaiveTime::default()), None));
    }
    [10, 8].into_iter().find_map(|length| {
        let day = date(text.get(..length)?)?;
        let mut rest = text.get(length..)?.chars();
        rest.next()?;
        let (time, zone) = time(rest.as_str())?;
        Some((day.and_time(time), zone))
    })
}

/// `+01:00`, `-0530`, `+01`.
pub(super) fn offset(text: &str) -> Option<Zone> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let time = clock(rest)?;
    let seconds = i32::try_from(time.signed_duration_since(NaiveTime::default()).num_seconds()).ok()?;
    Some(Zone::fixed(sign * seconds))
}

/// Hours, minutes, seconds and their fraction, with colons or without.
fn clock(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits: String = whole.split(':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |part| part.parse::<u32>().ok());
    if !matches!(digits.len(), 2 | 4 | 6) || (!fraction.is_empty() && digits.len() != 6) {
        return None;
    }
    let micros: u32 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    NaiveTime::from_hms_micro_opt(part(0)?, part(2)?, part(4)?, micros)
}
