{#- Lists of columns. -#}

{% macro get_quoted_csv(column_names) %}
    {%- set quoted = [] -%}
    {%- for name in column_names -%}
        {%- do quoted.append(adapter.quote(name)) -%}
    {%- endfor -%}
    {{ return(quoted | join(', ')) }}
{% endmacro %}

{#- The columns of the first list that the second has not, by name. -#}
{% macro diff_columns(source_columns, target_columns) %}
    {%- set known = target_columns | map(attribute='column') | list -%}
    {%- set missing = [] -%}
    {%- for column in source_columns if column.column not in known -%}
        {%- do missing.append(column) -%}
    {%- endfor -%}
    {{ return(missing) }}
{% endmacro %}

{#- The columns whose types differ, as name and new type. -#}
{% macro default__diff_column_data_types(source_columns, target_columns) %}
    {%- set changed = [] -%}
    {%- for column in source_columns -%}
        {%- for target_column in target_columns
            if target_column.name == column.name
            and target_column.data_type != column.data_type
            and not target_column.can_expand_to(other_column=column) -%}
            {%- do changed.append({'column_name': target_column.name, 'new_type': column.data_type}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(changed) }}
{% endmacro %}

{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
    {%- if merge_update_columns and merge_exclude_columns -%}
        {{ exceptions.raise_compiler_error('a model has either `merge_update_columns` or `merge_exclude_columns`, not both') }}
    {%- endif -%}
    {%- if merge_update_columns -%}
        {{ return(merge_update_columns) }}
    {%- endif -%}
    {%- set excluded = (merge_exclude_columns or []) | map('lower') | list -%}
    {%- set updated = [] -%}
    {%- for column in dest_columns if column.column | lower not in excluded -%}
        {%- do updated.append(column.quoted) -%}
    {%- endfor -%}
    {{ return(updated) }}
{% endmacro %}
