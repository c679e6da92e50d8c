{#- Queries round a query: the first rows, freshness, a check. -#}

{% macro get_show_sql(compiled_code, sql_header, limit) -%}
    {{ sql_header or '' }}
    {{ get_limit_subquery_sql(compiled_code, limit) }}
{%- endmacro %}

{% macro get_limit_subquery_sql(sql, limit) -%}
    {{ adapter.dispatch('get_limit_sql', 'dbt')(sql, limit) }}
{%- endmacro %}

{% macro default__get_limit_sql(sql, limit) %}
    {{ sql }}
    {{ 'limit ' ~ limit if limit is not none }}
{%- endmacro %}

{#- How old the newest row of a source is. -#}
{% macro default__collect_freshness(source, loaded_at_field, filter) %}
    {%- call statement('collect_freshness', fetch_result=true, auto_begin=false) -%}
        select
            max({{ loaded_at_field }}) as max_loaded_at,
            {{ current_timestamp() }} as snapshotted_at
        from {{ source }}
        {{ 'where ' ~ filter if filter }}
    {%- endcall -%}
    {{ return(load_result('collect_freshness')) }}
{% endmacro %}

{% macro default__collect_freshness_custom_sql(source, loaded_at_query) %}
    {%- call statement('collect_freshness_custom_sql', fetch_result=true, auto_begin=false) -%}
        with source_query as (
            {{ loaded_at_query }}
        )

        select
            (select * from source_query) as max_loaded_at,
            {{ current_timestamp() }} as snapshotted_at
    {%- endcall -%}
    {{ return(load_result('collect_freshness_custom_sql')) }}
{% endmacro %}

{#- Lets the engine plan a query without running it. -#}
{% macro default__validate_sql(sql) -%}
    {%- call statement('validate_sql') -%}
        explain {{ sql }}
    {%- endcall -%}
    {{ return(load_result('validate_sql')) }}
{%- endmacro %}
