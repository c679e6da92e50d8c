{#- Relations that materializations make on the way, and the look-up of those that are there. -#}

{% macro default__make_intermediate_relation(base_relation, suffix='__dbt_tmp') %}
    {{ return(default__make_temp_relation(base_relation, suffix)) }}
{% endmacro %}

{% macro default__make_temp_relation(base_relation, suffix='__dbt_tmp') %}
    {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier ~ suffix})) }}
{% endmacro %}

{#- A temporary table lies in no schema that has a name. -#}
{% macro postgres__make_temp_relation(base_relation, suffix) %}
    {%- set identifier = base_relation.identifier ~ suffix ~ py_current_timestring() -%}
    {{ return(base_relation.incorporate(path={'database': none, 'schema': none, 'identifier': identifier})) }}
{% endmacro %}

{% macro default__make_backup_relation(base_relation, backup_relation_type, suffix='__dbt_backup') %}
    {%- set identifier = base_relation.identifier ~ suffix -%}
    {{ return(base_relation.incorporate(path={'identifier': identifier}, type=backup_relation_type)) }}
{% endmacro %}

{#- Whether a relation is there, and what it is called. -#}
{% macro default__get_or_create_relation(database, schema, identifier, type) %}
    {%- set found = adapter.get_relation(database=database, schema=schema, identifier=identifier) -%}
    {%- if found -%}
        {{ return([true, found]) }}
    {%- endif -%}
    {{ return([false, api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)]) }}
{% endmacro %}

{#- The relation as the catalog knows it, or none. -#}
{% macro load_cached_relation(relation) %}
    {{ return(adapter.get_relation(
        database=relation.database,
        schema=relation.schema,
        identifier=relation.identifier
    )) }}
{% endmacro %}

{% macro load_relation(relation) %}
    {{ return(load_cached_relation(relation)) }}
{% endmacro %}
