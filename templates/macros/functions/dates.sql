{#- Functions of dates. -#}

{#- A date of three numbers. -#}
{% macro default__date(year, month, day) -%}
    to_date('{{ '%04d-%02d-%02d' | format(year, month, day) }}', 'YYYY-MM-DD')
{%- endmacro %}

{% macro datafusion__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro bigquery__date(year, month, day) -%}
    date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro snowflake__date(year, month, day) -%}
    date_from_parts({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro postgres__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro redshift__date(year, month, day) -%}
    to_date('{{ '%04d-%02d-%02d' | format(year, month, day) }}', 'YYYY-MM-DD')
{%- endmacro %}

{% macro duckdb__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro spark__date(year, month, day) -%}
    make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}

{% macro trino__date(year, month, day) -%}
    date '{{ '%04d-%02d-%02d' | format(year, month, day) }}'
{%- endmacro %}

{#- The start of the year, month, day … that a date is in. -#}
{% macro default__date_trunc(datepart, date) -%}
    date_trunc('{{ datepart }}', {{ date }})
{%- endmacro %}

{% macro bigquery__date_trunc(datepart, date) -%}
    timestamp_trunc(
        cast({{ date }} as timestamp),
        {{ datepart }}
    )
{%- endmacro %}

{#- One day before the start of the next. -#}
{% macro default_last_day(date, datepart) -%}
    cast(
        {{ dateadd('day', '-1', dateadd(datepart, '1', date_trunc(datepart, date))) }}
        as date
    )
{%- endmacro %}

{% macro default__last_day(date, datepart) -%}
    {{ default_last_day(date, datepart) }}
{%- endmacro %}

{% macro bigquery__last_day(date, datepart) -%}
    last_day(cast({{ date }} as date), {{ datepart }})
{%- endmacro %}

{% macro redshift__last_day(date, datepart) -%}
    {%- if datepart | lower == 'month' -%}
        last_day({{ date }})
    {%- else -%}
        {{ default_last_day(date, datepart) }}
    {%- endif -%}
{%- endmacro %}

{#- An interval of a quarter is not known there. -#}
{% macro postgres__last_day(date, datepart) -%}
    {%- if datepart == 'quarter' -%}
        cast(
            {{ dateadd('day', '-1', dateadd('month', '3', date_trunc(datepart, date))) }}
            as date
        )
    {%- else -%}
        {{ default_last_day(date, datepart) }}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__last_day(date, datepart) -%}
    {%- if datepart == 'quarter' -%}
        cast(
            {{ dateadd('day', '-1', dateadd('month', '3', date_trunc(datepart, date))) }}
            as date
        )
    {%- else -%}
        {{ default_last_day(date, datepart) }}
    {%- endif -%}
{%- endmacro %}
