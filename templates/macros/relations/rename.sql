{#- Statements that rename relations; `new_name` is an identifier. -#}

{% macro default__get_rename_sql(relation, new_name) -%}
    {%- if relation.is_view -%}
        {{ get_rename_view_sql(relation, new_name) }}
    {%- elif relation.is_table -%}
        {{ get_rename_table_sql(relation, new_name) }}
    {%- elif relation.is_materialized_view -%}
        {{ get_rename_materialized_view_sql(relation, new_name) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error('`get_rename_sql` knows no relations of type ' ~ relation.type) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__rename_relation(from_relation, to_relation) -%}
    {%- set new_name = adapter.quote_as_configured(to_relation.identifier, 'identifier') -%}
    {%- call statement('rename_relation') -%}
        alter table {{ from_relation.render() }} rename to {{ new_name }}
    {%- endcall -%}
{%- endmacro %}

{#- The whole name, since another schema is possible there. -#}
{% macro datafusion__rename_relation(from_relation, to_relation) -%}
    {%- call statement('rename_relation') -%}
        alter table {{ from_relation.render() }} rename to {{ to_relation.render() }}
    {%- endcall -%}
{%- endmacro %}

{#- The name alone: a table stays in its dataset. -#}
{% macro bigquery__rename_relation(from_relation, to_relation) -%}
    {%- call statement('rename_relation') -%}
        alter table {{ from_relation.render() }} rename to {{ adapter.quote(to_relation.identifier) }}
    {%- endcall -%}
{%- endmacro %}

{% macro default__get_rename_table_sql(relation, new_name) -%}
    alter table {{ relation.render() }} rename to {{ adapter.quote_as_configured(new_name, 'identifier') }}
{%- endmacro %}

{% macro default__get_rename_view_sql(relation, new_name) -%}
    alter view {{ relation.render() }} rename to {{ adapter.quote_as_configured(new_name, 'identifier') }}
{%- endmacro %}

{% macro datafusion__get_rename_view_sql(relation, new_name) -%}
    alter table {{ relation.render() }} rename to {{ adapter.quote_as_configured(new_name, 'identifier') }}
{%- endmacro %}

{% macro default__get_rename_materialized_view_sql(relation, new_name) -%}
    {{ not_for_this_adapter('get_rename_materialized_view_sql') }}
{%- endmacro %}

{% macro default__get_rename_intermediate_sql(relation) -%}
    {{ get_rename_sql(make_intermediate_relation(relation), relation.identifier) }}
{%- endmacro %}

{% macro default__truncate_relation(relation) -%}
    {%- call statement('truncate_relation') -%}
        truncate table {{ relation.render() }}
    {%- endcall -%}
{%- endmacro %}
