{#- How a snapshot knows that a row has changed. A strategy is a dict of `unique_key`, `updated_at`, `row_changed`, `scd_id` and
    `hard_deletes`. A project adds one by a macro `snapshot_<name>_strategy`. -#}

{#- The macro of a strategy, which may be qualified by a package. -#}
{% macro strategy_dispatch(name) -%}
    {%- set original_name = name -%}
    {%- if '.' in name -%}
        {%- set package_name, name = name.split('.', 1) -%}
    {%- else -%}
        {%- set package_name = none -%}
    {%- endif -%}
    {%- if package_name is none -%}
        {%- set package_context = context -%}
    {%- elif package_name in context -%}
        {%- set package_context = context[package_name] -%}
    {%- else -%}
        {{ exceptions.raise_compiler_error("Could not find package '" ~ package_name ~ "', called with '" ~ original_name ~ "'") }}
    {%- endif -%}
    {%- set search_name = 'snapshot_' ~ name ~ '_strategy' -%}
    {%- if search_name not in package_context -%}
        {{ exceptions.raise_compiler_error("The specified strategy macro '" ~ search_name ~ "' was not found in package '" ~ (package_name or project_name) ~ "'") }}
    {%- endif -%}
    {{ return(package_context[search_name]) }}
{%- endmacro %}

{% macro snapshot_hash_arguments(args) -%}
    {{ return(adapter.dispatch('snapshot_hash_arguments', 'dbt')(args)) }}
{%- endmacro %}

{% macro default__snapshot_hash_arguments(args) -%}
    md5(
        {%- for arg in args -%}
        coalesce(cast({{ arg }} as varchar), ''){{ " || '|' || " if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}

{% macro bigquery__snapshot_hash_arguments(args) -%}
    to_hex(md5(concat(
        {%- for arg in args -%}
        coalesce(cast({{ arg }} as string), ''){{ ", '|', " if not loop.last }}
        {%- endfor -%}
    )))
{%- endmacro %}

{#- A row has changed when its own time says so. -#}
{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
    {%- set unique_key = config.require('unique_key') -%}
    {%- set updated_at = config.require('updated_at') -%}
    {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
    {%- set key = unique_key if unique_key is sequence and unique_key is not string else [unique_key] -%}
    {%- set row_changed -%}
        ({{ snapshotted_rel }}.{{ columns.dbt_valid_from }} < {{ current_rel }}.{{ updated_at }})
    {%- endset -%}
    {{ return({
        'unique_key': unique_key,
        'updated_at': updated_at,
        'row_changed': row_changed,
        'scd_id': snapshot_hash_arguments(key + [updated_at]),
        'invalidate_hard_deletes': adapter.get_hard_deletes_behavior(config) == 'invalidate',
        'hard_deletes': adapter.get_hard_deletes_behavior(config)
    }) }}
{% endmacro %}

{% macro snapshot_string_as_time(timestamp) -%}
    {{ return(adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp)) }}
{%- endmacro %}

{% macro default__snapshot_string_as_time(timestamp) %}
    {{ exceptions.raise_not_implemented('snapshot_string_as_time macro not implemented for adapter ' ~ adapter.type()) }}
{% endmacro %}

{% macro datafusion__snapshot_string_as_time(timestamp) %}
    {{ return("cast('" ~ timestamp ~ "' as timestamp)") }}
{% endmacro %}

{% macro postgres__snapshot_string_as_time(timestamp) %}
    {{ return("'" ~ timestamp ~ "'::timestamp without time zone") }}
{% endmacro %}

{% macro snowflake__snapshot_string_as_time(timestamp) %}
    {{ return("to_timestamp_ntz('" ~ timestamp ~ "')") }}
{% endmacro %}

{% macro bigquery__snapshot_string_as_time(timestamp) %}
    {{ return("cast('" ~ timestamp ~ "' as timestamp)") }}
{% endmacro %}

{% macro duckdb__snapshot_string_as_time(timestamp) %}
    {{ return("'" ~ timestamp ~ "'::timestamp") }}
{% endmacro %}

{#- The columns to compare, and whether there are new ones, which changes every row. -#}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
    {%- if not target_exists -%}
        {{ return((false, get_columns_in_query(node['compiled_code']))) }}
    {%- endif -%}
    {%- if check_cols_config == 'all' -%}
        {%- set query_columns = get_columns_in_query(node['compiled_code']) -%}
    {%- elif check_cols_config is iterable and check_cols_config | length > 0 -%}
        {%- set query_columns = [] -%}
        {%- for column in get_columns_in_query(node['compiled_code'])
            if column | upper in check_cols_config | map('upper') | list -%}
            {%- do query_columns.append(column) -%}
        {%- endfor -%}
    {%- else -%}
        {%- do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols_config) -%}
    {%- endif -%}
    {%- set kept = [] -%}
    {%- for column in adapter.get_columns_in_relation(load_relation(this)) -%}
        {%- do kept.append(adapter.quote(column.column) | lower) -%}
    {%- endfor -%}
    {%- set found = namespace(column_added=false) -%}
    {%- set compared = [] -%}
    {%- for column in query_columns -%}
        {%- if adapter.quote(column) | lower in kept -%}
            {%- do compared.append(adapter.quote(column)) -%}
        {%- else -%}
            {%- set found.column_added = true -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return((found.column_added, compared)) }}
{%- endmacro %}

{#- A row has changed when one of its columns has. -#}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
    {%- set check_cols_config = config.require('check_cols') -%}
    {%- set unique_key = config.require('unique_key') -%}
    {%- set updated_at = config.get('updated_at') or snapshot_get_time() -%}
    {%- set column_added, check_cols = snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
    {%- set key = unique_key if unique_key is sequence and unique_key is not string else [unique_key] -%}
    {%- set row_changed -%}
    (
    {%- if column_added -%}
        {{ get_true_sql() }}
    {%- else -%}
        {%- for column in check_cols %}
        {{ snapshotted_rel }}.{{ column }} != {{ current_rel }}.{{ column }}
        or ({{ snapshotted_rel }}.{{ column }} is null) != ({{ current_rel }}.{{ column }} is null)
        {{ 'or' if not loop.last }}
        {%- endfor -%}
    {%- endif %}
    )
    {%- endset -%}
    {{ return({
        'unique_key': unique_key,
        'updated_at': updated_at,
        'row_changed': row_changed,
        'scd_id': snapshot_hash_arguments(key + [updated_at]),
        'invalidate_hard_deletes': adapter.get_hard_deletes_behavior(config) == 'invalidate',
        'hard_deletes': adapter.get_hard_deletes_behavior(config)
    }) }}
{% endmacro %}
