{# One text key out of several columns; null and '' are kept apart. #}
{% macro surrogate_key(columns) -%}
    md5(concat_ws('|'
        {%- for column in columns -%}
            , coalesce(cast({{ column }} as varchar), '<null>')
        {%- endfor -%}
    ))
{%- endmacro %}
