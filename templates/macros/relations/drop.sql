{#- Statements that drop relations. -#}

{% macro default__get_drop_sql(relation) -%}
    {%- if relation.is_view -%}
        {{ drop_view(relation) }}
    {%- elif relation.is_table -%}
        {{ drop_table(relation) }}
    {%- elif relation.is_materialized_view -%}
        {{ drop_materialized_view(relation) }}
    {%- else -%}
        drop {{ relation.type }} if exists {{ relation.render() }} cascade
    {%- endif -%}
{%- endmacro %}

{#- A relation of which nothing is known may be either. -#}
{% macro datafusion__get_drop_sql(relation) -%}
    drop {{ 'view' if relation.is_view else 'table' }} if exists {{ relation.render() }}
{%- endmacro %}

{% macro bigquery__get_drop_sql(relation) -%}
    drop {{ 'materialized view' if relation.is_materialized_view else 'view' if relation.is_view else 'table' }} if exists {{ relation.render() }}
{%- endmacro %}

{% macro default__drop_relation(relation) -%}
    {%- call statement('drop_relation', auto_begin=false) -%}
        {{ get_drop_sql(relation) }}
    {%- endcall -%}
{%- endmacro %}

{% macro drop_relation_if_exists(relation) %}
    {%- if relation is not none -%}
        {{ adapter.drop_relation(relation) }}
    {%- endif -%}
{% endmacro %}

{% macro default__drop_table(relation) -%}
    drop table if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro bigquery__drop_table(relation) -%}
    drop table if exists {{ relation.render() }}
{%- endmacro %}

{% macro default__drop_view(relation) -%}
    drop view if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro bigquery__drop_view(relation) -%}
    drop view if exists {{ relation.render() }}
{%- endmacro %}

{% macro default__drop_materialized_view(relation) -%}
    drop materialized view if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro default__get_drop_backup_sql(relation) -%}
    {{ get_drop_sql(make_backup_relation(relation, relation.type)) }}
{%- endmacro %}

{#- A schema of the target's database by its name. -#}
{% macro default__drop_schema_named(schema_name) %}
    {%- do adapter.drop_schema(api.Relation.create(database=target.database, schema=schema_name)) -%}
{% endmacro %}
