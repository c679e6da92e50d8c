{# Trims, squeezes inner white space and turns an empty text into null.
   `letter_case`: none (as it is), 'lower', 'upper' or 'title'. #}
{% macro clean_text(column, letter_case=none) -%}
    {%- set squeezed = "nullif(regexp_replace(trim(" ~ column ~ "), '\\s+', ' ', 'g'), '')" -%}
    {%- if letter_case is none -%}
        {{ squeezed }}
    {%- elif letter_case == 'title' -%}
        initcap({{ squeezed }})
    {%- else -%}
        {{ letter_case }}({{ squeezed }})
    {%- endif -%}
{%- endmacro %}
