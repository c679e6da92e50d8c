{#- Schemas. -#}

{% macro default__create_schema(relation) -%}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation.without_identifier() }}
    {%- endcall -%}
{%- endmacro %}

{% macro default__drop_schema(relation) -%}
    {%- call statement('drop_schema') -%}
        drop schema if exists {{ relation.without_identifier() }} cascade
    {%- endcall -%}
{%- endmacro %}

{% macro default__information_schema_name(database) -%}
    {%- if database -%}
        {{ database }}.INFORMATION_SCHEMA
    {%- else -%}
        INFORMATION_SCHEMA
    {%- endif -%}
{%- endmacro %}

{% macro datafusion__information_schema_name(database) -%}
    {{ adapter.quote(database) ~ '.' if database }}information_schema
{%- endmacro %}

{% macro default__list_schemas(database) -%}
    {%- set sql -%}
        select distinct schema_name
        from {{ information_schema_name(database) }}.SCHEMATA
        where catalog_name ilike '{{ database }}'
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro datafusion__list_schemas(database) -%}
    {%- set sql -%}
        select distinct schema_name
        from {{ information_schema_name(database) }}.schemata
        where catalog_name = '{{ database }}'
        order by schema_name
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro default__check_schema_exists(information_schema, schema) -%}
    {%- set sql -%}
        select count(*)
        from {{ information_schema.replace(information_schema_view='SCHEMATA') }}
        where catalog_name = '{{ information_schema.database }}' and schema_name = '{{ schema }}'
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro datafusion__check_schema_exists(information_schema, schema) -%}
    {%- set sql -%}
        select count(*) as schemas
        from {{ information_schema_name(information_schema.database) }}.schemata
        where catalog_name = '{{ information_schema.database }}' and schema_name = '{{ schema }}'
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}
