{#- Functions of text that engines spell in different ways. -#}

{% macro default__concat(fields) -%}
    {{ fields | join(' || ') }}
{%- endmacro %}

{% macro bigquery__concat(fields) -%}
    concat({{ fields | join(', ') }})
{%- endmacro %}

{% macro spark__concat(fields) -%}
    concat({{ fields | join(', ') }})
{%- endmacro %}

{% macro trino__concat(fields) -%}
    concat({{ fields | join(', ') }})
{%- endmacro %}

{% macro default__hash(field) -%}
    md5(cast({{ field }} as {{ api.Column.translate_type('string') }}))
{%- endmacro %}

{% macro bigquery__hash(field) -%}
    to_hex({{ default__hash(field) }})
{%- endmacro %}

{% macro trino__hash(field) -%}
    lower(to_hex(md5(to_utf8(cast({{ field }} as {{ api.Column.translate_type('string') }})))))
{%- endmacro %}

{% macro default__length(expression) -%}
    length({{ expression }})
{%- endmacro %}

{% macro redshift__length(expression) -%}
    len({{ expression }})
{%- endmacro %}

{% macro default__position(substring_text, string_text) -%}
    position({{ substring_text }} in {{ string_text }})
{%- endmacro %}

{% macro bigquery__position(substring_text, string_text) -%}
    strpos({{ string_text }}, {{ substring_text }})
{%- endmacro %}

{% macro default__replace(field, old_chars, new_chars) -%}
    replace({{ field }}, {{ old_chars }}, {{ new_chars }})
{%- endmacro %}

{% macro default__right(string_text, length_expression) -%}
    right({{ string_text }}, {{ length_expression }})
{%- endmacro %}

{#- Some engines take the last zero characters for all of them. -#}
{% macro bigquery__right(string_text, length_expression) -%}
    case when {{ length_expression }} = 0 then '' else substr({{ string_text }}, -1 * ({{ length_expression }})) end
{%- endmacro %}

{% macro trino__right(string_text, length_expression) -%}
    case when {{ length_expression }} = 0 then '' else substr({{ string_text }}, -1 * ({{ length_expression }})) end
{%- endmacro %}

{% macro snowflake__right(string_text, length_expression) -%}
    case when {{ length_expression }} = 0 then '' else right({{ string_text }}, {{ length_expression }}) end
{%- endmacro %}

{% macro redshift__right(string_text, length_expression) -%}
    case when {{ length_expression }} = 0 then '' else right({{ string_text }}, {{ length_expression }}) end
{%- endmacro %}

{% macro default__string_literal(value) -%}
    '{{ value }}'
{%- endmacro %}

{#- Triple quotes, so that line ends may stand in the text. -#}
{% macro bigquery__string_literal(value) -%}
    '''{{ value }}'''
{%- endmacro %}

{% macro default__escape_single_quotes(expression) -%}
    {{ expression | string | replace("'", "''") }}
{%- endmacro %}

{% macro bigquery__escape_single_quotes(expression) -%}
    {{ expression | string | replace("'", "\\'") }}
{%- endmacro %}

{% macro snowflake__escape_single_quotes(expression) -%}
    {{ expression | string | replace("'", "\\'") }}
{%- endmacro %}

{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | string | replace("'", "\\'") }}
{%- endmacro %}
