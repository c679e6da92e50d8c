{#- Casts. -#}

{% macro default__cast(field, type) -%}
    cast({{ field }} as {{ type }})
{%- endmacro %}

{#- A value that cannot be cast is null, where the engine can do that. -#}
{% macro default__safe_cast(field, type) -%}
    cast({{ field }} as {{ type }})
{%- endmacro %}

{% macro datafusion__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}

{% macro bigquery__safe_cast(field, type) -%}
    safe_cast({{ field }} as {{ type }})
{%- endmacro %}

{#- Its `try_cast` takes text only. -#}
{% macro snowflake__safe_cast(field, type) -%}
    {%- if type | upper == 'GEOMETRY' -%}
        try_to_geometry({{ field }})
    {%- elif type | upper == 'GEOGRAPHY' -%}
        try_to_geography({{ field }})
    {%- elif type | upper == 'VARIANT' -%}
        {{ field }}::variant
    {%- else -%}
        try_cast({{ field }} as {{ type }})
    {%- endif -%}
{%- endmacro %}

{% macro trino__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}

{% macro spark__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}

{% macro default__cast_bool_to_text(field) -%}
    cast({{ field }} as {{ api.Column.translate_type('string') }})
{%- endmacro %}

{% macro redshift__cast_bool_to_text(field) -%}
    case
        when {{ field }} is true then 'true'
        when {{ field }} is false then 'false'
    end::text
{%- endmacro %}
