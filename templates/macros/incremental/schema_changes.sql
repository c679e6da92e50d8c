{#- What becomes of an incremental table whose query has other columns than before. -#}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
    {%- if on_schema_change in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}
        {{ return(on_schema_change) }}
    {%- endif -%}
    {%- do exceptions.warn('`on_schema_change` is not `' ~ on_schema_change ~ '`; `' ~ default ~ '` is used') -%}
    {{ return(default) }}
{% endmacro %}

{% macro default__check_for_schema_changes(source_relation, target_relation) %}
    {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
    {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
    {%- set source_not_in_target = diff_columns(source_columns, target_columns) -%}
    {%- set target_not_in_source = diff_columns(target_columns, source_columns) -%}
    {%- set new_target_types = diff_column_data_types(source_columns, target_columns) -%}
    {{ return({
        'schema_changed': (source_not_in_target or target_not_in_source or new_target_types) | length > 0,
        'source_not_in_target': source_not_in_target,
        'target_not_in_source': target_not_in_source,
        'source_columns': source_columns,
        'target_columns': target_columns,
        'new_target_types': new_target_types
    }) }}
{% endmacro %}

{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
    {%- set added = schema_changes_dict['source_not_in_target'] -%}
    {%- if on_schema_change == 'append_new_columns' -%}
        {%- if added -%}
            {%- do alter_relation_add_remove_columns(target_relation, added, none) -%}
        {%- endif -%}
    {%- elif on_schema_change == 'sync_all_columns' -%}
        {%- set removed = schema_changes_dict['target_not_in_source'] -%}
        {%- if added or removed -%}
            {%- do alter_relation_add_remove_columns(target_relation, added, removed) -%}
        {%- endif -%}
        {%- for change in schema_changes_dict['new_target_types'] -%}
            {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{#- The columns that the query now has; none where nothing is looked at. -#}
{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) %}
    {%- if on_schema_change == 'ignore' -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
    {%- if changes['schema_changed'] and on_schema_change == 'fail' -%}
        {%- set message -%}
the columns of the query are not those of the table, and `on_schema_change` is `fail`:
set it to `append_new_columns` or `sync_all_columns`, or run with `--full-refresh`

new columns: {{ changes['source_not_in_target'] }}
missing columns: {{ changes['target_not_in_source'] }}
other types: {{ changes['new_target_types'] }}
        {%- endset -%}
        {%- do exceptions.raise_compiler_error(message) -%}
    {%- elif changes['schema_changed'] -%}
        {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
    {%- endif -%}
    {{ return(changes['source_columns']) }}
{% endmacro %}
