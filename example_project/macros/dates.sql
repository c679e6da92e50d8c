{# '14/03/2025' -> 2025-03-14. An impossible day (30/02) becomes null instead of an error. #}
{% macro parse_french_date(column) -%}
    try_cast(
        concat_ws(
            '-',
            split_part(trim({{ column }}), '/', 3),
            split_part(trim({{ column }}), '/', 2),
            split_part(trim({{ column }}), '/', 1)
        ) as date
    )
{%- endmacro %}


{# ISO text, with or without 'T' and 'Z' -> timestamp in microseconds, null where it is none. #}
{% macro parse_timestamp(column) -%}
    try_cast(nullif(trim({{ column }}), '') as timestamp(6))
{%- endmacro %}


{# 2025-03-14 -> 20250314, the key of dim_dates. #}
{% macro date_key(column) -%}
    cast(
        extract(year from {{ column }}) * 10000
        + extract(month from {{ column }}) * 100
        + extract(day from {{ column }})
        as int
    )
{%- endmacro %}


{# Whole days from one day to another. #}
{% macro days_between(first_day, last_day) -%}
    (cast({{ last_day }} as date) - cast({{ first_day }} as date))
{%- endmacro %}


{# Seconds from one moment to another, rounded to whole ones. #}
{% macro seconds_between(first_moment, last_moment) -%}
    cast(round(extract(epoch from {{ last_moment }}) - extract(epoch from {{ first_moment }})) as bigint)
{%- endmacro %}


{# The first day of the month, as a date. #}
{% macro month_of(column) -%}
    cast(date_trunc('month', {{ column }}) as date)
{%- endmacro %}


{# A project variable that holds a day, as a SQL date. #}
{% macro date_var(name) -%}
    date '{{ var(name) }}'
{%- endmacro %}
