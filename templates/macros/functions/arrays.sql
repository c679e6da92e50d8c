{#- Arrays. -#}

{% macro default__array_append(array, new_element) -%}
    array_append({{ array }}, {{ new_element }})
{%- endmacro %}

{% macro bigquery__array_append(array, new_element) -%}
    {{ array_concat(array, array_construct([new_element])) }}
{%- endmacro %}

{% macro redshift__array_append(array, new_element) -%}
    {{ array_concat(array, array_construct([new_element])) }}
{%- endmacro %}

{% macro spark__array_append(array, new_element) -%}
    {{ array_concat(array, array_construct([new_element])) }}
{%- endmacro %}

{% macro trino__array_append(array, new_element) -%}
    {{ array_concat(array, array_construct([new_element])) }}
{%- endmacro %}

{% macro default__array_concat(array_1, array_2) -%}
    array_cat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{% macro bigquery__array_concat(array_1, array_2) -%}
    array_concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{% macro redshift__array_concat(array_1, array_2) -%}
    array_concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{% macro spark__array_concat(array_1, array_2) -%}
    concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{% macro trino__array_concat(array_1, array_2) -%}
    concat({{ array_1 }}, {{ array_2 }})
{%- endmacro %}

{#- `data_type` is that of the elements, which an empty array cannot tell. -#}
{% macro default__array_construct(inputs=[], data_type=api.Column.translate_type('integer')) -%}
    {%- if inputs | length > 0 -%}
        array[ {{ inputs | join(' , ') }} ]
    {%- else -%}
        array[]::{{ data_type }}[]
    {%- endif -%}
{%- endmacro %}

{% macro datafusion__array_construct(inputs, data_type) -%}
    {%- if inputs | length > 0 -%}
        make_array({{ inputs | join(', ') }})
    {%- else -%}
        array_resize(make_array(cast(null as {{ data_type }})), 0)
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__array_construct(inputs, data_type) -%}
    [ {{ inputs | join(' , ') }} ]
{%- endmacro %}

{% macro snowflake__array_construct(inputs, data_type) -%}
    array_construct( {{ inputs | join(' , ') }} )
{%- endmacro %}

{% macro redshift__array_construct(inputs, data_type) -%}
    array( {{ inputs | join(' , ') }} )
{%- endmacro %}

{% macro spark__array_construct(inputs, data_type) -%}
    array( {{ inputs | join(' , ') }} )
{%- endmacro %}

{% macro trino__array_construct(inputs, data_type) -%}
    {%- if inputs | length > 0 -%}
        array[ {{ inputs | join(' , ') }} ]
    {%- else -%}
        cast(array[] as array({{ data_type }}))
    {%- endif -%}
{%- endmacro %}
