//! Functions of dates and moments.

use super::Definition;

/// Names of months and days have three letters, as Snowflake and Databricks have them. Days of the week count from Sunday, which is 0
/// in Snowflake and DuckDB; weeks are those of ISO 8601.
pub(super) const DEFINED: &[Definition] = &[
    ("year(moment)", "date_part('year', moment)"),
    ("quarter(moment)", "date_part('quarter', moment)"),
    ("month(moment)", "date_part('month', moment)"),
    ("week(moment)", "date_part('week', moment)"),
    ("weekofyear(moment)", "date_part('week', moment)"),
    ("weekiso(moment)", "date_part('week', moment)"),
    ("yearofweekiso(moment)", "date_part('isoyear', moment)"),
    ("day(moment)", "date_part('day', moment)"),
    ("dayofmonth(moment)", "date_part('day', moment)"),
    ("dayofyear(moment)", "date_part('doy', moment)"),
    ("dayofweek(moment)", "date_part('dow', moment)"),
    ("dayofweekiso(moment)", "date_part('isodow', moment)"),
    ("isodow(moment)", "date_part('isodow', moment)"),
    ("hour(moment)", "date_part('hour', moment)"),
    ("minute(moment)", "date_part('minute', moment)"),
    ("second(moment)", "date_part('second', moment)"),
    ("dayname(moment)", "to_char(moment, '%a')"),
    ("monthname(moment)", "to_char(moment, '%b')"),
    ("epoch(moment)", "date_part('epoch', moment)"),
    ("unix_seconds(moment)", "cast(floor(date_part('epoch', moment)) as bigint)"),
    ("unix_date(day)", "cast(day as date) - date '1970-01-01'"),
    ("unix_millis(moment)", "datediff('millisecond', timestamp '1970-01-01', moment)"),
    ("unix_micros(moment)", "datediff('microsecond', timestamp '1970-01-01', moment)"),
    ("timestamp_seconds(count)", "dateadd('second', count, timestamp '1970-01-01')"),
    ("timestamp_millis(count)", "dateadd('millisecond', count, timestamp '1970-01-01')"),
    ("timestamp_micros(count)", "dateadd('microsecond', count, timestamp '1970-01-01')"),
    ("date_from_unix_date(count)", "date '1970-01-01' + count"),
    ("getdate()", "now()"),
    ("sysdate()", "now()"),
    ("current_datetime()", "now()"),
    ("localtimestamp()", "now()"),
    ("strftime(moment, format)", "to_char(moment, format)"),
    ("strptime(words, format)", "to_timestamp(words, format)"),
    ("format_date(format, moment)", "to_char(moment, format)"),
    ("format_datetime(format, moment)", "to_char(moment, format)"),
    ("format_timestamp(format, moment)", "to_char(moment, format)"),
    ("parse_date(format, words)", "to_date(words, format)"),
    ("parse_datetime(format, words)", "to_timestamp(words, format)"),
    ("parse_timestamp(format, words)", "to_timestamp(words, format)"),
    ("try_strptime(words, format)", "try_to_timestamp(words, format)"),
    ("try_to_date(words)", "try_cast(words as date)"),
    ("try_to_date(words, format)", "cast(try_to_timestamp(words, format) as date)"),
    ("try_to_timestamp(words)", "try_cast(words as timestamp)"),
    ("try_to_timestamp_ntz(words)", "try_cast(words as timestamp)"),
    ("to_timestamp_ntz(words)", "to_timestamp(words)"),
    ("to_timestamp_ntz(words, format)", "to_timestamp(words, format)"),
    ("from_utc_timestamp(moment, zone)", "convert_timezone('UTC', zone, moment)"),
    ("to_utc_timestamp(moment, zone)", "convert_timezone(zone, 'UTC', moment)"),
    ("date(year, month, day)", "make_date(year, month, day)"),
    ("datefromparts(year, month, day)", "make_date(year, month, day)"),
    ("date_from_parts(year, month, day)", "make_date(year, month, day)"),
    ("make_timestamp(micros)", "dateadd('microsecond', micros, timestamp '1970-01-01')"),
    // Parts may be beyond their ends, as Snowflake has it: minute 100 is in the next hour.
    ("timestamp_from_parts(day, time)", "cast(day as date) + time"),
    ("timestamp_ntz_from_parts(day, time)", "cast(day as date) + time"),
    ("timestamp_from_parts(year, month, day, hour, minute, second)", FROM_PARTS),
    ("timestamp_ntz_from_parts(year, month, day, hour, minute, second)", FROM_PARTS),
    ("timestamp_from_parts(year, month, day, hour, minute, second, nanosecond)", FROM_PARTS_AND_NANOSECONDS),
    ("timestamp_ntz_from_parts(year, month, day, hour, minute, second, nanosecond)", FROM_PARTS_AND_NANOSECONDS),
    // Of the last day of a month it gives the last day of another, as Snowflake, Redshift and Oracle have it.
    (
        "add_months(moment, count)",
        "case when date_part('day', moment + interval '1 day') = 1 \
         then moment + interval '1 day' + interval '1 month' * count - interval '1 day' \
         else moment + interval '1 month' * count end",
    ),
    // Between the same days of two months, and between last days, it is whole; else a month has 31 days, as Oracle made it.
    (
        "months_between(later, sooner)",
        "case when date_part('day', later) = date_part('day', sooner) \
              or (date_part('day', later + interval '1 day') = 1 and date_part('day', sooner + interval '1 day') = 1) \
         then cast(datediff('month', sooner, later) as double) \
         else datediff('month', sooner, later) + (datediff('second', date_trunc('month', later), later) \
              - datediff('second', date_trunc('month', sooner), sooner)) / 2678400.0 end",
    ),
    // An interval in BigQuery, a number of days in Spark.
    ("date_add(moment, step)", "moment + step"),
    ("date_sub(moment, step)", "moment - step"),
    ("datetime_add(moment, step)", "moment + step"),
    ("datetime_sub(moment, step)", "moment - step"),
    ("timestamp_add(moment, step)", "moment + step"),
    ("timestamp_sub(moment, step)", "moment - step"),
    ("timestampadd($part, count, moment)", "dateadd($part, count, moment)"),
    ("timeadd($part, count, moment)", "dateadd($part, count, moment)"),
    ("timestampdiff($part, sooner, later)", "datediff($part, sooner, later)"),
    ("timediff($part, sooner, later)", "datediff($part, sooner, later)"),
    // With the part last they are BigQuery's: the later moment comes first, of moments only whole parts count, and weeks begin on Sundays.
    ("date_diff(later, sooner, $unit)", "datediff($unit, sooner, later)"),
    ("datetime_diff(later, sooner, $unit)", "datediff($unit, sooner, later)"),
    (
        "timestamp_diff(later, sooner, $unit)",
        "datediff('microsecond', sooner, later) \
         / datediff('microsecond', timestamp '1970-01-01', dateadd($unit, 1, timestamp '1970-01-01'))",
    ),
    ("date_trunc(moment, $unit)", "date_trunc($unit, moment)"),
    ("datetime_trunc(moment, $unit)", "date_trunc($unit, moment)"),
    ("timestamp_trunc(moment, $unit)", "date_trunc($unit, moment)"),
];

const FROM_PARTS: &str = "dateadd('second', hour * 3600 + minute * 60 + second, make_date(year, month, day))";
const FROM_PARTS_AND_NANOSECONDS: &str = "dateadd('microsecond', div(nanosecond, 1000), \
     dateadd('second', hour * 3600 + minute * 60 + second, make_date(year, month, day)))";
