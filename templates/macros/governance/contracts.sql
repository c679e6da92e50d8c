{#- Contracts: the columns and constraints that a model promises. -#}

{% macro default__get_table_columns_and_constraints() -%}
    {{ return(table_columns_and_constraints()) }}
{%- endmacro %}

{% macro table_columns_and_constraints() %}
    {%- set columns = adapter.render_raw_columns_constraints(raw_columns=model['columns']) -%}
    {%- set constraints = adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
    (
        {{ (columns + constraints) | join(',\n        ') }}
    )
{% endmacro %}

{#- Refuses a query whose columns are not those of the contract. -#}
{% macro default__get_assert_columns_equivalent(sql) -%}
    {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{% macro assert_columns_equivalent(sql) %}
    {%- set wanted = get_column_schema_from_query(get_empty_schema_sql(model['columns'])) -%}
    {%- set given = get_column_schema_from_query(sql, config.get('sql_header', none)) -%}
    {%- set problems = [] -%}
    {%- for column in wanted -%}
        {%- set same = given | selectattr('name', 'equalto', column.name) | list -%}
        {%- if not same -%}
            {%- do problems.append(column.name ~ ': missing in definition') -%}
        {%- elif same[0].data_type != column.data_type -%}
            {%- do problems.append(column.name ~ ': data type mismatch: ' ~ same[0].data_type ~ ' instead of ' ~ column.data_type) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for column in given if not wanted | selectattr('name', 'equalto', column.name) | list -%}
        {%- do problems.append(column.name ~ ': missing in contract') -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error('the query of ' ~ model.name ~ ' does not keep its contract: ' ~ problems | join('; ')) -%}
    {%- endif -%}
{% endmacro %}

{#- Columns with names and types, for messages. -#}
{% macro format_columns(columns) %}
    {%- set formatted = [] -%}
    {%- for column in columns -%}
        {%- do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) -%}
    {%- endfor -%}
    {{ return(formatted) }}
{% endmacro %}

{% macro default__format_column(column) -%}
    {{ return({'name': column.column, 'data_type': column.dtype, 'formatted': column.column ~ ' ' ~ column.dtype}) }}
{%- endmacro %}
