{#- A part of a text that is divided by another; negative numbers count from the end. -#}

{% macro default__split_part(string_text, delimiter_text, part_number) -%}
    split_part({{ string_text }}, {{ delimiter_text }}, {{ part_number }})
{%- endmacro %}

{#- For engines whose `split_part` counts from the start only. -#}
{% macro _split_part_negative(string_text, delimiter_text, part_number) -%}
    split_part(
        {{ string_text }},
        {{ delimiter_text }},
        length({{ string_text }}) - length(replace({{ string_text }}, {{ delimiter_text }}, '')) + 2 + {{ part_number }}
    )
{%- endmacro %}

{% macro postgres__split_part(string_text, delimiter_text, part_number) -%}
    {%- if part_number >= 0 -%}
        {{ default__split_part(string_text, delimiter_text, part_number) }}
    {%- else -%}
        {{ _split_part_negative(string_text, delimiter_text, part_number) }}
    {%- endif -%}
{%- endmacro %}

{% macro trino__split_part(string_text, delimiter_text, part_number) -%}
    {%- if part_number >= 0 -%}
        {{ default__split_part(string_text, delimiter_text, part_number) }}
    {%- else -%}
        {{ _split_part_negative(string_text, delimiter_text, part_number) }}
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__split_part(string_text, delimiter_text, part_number) -%}
    {%- set parts = 'split(' ~ string_text ~ ', ' ~ delimiter_text ~ ')' -%}
    {%- if part_number >= 0 -%}
        {{ parts }}[safe_offset({{ part_number - 1 }})]
    {%- else -%}
        {{ parts }}[safe_offset(array_length({{ parts }}) + {{ part_number }})]
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__split_part(string_text, delimiter_text, part_number) -%}
    string_split({{ string_text }}, {{ delimiter_text }})[{{ part_number }}]
{%- endmacro %}

{#- A delimiter is a regular expression there. -#}
{% macro spark__split_part(string_text, delimiter_text, part_number) -%}
    {%- set parts -%}
        split({{ string_text }}, concat('\\Q', {{ delimiter_text }}, '\\E'))
    {%- endset -%}
    {%- if part_number >= 0 -%}
        {{ parts }}[{{ part_number - 1 }}]
    {%- else -%}
        {{ parts }}[size({{ parts }}) + {{ part_number }}]
    {%- endif -%}
{%- endmacro %}
