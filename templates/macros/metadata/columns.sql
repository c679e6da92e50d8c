{#- Columns: what they are, and changing them. -#}

{% macro default__get_columns_in_relation(relation) -%}
    {{ return(adapter.get_columns_in_relation(relation)) }}
{%- endmacro %}

{#- The rows of a query of columns as columns. -#}
{% macro sql_convert_columns_in_relation(table) -%}
    {%- set columns = [] -%}
    {%- for row in table -%}
        {%- do columns.append(api.Column(*row)) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{% macro get_list_of_column_names(columns) -%}
    {{ return(columns | map(attribute='name') | list) }}
{%- endmacro %}

{#- A query with the columns of another and no rows. -#}
{% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
    {{ select_sql_header or '' }}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
{%- endmacro %}

{#- A query of nulls with these columns. -#}
{% macro default__get_empty_schema_sql(columns) -%}
    {%- set cells = [] -%}
    {%- set untyped = [] -%}
    {%- for column in columns.values() -%}
        {%- if not column.data_type -%}
            {%- do untyped.append(column.name) -%}
        {%- endif -%}
        {%- set name = adapter.quote(column.name) if column.quote else column.name -%}
        {%- do cells.append('cast(null as ' ~ column.data_type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {%- if untyped -%}
        {{ exceptions.raise_compiler_error('Contracted models require data_type to be defined for each column. Please ensure that the column name and data_type are defined within the YAML configuration for the ' ~ untyped ~ ' column(s).') }}
    {%- endif -%}
    select
    {{ cells | join(',\n    ') }}
{%- endmacro %}

{% macro get_column_schema_from_query(select_sql, select_sql_header=none) -%}
    {{ return(adapter.get_column_schema_from_query(get_empty_subquery_sql(select_sql, select_sql_header))) }}
{%- endmacro %}

{#- The names of a query's columns. -#}
{% macro default__get_columns_in_query(select_sql) %}
    {%- call statement('get_columns_in_query', fetch_result=true, auto_begin=false) -%}
        {{ get_empty_subquery_sql(select_sql) }}
    {%- endcall -%}
    {%- set result = load_result('get_columns_in_query') -%}
    {{ return(result.table.column_names | list if result else []) }}
{% endmacro %}

{% macro default__alter_column_type(relation, column_name, new_column_type) -%}
    {%- set temporary = adapter.quote(column_name ~ '__dbt_alter') -%}
    {%- set column = adapter.quote(column_name) -%}
    {%- call statement('alter_column_type') %}
        alter table {{ relation.render() }} add column {{ temporary }} {{ new_column_type }};
        update {{ relation.render() }} set {{ temporary }} = {{ column }};
        alter table {{ relation.render() }} drop column {{ column }} cascade;
        alter table {{ relation.render() }} rename column {{ temporary }} to {{ column }}
    {% endcall -%}
{%- endmacro %}

{% macro datafusion__alter_column_type(relation, column_name, new_column_type) -%}
    {%- call statement('alter_column_type') %}
        alter table {{ relation.render() }} alter column {{ adapter.quote(column_name) }} type {{ new_column_type }}
    {% endcall -%}
{%- endmacro %}

{% macro default__alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) -%}
    {%- set changes = [] -%}
    {%- for column in add_columns or [] -%}
        {%- do changes.append('add column ' ~ column.quoted ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- for column in remove_columns or [] -%}
        {%- do changes.append('drop column ' ~ column.quoted) -%}
    {%- endfor -%}
    {%- if changes -%}
        {%- do run_query('alter ' ~ (relation.type or 'table') ~ ' ' ~ relation.render() ~ '\n    ' ~ changes | join(',\n    ')) -%}
    {%- endif -%}
{%- endmacro %}
