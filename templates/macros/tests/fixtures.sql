{#- The rows of unit tests as queries. -#}

{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    {%- set columns = column_name_to_data_types -%}
    {%- if not columns -%}
        {%- set columns = {} -%}
        {%- for column in load_relation(this) and adapter.get_columns_in_relation(load_relation(this)) or [] -%}
            {%- do columns.update({column.name | lower: column.data_type}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if not columns -%}
        {{ exceptions.raise_compiler_error("Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this ~ " because the relation does not exist") }}
    {%- endif -%}
    {%- for row in rows -%}
        {%- do validate_fixture_rows([row], loop.index0) -%}
        {%- set formatted = format_row(row, columns) -%}
        {%- set cells = [] -%}
        {%- for name, data_type in columns.items() -%}
            {%- do cells.append((formatted[name] if name in formatted else safe_cast('null', data_type)) ~ ' as ' ~ name) -%}
        {%- endfor -%}
select {{ cells | join(', ') }}
{{ 'union all\n' if not loop.last }}
    {%- endfor -%}
    {%- if not rows -%}
        {%- set cells = [] -%}
        {%- for name, data_type in columns.items() -%}
            {%- do cells.append(safe_cast('null', data_type) ~ ' as ' ~ name) -%}
        {%- endfor -%}
select {{ cells | join(', ') }}
limit 0
    {%- endif -%}
{%- endmacro %}

{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) -%}
    {%- if not rows -%}
select * from dbt_internal_unit_test_actual
limit 0
    {%- endif -%}
    {%- for row in rows -%}
        {%- set cells = [] -%}
        {%- for name, cell in format_row(row, column_name_to_data_types).items() -%}
            {%- do cells.append(cell ~ ' as ' ~ column_name_to_quoted[name]) -%}
        {%- endfor -%}
select {{ cells | join(', ') }}
{{ 'union all\n' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The cells of a row as SQL, by the lower-case name of their column. -#}
{% macro format_row(row, column_name_to_data_types) -%}
    {%- set types = {} -%}
    {%- for name, data_type in column_name_to_data_types.items() -%}
        {%- do types.update({name | lower: data_type}) -%}
    {%- endfor -%}
    {%- set formatted = {} -%}
    {%- for column, value in row.items() -%}
        {%- set name = column | lower -%}
        {%- if name not in types -%}
            {{ exceptions.raise_compiler_error("Invalid column name: '" ~ column ~ "' in unit test fixture for '" ~ model.name ~ "'. Accepted columns are: " ~ (types.keys() | list)) }}
        {%- endif -%}
        {%- if value is none -%}
            {%- set cell = 'null' -%}
        {%- elif value is string -%}
            {%- set cell = string_literal(escape_single_quotes(value)) -%}
        {%- else -%}
            {%- set cell = value | string -%}
        {%- endif -%}
        {%- do formatted.update({name: safe_cast(cell, types[name])}) -%}
    {%- endfor -%}
    {{ return(formatted) }}
{%- endmacro %}

{% macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro %}
