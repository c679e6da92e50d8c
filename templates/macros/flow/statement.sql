{#- Statements that run while a template is rendered. -#}

{#- Runs what the block says. Under a name, the response and the rows are kept for `load_result`. -#}
{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
    {%- if execute -%}
        {%- set compiled_code = caller() -%}
        {%- if language != 'sql' -%}
            {{ exceptions.raise_compiler_error("a statement in " ~ language ~ " cannot be run here") }}
        {%- endif -%}
        {%- if name == 'main' -%}
            {%- do write(compiled_code) -%}
        {%- endif -%}
        {%- set response, table = adapter.execute(compiled_code, auto_begin=auto_begin, fetch=fetch_result) -%}
        {%- if name is not none -%}
            {%- do store_result(name, response=response, agate_table=table) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- What `statement` does, without a statement: for materializations that have nothing to run. -#}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
    {%- set sql = caller() -%}
    {%- if name == 'main' -%}
        {%- do write(sql) -%}
    {%- endif -%}
    {%- if name is not none -%}
        {%- do store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) -%}
    {%- endif -%}
{%- endmacro %}

{#- The rows of a query. -#}
{% macro run_query(sql) %}
    {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}
        {{ sql }}
    {%- endcall -%}
    {{ return(load_result('run_query_statement').table) }}
{% endmacro %}
