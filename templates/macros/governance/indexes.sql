{#- Indexes, where an engine has them. -#}

{% macro default__get_create_index_sql(relation, index_dict) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro default__create_indexes(relation) -%}
    {%- for index_dict in config.get('indexes', default=[]) or [] -%}
        {%- set create_index_sql = get_create_index_sql(relation, index_dict) -%}
        {%- if create_index_sql -%}
            {%- do run_query(create_index_sql) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro default__get_drop_index_sql(relation, index_name) -%}
    {{ not_for_this_adapter('get_drop_index_sql') }}
{%- endmacro %}

{% macro default__get_show_indexes_sql(relation) -%}
    {{ not_for_this_adapter('get_show_indexes_sql') }}
{%- endmacro %}
