{{ config(materialized='ephemeral') }}

-- Every day of the calendar. Inlined where it is used: it is one line of SQL.
select cast(value as date) as calendar_date
from generate_series({{ date_var('calendar_start') }}, {{ date_var('calendar_end') }}, interval '1 day')
