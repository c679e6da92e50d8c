{#- How many boundaries of a part lie between two dates. -#}

{% macro default__datediff(first_date, second_date, datepart) -%}
    datediff(
        {{ datepart }},
        {{ first_date }},
        {{ second_date }}
        )
{%- endmacro %}

{% macro datafusion__datediff(first_date, second_date, datepart) -%}
    datediff('{{ datepart }}', {{ first_date }}, {{ second_date }})
{%- endmacro %}

{% macro bigquery__datediff(first_date, second_date, datepart) -%}
    datetime_diff(
        cast({{ second_date }} as datetime),
        cast({{ first_date }} as datetime),
        {{ datepart }}
    )
{%- endmacro %}

{% macro redshift__datediff(first_date, second_date, datepart) -%}
    datediff(
        {{ datepart }},
        {{ first_date }},
        {{ second_date }}
        )
{%- endmacro %}

{% macro duckdb__datediff(first_date, second_date, datepart) -%}
    (date_diff('{{ datepart }}', {{ first_date }}::timestamp, {{ second_date }}::timestamp ))
{%- endmacro %}

{% macro trino__datediff(first_date, second_date, datepart) -%}
    date_diff('{{ datepart }}', {{ first_date }}, {{ second_date }})
{%- endmacro %}

{% macro spark__datediff(first_date, second_date, datepart) -%}
    timestampdiff({{ datepart }}, {{ first_date }}, {{ second_date }})
{%- endmacro %}

{#- Built up from days and years, since there is no function for it. -#}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
    {%- set first = '(' ~ first_date ~ ')' -%}
    {%- set second = '(' ~ second_date ~ ')' -%}
    {%- set part = datepart | lower -%}
    {%- if part == 'year' -%}
        (date_part('year', {{ second }}::date) - date_part('year', {{ first }}::date))
    {%- elif part == 'quarter' -%}
        ({{ datediff(first_date, second_date, 'year') }} * 4 + date_part('quarter', {{ second }}::date) - date_part('quarter', {{ first }}::date))
    {%- elif part == 'month' -%}
        ({{ datediff(first_date, second_date, 'year') }} * 12 + date_part('month', {{ second }}::date) - date_part('month', {{ first }}::date))
    {%- elif part == 'day' -%}
        ({{ second }}::date - {{ first }}::date)
    {%- elif part == 'week' -%}
        ({{ datediff(first_date, second_date, 'day') }} / 7 + case
            when date_part('dow', {{ first }}::timestamp) <= date_part('dow', {{ second }}::timestamp)
                then case when {{ first }} <= {{ second }} then 0 else -1 end
            else
                case when {{ first }} <= {{ second }} then 1 else 0 end
        end)
    {%- elif part == 'hour' -%}
        ({{ datediff(first_date, second_date, 'day') }} * 24 + date_part('hour', {{ second }}::timestamp) - date_part('hour', {{ first }}::timestamp))
    {%- elif part == 'minute' -%}
        ({{ datediff(first_date, second_date, 'hour') }} * 60 + date_part('minute', {{ second }}::timestamp) - date_part('minute', {{ first }}::timestamp))
    {%- elif part == 'second' -%}
        ({{ datediff(first_date, second_date, 'minute') }} * 60 + floor(date_part('second', {{ second }}::timestamp)) - floor(date_part('second', {{ first }}::timestamp)))
    {%- elif part == 'millisecond' -%}
        ({{ datediff(first_date, second_date, 'minute') }} * 60000 + floor(date_part('millisecond', {{ second }}::timestamp)) - floor(date_part('millisecond', {{ first }}::timestamp)))
    {%- elif part == 'microsecond' -%}
        ({{ datediff(first_date, second_date, 'minute') }} * 60000000 + floor(date_part('microsecond', {{ second }}::timestamp)) - floor(date_part('microsecond', {{ first }}::timestamp)))
    {%- else -%}
        {{ exceptions.raise_compiler_error("Unsupported datepart for macro datediff in " ~ target.type ~ ": '" ~ datepart ~ "'") }}
    {%- endif -%}
{%- endmacro %}
