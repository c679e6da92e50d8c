select
    {{ date_key('calendar_date') }} as date_key,
    calendar_date,
    {{ month_of('calendar_date') }} as month_start,
    cast(extract(year from calendar_date) as int) as year_number,
    cast(extract(quarter from calendar_date) as int) as quarter_number,
    cast(extract(month from calendar_date) as int) as month_number,
    to_char(calendar_date, '%B') as month_name,
    cast(extract(week from calendar_date) as int) as iso_week_number,
    to_char(calendar_date, '%A') as weekday_name,
    -- 0 is Sunday.
    extract(dow from calendar_date) in (0, 6) as is_weekend
from {{ ref('silver_date_spine') }}
