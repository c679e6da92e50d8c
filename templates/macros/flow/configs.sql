{#- Questions about the node that runs. -#}

{#- Whether an incremental model adds to a table that is there. -#}
{% macro is_incremental() %}
    {%- if not execute -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set relation = load_cached_relation(this) -%}
    {{ return(
        relation is not none
        and relation.type == 'table'
        and config.get('materialized') == 'incremental'
        and not should_full_refresh()
    ) }}
{% endmacro %}

{#- The model's own `full_refresh` wins over the flag. -#}
{% macro should_full_refresh() %}
    {%- set own = config.get('full_refresh') -%}
    {{ return(own if own is not none else flags.FULL_REFRESH) }}
{% endmacro %}

{#- The test's own `store_failures` wins over the flag. -#}
{% macro should_store_failures() %}
    {%- set own = config.get('store_failures') -%}
    {{ return(own if own is not none else flags.STORE_FAILURES) }}
{% endmacro %}

{#- `{% call set_sql_header(config) %}`: statements that go before the model's. -#}
{% macro set_sql_header(config) -%}
    {%- do config.set('sql_header', caller()) -%}
{%- endmacro %}

{% macro is_core_v2() -%}
    {{ return(false) }}
{%- endmacro %}
