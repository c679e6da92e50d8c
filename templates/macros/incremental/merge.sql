{#- Statements that bring new rows into a table. -#}

{% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- set conditions = [] -%}
    {%- do conditions.extend(incremental_predicates or []) -%}
    {%- if not unique_key -%}
        {%- do conditions.append('FALSE') -%}
    {%- elif unique_key is sequence and unique_key is not mapping and unique_key is not string -%}
        {%- for key in unique_key -%}
            {%- do conditions.append(get_merge_unique_key_match('DBT_INTERNAL_SOURCE.' ~ key, 'DBT_INTERNAL_DEST.' ~ key)) -%}
        {%- endfor -%}
    {%- else -%}
        {%- do conditions.append(get_merge_unique_key_match('DBT_INTERNAL_SOURCE.' ~ unique_key, 'DBT_INTERNAL_DEST.' ~ unique_key)) -%}
    {%- endif -%}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    {%- set updated = get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
    {{ config.get('sql_header', none) or '' }}
    merge into {{ target }} as DBT_INTERNAL_DEST
        using {{ source }} as DBT_INTERNAL_SOURCE
        on ({{ conditions | join(') and (') }})
    {%- if unique_key %}
    when matched then update set
        {%- for column in updated %}
        {{ column }} = DBT_INTERNAL_SOURCE.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- endif %}
    when not matched then insert
        ({{ columns }})
    values
        ({{ columns }})
{%- endmacro %}

{% macro default__get_merge_unique_key_match(source_unique_key, target_unique_key) -%}
    {{ source_unique_key }} = {{ target_unique_key }}
{%- endmacro %}

{% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    {%- if unique_key %}
    delete from {{ target }} as DBT_INTERNAL_DEST
    where
        {%- if unique_key is sequence and unique_key is not mapping and unique_key is not string %}
        exists (
            select 1 from {{ source }} as DBT_INTERNAL_SOURCE
            where
            {%- for key in unique_key %}
                DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}
        )
        {%- else %}
        {{ unique_key }} in (select distinct {{ unique_key }} from {{ source }})
        {%- endif %}
        {%- for predicate in incremental_predicates or [] %}
        and {{ predicate }}
        {%- endfor %};
    {% endif %}
    insert into {{ target }} ({{ columns }})
    (
        select {{ columns }}
        from {{ source }}
    )
{%- endmacro %}

{#- One statement removes the rows that the predicates mean and adds the new ones. -#}
{% macro default__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header=false) -%}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    {{ config.get('sql_header', none) or '' if include_sql_header }}
    merge into {{ target }} as DBT_INTERNAL_DEST
        using {{ source }} as DBT_INTERNAL_SOURCE
        on FALSE
    when not matched by source
        {{ 'and ' ~ predicates | join(' and ') if predicates }}
        then delete
    when not matched then insert
        ({{ columns }})
    values
        ({{ columns }})
{%- endmacro %}

{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) %}
    {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    insert into {{ target_relation }} ({{ columns }})
    (
        select {{ columns }}
        from {{ temp_relation }}
    )
{% endmacro %}
