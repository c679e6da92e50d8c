{#- Aggregates. -#}

{% macro default__any_value(expression) -%}
    any_value({{ expression }})
{%- endmacro %}

{% macro postgres__any_value(expression) -%}
    min({{ expression }})
{%- endmacro %}

{% macro redshift__any_value(expression) -%}
    any_value({{ expression }})
{%- endmacro %}

{% macro spark__any_value(expression) -%}
    any_value({{ expression }})
{%- endmacro %}

{% macro trino__any_value(expression) -%}
    any_value({{ expression }})
{%- endmacro %}

{% macro duckdb__any_value(expression) -%}
    arbitrary({{ expression }})
{%- endmacro %}

{% macro default__bool_or(expression) -%}
    bool_or({{ expression }})
{%- endmacro %}

{% macro bigquery__bool_or(expression) -%}
    logical_or({{ expression }})
{%- endmacro %}

{% macro snowflake__bool_or(expression) -%}
    boolor_agg({{ expression }})
{%- endmacro %}

{#- The values of a group as one text. `order_by_clause` is a whole clause: `order by x`. -#}
{% macro default__listagg(measure, delimiter_text="','", order_by_clause=none, limit_num=none) -%}
    {%- set within = 'within group (' ~ order_by_clause ~ ')' if order_by_clause else '' -%}
    {%- if limit_num -%}
        array_to_string(array_slice(array_agg({{ measure }}) {{ within }}, 0, {{ limit_num }}), {{ delimiter_text }})
    {%- else -%}
        listagg({{ measure }}, {{ delimiter_text }}) {{ within }}
    {%- endif -%}
{%- endmacro %}

{% macro datafusion__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if limit_num -%}
        array_to_string(array_slice(array_agg({{ measure }} {{ order_by_clause or '' }}), 1, {{ limit_num }}), {{ delimiter_text }})
    {%- else -%}
        string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause or '' }})
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause or '' }} {{ 'limit ' ~ limit_num if limit_num }})
{%- endmacro %}

{% macro postgres__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if limit_num -%}
        array_to_string((array_agg({{ measure }} {{ order_by_clause or '' }}))[1:{{ limit_num }}], {{ delimiter_text }})
    {%- else -%}
        string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause or '' }})
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if limit_num -%}
        list_aggr((array_agg({{ measure }} {{ order_by_clause or '' }}))[1:{{ limit_num }}], 'string_agg', {{ delimiter_text }})
    {%- else -%}
        string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause or '' }})
    {%- endif -%}
{%- endmacro %}

{#- The first parts are cut out of the whole text: arrays cannot be aggregated there. -#}
{% macro redshift__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- set within = 'within group (' ~ order_by_clause ~ ')' if order_by_clause else '' -%}
    {%- set all = 'listagg(' ~ measure ~ ', ' ~ delimiter_text ~ ') ' ~ within -%}
    {%- if limit_num -%}
        regexp_substr({{ all }}, '([^' || {{ delimiter_text }} || ']*(' || {{ delimiter_text }} || ')?){1,{{ limit_num }}}')
    {%- else -%}
        {{ all }}
    {%- endif -%}
{%- endmacro %}

{% macro trino__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- set collected = 'array_agg(' ~ measure ~ (' ' ~ order_by_clause if order_by_clause else '') ~ ')' -%}
    {%- if limit_num -%}
        array_join(slice({{ collected }}, 1, {{ limit_num }}), {{ delimiter_text }})
    {%- else -%}
        array_join({{ collected }}, {{ delimiter_text }})
    {%- endif -%}
{%- endmacro %}

{#- Values are collected with what they are ordered by, sorted, and taken out again. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if order_by_clause -%}
        {%- set key = order_by_clause.split('order by')[1] | trim -%}
        {%- set sorted = 'transform(array_sort(collect_list(struct(' ~ key ~ ' as k, ' ~ measure ~ ' as v))), x -> x.v)' -%}
    {%- else -%}
        {%- set sorted = 'collect_list(' ~ measure ~ ')' -%}
    {%- endif -%}
    {%- if limit_num -%}
        array_join(slice({{ sorted }}, 1, {{ limit_num }}), {{ delimiter_text }})
    {%- else -%}
        array_join({{ sorted }}, {{ delimiter_text }})
    {%- endif -%}
{%- endmacro %}
