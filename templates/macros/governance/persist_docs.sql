{#- Descriptions as comments in the database. -#}

{% macro default__persist_docs(relation, model, for_relation=true, for_columns=true) -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do run_query(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() and model.columns -%}
        {%- do run_query(alter_column_comment(relation, model.columns)) -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__alter_column_comment(relation, column_dict) -%}
    {{ not_for_this_adapter('alter_column_comment') }}
{%- endmacro %}

{#- One statement a column that is there and has a description. -#}
{% macro datafusion__alter_column_comment(relation, column_dict) -%}
    {%- set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- for column in column_dict.values() if column.name in existing and column.description %}
    comment on column {{ relation.render() }}.{{ adapter.quote(column.name) }} is {{ string_literal(escape_single_quotes(column.description)) }};
    {%- endfor %}
{%- endmacro %}

{% macro postgres__alter_column_comment(relation, column_dict) -%}
    {{ return(datafusion__alter_column_comment(relation, column_dict)) }}
{%- endmacro %}

{% macro default__alter_relation_comment(relation, relation_comment) -%}
    {{ not_for_this_adapter('alter_relation_comment') }}
{%- endmacro %}

{% macro datafusion__alter_relation_comment(relation, relation_comment) -%}
    comment on {{ 'view' if relation.is_view else 'table' }} {{ relation.render() }} is {{ string_literal(escape_single_quotes(relation_comment)) }}
{%- endmacro %}

{% macro postgres__alter_relation_comment(relation, relation_comment) -%}
    {{ return(datafusion__alter_relation_comment(relation, relation_comment)) }}
{%- endmacro %}

{#- The described columns that are there; a warning names the others. -#}
{% macro validate_doc_columns(relation, column_dict, existing_column_names) -%}
    {%- set known = existing_column_names | map('lower') | list -%}
    {%- set found = {} -%}
    {%- set missing = [] -%}
    {%- for name, column in column_dict.items() -%}
        {%- if name in existing_column_names or (not column.quote and name | lower in known) -%}
            {%- do found.update({name: column}) -%}
        {%- else -%}
            {%- do missing.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing -%}
        {%- do exceptions.warn('described columns of ' ~ relation.render() ~ ' that are not there: ' ~ missing | join(', ')) -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
