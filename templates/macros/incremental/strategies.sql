{#- Strategies of incremental models. Each takes a dict: `target_relation`, `temp_relation`, `unique_key`, `dest_columns`,
    `incremental_predicates`. A project adds one by a macro `get_incremental_<name>_sql`. -#}

{% macro default__get_incremental_append_sql(arg_dict) %}
    {{ return(get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) }}
{% endmacro %}

{% macro default__get_incremental_delete_insert_sql(arg_dict) %}
    {{ return(get_delete_insert_merge_sql(
        arg_dict['target_relation'],
        arg_dict['temp_relation'],
        arg_dict['unique_key'],
        arg_dict['dest_columns'],
        arg_dict['incremental_predicates']
    )) }}
{% endmacro %}

{% macro default__get_incremental_merge_sql(arg_dict) %}
    {{ return(get_merge_sql(
        arg_dict['target_relation'],
        arg_dict['temp_relation'],
        arg_dict['unique_key'],
        arg_dict['dest_columns'],
        arg_dict['incremental_predicates']
    )) }}
{% endmacro %}

{% macro default__get_incremental_insert_overwrite_sql(arg_dict) %}
    {{ return(get_insert_overwrite_merge_sql(
        arg_dict['target_relation'],
        arg_dict['temp_relation'],
        arg_dict['dest_columns'],
        arg_dict['incremental_predicates']
    )) }}
{% endmacro %}

{% macro default__get_incremental_default_sql(arg_dict) %}
    {{ return(get_incremental_append_sql(arg_dict)) }}
{% endmacro %}

{% macro default__get_incremental_microbatch_sql(arg_dict) %}
    {{ not_for_this_adapter('get_incremental_microbatch_sql') }}
{% endmacro %}

{#- Adds rows, or merges them where there is a key. -#}
{% macro datafusion__get_incremental_default_sql(arg_dict) %}
    {{ return(get_incremental_merge_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) }}
{% endmacro %}

{% macro bigquery__get_incremental_default_sql(arg_dict) %}
    {{ return(get_incremental_merge_sql(arg_dict)) }}
{% endmacro %}

{% macro snowflake__get_incremental_default_sql(arg_dict) %}
    {{ return(get_incremental_merge_sql(arg_dict)) }}
{% endmacro %}

{% macro postgres__get_incremental_default_sql(arg_dict) %}
    {{ return(get_incremental_delete_insert_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) }}
{% endmacro %}
