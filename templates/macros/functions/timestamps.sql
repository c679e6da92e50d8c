{#- The present moment. -#}

{% macro default__current_timestamp() -%}
    {{ not_for_this_adapter('current_timestamp') }}
{%- endmacro %}

{% macro datafusion__current_timestamp() -%}
    now()
{%- endmacro %}

{% macro bigquery__current_timestamp() -%}
    current_timestamp()
{%- endmacro %}

{% macro snowflake__current_timestamp() -%}
    convert_timezone('UTC', current_timestamp())
{%- endmacro %}

{% macro postgres__current_timestamp() -%}
    now()
{%- endmacro %}

{% macro redshift__current_timestamp() -%}
    getdate()
{%- endmacro %}

{% macro duckdb__current_timestamp() -%}
    now()
{%- endmacro %}

{% macro trino__current_timestamp() -%}
    current_timestamp
{%- endmacro %}

{% macro spark__current_timestamp() -%}
    current_timestamp()
{%- endmacro %}

{#- The moment as snapshots keep it. -#}
{% macro default__snapshot_get_time() -%}
    {{ current_timestamp() }}
{%- endmacro %}

{% macro datafusion__snapshot_get_time() -%}
    cast(now() as timestamp)
{%- endmacro %}

{% macro snowflake__snapshot_get_time() -%}
    to_timestamp_ntz({{ current_timestamp() }})
{%- endmacro %}

{% macro postgres__snapshot_get_time() -%}
    {{ current_timestamp() }}::timestamp without time zone
{%- endmacro %}

{% macro redshift__snapshot_get_time() -%}
    {{ current_timestamp() }}::timestamp
{%- endmacro %}

{% macro duckdb__snapshot_get_time() -%}
    {{ current_timestamp() }}::timestamp
{%- endmacro %}

{#- The type of it, as the engine tells it. -#}
{% macro get_snapshot_get_time_data_type() %}
    {%- set columns = get_column_schema_from_query('select ' ~ snapshot_get_time() ~ ' as dbt_snapshot_time') -%}
    {{ return(columns[0].dtype if columns else none) }}
{% endmacro %}

{#- As older packages knew it. -#}
{% macro default__current_timestamp_backcompat() -%}
    current_timestamp::timestamp
{%- endmacro %}

{% macro bigquery__current_timestamp_backcompat() -%}
    current_timestamp
{%- endmacro %}

{% macro snowflake__current_timestamp_backcompat() -%}
    current_timestamp::timestamp_ntz
{%- endmacro %}

{% macro default__current_timestamp_in_utc_backcompat() -%}
    {{ current_timestamp_backcompat() }}
{%- endmacro %}

{% macro snowflake__current_timestamp_in_utc_backcompat() -%}
    convert_timezone('UTC', current_timestamp())::timestamp_ntz
{%- endmacro %}

{% macro postgres__current_timestamp_in_utc_backcompat() -%}
    (current_timestamp at time zone 'utc')::timestamp
{%- endmacro %}
