{#- Statements that put a new relation in the place of one that is there. -#}

{% macro default__get_replace_sql(existing_relation, target_relation, sql) %}
    {%- set of_one_type = existing_relation.type == target_relation.type -%}
    {%- if of_one_type and target_relation.can_be_replaced and target_relation.is_view -%}
        {{ get_replace_view_sql(target_relation, sql) }}
    {%- elif of_one_type and target_relation.can_be_replaced and target_relation.is_table -%}
        {{ get_replace_table_sql(target_relation, sql) }}
    {%- elif of_one_type and target_relation.can_be_replaced and target_relation.is_materialized_view -%}
        {{ get_replace_materialized_view_sql(target_relation, sql) }}
    {%- elif target_relation.can_be_renamed and existing_relation.can_be_renamed -%}
        {{ get_create_intermediate_sql(target_relation, sql) }};
        {{ get_create_backup_sql(existing_relation) }};
        {{ get_rename_intermediate_sql(target_relation) }};
        {{ get_drop_backup_sql(existing_relation) }}
    {%- elif target_relation.can_be_renamed -%}
        {{ get_create_intermediate_sql(target_relation, sql) }};
        {{ get_drop_sql(existing_relation) }};
        {{ get_rename_intermediate_sql(target_relation) }}
    {%- else -%}
        {{ get_drop_sql(existing_relation) }};
        {{ get_create_sql(target_relation, sql) }}
    {%- endif -%}
{% endmacro %}

{% macro default__get_replace_table_sql(relation, sql) %}
    {{ not_for_this_adapter('get_replace_table_sql') }}
{% endmacro %}

{% macro datafusion__get_replace_table_sql(relation, sql) %}
    {{ return(get_create_table_as_sql(false, relation, sql)) }}
{% endmacro %}

{% macro default__get_replace_view_sql(relation, sql) %}
    {{ not_for_this_adapter('get_replace_view_sql') }}
{% endmacro %}

{% macro datafusion__get_replace_view_sql(relation, sql) %}
    {{ return(get_create_view_as_sql(relation, sql)) }}
{% endmacro %}

{% macro default__get_replace_materialized_view_sql(relation, sql) %}
    {{ not_for_this_adapter('get_replace_materialized_view_sql') }}
{% endmacro %}

{#- What a view does on engines that replace views: a table of its name goes first. -#}
{% macro create_or_replace_view() %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set old_relation = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if old_relation is not none and old_relation.is_table -%}
        {%- do handle_existing_table(should_full_refresh(), old_relation) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ get_create_view_as_sql(target_relation, sql) }}
    {%- endcall -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(old_relation)) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmacro %}

{% macro default__handle_existing_table(full_refresh, old_relation) %}
    {%- do log('a ' ~ old_relation.type ~ ' is in the place of a view and goes: ' ~ old_relation) -%}
    {%- do adapter.drop_relation(old_relation) -%}
{% endmacro %}

{% macro default__refresh_materialized_view(relation) %}
    {{ not_for_this_adapter('refresh_materialized_view') }}
{% endmacro %}

{% macro default__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) %}
    {{ not_for_this_adapter('get_alter_materialized_view_as_sql') }}
{% endmacro %}

{% macro default__get_materialized_view_configuration_changes(existing_relation, new_config) %}
    {{ not_for_this_adapter('get_materialized_view_configuration_changes') }}
{% endmacro %}

{% macro default__can_clone_table() %}
    {{ return(false) }}
{% endmacro %}

{% macro datafusion__can_clone_table() %}
    {{ return(true) }}
{% endmacro %}

{% macro snowflake__can_clone_table() %}
    {{ return(true) }}
{% endmacro %}

{% macro bigquery__can_clone_table() %}
    {{ return(true) }}
{% endmacro %}

{% macro default__create_or_replace_clone(this_relation, defer_relation) %}
    create or replace table {{ this_relation.render() }} clone {{ defer_relation.render() }}
{% endmacro %}
