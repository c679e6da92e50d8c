{#- The statements of snapshots. -#}

{#- What the columns that a snapshot adds are called. -#}
{% macro get_snapshot_table_column_names() %}
    {%- set names = {} -%}
    {%- for name in ['dbt_valid_to', 'dbt_valid_from', 'dbt_scd_id', 'dbt_updated_at', 'dbt_is_deleted'] -%}
        {%- do names.update({name: name}) -%}
    {%- endfor -%}
    {%- for name, own in (config.get('snapshot_meta_column_names') or {}).items() if own -%}
        {%- do names.update({name: own}) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{#- What `dbt_valid_to` of a current row is: the configured value, else null. -#}
{% macro get_dbt_valid_to_current(strategy, columns) %}
    {%- set current = config.get('dbt_valid_to_current') or 'null' -%}
    coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ current }}) as {{ columns.dbt_valid_to }}
{%- endmacro %}

{% macro unique_key_fields(unique_key) %}
    {%- if unique_key is string -%}
        {{ unique_key }} as dbt_unique_key
    {%- else -%}
        {%- for key in unique_key -%}
            {{ key }} as dbt_unique_key_{{ loop.index }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{#- Whether two values of a column of the key are the same. -#}
{% macro default__snapshot_same_key(one, other) -%}
    {{ one }} = {{ other }}
{%- endmacro %}

{#- A missing value is one as any other, so that a row without it is the same row in each run. -#}
{% macro datafusion__snapshot_same_key(one, other) -%}
    ({{ one }} is not distinct from {{ other }})
{%- endmacro %}

{#- Two sides are joined by what is equal, and nulls are equal as texts. -#}
{% macro bigquery__snapshot_same_key(one, other) -%}
    to_json_string({{ one }}) = to_json_string({{ other }})
{%- endmacro %}

{% macro unique_key_join_on(unique_key, identifier, from_identifier) %}
    {%- if unique_key is string -%}
        {{ snapshot_same_key(identifier ~ '.dbt_unique_key', from_identifier ~ '.dbt_unique_key') }}
    {%- else -%}
        {%- for key in unique_key -%}
            {%- set name = '.dbt_unique_key_' ~ loop.index -%}
            {{ snapshot_same_key(identifier ~ name, from_identifier ~ name) }}{{ ' and ' if not loop.last }}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{% macro unique_key_is_null(unique_key, identifier) %}
    {{ identifier }}.dbt_unique_key{{ '' if unique_key is string else '_1' }} is null
{%- endmacro %}

{% macro unique_key_is_not_null(unique_key, identifier) %}
    {{ identifier }}.dbt_unique_key{{ '' if unique_key is string else '_1' }} is not null
{%- endmacro %}

{% macro default__get_true_sql() %}
    {{ return('TRUE') }}
{% endmacro %}

{% macro default__create_columns(relation, columns) %}
    {%- do alter_relation_add_remove_columns(relation, columns, none) if columns -%}
{% endmacro %}

{% macro default__post_snapshot(staging_relation) %}
{% endmacro %}

{#- A value of the key that several rows of the query have, and how many do. -#}
{% macro snapshot_duplicate_keys(strategy, sql) %}
    {%- set columns = ['dbt_unique_key'] if strategy.unique_key is string else [] -%}
    {%- for key in strategy.unique_key if strategy.unique_key is not string -%}
        {%- do columns.append('dbt_unique_key_' ~ loop.index) -%}
    {%- endfor -%}
    select {{ columns | join(', ') }}, count(*) as dbt_times
    from (
        select {{ unique_key_fields(strategy.unique_key) }}
        from (
            {{ sql }}
        ) as query_rows
    ) as key_rows
    group by {{ columns | join(', ') }}
    having count(*) > 1
    limit 1
{% endmacro %}

{#- The first version of every row. -#}
{% macro default__build_snapshot_table(strategy, sql) %}
    {%- set names = snapshot_names() -%}
    select
        first_rows.*,
        {{ strategy.scd_id }} as {{ names.dbt_scd_id }},
        {%- for name in [names.dbt_updated_at, names.dbt_valid_from] %}
        {{ strategy.updated_at }} as {{ name }},
        {%- endfor %}
        {{ get_dbt_valid_to_current(strategy, names) }}
        {{- ", 'False' as " ~ names.dbt_is_deleted if strategy.hard_deletes == 'new_record' }}
    from (
        {{ sql }}
    ) as first_rows
{% endmacro %}

{#- The names of the columns that a snapshot adds: those that a caller has worked out, else those of the config. -#}
{% macro snapshot_names() %}
    {{ return(config.get('snapshot_table_column_names') or get_snapshot_table_column_names()) }}
{% endmacro %}

{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
    {%- set staging = make_temp_relation(target_relation) -%}
    {%- do run_query(create_table_as(true, staging, snapshot_staging_table(strategy, sql, target_relation))) -%}
    {{ return(staging) }}
{% endmacro %}

{#- Rows to add, versions to end, and with hard deletes the versions of rows that are gone. -#}
{#- The two sides are `source_data`, the query, and `snapshotted_data`, the versions that still hold: strategies compare them under
    these names. What a version says of itself is worked out on the query alone, where its columns are the only ones of their
    names; each kind of change is then one `select` over the two sides. -#}
{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {%- set names = snapshot_names() -%}
    {%- set keys = unique_key_fields(strategy.unique_key) -%}
    {%- set columns = snapshot_columns(strategy, source_sql) -%}
    {%- set same_key = unique_key_join_on(strategy.unique_key, 'snapshotted_data', 'source_data') -%}
    {%- set records_deletes = strategy.hard_deletes == 'new_record' -%}
    {%- set held_id = 'snapshotted_data.' ~ names.dbt_scd_id -%}
    {%- set was_deleted = ('snapshotted_data.' ~ names.dbt_is_deleted) if records_deletes else none -%}
    {%- set time = 'source_data.dbt_change_time' -%}
    {%- set id = 'source_data.dbt_change_id' -%}
    {%- if records_deletes -%}
        {#- A row that comes back as it was says the time of its old version: its new one begins now. -#}
        {%- set is_back = was_deleted ~ " = 'True' and " ~ time ~ ' <= snapshotted_data.' ~ names.dbt_valid_from -%}
        {%- set id = 'case when ' ~ is_back ~ ' then ' ~ snapshot_hash_arguments([id, snapshot_get_time()]) ~ ' else ' ~ id ~ ' end' -%}
        {%- set time = 'case when ' ~ is_back ~ ' then ' ~ snapshot_get_time() ~ ' else ' ~ time ~ ' end' -%}
    {%- endif -%}
    {%- set is_changed = '(' ~ strategy.row_changed ~ (' or ' ~ was_deleted ~ " = 'True'" if records_deletes else '') ~ ')' -%}
    with source_data as (
        select
            query_rows.*,
            {{ keys }},
            {{ strategy.updated_at }} as dbt_change_time,
            {{ strategy.scd_id }} as dbt_change_id,
            {{ get_dbt_valid_to_current(strategy, {'dbt_valid_to': 'dbt_change_end'}) }}
        from (
            {{ source_sql }}
        ) as query_rows
    ),

    snapshotted_data as (
        select held.*, {{ keys }}
        from {{ target_relation }} as held
        where {{ snapshot_still_holds('held.' ~ names.dbt_valid_to) }}
    )

    {{ snapshot_change('insert', 'source_data', columns, {
        'time': time, 'end': 'source_data.dbt_change_end', 'id': id,
        'deleted': "'False'" if records_deletes
    }) }}
    from source_data
    left join snapshotted_data on {{ same_key }}
    where {{ held_id }} is null or {{ is_changed }}

    union all

    {{ snapshot_change('update', 'source_data', columns, {
        'time': time, 'end': time, 'id': held_id, 'deleted': was_deleted
    }) }}
    from source_data
    inner join snapshotted_data on {{ same_key }}
    where {{ is_changed }}
    {%- for change in snapshot_changes_of_deletes(strategy, names) %}

    union all

    {{ snapshot_change(change.kind, 'snapshotted_data', columns, change) }}
    from snapshotted_data
    left join source_data on {{ same_key }}
    where source_data.dbt_change_id is null
        {{- ' and ' ~ was_deleted ~ " != 'True'" if records_deletes }}
    {%- endfor %}
{%- endmacro %}

{#- What a row that is gone leads to: the end of its version, and where deletes are recorded a version that says so. -#}
{% macro snapshot_changes_of_deletes(strategy, names) %}
    {%- set now = snapshot_get_time() -%}
    {%- set held_id = 'snapshotted_data.' ~ names.dbt_scd_id -%}
    {%- set held_end = 'snapshotted_data.' ~ names.dbt_valid_to -%}
    {%- set was_deleted = 'snapshotted_data.' ~ names.dbt_is_deleted -%}
    {%- if strategy.hard_deletes == 'invalidate' -%}
        {{ return([{'kind': 'delete', 'time': now, 'end': now, 'id': held_id}]) }}
    {%- elif strategy.hard_deletes == 'new_record' -%}
        {{ return([
            {'kind': 'delete', 'time': now, 'end': now, 'id': held_id, 'deleted': was_deleted},
            {'kind': 'insert', 'time': now, 'end': held_end, 'id': snapshot_hash_arguments([held_id, now]), 'deleted': "'True'"}
        ]) }}
    {%- endif -%}
    {{ return([]) }}
{% endmacro %}

{#- One kind of change: the columns of a side, and what the version says of itself. -#}
{% macro snapshot_change(kind, side, columns, version) %}
    {%- set names = snapshot_names() -%}
    select
        '{{ kind }}' as dbt_change_type,
        {%- for column in columns %}
        {{ side }}.{{ column }},
        {%- endfor %}
        {{ version.time }} as {{ names.dbt_updated_at }},
        {{ version.time }} as {{ names.dbt_valid_from }},
        {{ version.end }} as {{ names.dbt_valid_to }},
        {{ version.id }} as {{ names.dbt_scd_id }}
        {{- ', ' ~ version.deleted ~ ' as ' ~ names.dbt_is_deleted if version.deleted }}
{%- endmacro %}

{#- The columns of the query and of its key. -#}
{% macro snapshot_columns(strategy, source_sql) %}
    {%- set columns = [] -%}
    {%- for name in get_columns_in_query(source_sql) -%}
        {%- do columns.append(adapter.quote(name)) -%}
    {%- endfor -%}
    {%- if strategy.unique_key is string -%}
        {%- do columns.append('dbt_unique_key') -%}
    {%- else -%}
        {%- for key in strategy.unique_key -%}
            {%- do columns.append('dbt_unique_key_' ~ loop.index) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns) }}
{% endmacro %}

{#- Whether a version is the current one of its row. -#}
{% macro snapshot_still_holds(valid_to) %}
    {%- set current = config.get('dbt_valid_to_current') -%}
    ({{ valid_to ~ ' = ' ~ current ~ ' or ' if current }}{{ valid_to }} is null)
{%- endmacro %}

{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set names = snapshot_names() -%}
    {%- set values = [] -%}
    {%- for column in insert_cols -%}
        {%- do values.append('DBT_INTERNAL_SOURCE.' ~ column) -%}
    {%- endfor -%}
    merge into {{ target }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_DEST.{{ names.dbt_scd_id }} = DBT_INTERNAL_SOURCE.{{ names.dbt_scd_id }}
    when matched
        and DBT_INTERNAL_SOURCE.dbt_change_type != 'insert'
        and {{ snapshot_still_holds('DBT_INTERNAL_DEST.' ~ names.dbt_valid_to) }}
        then update set {{ names.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ names.dbt_valid_to }}
    when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
        then insert ({{ insert_cols | join(', ') }}) values ({{ values | join(', ') }})
{%- endmacro %}

{#- The type of the time that a timestamp snapshot looks at. -#}
{% macro get_updated_at_column_data_type(snapshot_sql) %}
    {%- set updated_at = config.get('updated_at') -%}
    {%- for column in get_column_schema_from_query(snapshot_sql) if updated_at and column.column | lower == updated_at | lower -%}
        {{ return(column.dtype) }}
    {%- endfor -%}
    {{ return(none) }}
{% endmacro %}

{% macro check_time_data_types(sql) %}
    {%- set own = get_updated_at_column_data_type(sql) -%}
    {%- set time = get_snapshot_get_time_data_type() -%}
    {%- if own is not none and time is not none and own != time -%}
        {%- do exceptions.warn("the type of `updated_at` (" ~ own ~ ") is not that of the current time (" ~ time ~ ") in snapshot " ~ model.name) -%}
    {%- endif -%}
{% endmacro %}
