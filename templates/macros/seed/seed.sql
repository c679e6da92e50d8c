{#- The statements of seeds. -#}

{% macro default__create_csv_table(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set quote = model['config'].get('quote_columns', none) -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- set inferred = adapter.convert_type(agate_table, loop.index0) -%}
        {%- do columns.append(adapter.quote_seed_column(name | string, quote) ~ ' ' ~ types.get(name, inferred)) -%}
    {%- endfor -%}
    {%- set sql -%}
        create table {{ this.render() }} ({{ columns | join(', ') }})
    {%- endset -%}
    {%- call statement('_') -%}
        {{ sql }}
    {%- endcall -%}
    {{ return(sql) }}
{% endmacro %}

{% macro default__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {%- if full_refresh -%}
        {{ adapter.drop_relation(old_relation) }}
        {{ return(create_csv_table(model, agate_table)) }}
    {%- endif -%}
    {{ adapter.truncate_relation(old_relation) }}
    {{ return('truncate table ' ~ old_relation.render()) }}
{% endmacro %}

{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) %}
    {{ create_or_truncate_sql }};
    -- dbt seed --
    {{ insert_sql }}
{% endmacro %}

{% macro default__get_binding_char() %}
    {{ return('%s') }}
{% endmacro %}

{% macro default__get_batch_size() %}
    {{ return(10000) }}
{% endmacro %}

{% macro get_seed_column_quoted_csv(model, column_names) %}
    {%- set quote = model['config'].get('quote_columns', none) -%}
    {%- set quoted = [] -%}
    {%- for name in column_names -%}
        {%- do quoted.append(adapter.quote_seed_column(name, quote)) -%}
    {%- endfor -%}
    {{ return(quoted | join(', ')) }}
{% endmacro %}

{#- Rows as literals, so many in one statement. -#}
{% macro default__load_csv_rows(model, agate_table) %}
    {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
    {%- set statements = [] -%}
    {%- for batch in agate_table.rows | batch(get_batch_size() | int) -%}
        {%- set rows = [] -%}
        {%- for row in batch -%}
            {%- set cells = [] -%}
            {%- for cell in row.values() -%}
                {%- if cell is none -%}
                    {%- do cells.append('null') -%}
                {%- elif cell is number or cell is boolean -%}
                    {%- do cells.append(cell | string | lower) -%}
                {%- else -%}
                    {%- do cells.append(string_literal(escape_single_quotes(cell))) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
        {%- endfor -%}
        {%- set sql = 'insert into ' ~ this.render() ~ ' (' ~ columns ~ ') values\n' ~ rows | join(',\n') -%}
        {%- do adapter.add_query(sql, abridge_sql_log=true) -%}
        {%- do statements.append(sql) if loop.first -%}
    {%- endfor -%}
    {{ return(statements[0] if statements else '') }}
{% endmacro %}
