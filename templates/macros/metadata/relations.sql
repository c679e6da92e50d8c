{#- What relations there are. -#}

{#- A table of `database`, `name`, `schema` and `type`. -#}
{% macro default__list_relations_without_caching(schema_relation) %}
    {{ not_for_this_adapter('list_relations_without_caching') }}
{% endmacro %}

{% macro datafusion__list_relations_without_caching(schema_relation) %}
    {%- set sql -%}
        select
            table_catalog as database,
            table_name as name,
            table_schema as schema,
            case table_type when 'VIEW' then 'view' else 'table' end as type
        from {{ information_schema_name(schema_relation.database) }}.tables
        where table_schema = '{{ schema_relation.schema }}'
        order by table_name
    {%- endset -%}
    {{ return(run_query(sql)) }}
{% endmacro %}

{#- The same with the rows and columns of `information_schema` as an ANSI engine has them. -#}
{% macro postgres__list_relations_without_caching(schema_relation) %}
    {%- set sql -%}
        select
            table_catalog as database,
            table_name as name,
            table_schema as schema,
            case table_type when 'VIEW' then 'view' else 'table' end as type
        from information_schema.tables
        where table_schema ilike '{{ schema_relation.schema }}'
    {%- endset -%}
    {{ return(run_query(sql)) }}
{% endmacro %}

{% macro duckdb__list_relations_without_caching(schema_relation) %}
    {{ return(postgres__list_relations_without_caching(schema_relation)) }}
{% endmacro %}

{% macro trino__list_relations_without_caching(schema_relation) %}
    {%- set sql -%}
        select
            table_catalog as database,
            table_name as name,
            table_schema as schema,
            case table_type when 'VIEW' then 'view' else 'table' end as type
        from {{ schema_relation.information_schema() }}.tables
        where table_schema = '{{ schema_relation.schema | lower }}'
    {%- endset -%}
    {{ return(run_query(sql)) }}
{% endmacro %}

{% macro default__list_function_relations_without_caching(schema_relation) %}
    {{ return([]) }}
{% endmacro %}

{% macro default__get_relations() %}
    {{ not_for_this_adapter('get_relations') }}
{% endmacro %}

{#- The columns of all relations of the schemas, one row each. -#}
{% macro default__get_catalog(information_schema, schemas) -%}
    {{ not_for_this_adapter('get_catalog') }}
{%- endmacro %}

{% macro datafusion__get_catalog(information_schema, schemas) -%}
    {%- set names = [] -%}
    {%- for schema in schemas -%}
        {%- do names.append("'" ~ schema ~ "'") -%}
    {%- endfor -%}
    {{ return(datafusion__catalog(information_schema, 'tables.table_schema in (' ~ (names | join(', ') or 'null') ~ ')')) }}
{%- endmacro %}

{% macro default__get_catalog_relations(information_schema, relations) -%}
    {{ not_for_this_adapter('get_catalog_relations') }}
{%- endmacro %}

{% macro datafusion__get_catalog_relations(information_schema, relations) -%}
    {%- set conditions = [] -%}
    {%- for relation in relations -%}
        {%- if relation.identifier -%}
            {%- do conditions.append("(tables.table_schema = '" ~ relation.schema ~ "' and tables.table_name = '" ~ relation.identifier ~ "')") -%}
        {%- else -%}
            {%- do conditions.append("tables.table_schema = '" ~ relation.schema ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(datafusion__catalog(information_schema, '(' ~ (conditions | join(' or ') or 'false') ~ ')')) }}
{%- endmacro %}

{% macro datafusion__catalog(information_schema, condition) -%}
    {%- set catalog = information_schema_name(information_schema.database) -%}
    {%- set sql -%}
        select
            tables.table_catalog as table_database,
            tables.table_schema,
            tables.table_name,
            tables.table_type,
            cast(null as varchar) as table_comment,
            columns.column_name,
            columns.ordinal_position as column_index,
            columns.data_type as column_type,
            cast(null as varchar) as column_comment,
            cast(null as varchar) as table_owner
        from {{ catalog }}.tables as tables
        inner join {{ catalog }}.columns as columns
            on tables.table_catalog = columns.table_catalog
            and tables.table_schema = columns.table_schema
            and tables.table_name = columns.table_name
        where {{ condition }}
        order by tables.table_schema, tables.table_name, columns.ordinal_position
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro default__get_catalog_for_single_relation(relation) %}
    {{ not_for_this_adapter('get_catalog_for_single_relation') }}
{% endmacro %}

{% macro datafusion__get_catalog_for_single_relation(relation) %}
    {{ return(datafusion__get_catalog_relations(relation.information_schema(), [relation])) }}
{% endmacro %}

{% macro default__get_relation_last_modified(information_schema, relations) %}
    {{ not_for_this_adapter('get_relation_last_modified') }}
{% endmacro %}
