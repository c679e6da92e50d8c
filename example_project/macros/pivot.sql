{# One column for each value: `agg(then) filter (where column = value) as prefix_value_suffix`.
   An aggregate over no rows gives `otherwise`. #}
{% macro pivot(column, values, agg='count', then='*', otherwise=0, prefix='', suffix='') -%}
    {%- for value in values -%}
        coalesce({{ agg }}({{ then }}) filter (where {{ column }} = '{{ value }}'), {{ otherwise }})
            as {{ prefix }}{{ value }}{{ suffix }}
        {%- if not loop.last %},
        {% endif -%}
    {%- endfor -%}
{%- endmacro %}
