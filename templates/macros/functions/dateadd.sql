{#- A date so many parts later. -#}

{% macro default__dateadd(datepart, interval, from_date_or_timestamp) %}
    dateadd(
        {{ datepart }},
        {{ interval }},
        {{ from_date_or_timestamp }}
        )
{% endmacro %}

{% macro datafusion__dateadd(datepart, interval, from_date_or_timestamp) %}
    dateadd('{{ datepart }}', {{ interval }}, {{ from_date_or_timestamp }})
{% endmacro %}

{% macro bigquery__dateadd(datepart, interval, from_date_or_timestamp) %}
    datetime_add(
        cast( {{ from_date_or_timestamp }} as datetime),
        interval {{ interval }} {{ datepart }}
    )
{% endmacro %}

{% macro postgres__dateadd(datepart, interval, from_date_or_timestamp) %}
    {{ from_date_or_timestamp }} + ((interval '1 {{ datepart }}') * ({{ interval }}))
{% endmacro %}

{% macro redshift__dateadd(datepart, interval, from_date_or_timestamp) %}
    dateadd(
        {{ datepart }},
        {{ interval }},
        {{ from_date_or_timestamp }}
        )
{% endmacro %}

{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) %}
    {%- if datepart | lower == 'week' -%}
    ({{ from_date_or_timestamp }} + (cast({{ interval }} as bigint) * 7) * interval 1 day)
    {%- else -%}
    ({{ from_date_or_timestamp }} + cast({{ interval }} as bigint) * interval 1 {{ datepart }})
    {%- endif -%}
{% endmacro %}

{% macro trino__dateadd(datepart, interval, from_date_or_timestamp) %}
    date_add('{{ datepart }}', {{ interval }}, {{ from_date_or_timestamp }})
{% endmacro %}

{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) %}
    timestampadd({{ datepart }}, {{ interval }}, {{ from_date_or_timestamp }})
{% endmacro %}
