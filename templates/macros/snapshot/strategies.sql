{#- How a snapshot knows that a row has changed. A strategy is a dict of `unique_key`, `updated_at`, `row_changed`, `scd_id` and
    `hard_deletes`. A project adds one by a macro `snapshot_<name>_strategy`. -#}

{#- The macro of a strategy, which may be qualified by a package. -#}
{% macro strategy_dispatch(name) -%}
    {%- set parts = name.split('.', 1) -%}
    {%- set package = parts[0] if parts | length == 2 else none -%}
    {%- set wanted = 'snapshot_' ~ (parts | last) ~ '_strategy' -%}
    {%- if package is not none and package not in context -%}
        {{ exceptions.raise_compiler_error('the snapshot strategy `' ~ name ~ '` names a package that is not there: ' ~ package) }}
    {%- endif -%}
    {%- set macros = context if package is none else context[package] -%}
    {%- if wanted not in macros -%}
        {{ exceptions.raise_compiler_error('there is no snapshot strategy `' ~ name ~ '`: a macro `' ~ wanted ~ '` would be it') }}
    {%- endif -%}
    {{ return(macros[wanted]) }}
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
    {%- set columns = snapshot_names() -%}
    {%- set key = unique_key if unique_key is sequence and unique_key is not string else [unique_key] -%}
    {%- set row_changed = '(' ~ current_rel ~ '.' ~ updated_at ~ ' > ' ~ snapshotted_rel ~ '.' ~ columns.dbt_valid_from ~ ')' -%}
    {{ return({
        'unique_key': unique_key,
        'updated_at': updated_at,
        'row_changed': row_changed,
        'scd_id': snapshot_hash_arguments(key + [updated_at]),
        'invalidate_hard_deletes': adapter.get_hard_deletes_behavior(config) == 'invalidate',
        'hard_deletes': adapter.get_hard_deletes_behavior(config)
    }) }}
{% endmacro %}

{% macro default__snapshot_string_as_time(timestamp) %}
    {{ not_for_this_adapter('snapshot_string_as_time') }}
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

{#- Whether the query has columns that the snapshot has not, which changes every row, and the columns to compare. -#}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
    {%- set of_query = get_columns_in_query(node['compiled_code']) -%}
    {%- if not target_exists -%}
        {{ return((false, of_query)) }}
    {%- endif -%}
    {%- if check_cols_config != 'all' -%}
        {%- if check_cols_config is string or not check_cols_config -%}
            {%- do exceptions.raise_compiler_error('`check_cols` is `all` or a list of columns, not ' ~ check_cols_config) -%}
        {%- endif -%}
        {%- set wanted = check_cols_config | map('lower') | list -%}
        {%- set of_query = snapshot_only(of_query, wanted) -%}
    {%- endif -%}
    {%- set kept = adapter.get_columns_in_relation(load_relation(this)) | map(attribute='column') | map('lower') | list -%}
    {%- set compared = [] -%}
    {%- for column in snapshot_only(of_query, kept) -%}
        {%- do compared.append(adapter.quote(column)) -%}
    {%- endfor -%}
    {{ return((compared | length < of_query | length, compared)) }}
{%- endmacro %}

{#- The names that are in a list of lower-case names. -#}
{% macro snapshot_only(names, lower_names) %}
    {%- set found = [] -%}
    {%- for name in names if name | lower in lower_names -%}
        {%- do found.append(name) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- A row has changed when one of its columns has. -#}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
    {%- set check_cols_config = config.require('check_cols') -%}
    {%- set unique_key = config.require('unique_key') -%}
    {%- set updated_at = config.get('updated_at') or snapshot_get_time() -%}
    {%- set column_added, check_cols = snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
    {%- set key = unique_key if unique_key is sequence and unique_key is not string else [unique_key] -%}
    {%- set differences = [get_true_sql()] if column_added else [] -%}
    {%- for column in check_cols if not column_added -%}
        {%- set was, is_now = snapshotted_rel ~ '.' ~ column, current_rel ~ '.' ~ column -%}
        {%- do differences.append(was ~ ' != ' ~ is_now) -%}
        {%- do differences.append('(' ~ was ~ ' is null) != (' ~ is_now ~ ' is null)') -%}
    {%- endfor -%}
    {%- set row_changed = '(' ~ (differences | join('\n        or ') or 'false') ~ ')' -%}
    {{ return({
        'unique_key': unique_key,
        'updated_at': updated_at,
        'row_changed': row_changed,
        'scd_id': snapshot_hash_arguments(key + [updated_at]),
        'invalidate_hard_deletes': adapter.get_hard_deletes_behavior(config) == 'invalidate',
        'hard_deletes': adapter.get_hard_deletes_behavior(config)
    }) }}
{% endmacro %}
