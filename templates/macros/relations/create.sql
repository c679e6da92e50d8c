{#- Statements that make relations. -#}

{% macro default__get_create_sql(relation, sql) -%}
    {%- if relation.is_view -%}
        {{ get_create_view_as_sql(relation, sql) }}
    {%- elif relation.is_table -%}
        {{ get_create_table_as_sql(false, relation, sql) }}
    {%- elif relation.is_materialized_view -%}
        {{ get_create_materialized_view_as_sql(relation, sql) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error('`get_create_sql` knows no relations of type ' ~ relation.type) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__get_create_table_as_sql(temporary, relation, sql) -%}
    {{ return(create_table_as(temporary, relation, sql)) }}
{%- endmacro %}

{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- if language != 'sql' -%}
        {{ exceptions.raise_compiler_error('`create_table_as` has no form for the language ' ~ language) }}
    {%- endif -%}
    {{ adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code) }}
{%- endmacro %}

{% macro default__create_table_as(temporary, relation, sql) -%}
    {{ config.get('sql_header', none) or '' }}
    {%- set contract = config.get('contract') %}
    create {{ 'temporary' if temporary }} table
        {{ relation.include(database=(not temporary), schema=(not temporary)) }}
    {%- if contract.enforced and not temporary %}
        {{ get_assert_columns_equivalent(sql) }}
        {{ get_table_columns_and_constraints() }}
        {%- set sql = get_select_subquery(sql) %}
    {%- endif %}
    as (
        {{ sql }}
    );
{%- endmacro %}

{#- There are no tables of a session: one that is temporary lies beside the others and is dropped by whoever made it. -#}
{% macro datafusion__create_table_as(temporary, relation, sql) -%}
    {{ config.get('sql_header', none) or '' }}
    create or replace table {{ relation }} as
    {{ sql }}
{%- endmacro %}

{% macro bigquery__create_table_as(temporary, relation, sql) -%}
    {{ config.get('sql_header', none) or '' }}
    create or replace table {{ relation }} as (
        {{ sql }}
    );
{%- endmacro %}

{% macro snowflake__create_table_as(temporary, relation, sql) -%}
    {{ config.get('sql_header', none) or '' }}
    create or replace {{ 'temporary' if temporary else ('transient' if config.get('transient', default=true)) }} table {{ relation }} as (
        {{ sql }}
    );
{%- endmacro %}

{% macro default__get_create_view_as_sql(relation, sql) -%}
    {{ return(create_view_as(relation, sql)) }}
{%- endmacro %}

{% macro default__create_view_as(relation, sql) -%}
    {{ config.get('sql_header', none) or '' }}
    create view {{ relation }}
    {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    as (
        {{ sql }}
    );
{%- endmacro %}

{% macro datafusion__create_view_as(relation, sql) -%}
    {{ config.get('sql_header', none) or '' }}
    create or replace view {{ relation }} as
    {{ sql }}
{%- endmacro %}

{% macro bigquery__create_view_as(relation, sql) -%}
    {{ config.get('sql_header', none) or '' }}
    create or replace view {{ relation }} as {{ sql }};
{%- endmacro %}

{% macro snowflake__create_view_as(relation, sql) -%}
    {{ config.get('sql_header', none) or '' }}
    create or replace {{ 'secure' if config.get('secure', default=false) }} view {{ relation }} as (
        {{ sql }}
    );
{%- endmacro %}

{#- The columns of a contract, taken from a query by their names. -#}
{% macro default__get_select_subquery(sql) %}
    select {{ adapter.dispatch('get_column_names', 'dbt')() }}
    from (
        {{ sql }}
    ) as model_subq
{% endmacro %}

{% macro default__get_column_names() %}
    {%- for column in model.columns.values() -%}
        {{ adapter.quote(column.name) if column.quote else column.name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{% endmacro %}

{% macro default__get_create_materialized_view_as_sql(relation, sql) -%}
    {{ not_for_this_adapter('get_create_materialized_view_as_sql') }}
{%- endmacro %}

{% macro default__get_create_intermediate_sql(relation, sql) -%}
    {%- set intermediate_relation = make_intermediate_relation(relation) -%}
    {{ get_drop_sql(intermediate_relation) }}
    {{ get_create_sql(intermediate_relation, sql) }}
{%- endmacro %}

{% macro default__get_create_backup_sql(relation) -%}
    {%- set backup_relation = make_backup_relation(relation, relation.type) -%}
    {{ get_drop_sql(backup_relation) }}
    {{ get_rename_sql(relation, backup_relation.identifier) }}
{%- endmacro %}
