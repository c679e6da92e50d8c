//! `modules.pytz`: the time zones of the world.

use super::datetime::Zone;
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Error, Value, mutable, raise};

use crate::context::function::function;

/// The module.
pub(super) fn module() -> Value {
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| Value::from(zone.name()));
    // The deprecated names of the database have no region, or one that is a country.
    let is_common = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        let region = name.split_once('/').map_or(name, |(region, _)| region);
        matches!(
            region,
            "Africa"
                | "America"
                | "Antarctica"
                | "Arctic"
                | "Asia"
                | "Atlantic"
                | "Australia"
                | "Europe"
                | "Indian"
                | "Pacific"
                | "UTC"
                | "GMT"
        )
    };
    Value::from_pairs([
        ("timezone", function("timezone", |_, args| timezone(&args.required_text(0, "zone")?))),
        ("utc", Zone::Utc.into()),
        ("UTC", Zone::Utc.into()),
        (
            "FixedOffset",
            function("FixedOffset", |_, args| {
                let minutes = args.int(0, "minutes")?.unwrap_or(0);
                let seconds = i32::try_from(minutes.saturating_mul(60)).ok().filter(|seconds| seconds.abs() < 86_400);
                let too_far = || raise(Diagnostic::error(codes::JINJA_RUNTIME, "the offset is less than a day"));
                seconds.map(|seconds| Zone::fixed(seconds).into()).ok_or_else(too_far)
            }),
        ),
        ("all_timezones", mutable(names().collect())),
        ("common_timezones", mutable(names().filter(is_common).collect())),
    ])
}

fn timezone(name: &str) -> Result<Value, Error> {
    Zone::named(name).map(Value::from).ok_or_else(|| {
        let error = Diagnostic::error(codes::JINJA_RUNTIME, format!("there is no time zone `{name}`"));
        raise(error.suggest(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())))
    })
}
